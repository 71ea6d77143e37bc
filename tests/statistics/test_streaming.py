"""Moments of parts against the values all together."""

import numpy as np
import pytest

from thesis_rnn.statistics import Moments, mean_interval


def test_by_hand():
    # 1, 3 | 8: means 2 and 8 of 2 and 1; together 2 + 6 / 3 = 4; deviations 2 + 0 + 36 * 2 / 3 = 26 = 9 + 1 + 16.
    assert Moments.of([1, 3]).joined(Moments.of([8])) == Moments(3, 4.0, 26.0, 1.0, 8.0)


@pytest.mark.parametrize("seed", range(3))
def test_parts_in_any_order_have_the_moments_of_the_whole(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(1e6, 1.0, size=101)  # a large mean: sums of squares would lose every digit of the spread
    parts = np.array_split(values, [3, 4, 50])
    joined = Moments()
    for place in rng.permutation(len(parts)):
        joined = joined.joined(Moments.of(parts[place]))
    np.testing.assert_allclose(joined.interval(), mean_interval(values), rtol=1e-12)
    assert (joined.least, joined.greatest) == (values.min(), values.max())


def test_nan_is_left_out_and_nothing_has_no_mean():
    assert Moments.of([np.nan, 2.0]) == Moments.of([2.0])
    assert Moments.of([]).joined(Moments.of([2.0])) == Moments.of([2.0])
    assert np.isnan(Moments.of([]).interval().mean)
    assert np.isnan(Moments.of([2.0]).interval().low)
