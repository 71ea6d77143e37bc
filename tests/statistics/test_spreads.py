"""Ratios of spreads and their intervals."""

import math

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.statistics import spread_over_noise, variance_ratio


def test_pairs_without_correlation():
    # s1^2 / s2^2 = 4, r = 0, n = 4: t(0.975, 2) = 4.302653, h = 1 + t^2 = 19.5128, h + sqrt(h^2 - 1) = 39.0000.
    found = variance_ratio([2, 2, -2, -2], [1, -1, 1, -1])
    assert found.ratio == pytest.approx(4)
    assert (found.low, found.high) == pytest.approx((4 / 39.0, 4 * 39.0), rel=1e-4)


def test_the_interval_covers():
    rng = np.random.default_rng(0)
    common = rng.normal(size=(2000, 7))
    found = [variance_ratio(own + 0.5 * rng.normal(size=7), own + 0.5 * rng.normal(size=7)) for own in common]
    assert np.mean([each.low < 1 < each.high for each in found]) == pytest.approx(0.95, abs=0.015)


def test_too_few_pairs_and_no_spread():
    assert math.isnan(variance_ratio([1, 2], [1, 3]).low)
    assert math.isnan(variance_ratio([1, 2, 3], [1, 1, 1]).ratio)
    with pytest.raises(InputError, match="pairs; received 3 and 2"):
        variance_ratio([1, 2, 3], [1, 2])


def test_spread_over_noise_worked_by_hand():
    # s = sqrt(2), noise 1, four degrees of freedom: chi-square quantiles 11.1433 and 0.484419.
    found = spread_over_noise([10, 12, 10, 8, 10], 1)
    assert found.ratio == pytest.approx(math.sqrt(2))
    assert (found.low, found.high) == pytest.approx((math.sqrt(2 * 4 / 11.1433), math.sqrt(2 * 4 / 0.484419)), rel=1e-4)
    with pytest.raises(InputError, match="positive noise"):
        spread_over_noise([1, 2], 0)
