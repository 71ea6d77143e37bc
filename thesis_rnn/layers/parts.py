"""The parts of a layer: the variables, and the columns of them, that belong together."""

from collections.abc import Sequence
from typing import Any

Parts = dict[str, list[tuple[Any, slice]]]
"""By name: variables, each with columns of its last axis."""


def whole(variables: Sequence) -> Parts:
    """All variables as one part without a name; no part where there are none."""
    return {"": [(variable, slice(None)) for variable in variables]} if variables else {}


def side_by_side(variables: Sequence, names: Sequence[str]) -> Parts:
    """A part for each name, the last first, whose columns stand side by side in every variable, in equal shares."""
    parts = {}
    for number, name in reversed(list(enumerate(names))):
        widths = [variable.shape[-1] // len(names) for variable in variables]
        columns = [slice(number * width, (number + 1) * width) for width in widths]
        parts[name] = list(zip(variables, columns, strict=True))
    return parts
