"""Bad input from Python: every case of the table is refused in one line, creates nothing and runs nothing."""

import warnings

import numpy as np
import pytest

from tests.helpers.bad_inputs import RAN, Evil, bad_inputs
from thesis_rnn.errors import LONGEST, InputError


def refusal(call) -> str:
    """The line by which a call is refused; "" for a call that is not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call()
    except InputError as error:
        return str(error)
    return ""


def test_every_case_is_refused_in_one_line(tmp_path):
    cases = bad_inputs(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert len(cases) > 200
    lines = {name: refusal(call) for name, call in cases.items()}
    assert not [name for name, line in lines.items() if not line]
    assert not {name: line for name, line in lines.items() if "\n" in line or len(line) > LONGEST}
    assert sorted(tmp_path.rglob("*")) == before  # nothing was written, and no code ran


def test_the_hostile_file_of_the_table_is_one(tmp_path):
    np.savez(tmp_path / "evil.npz", x=np.array([Evil(tmp_path / RAN)], object))
    with np.load(tmp_path / "evil.npz", allow_pickle=True) as stored:
        stored["x"].item().close()
    assert (tmp_path / RAN).exists()


@pytest.mark.parametrize("text", ["a\nb", "a\u2028b", "a\x1b[31mb", "x" * 10_000])
def test_a_message_is_one_printable_line_whatever_was_received(text):
    line = str(InputError(f"expected a name; received {text}"))
    assert line.isprintable()
    assert len(line) <= LONGEST
    assert line.startswith("expected a name; received ")
