"""Statistics of the cells of series, and standardising by them."""

import numpy as np

from thesis_rnn.data import cell_statistics, standardise


def test_statistics_and_standardisation_by_hand():
    # Cell 0: 1 and 5: mean 3, deviation 2. Cell 1: always 7: deviation 0, so only the mean is taken off.
    x = np.array([[[1.0, 7.0]], [[5.0, 7.0]]])
    statistics = cell_statistics(x)
    np.testing.assert_array_equal(statistics.mean, [[3, 7]])
    np.testing.assert_array_equal(statistics.deviation, [[2, 0]])
    np.testing.assert_array_equal(standardise(x, statistics), [[[-1, 0]], [[1, 0]]])
    assert x[0, 0, 0] == 1  # untouched


def test_statistics_equal_numpys_over_several_chunks():
    x = np.random.default_rng(0).normal(100, 0.1, (600, 3, 2)).astype(np.float32)
    statistics = cell_statistics(x)
    np.testing.assert_allclose(statistics.mean, x.mean(axis=0, dtype=np.float64), rtol=1e-7)
    np.testing.assert_allclose(statistics.deviation, x.std(axis=0, dtype=np.float64), rtol=1e-6)
