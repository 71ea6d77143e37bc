"""Arguments of a call, fitted to the signature of what is called."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.support.calls import parse_call
from thesis_rnn.support.making import argument_names, arguments_by_name


def brew(leaves, minutes: int = 3, sugar=None):
    """Takes one argument that it needs and two that it does not."""


def test_arguments_get_the_names_of_the_parameters():
    assert arguments_by_name(parse_call("tea(green, sugar=2)"), brew) == {"leaves": "green", "sugar": 2}
    assert argument_names(parse_call("tea"), brew) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "tea(green, minuts=2)",
            r"^tea has the parameters leaves, minutes, sugar; did you mean minutes\?; received minuts$",
        ),
        ("tea(1, 2, 3, 4)", r"^tea has the parameters leaves, minutes, sugar; received 4$"),
        ("tea(green, leaves=black)", r"^name each argument of tea once; received leaves twice in tea\(green, "),
        ("tea(minutes=2)", r"^tea needs leaves; received tea\(minutes=2\)$"),
        ("tea(file(1))", r"^an array is read from one file, as in file\('b\.npy'\); received file\(1\)$"),
        ("tea(file('no.npy'))", r"^expected a \.npy file of numbers; received no\.npy: "),
    ],
)
def test_arguments_that_do_not_fit_are_refused_in_one_line(text, message):
    with pytest.raises(InputError, match=message) as refusal:
        arguments_by_name(parse_call(text), brew)
    assert "\n" not in str(refusal.value)


def test_a_file_stands_for_its_array(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    made = arguments_by_name(parse_call(f"tea(file('{tmp_path / 'a.npy'}'))"), brew)
    np.testing.assert_array_equal(made["leaves"], [0, 1, 2])
    np.save(tmp_path / "a.npy", np.array(["text"]))
    with pytest.raises(InputError, match=r"^expected a \.npy file of one array of numbers; received .*a\.npy$"):
        arguments_by_name(parse_call(f"tea(file('{tmp_path / 'a.npy'}'))"), brew)
