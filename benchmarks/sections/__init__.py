"""What is measured: one module for each question, with a ``TITLE``, ``measure(setup)`` and ``tables(record)``."""

from benchmarks.sections import (
    architectures,
    attention,
    cell,
    correctness,
    first_call,
    limit,
    memory,
    scale,
    start_up,
    stock,
    time_to_accuracy,
    training,
)

SECTIONS = {
    "correctness": correctness,
    "cell": cell,
    "stock": stock,
    "architectures": architectures,
    "training": training,
    "attention": attention,
    "memory": memory,
    "limit": limit,
    "start_up": start_up,
    "first_call": first_call,
    "scale": scale,
    "time_to_accuracy": time_to_accuracy,
}

ON_REQUEST = ("time_to_accuracy",)
"""What takes so long that it must be asked for by name."""
