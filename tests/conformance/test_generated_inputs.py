"""Bad input that nobody thought of, made from signatures and kinds of flags: refused in one line, or taken as it is."""

import inspect
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.docs.test_examples import PUBLIC
from tests.helpers.odd_calls import ODD, examples_of, outcome, with_odd
from thesis_rnn.errors import LONGEST, InputError
from thesis_rnn.runs.options import kind_of
from thesis_rnn.runs.settings import FLAGS, Settings

FUNCTIONS = [name for name, value in PUBLIC.items() if inspect.isfunction(value)]
TIRELESS = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck), max_examples=300
)
TEXTS = {
    int: st.one_of(st.integers(-3, 12), st.integers(), st.text(max_size=5)).map(str),
    float: st.one_of(st.floats(), st.text(max_size=5)).map(str),
    str: st.text(),
}
"""Kind of a flag -> what is written behind it."""


def is_one_line(error: Exception) -> bool:
    return isinstance(error, InputError) and "\n" not in str(error) and len(str(error)) <= LONGEST


@TIRELESS
@given(st.sampled_from(sorted(FLAGS)).flatmap(lambda name: st.tuples(st.just(name), TEXTS[kind_of(FLAGS[name][2])])))
def test_a_flag_is_refused_in_one_line_or_comes_back_from_the_flagfile(flag):
    made, error = settings_or_error(dict([flag]))
    if error is None:
        assert Settings.from_flagfile(made.as_flagfile(), "here") == made
    else:
        assert is_one_line(error)


def settings_or_error(flags: dict[str, str]):
    try:
        return Settings.from_flags(flags, "here"), None
    except Exception as error:
        return None, error


SECONDS = 20
"""How long each function is tried."""


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_odd_argument_is_refused_in_one_line_or_taken(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    calls, end = examples_of(name, PUBLIC[name])[:1], time.monotonic() + SECONDS

    @settings(TIRELESS, max_examples=20)
    @given(ODD)
    def holds(odd):
        for parameter, changed in (pair for call in calls for pair in with_odd(call, odd)):
            if time.monotonic() > end:
                return
            before = sorted(tmp_path.rglob("*"))
            error = outcome(PUBLIC[name], changed)
            fine = error is None or is_one_line(error) or isinstance(error, OSError)  # of a path, which it names
            assert fine, f"{parameter}={odd!r}: {type(error).__name__}: {error}"
            assert error is None or sorted(tmp_path.rglob("*")) == before, parameter

    holds()
