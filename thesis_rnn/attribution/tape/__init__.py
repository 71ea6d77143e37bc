"""The tape engine: one GradientTape walks any network that is written in primitives."""
