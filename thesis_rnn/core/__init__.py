"""What layers are written in: primitives, linear maps, loops over time."""
