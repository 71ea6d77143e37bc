"""A user's own series side by side: padding, classes, and what is said about what is wrong with them."""

import numpy as np
import pytest

from thesis_rnn.data import Samples, classes_of, pad, step_mask
from thesis_rnn.errors import InputError

SHORT, LONG = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])


@pytest.mark.parametrize("padding", [np.nan, np.inf, 1e300, "0", None])
def test_padding_that_no_mask_finds_is_refused(padding):
    # Masking compares with it, and NaN is equal to nothing.
    with pytest.raises(InputError, match=r"^padding must be a finite number; received "):
        pad(Samples([np.ones((2, 1))], [0]), padding=padding)


@pytest.mark.parametrize("steps", [0, -1, 2, 2.5])
def test_fewer_steps_than_the_longest_series_are_refused(steps):
    with pytest.raises(InputError, match=r"^steps must be a whole number of at least 3, the longest series; received "):
        pad(Samples([np.ones((3, 1)), np.ones((2, 1))], [0, 1]), steps=steps)


def test_padding_by_hand():
    samples = Samples([SHORT, LONG], ["b", "a"], [[[0, 1]], [1, 0, 1]])
    x, y, evidence, lengths = pad(samples, padding=-9)
    np.testing.assert_array_equal(x, [[[1, 2], [-9, -9], [-9, -9]], [[3, 4], [5, 6], [7, 8]]])
    assert x.dtype == np.float32
    assert y.tolist() == [1, 0]
    assert classes_of(samples.labels) == ("a", "b")
    assert lengths.tolist() == [1, 3]
    # The second sample's evidence is of whole steps.
    np.testing.assert_array_equal(evidence, [[[0, 1], [0, 0], [0, 0]], [[1, 1], [0, 0], [1, 1]]])
    np.testing.assert_array_equal(step_mask(lengths, 3), [[True, False, False], [True, True, True]])


def test_without_evidence_there_is_none():
    assert pad(Samples([SHORT], [0])).evidence is None


def test_integers_are_sorted_by_value_and_words_behind_them():
    assert classes_of([10, 2, -1, 2, 10]) == ("-1", "2", "10")
    assert classes_of(["b", "7", "a"]) == ("7", "a", "b")


def test_given_class_names_fix_the_order():
    assert pad(Samples([SHORT], ["task"]), class_names=("rest", "cue", "task")).y.tolist() == [2]


def test_more_steps_than_the_longest_has():
    x, _, _, lengths = pad(Samples([SHORT], [0]), steps=3)
    np.testing.assert_array_equal(x, [[[1, 2], [0, 0], [0, 0]]])
    assert lengths.tolist() == [1]


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (Samples([], []), "at least one series; received none$"),
        (Samples([LONG, np.zeros((2, 3))], [0, 1]), r"as many features in each; received shape \[2, 3\] for sample 1$"),
        (Samples([np.zeros((0, 2))], [0]), r"received shape \[0, 2\] for sample 0$"),
        (Samples([np.zeros(4)], [0]), r"received shape \[4\] for sample 0$"),
        (Samples([np.array([["a", "b"]])], [0]), r"real numbers; received <U1 for sample 0$"),
        (Samples([LONG], [0, 1]), r"one label per series; received 2 labels for 1 series$"),
        (Samples([LONG], [0], []), r"one evidence mask per series; received 0 for 1 series$"),
        (
            Samples([LONG], [0], [np.zeros((2, 2))]),
            r"shape \[3, 2\] like the series, or \[3\]; received \[2, 2\] for sample 0$",
        ),
        (Samples([SHORT], [0], [[0.5]]), r"evidence must be 0 or 1; received 0.5 for sample 0$"),
    ],
)
def test_bad_samples_are_refused(samples, message):
    with pytest.raises(InputError, match=message):
        pad(samples)


def test_an_unknown_label_is_refused():
    with pytest.raises(InputError, match=r"labels must be among a, b; received 'c' for sample 1$"):
        pad(Samples([SHORT, SHORT], ["a", "c"]), class_names=("a", "b"))


def test_what_float32_cannot_hold_is_refused():
    with pytest.raises(InputError, match=r"finite in every cell .*; received 1e\+300 at sample 0, step 0, feature 1$"):
        pad(Samples([np.array([[0.0, 1e300]])], [0]))
