"""The tape engine: one gradient walks any network that is written in primitives."""
