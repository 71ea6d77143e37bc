"""Architectures by name: ``build`` makes a compiled Keras model of any size that fits, for images or for series.

To add one: write its ``connect`` function in a file of its own, and add a row to the table.
"""

from thesis_rnn.architectures.building import LOSSES, build, compile_model
from thesis_rnn.architectures.plan import Plan
from thesis_rnn.architectures.row import UNMARKED, Architecture, Form, Mark
from thesis_rnn.architectures.table import ARCHITECTURES
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import tell_in_public

__all__ = [
    "ARCHITECTURES",
    "LOSSES",
    "UNMARKED",
    "Architecture",
    "Form",
    "Mark",
    "Plan",
    "architecture_names",
    "build",
    "compile_model",
]


def architecture_names(kind: str | None = None) -> list[str]:
    """The names that ``build`` and ``--arch`` know; with a ``kind``, "images" or "series", those that take it.

    Args:
      kind: "images", "series", or None for all.

    Returns:
      Names in the order of the table.

    Raises:
      InputError: for another kind.

    Example:
      >>> "rlstm" in architecture_names("images"), "lenet" in architecture_names("series")
      (True, False)
    """
    if kind not in (None, "images", "series"):
        raise InputError(f"kind must be images, series or None; received {kind!r}")
    return [name for name in ARCHITECTURES if kind is None or getattr(ARCHITECTURES[name], kind)]


tell_in_public(globals())
