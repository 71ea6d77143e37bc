"""Adjusted p values: by hand, by loops over the definitions, beside SciPy's, and by simulated tests."""

import numpy as np
import pytest
from scipy import stats

from thesis_rnn.errors import InputError
from thesis_rnn.statistics import benjamini_hochberg, holm


def test_by_hand():
    # Sorted .01 .02 .03 .2 of four. BH: 4/4 .2 = .2; 4/3 .03 = .04; 4/2 .02 = .04; 4/1 .01 = .04.
    # Holm: 4 * .01 = .04; 3 * .02 = .06; 2 * .03 = .06; 1 * .2 = .2.
    p = [0.03, 0.2, 0.01, 0.02]
    np.testing.assert_allclose(benjamini_hochberg(p), [0.04, 0.2, 0.04, 0.04])
    np.testing.assert_allclose(holm(p), [0.06, 0.2, 0.04, 0.06])
    # One test is as it was; what exceeds 1 is 1; none gives none.
    for adjusted in (benjamini_hochberg, holm):
        np.testing.assert_array_equal(adjusted([0.3]), [0.3])
        np.testing.assert_array_equal(adjusted([1.0, 0.9]), [1, 1])
        assert adjusted([]).shape == (0,)


@pytest.mark.parametrize("seed", range(3))
def test_equal_loops_and_scipy(seed):
    p = np.random.default_rng(seed).random(25) ** 3
    p[3] = p[7]
    m, ranked = len(p), sorted(p)
    stepped_up = {ranked[i]: min([1, *(m * ranked[j] / (j + 1) for j in range(i, m))]) for i in range(m)}
    stepped_down = {ranked[i]: min(1, max((m - j) * ranked[j] for j in range(i + 1))) for i in reversed(range(m))}
    for i, value in enumerate(p):
        places = [j for j in range(m) if ranked[j] == value]
        assert benjamini_hochberg(p)[i] == pytest.approx(stepped_up[value])
        if len(places) == 1:
            assert holm(p)[i] == pytest.approx(stepped_down[value])
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p))


def test_holm_errs_as_seldom_as_promised():
    # 2,000 families of ten true null hypotheses: 5% are wrong, deviation sqrt(2000 * .05 * .95) = 9.7; plain tests 40%.
    p = np.random.default_rng(0).random((2000, 10))
    wrong = sum((holm(family) < 0.05).any() for family in p)
    assert wrong < 100 + 4 * 9.7
    assert (p < 0.05).any(axis=1).sum() > 600


@pytest.mark.parametrize("adjusted", [benjamini_hochberg, holm])
def test_bad_input(adjusted):
    with pytest.raises(InputError, match=r"p values must lie between 0 and 1; received 1.5$"):
        adjusted([0.1, 1.5])
    with pytest.raises(InputError, match="finite"):
        adjusted([np.nan])
    with pytest.raises(InputError, match="1 axes"):
        adjusted([[0.1]])
