"""What intervals say of claims: every place an interval can have beside 0, and beside a margin."""

import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.statistics import Contrast, SignedRank, paired_contrast, verdict, verdict_of_equality

NAN = float("nan")


def contrast_from(low, high, folds=7):
    return Contrast((low + high) / 2, low, high, 0.5, 1.0, folds, SignedRank(0.5, 0.1))


@pytest.mark.parametrize(
    ("low", "high", "positive", "negative"),
    [
        (0.1, 0.3, "holds", "does not hold"),
        (-0.3, -0.1, "does not hold", "holds"),
        (-0.1, 0.1, "undecided at 7 folds", "undecided at 7 folds"),
        (0.0, 0.1, "undecided at 7 folds", "undecided at 7 folds"),  # 0 is an end: not excluded
        (-0.1, 0.0, "undecided at 7 folds", "undecided at 7 folds"),
        (0.0, 0.0, "undecided at 7 folds", "undecided at 7 folds"),
        (0.2, 0.2, "holds", "does not hold"),
        (NAN, NAN, "undecided at 7 folds", "undecided at 7 folds"),
    ],
)
def test_verdict(low, high, positive, negative):
    assert verdict(contrast_from(low, high), "positive") == positive
    assert verdict(contrast_from(low, high), "negative") == negative


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.01, 0.015, "holds"),
        (0.001, 0.015, "holds"),  # a difference, but a negligible one
        (-0.02, 0.02, "holds"),  # the margin itself counts as equal
        (0.0, 0.0, "holds"),
        (0.03, 0.05, "does not hold"),
        (-0.05, -0.03, "does not hold"),
        (0.02, 0.05, "undecided at 3 folds"),
        (0.01, 0.05, "undecided at 3 folds"),
        (-0.05, 0.05, "undecided at 3 folds"),
        (NAN, NAN, "undecided at 3 folds"),
    ],
)
def test_verdict_of_equality(low, high, expected):
    assert verdict_of_equality(contrast_from(low, high, folds=3), margin=0.02) == expected


def test_one_fold_decides_nothing():
    contrast = paired_contrast([0.9], [0.5])
    assert verdict(contrast, "positive") == "undecided at 1 fold"
    assert verdict_of_equality(contrast, 0.5) == "undecided at 1 fold"


def test_from_folds_to_the_word():
    # 0.4, 0.41, 0.42 apart at three folds: half width 4.303 * 0.01 * sqrt(5/6) = 0.039. Three folds that scatter by 0.1
    # have ten times that, 0.39, of 0.31.
    assert verdict(paired_contrast([0.9, 0.91, 0.92], [0.5] * 3), "positive") == "holds"
    assert verdict(paired_contrast([0.9, 0.91, 0.92], [0.5] * 3), "negative") == "does not hold"
    assert verdict(paired_contrast([0.71, 0.81, 0.91], [0.5] * 3), "positive") == "undecided at 3 folds"


def test_bad_input():
    with pytest.raises(InputError, match=r"'positive' or 'negative'; received 'up'$"):
        verdict(contrast_from(0, 1), "up")
    for margin in (0, -1, NAN):
        with pytest.raises(InputError, match=f"positive; received {margin}$"):
            verdict_of_equality(contrast_from(0, 1), margin)
