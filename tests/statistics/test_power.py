"""What a number of folds could have found."""

import math

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.statistics import least_detectable, linear_contrast, verdict


def contrast_of(values, ratio=0.0):
    return linear_contrast({"a": values, "b": 0.0}, {"a": 1, "b": -1}, test_to_train=ratio)


def test_against_tables_of_power():
    # G*Power, one-sample t test, two-sided 5 %, n = 7: power 0.8 at d = 1.27; s = 1 here.
    assert least_detectable(contrast_of([-1.5, -0.5, 0, 0.5, 1.5, 0, 0])) == pytest.approx(1.27 * 0.9129, abs=0.01)


def test_simulated():
    rng = np.random.default_rng(0)
    wanted = least_detectable(contrast_of([-1.0, 0.0, 1.0, 0.0, 0.0]))
    spread = np.std([-1.0, 0.0, 1.0, 0.0, 0.0], ddof=1)
    found = [verdict(contrast_of(rng.normal(wanted, spread, 5)), "positive") == "holds" for _ in range(1000)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.04)


def test_no_spread_and_no_folds():
    assert least_detectable(contrast_of([0.2, 0.2, 0.2])) == 0
    assert math.isnan(least_detectable(contrast_of([0.2])))


@pytest.mark.parametrize("given", [{"power": 0}, {"power": 0.02}, {"power": 1}, {"confidence": 0}, {"confidence": 1}])
def test_powers_and_confidences_that_no_test_has_are_refused(given):
    # Where nothing differs, a test at 95% finds a positive difference with probability 0.025.
    with pytest.raises(InputError, match=r"^(power|confidence) must lie between "):
        least_detectable(contrast_of([-1.0, 0.0, 1.0]), **given)
