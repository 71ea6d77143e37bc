"""A softmax over the steps that are not masked, as a gate."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from thesis_rnn import explain
from thesis_rnn.errors import InputError


def pooled(**mask_type):
    """The mean of the steps that are not zero: a softmax over equal scores."""
    x = keras.Input((3, 1))
    mask = ops.not_equal(x, 0)
    if mask_type:
        mask = ops.cast(mask, **mask_type)
    shares = layers.Softmax(axis=1)(layers.Dense(1, kernel_initializer="zeros")(x), mask=mask)
    model = keras.Model(x, layers.Dense(1, use_bias=False)(ops.sum(shares * x, axis=1)))
    model.layers[-1].set_weights([np.ones((1, 1))])
    return model


@pytest.mark.parametrize("mask_type", [{}, {"dtype": "float32"}], ids=["bool", "float"])
def test_a_masked_softmax_by_hand(mask_type):
    # x = (2, 4, 0): shares 1/2, 1/2, 0, output 3; x = (0, 0, 5): share 1, output 5. Gates pass all relevance to x.
    explanation = explain(pooled(**mask_type), [[[2], [4], [0]], [[0], [0], [5]]], 0, "lrp_epsilon", epsilon=0.0)
    np.testing.assert_allclose(explanation.value, [3, 5], rtol=1e-6)
    np.testing.assert_allclose(explanation.relevance[..., 0], [[1, 2, 0], [0, 0, 5]], rtol=1e-6)


def test_more_padding_changes_nothing():
    model = pooled()
    x = np.array([[[2.0], [4.0], [0.0]]])
    for method in ("lrp_epsilon", "gradient_x_input"):
        ahead, behind = (explain(model, np.roll(x, shift, axis=1), 0, method).relevance for shift in (0, 1))
        np.testing.assert_allclose(np.roll(ahead, 1, axis=1), behind, rtol=1e-6)


def test_a_masked_softmax_that_is_an_output_is_refused_by_name():
    x = keras.Input((3,))
    model = keras.Model(x, layers.Softmax(name="odd")(layers.Dense(3)(x), mask=ops.not_equal(x, 0)))
    with pytest.raises(
        InputError, match=r"^layer 'odd' of class Softmax: a mask is covered where the softmax is no output"
    ):
        explain(model, np.ones((1, 3)), 0, "lrp_epsilon")
