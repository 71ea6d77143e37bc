"""Kinds of arguments: whether a value is of the one that an annotation says, and how an error names it."""

import inspect
import math
import os
import reprlib
import types
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np

from thesis_rnn.errors import InputError

LARGEST = 2**63 - 1
"""The largest whole number of TensorFlow."""


def is_number(value) -> bool:
    """Whether it is a finite real number."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


KINDS = {
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int: ("a whole number", lambda value: isinstance(value, Integral) and not isinstance(value, bool)),
    float: ("a number", is_number),
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


WORDS = {
    **dict.fromkeys((Sequence, Collection, Iterable, list, tuple), "a list"),
    **dict.fromkeys((Mapping, dict), "a dict"),
    Callable: "a function",
    np.ndarray: "real numbers",
    os.PathLike: "a path",
}
"""Further kinds in words."""
ANY_CELLS = (complex, bytes, str)
"""What the cells of NumPy's ``ArrayLike`` may be; here they are real numbers."""
UNIONS = (Union, types.UnionType)
SEVERAL = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
LISTS = (Sequence, Collection, Iterable, list, tuple)
OF_KINDS = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RuntimeError)
"""What an argument of another kind ends in."""


def misfit_of(function: Callable, args: Sequence, kwargs: Mapping[str, Any]) -> str:
    """The line about the first argument of another kind than its annotation, or else the first without a number in it.

    "" if all fit, or nobody can say.
    """
    signature = inspect.signature(function)
    try:
        given = signature.bind(*args, **kwargs).arguments
    except TypeError:  # too few, or unknown ones: Python says so
        return ""
    chosen = [
        (name, parameter.annotation)
        for name, parameter in signature.parameters.items()
        if name in given and given[name] is not parameter.default and parameter.kind not in SEVERAL
    ]
    for fits, words in ((fits_annotation, "{}"), (_is_usable, "{}, finite, and at least one or from 0 on")):
        for name, annotation in chosen:
            if not fits(annotation, given[name]):
                expected = words.format(words_of(annotation))
                return f"{name} of {function.__name__} must be {expected}; received {described(given[name])}"
    return ""


def _is_usable(annotation, value) -> bool:
    """Whether a value that fits has something in it to compute with: what is suspected where all kinds are right."""
    if isinstance(value, np.ndarray | list) and _is_numeric(value):
        array = np.asarray(value)
        return array.size > 0 and bool(np.isfinite(array).all())
    return not (isinstance(value, Integral) and value < 0)


def fits_annotation(annotation, value) -> bool:
    """Whether a value is of the kind that an annotation says; true of annotations that say nothing to go by."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if annotation is None or annotation is type(None):
        return value is None
    if annotation is np.ndarray:
        return _is_numeric(value) and (isinstance(value, np.ndarray) or np.ndim(value) > 0)
    if _is_of_arrays(annotation):
        return _is_numeric(value) or any(fits_annotation(part, value) for part in _beside_arrays(annotation))
    if origin is Literal:
        return isinstance(value, tuple(map(type, parts)))
    if origin in UNIONS:
        return any(fits_annotation(part, value) for part in parts)
    if annotation in KINDS:
        return KINDS[annotation][1](value) and not (isinstance(value, Integral) and abs(value) > LARGEST)
    kind = origin if isinstance(origin, type) else annotation
    if kind in LISTS:
        listed = hasattr(value, "__iter__") and not isinstance(value, str | bytes)
        if isinstance(value, np.ndarray):
            return value.ndim == 1 and _parts_fit(parts, value.tolist())
        return listed and _parts_fit(parts, value)
    if kind is Any or not isinstance(kind, type):
        return True
    if getattr(kind, "_is_protocol", False):
        wanted = {name for name in vars(kind) if not name.startswith("_")} | set(inspect.get_annotations(kind))
        return all(hasattr(value, name) for name in wanted) and (callable(value) or "__call__" not in vars(kind))
    return isinstance(value, kind)


def _parts_fit(parts: tuple, values) -> bool:
    """Whether the members of a list are of the kinds that its annotation says, and as many as those of a tuple."""
    if not parts or not isinstance(values, Sequence):
        return True
    if len(parts) == 1 or parts[-1] is ...:
        return all(fits_annotation(parts[0], value) for value in values)
    return len(parts) == len(values) and all(map(fits_annotation, parts, values))


def _is_of_arrays(annotation) -> bool:
    """Whether it is what becomes an array: a union by which NumPy says so, which loses its name beside None."""
    return get_origin(annotation) in UNIONS and any("numpy._typing" in repr(part) for part in get_args(annotation))


def _beside_arrays(annotation) -> list:
    """The other kinds of such a union."""
    return [part for part in get_args(annotation) if part not in ANY_CELLS and "numpy._typing" not in repr(part)]


def _is_numeric(value) -> bool:
    """Whether a value is an array of real numbers, or becomes one."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # rows of different lengths
        return False
    return array.dtype.kind in "biuf"


def words_of(annotation) -> str:
    """What an annotation asks for, in words."""
    if _is_of_arrays(annotation):
        return " or ".join(["real numbers", *map(_words_of_one, _beside_arrays(annotation))])
    parts = get_args(annotation) if get_origin(annotation) in UNIONS else (annotation,)
    return " or ".join(_words_of_one(part) for part in parts)


def _words_of_one(kind) -> str:
    if kind in KINDS:
        return KINDS[kind][0]
    if kind is type(None):
        return "None"
    if get_origin(kind) is Literal:
        return " or ".join(map(str, get_args(kind)))
    return WORDS.get(get_origin(kind) or kind) or f"a {getattr(kind, '__name__', kind)}"


def described(value) -> str:
    """A value for the end of an error: short, whatever its size."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of shape {list(value.shape)}"
    return reprlib.repr(value)
