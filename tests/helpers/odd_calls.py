"""Calls of public functions with one argument that is odd: made of their docstrings' examples and their signatures."""

import contextlib
import doctest
import functools
import importlib
import inspect
import io
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from hypothesis import strategies as st

NOT_NAMED = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL

NUMBERS = st.one_of(
    st.integers(-3, 3), st.integers(2**31, 10**40), st.integers(-(10**40), -(2**31)), st.floats(), st.booleans()
)
THINGS = st.sampled_from(
    [
        None,
        1j,
        b"abc",
        {},
        {"a": 1},
        {1, 2},
        [],
        (),
        [[1], [1, 2]],
        [None],
        ["a", "b"],
        len,
        object(),
        np.zeros(0),
        np.zeros((0, 3)),
        np.zeros((2, 2, 2, 2, 2)),
        np.full((2, 3), np.nan),
        np.full(3, np.inf),
        np.ones((2, 3)) * 1j,
        np.full((2, 3), 1e300),
        np.array(["a", "b"]),
        np.array([None, 1], object),
        np.array(["2020-01-01"], "datetime64[D]"),
    ]
)
ODD = st.one_of(NUMBERS, st.text(max_size=6), st.text(min_size=500, max_size=600), THINGS)
"""What no argument is meant to be, or few."""


def examples_of(name: str, public: Callable) -> list[inspect.BoundArguments]:
    """The calls of a public function in the examples of its docstring, which are run."""
    package = importlib.import_module(name.rpartition(".")[0])
    signature, calls = inspect.signature(public), []

    @functools.wraps(public)
    def recording(*args, **kwargs):
        calls.append(signature.bind(*args, **kwargs))
        return public(*args, **kwargs)

    known = {"np": np} | {each: getattr(package, each) for each in package.__all__} | {public.__name__: recording}
    test = doctest.DocTestParser().get_doctest(inspect.getdoc(public) or "", known, name, None, None)
    with contextlib.redirect_stdout(io.StringIO()):
        doctest.DocTestRunner(verbose=False).run(test, out=lambda text: None, clear_globs=False)
    return calls


def with_odd(call: inspect.BoundArguments, odd) -> Iterator[tuple[str, inspect.BoundArguments]]:
    """Each parameter with the call in which it is ``odd`` instead."""
    parameters = call.signature.parameters
    for name, parameter in parameters.items():
        if parameter.kind not in NOT_NAMED:
            given = dict(call.arguments) | {name: odd}
            in_order = {each: given[each] for each in parameters if each in given}
            yield name, inspect.BoundArguments(call.signature, in_order)


def outcome(function: Callable, call: inspect.BoundArguments) -> Exception | None:
    """What a call raises; None if it returns."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            function(*call.args, **call.kwargs)
    except Exception as error:
        return error
    return None
