"""Values of parameters, checked against the annotations of the function that takes them."""

import inspect
import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import get_args

from thesis_rnn.errors import InputError


def _is_number(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


KINDS = {
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int: ("a whole number", lambda value: isinstance(value, Integral) and not isinstance(value, bool)),
    float: ("a number", _is_number),
    str: ("a word", lambda value: isinstance(value, str)),
}
"""Annotation -> the kind in words, and whether a value is of it. Parameters annotated otherwise take anything."""


def check_kinds(name: str, function: Callable, values: dict) -> None:
    """Refuses ``values`` of another kind than the parameters of ``function``, which errors call ``name``.

    Raises:
      InputError: for the first value that does not fit.
    """
    for parameter, value in values.items():
        annotation = inspect.signature(function).parameters[parameter].annotation
        allowed = (annotation, *get_args(annotation))
        kinds = [kind for kind in KINDS if kind in allowed]
        if not kinds or (value is None and type(None) in allowed):
            continue
        words, fits = KINDS[kinds[0]]
        if not fits(value):
            raise InputError(f"{parameter} of {name} must be {words}; received {value!r}")
