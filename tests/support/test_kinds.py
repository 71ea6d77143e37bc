"""Kinds of arguments: what an annotation takes, and the line about what it does not."""

import os
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

import numpy as np
import pytest
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import tell_in_public, telling
from thesis_rnn.support.kinds import fits_annotation, misfit_of


class Named(Protocol):
    name: str


class Read(Protocol):
    def __call__(self, path: str) -> str: ...


FITTING = [
    (int, [0, -3, np.int64(5)]),
    (float, [0, 0.5, np.float32(1)]),
    (bool, [True, False]),
    (str, ["", "a"]),
    (float | None, [None, 0.5]),
    (str | os.PathLike, ["a"]),
    (np.ndarray, [np.zeros(0), np.ones((2, 3), int), np.array([True])]),
    (ArrayLike, [[1, 2], 3, [[1.0], [2.0]], np.zeros(3)]),
    (ArrayLike | None, [None, [1]]),
    (np.ndarray | None, [None, np.zeros(2), [1, 2]]),
    (np.ndarray | str, ["a", np.zeros(2)]),
    (Sequence[ArrayLike], [[np.zeros(2), 3]]),
    (Callable[[np.ndarray], ArrayLike], [len]),
    (Sequence[str], [[], ["a", "b"], ("a",)]),
    (tuple[int, int], [(1, 2), [1, 2], np.array([1, 2])]),
    (tuple[int, ...], [(), (1, 2, 3)]),
    (Mapping[str, int], [{}, {"a": 1}]),
    (Callable, [len]),
    (Literal["a", "b"], ["a", "c"]),  # which words there are the function says
    (Named, [types.SimpleNamespace(name=1)]),
    (Sequence[Named], [[], [types.SimpleNamespace(name="a")]]),
    (Read, [len]),
    ("unread", [object()]),
]
OTHERS = [
    (int, [1.5, True, "3", None, 10**30, np.zeros(1)]),
    (float, ["0.5", None, 1j, float("nan"), float("inf"), 10**400, 10**30, True]),
    (bool, [0, "yes", None]),
    (str, [b"a", 3, None, ["a"]]),
    (float | None, ["a", [0.5]]),
    (str | os.PathLike, [3, None, b"a"]),
    (np.ndarray, [None, "abc", 1j, np.array(["a"]), np.array([None]), np.array(["2020-01-01"], "datetime64[D]")]),
    (ArrayLike, [None, "abc", b"abc", {}, len, [[1], [1, 2]], [None], ["a"]]),
    (np.ndarray, [3, -1.5]),
    (np.ndarray | None, ["a", 3]),
    (Sequence[ArrayLike], [3, "ab", [None]]),
    (Callable[[np.ndarray], ArrayLike], [3, np.zeros(2)]),
    (Sequence[int], [np.array(["a", "b"]), np.zeros((2, 2))]),
    (Sequence[str], [3, None, "ab", ["a", 1]]),
    (tuple[int, int], [(1, 2, 3), (1, "a"), 5]),
    (tuple[int, ...], [(1, "a"), None]),
    (Mapping[str, int], [[], "a", None]),
    (Callable, [3, None]),
    (Named, [3, None]),
    (Sequence[Named], [[3], ["a"]]),
    (Read, [3, None]),
    (Literal["a", "b"], [3, None, np.zeros(2)]),
]


def pairs(table):
    return [(annotation, value) for annotation, values in table for value in values]


@pytest.mark.parametrize(("annotation", "value"), pairs(FITTING))
def test_what_an_annotation_takes(annotation, value):
    assert fits_annotation(annotation, value)


@pytest.mark.parametrize(("annotation", "value"), pairs(OTHERS))
def test_what_it_does_not(annotation, value):
    assert not fits_annotation(annotation, value)


def scaled(x: ArrayLike, factor: float = 1.0, names: Sequence[str] | None = None) -> np.ndarray:
    if factor == 0:
        raise ValueError("not of kinds")
    if factor < 0:
        raise InputError("factor must be positive; received less")
    return np.asarray(x) * factor + len(names or ())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None,), "x of scaled must be real numbers; received None"),
        (([[1], [1, 2]],), "x of scaled must be real numbers; received [[1], [1, 2]]"),
        (({},), "x of scaled must be real numbers; received {}"),
        (([1], "a" * 999), f"factor of scaled must be a number; received 'aaaaaaaaaaaa...{'a' * 13}'"),
        (([1], 1.0, 3), "names of scaled must be a list or None; received 3"),
        (([1], -1), "factor must be positive; received less"),
    ],
)
def test_an_error_that_a_kind_has_caused_names_the_argument(arguments, message):
    with pytest.raises(InputError) as refusal:
        telling(scaled)(*arguments)
    assert str(refusal.value) == message


def test_every_other_error_stays_what_it_is():
    with pytest.raises(ValueError, match=r"^not of kinds$") as error:
        telling(scaled)([1], 0.0)
    assert not isinstance(error.value, InputError)
    with pytest.raises(TypeError, match=r"^scaled\(\) missing 1 required"):
        telling(scaled)(factor=2)
    assert misfit_of(scaled, ([1],), {"factor": 0.0}) == ""


def test_the_functions_of_a_package_are_checked_wherever_they_are_taken_from(monkeypatch):
    home = types.ModuleType("made_up_home")

    def double(x: int) -> int:
        return x + x / 1

    double.__module__ = "made_up_home"
    home.double = double
    monkeypatch.setitem(sys.modules, "made_up_home", home)
    package, other = ({"__all__": ["double", "x"], "double": double, "x": 1} for _ in range(2))
    tell_in_public(package)
    tell_in_public(other)
    assert package["double"] is other["double"] is home.double
    assert package["x"] == 1
    with pytest.raises(InputError, match=r"^x of double must be a whole number; received 'a'$"):
        home.double("a")
