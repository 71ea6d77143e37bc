"""Student's t interval against a printed table, SciPy's own, and its promise to cover."""

import math

import numpy as np
import pytest
from scipy import stats

from thesis_rnn.errors import InputError
from thesis_rnn.statistics import mean_interval


def test_by_hand():
    # mean 3, s^2 = (4 + 1 + 0 + 1 + 4) / 4 = 2.5, s / sqrt(5) = sqrt(0.5) = 0.70711;
    # t_{0.975, 4} = 2.776445 in any table: half width 1.96324.
    interval = mean_interval([1, 2, 3, 4, 5])
    assert interval.mean == 3
    assert interval.n == 5
    assert interval.low == pytest.approx(3 - 2.776445 * math.sqrt(0.5), abs=1e-6)
    assert interval.high == pytest.approx(3 + 2.776445 * math.sqrt(0.5), abs=1e-6)


def test_seven_folds_by_hand():
    # One deviates: mean 1/7, s^2 = (36/49 + 6/49) / 6 = 1/7, s / sqrt(7) = 1/7; t_{0.95, 6} = 1.943180.
    interval = mean_interval([0, 0, 0, 1, 0, 0, 0], confidence=0.9)
    np.testing.assert_allclose(interval[:3], np.array([1, 1 - 1.943180, 1 + 1.943180]) / 7, atol=1e-6)


@pytest.mark.parametrize("n", [2, 3, 7, 1000])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_equals_scipy_s_interval(n, confidence):
    values = np.random.default_rng(n).normal(5, 2, size=n)
    expected = stats.t.interval(confidence, n - 1, loc=values.mean(), scale=stats.sem(values))
    np.testing.assert_allclose(mean_interval(values, confidence)[1:3], expected, rtol=1e-10)


def test_one_value_has_no_interval():
    interval = mean_interval([0.9])
    assert interval.mean == 0.9
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)
    assert interval.n == 1


@pytest.mark.parametrize("value", [0.0, 0.1, -1 / 3, 1e20])
def test_equal_values_have_zero_width(value):
    assert mean_interval([value] * 3) == (value, value, value, 3)  # the plain mean of three 0.1 is not 0.1


def test_shift_and_scale_move_the_interval_along():
    values = np.random.default_rng(0).normal(size=20)
    moved = np.array(mean_interval(values * 3 + 10)[:3])
    np.testing.assert_allclose(moved, np.array(mean_interval(values)[:3]) * 3 + 10)


def test_covers_the_truth_as_often_as_promised():
    # 2,000 intervals of 95% on 5 normal values: 1,900 cover, standard deviation sqrt(2000 * 0.95 * 0.05) = 9.7.
    # With the normal's 1.96 for t's 2.78 only about 1,760 would.
    samples = np.random.default_rng(1).normal(size=(2000, 5))
    covered = sum(interval.low <= 0 <= interval.high for interval in map(mean_interval, samples))
    assert abs(covered - 1900) < 4 * 9.7


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_broken_values_are_refused(broken):
    with pytest.raises(InputError, match=rf"finite in every cell; received {broken} at \(1,\)$"):
        mean_interval([1.0, broken])


def test_bad_input():
    with pytest.raises(InputError, match=r"received none$"):
        mean_interval([])
    with pytest.raises(InputError, match=r"1 axes; received shape \(2, 2\)$"):
        mean_interval(np.ones((2, 2)))
    with pytest.raises(InputError, match=r"received 95$"):
        mean_interval([1.0, 2.0], confidence=95)
