"""Checks of arguments before anything is computed from them: their kinds, their sizes, finite arrays, labels."""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.support.kinds import LARGEST, OF_KINDS, is_number, misfit_of

F = TypeVar("F", bound=Callable[..., Any])

MOST_REPEATED = 2**31 - 1
"""The largest size and number of repetitions."""


def _whole(least: int, most: int = LARGEST) -> tuple[str, Callable]:
    def fits(value) -> bool:
        return isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most

    words = f"of at least {least}" if most == LARGEST else f"from {least} to {most}"
    return f"a whole number {words}", fits


def _is_text_or_path(value) -> bool:
    return isinstance(value, str | os.PathLike) and "\0" not in os.fspath(value)


def _is_rate(value) -> bool:
    """Whether it is a learning rate: a positive number, or what gives one at each update."""
    return value > 0 if is_number(value) else hasattr(value, "get_config") or callable(value)


SIZE = _whole(1, 10**6)
LIMITS: dict[str, tuple[str, Callable[..., bool]]] = {
    **dict.fromkeys(("rows", "columns", "classes", "features", "units", "attention_units", "attention_hops"), SIZE),
    **dict.fromkeys(("attention_window", "attend_last_steps"), SIZE),
    "class_names": (
        "names, one for each class",
        lambda value: not isinstance(value, str) and hasattr(value, "__len__"),
    ),
    "batch_size": _whole(1, 2**31 - 1),
    "data_dir": ("a path", _is_text_or_path),
    "dropout": ("a number in [0, 1)", lambda value: is_number(value) and 0 <= value < 1),
    "fold": ("a thesis_rnn.data.Fold", lambda value: hasattr(value, "folds")),
    "learning_rate": ("a positive number or a Keras schedule", _is_rate),
    "limit": _whole(1),
    "name": ("a name", lambda value: isinstance(value, str)),
    "path": ("a path", _is_text_or_path),
    "seed": _whole(0),
    "split": ("train, validation or test", lambda value: isinstance(value, str)),
    "verbose": ("True or False, or a number of how much is said", lambda value: isinstance(value, int)),
    "vocabulary": _whole(1, 10**8),
    "xla": ("True, False or None", lambda value: isinstance(value, bool)),
}
"""Name of an argument -> what it must be in words, and whether a value is. It is the same in every public function."""


def checked(function: F) -> F:
    """``function``, which refuses arguments that ``LIMITS`` does not allow before it does anything.

    None passes where it is the default. A decorator of public functions; see ``telling`` too.

    Example:
      >>> @checked
      ... def draw(seed: int = 0): ...
      >>> draw(-1)
      Traceback (most recent call last):
      thesis_rnn.errors.InputError: seed must be a whole number of at least 0; received -1
    """
    signature, told = inspect.signature(function), telling(function)
    limited = {name: one.default is None for name, one in signature.parameters.items() if name in LIMITS}

    @functools.wraps(told)
    def checking(*args, **kwargs):
        given = signature.bind(*args, **kwargs).arguments if args or kwargs else {}
        for name, optional in limited.items():
            if name in given and not (optional and given[name] is None):
                check_limit(name, given[name])
        return told(*args, **kwargs)

    return cast(F, checking)  # a type checker sees the function's own signature


def telling(function: F) -> F:
    """``function``, whose error is an ``InputError`` where an argument of another kind than its annotation caused it.

    Every other error stays what it is.

    Example:
      >>> @telling
      ... def half(x: float):
      ...     return x / 2
      >>> half("a")
      Traceback (most recent call last):
      thesis_rnn.errors.InputError: x of half must be a number; received 'a'
    """

    @functools.wraps(function)
    def tells(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except InputError:
            raise
        except OF_KINDS as error:
            misfit = misfit_of(function, args, kwargs)
            if not misfit:
                raise
            raise InputError(misfit) from error

    vars(tells)["tells"] = True
    return cast(F, tells)


def tell_in_public(package: dict[str, Any]) -> None:
    """Makes every function that a package exports a ``telling`` one, also in the module that it is of.

    Args:
      package: the names of the package, ``globals()``, with ``__all__`` among them.
    """
    for name in package["__all__"]:
        function = package[name]
        if not inspect.isfunction(function) or hasattr(function, "tells"):
            continue
        home = vars(sys.modules[function.__module__])
        if home.get(name) is function:
            home[name] = telling(cast(Callable, function))
        known = getattr(home.get(name), "__wrapped__", None) is function
        package[name] = home[name] if known else telling(function)


def check_limit(name: str, value) -> None:
    """Refuses a value that ``LIMITS`` does not allow for the argument ``name``.

    Raises:
      InputError: with what it must be.
    """
    words, fits = LIMITS[name]
    if not fits(value):
        raise InputError(f"{name} must be {words}; received {value!r}")


def check_kind(name: str, value, kind: type, made_by: str) -> None:
    """Refuses a value of another class than ``kind``, which ``made_by`` makes.

    Raises:
      InputError: with both.
    """
    if not isinstance(value, kind):
        raise InputError(f"{name} must be {made_by}; received a {type(value).__name__}")


def at_least_one(**numbers: int) -> None:
    """Refuses sizes and numbers of repetitions that are no whole number of at least 1.

    Raises:
      InputError: for the first that is not.
    """
    for name, number in numbers.items():
        if not isinstance(number, Integral) or isinstance(number, bool) or number < 1:
            raise InputError(f"{name} must be a whole number of at least 1; received {number!r}")
        if number > MOST_REPEATED:
            raise InputError(f"{name} must be at most {MOST_REPEATED}; received {number}")


def real_array(name: str, values: ArrayLike) -> np.ndarray:
    """``values`` in float64.

    Complex numbers would lose a part, dates become nanoseconds and text might be a number by chance: all are refused.

    Raises:
      InputError: for anything but real numbers.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind in "cmMSU":
            raise TypeError(array.dtype)
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError):  # rows of different lengths, objects
        received = getattr(getattr(values, "dtype", None), "name", type(values).__name__)
        raise InputError(f"{name} must be real numbers; received {received}") from None


def broadcasts(shape: Sequence[int], sample: Sequence[int | None]) -> bool:
    """Whether an array of this shape can be spread over one of the shape ``sample``, of which some axes are unknown."""
    pairs = zip(tuple(shape)[::-1], tuple(sample)[::-1], strict=False)
    return all(own in (1, None) or one in (1, None, own) for own, one in pairs)


def finite_array(name: str, values: ArrayLike, axes: int) -> np.ndarray:
    """``values`` in float64, with exactly ``axes`` axes and every cell finite.

    A NaN must stop here: further on, a comparison would turn it into an ordinary zero.

    Args:
      name: what the array is, in the words of an error message.
      values: numbers.
      axes: how many axes there must be.

    Returns:
      The array.

    Raises:
      InputError: another number of axes, or a cell that is NaN or infinite.

    Example:
      >>> finite_array("mass [n]", [1, 2], axes=1).tolist()
      [1.0, 2.0]
    """
    array = real_array(name, values)
    if array.ndim != axes:
        raise InputError(f"{name} must have {axes} axes; received shape {array.shape}")
    broken = ~np.isfinite(array)
    if broken.any():
        cell = tuple(int(index) for index in np.argwhere(broken)[0])
        raise InputError(f"{name} must be finite in every cell; received {array[cell]} at {cell}")
    return array


def shares(amounts: np.ndarray) -> np.ndarray:
    """Each row of ``amounts`` [n, places], negative ones as 0, over its sum; zeros where no amount is positive.

    Args:
      amounts: ``[n, places]``.

    Returns:
      The shares, ``[n, places]``.

    Example:
      >>> shares(np.array([[1.0, 3.0, -5.0], [0.0, 0.0, 0.0]])).tolist()
      [[0.25, 0.75, 0.0], [0.0, 0.0, 0.0]]
    """
    amounts = np.maximum(amounts, 0)
    total = amounts.sum(axis=1, keepdims=True)
    return amounts / np.where(total > 0, total, 1)


def check_pixels(x: np.ndarray, name: str = "pixels") -> np.ndarray:
    """Returns ``x`` as an array if every number in it is finite.

    Args:
      x: numbers, any shape; an empty array passes.
      name: what they are called.

    Returns:
      The array.

    Raises:
      InputError: a NaN or an infinity (the message gives the index of the first, in C order), or not numbers.

    Example:
      >>> check_pixels([0.0, 1.0]).tolist()
      [0.0, 1.0]
    """
    x = np.asarray(x)
    if not (np.issubdtype(x.dtype, np.number) or x.dtype == bool) or np.iscomplexobj(x):
        raise InputError(f"{name} must be real numbers; received an array of {x.dtype}")
    # NaN spreads to both extremes and infinity is one of them: no mask as large as x while all is well.
    if x.size == 0 or (np.isfinite(x.min()) and np.isfinite(x.max())):
        return x
    index = np.unravel_index(np.argmin(np.isfinite(x)), x.shape)
    raise InputError(f"{name} must be finite; received {x[index]} at index {tuple(map(int, index))}")


def check_sequences(x: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Returns ``x`` as an array if it is [n, steps, rows, columns] with ``shape`` (steps, rows, columns) and finite.

    Args:
      x: numbers.
      shape: (steps, rows, columns).

    Returns:
      The array.

    Raises:
      InputError: another shape (the message gives both), or what ``check_pixels`` refuses.

    Example:
      >>> check_sequences(np.zeros((5, 2, 3, 4)), (2, 3, 4)).shape
      (5, 2, 3, 4)
    """
    x = np.asarray(x)
    if x.ndim != 4 or x.shape[1:] != tuple(shape):
        expected = ", ".join(map(str, shape))
        raise InputError(f"expected sequences of shape [n, {expected}]; received {list(x.shape)}")
    return check_pixels(x)


def check_labels(labels: np.ndarray, classes: int, origin: str = "labels") -> np.ndarray:
    """Returns ``labels`` as int32 [n] if all of them lie in 0..classes-1.

    Args:
      labels: integers [n].
      classes: how many classes there are.
      origin: where the labels came from, in the words of an error message.

    Returns:
      int32 [n].

    Raises:
      InputError: not a row of integers, or a label out of range (the message gives the index of the first).

    Example:
      >>> check_labels([0, 2, 1], classes=3).tolist()
      [0, 2, 1]
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        shape = list(labels.shape)
        raise InputError(f"{origin}: expected integer labels of shape [n]; received {labels.dtype} of shape {shape}")
    outside = np.flatnonzero((labels < 0) | (labels >= classes))
    if outside.size:
        first = outside[0]
        raise InputError(f"{origin}: labels must lie in 0..{classes - 1}; received {labels[first]} at index {first}")
    return labels.astype(np.int32)
