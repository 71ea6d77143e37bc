"""The weighted sum of RETAIN, by hand."""

import keras
import numpy as np

from thesis_rnn.layers import WeightedSum

SCORES = np.log([[[1.0], [3.0]]])  # weights of 1/4 and 3/4
BETA = np.array([[[1.0, 2.0], [-1.0, 0.0]]])
VALUES = np.array([[[4.0, 1.0], [2.0, 5.0]]])


def test_steps_and_features_are_weighed():
    # 1/4 * (1 * 4, 2 * 1) + 3/4 * (-1 * 2, 0 * 5) = (1, 1/2) - (3/2, 0)
    np.testing.assert_allclose(WeightedSum()([SCORES, BETA, VALUES]), [[-0.5, 0.5]], rtol=1e-6)


def test_masked_steps_have_no_weight():
    values = keras.ops.convert_to_tensor(VALUES)
    values._keras_mask = keras.ops.convert_to_tensor([[True, False]])
    layer = WeightedSum()
    np.testing.assert_allclose(layer([SCORES, BETA, values]), [[4, 2]], rtol=1e-6)
    mask = [None, None, values._keras_mask]
    np.testing.assert_allclose(layer.activations([SCORES, BETA, VALUES], mask)["alpha"], [[[1], [0]]], rtol=1e-6)
