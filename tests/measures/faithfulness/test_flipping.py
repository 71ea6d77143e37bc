"""Flipping steps of padded series: what is padded neither goes nor counts."""

import numpy as np

from thesis_rnn.measures import Scored
from thesis_rnn.measures.faithfulness.flipping import flip_steps


def test_padded_steps_stay():
    # f = the sum of x. Own steps 0..2 of x = 3, 2, 1, relevance -1, -2, -3; step 3 is padding (x = 7, relevance 0), and
    # would go first. Curve 13, 10, 8, 7, and 7 where nothing is left: area (0 + 3 + 5 + 6 + 6) / 5 = 4.
    x, relevance = np.array([[[3.0], [2.0], [1.0], [7.0]]]), np.array([[[-1.0], [-2.0], [-3.0], [0.0]]])
    scored = Scored(relevance, x, np.array([0]), lengths=np.array([3]), predict=lambda x: x.sum(axis=1))
    np.testing.assert_allclose(flip_steps(scored, removed=4), 4.0)
    masked = scored._replace(lengths=None, present=np.array([[True, True, True, False]]))
    np.testing.assert_allclose(flip_steps(masked, removed=4), 4.0)
    # Without padding all four go: 13, 6 (the 7), 3, 1, 0: (0 + 7 + 10 + 12 + 13) / 5.
    np.testing.assert_allclose(flip_steps(scored._replace(lengths=None), removed=4), 42 / 5)
