"""What a verb's ``main`` returns, and how --json prints it."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any, NamedTuple

from thesis_rnn.support import files


class Outcome(NamedTuple):
    """The result as data, where the verb failed in part, with the line that says so."""

    data: Any
    error: str = ""


def as_json(data) -> str:
    """``data`` as indented JSON: records and mappings are objects, arrays are lists, NaN is null, the rest is text.

    A value that takes time may be a ``partial``, which is called here, where it is printed.
    """
    return files.as_json(_plain(data))


def _plain(value):
    if isinstance(value, partial):
        return _plain(value())
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if hasattr(value, "tolist"):  # arrays and scalars of NumPy
        return _plain(value.tolist())
    if isinstance(value, float) and math.isinf(value):
        return str(value)  # JSON has no infinity
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
