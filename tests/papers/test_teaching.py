"""Root points by hand and against the rules' own relevance; masks as the layers draw them."""

import keras
import numpy as np
import pytest

from thesis_rnn.attribution import explain
from thesis_rnn.papers.chormai_2018.figures.teaching import STEPS, UNITS, dropout_figure, root_point


@pytest.mark.parametrize(
    ("domain", "root"),
    [
        # w.a + b = 2 * 1 - 1 * 0.5 - 0.5 = 1.
        ("real", [0.6, 0.7]),  # v = w = (2, -1), w.v = 5: a - v / 5
        ("positive", [0.5, 0.5]),  # v = (1, 0), w.v = 2: a - v / 2
        ("bounded", [1 - 2 / 4.5, 0.5 + 0.5 / 4.5]),  # v = (1 + 1, 0.5 - 1), w.v = 4 + 0.5: a - v / 4.5
    ],
)
def test_the_root_by_hand(domain, root):
    np.testing.assert_allclose(root_point([1, 0.5], [2, -1], -0.5, domain), root)


@pytest.mark.parametrize(
    ("domain", "method"), [("positive", "deep_taylor(inputs=positive)"), ("bounded", "deep_taylor(low=-1, high=1)")]
)
def test_the_root_gives_the_relevance_of_deep_taylor(domain, method):
    """w (a - root) is what the package's own rules give a neuron without a bias."""
    rng = np.random.default_rng(3)
    kernel, a = rng.normal(size=4), rng.uniform(0.1, 0.9, 4)
    kernel *= np.sign(kernel @ a)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, use_bias=False)])
    model.layers[0].set_weights([kernel[:, None]])
    found = explain(model, a[None], 0, method, dtype="float64").relevance[0]
    np.testing.assert_allclose(found, kernel * (a - root_point(a, kernel, 0.0, domain)), rtol=1e-5)


def test_ordinary_masks_differ_by_step_and_stationary_ones_do_not():
    ordinary, stationary = (axis.collections[0].get_array().reshape(UNITS, STEPS) for axis in dropout_figure(None).axes)
    assert {tuple(column > 0) for column in stationary.T} == {tuple(stationary[:, 0] > 0)}
    assert len({tuple(column > 0) for column in ordinary.T}) > 1
    assert (stationary > 0).any()
