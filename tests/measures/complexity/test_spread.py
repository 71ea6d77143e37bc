"""Entropy and the Gini index of relevance."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import Scored
from thesis_rnn.measures.complexity.spread import entropy, gini


def scored(relevance, **more):
    relevance = np.asarray(relevance, float)
    return Scored(relevance, np.zeros(relevance.shape), np.zeros(len(relevance), int), **more)


def test_by_hand():
    given = scored([[1, 1, 1, 1], [0, 0, -3, 0], [0, 0, 0, 0], [1, 0, 3, 0]])
    third = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    np.testing.assert_allclose(entropy(given), [np.log(4), 0, np.nan, third], atol=1e-12)
    # of 0, 0, 1, 3: ((2 * 3 - 5) * 1 + (2 * 4 - 5) * 3) / (4 * 4) = 10 / 16
    np.testing.assert_allclose(gini(given), [0, 3 / 4, np.nan, 10 / 16])


@pytest.mark.parametrize("seed", range(3))
def test_like_a_loop_over_own_cells(seed):
    rng = np.random.default_rng(seed)
    relevance, lengths = rng.normal(size=(5, 6, 2)), rng.integers(1, 7, 5)
    given = scored(relevance, lengths=lengths)
    for n, length in enumerate(lengths):
        a = np.abs(relevance[n, :length]).ravel()
        apart = np.abs(a[:, None] - a).sum() / (2 * len(a) * a.sum())  # another formula of the index
        np.testing.assert_allclose(gini(given)[n], apart, atol=1e-12)
        np.testing.assert_allclose(entropy(given)[n], -(a / a.sum() * np.log(a / a.sum())).sum(), atol=1e-12)


def test_neither_size_nor_sign_nor_order_matters():
    relevance = np.random.default_rng(0).normal(size=(4, 8))
    for measure in (entropy, gini):
        for other in (-relevance, 1e200 * relevance, relevance[:, ::-1]):
            np.testing.assert_allclose(measure(scored(other)), measure(scored(relevance)))
    assert ((gini(scored(relevance)) >= 0) & (gini(scored(relevance)) < 1)).all()
    assert (entropy(scored(relevance)) <= np.log(8)).all()


def test_relevance_must_be_finite():
    with pytest.raises(InputError, match="relevance must be finite"):
        entropy(scored([[np.nan, 1]]))


def test_relevance_of_another_shape_is_not_broadcast():
    given = scored(np.ones((2, 3, 4)))
    with pytest.raises(InputError, match=r"relevance must have the shape of x, \(2, 3, 4\); received \(2, 3, 1\)"):
        gini(given._replace(relevance=np.ones((2, 3, 1))))
