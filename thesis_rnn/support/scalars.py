"""Parameters that are numbers: they enter a compiled computation as scalars, so that another value needs no new one.

A frozen dataclass declares them: ``epsilon: float = number(1e-3)``, ``copies: int = count(32)``. Its other fields, and
numbers that are not declared, belong to the structure of what is compiled.
"""

import copy
from collections.abc import Hashable, Iterator
from dataclasses import MISSING, Field, field, fields, is_dataclass
from typing import Any


def number(default: Any = MISSING, zero_apart: bool = False) -> Any:
    """A field that may be a tensor while a graph is traced; ``zero_apart``: 0 is another computation, and stays 0."""
    return field(default=default, metadata={"scalar": float, "zero_apart": zero_apart})


def count(default: Any = MISSING) -> Any:
    """The same for a whole number."""
    return field(default=default, metadata={"scalar": int})


def structure_of(item) -> Hashable:
    """What of ``item``, a dataclass or a tuple of them, shapes a computation: everything but its numbers."""
    if type(item) is tuple:
        return tuple(map(structure_of, item))
    if not _has_fields(item):
        return item
    parts = ((one, getattr(item, one.name)) for one in fields(item))
    return type(item), *((one.name, "a number" if _enters(one, part) else structure_of(part)) for one, part in parts)


def scalars_of(item) -> list[float | int]:
    """The numbers of ``item``, in the order of its fields."""
    if type(item) is tuple:
        return [value for part in item for value in scalars_of(part)]
    if not _has_fields(item):
        return []
    parts = ((one, getattr(item, one.name)) for one in fields(item))
    return [
        value
        for one, part in parts
        for value in ([one.metadata["scalar"](part)] if _enters(one, part) else scalars_of(part))
    ]


def with_scalars(item, values: Iterator):
    """``item`` with ``values`` in the place of its numbers, unchecked: they may be tensors."""
    if type(item) is tuple:
        return tuple(with_scalars(part, values) for part in item)
    if not _has_fields(item):
        return item
    made = copy.copy(item)
    for one in fields(item):
        part = getattr(item, one.name)
        object.__setattr__(made, one.name, next(values) if _enters(one, part) else with_scalars(part, values))
    return made


def is_zero(value) -> bool:
    """Whether a field is 0 by structure; a tensor never is."""
    return isinstance(value, int | float) and value == 0


def _has_fields(item) -> bool:
    return is_dataclass(item) and not isinstance(item, type)


def _enters(one: Field, value) -> bool:
    is_number = "scalar" in one.metadata and isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and not (one.metadata.get("zero_apart") and value == 0)
