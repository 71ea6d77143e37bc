"""Relevance comes back where the input stood."""

import keras
import numpy as np
from keras import layers, ops

from thesis_rnn import explain


def test_a_dict_of_inputs_whose_names_are_not_in_alphabetical_order():
    # Linear: the relevance of input i is x_i times its own part of the kernel.
    inputs = {"words": keras.Input((4,), name="words"), "numbers": keras.Input((2,), name="numbers")}
    head = layers.Dense(2)
    model = keras.Model(inputs, head(ops.concatenate([inputs["words"], inputs["numbers"]], axis=-1)))
    kernel = head.kernel.numpy()[:, 1]
    x = {"words": np.full((3, 4), 3.0), "numbers": np.full((3, 2), 2.0)}
    expected = {"words": np.tile(3 * kernel[:4], (3, 1)), "numbers": np.tile(2 * kernel[4:], (3, 1))}
    relevance = explain(model, x, 1, "gradient_x_input").relevance
    for name in x:
        np.testing.assert_allclose(relevance[name], expected[name], rtol=1e-5)
    in_order = [tensor.name for tensor in model.inputs]  # Keras sorts them
    relevance = explain(model, [x[name] for name in in_order], 1, "gradient_x_input").relevance
    for name, one in zip(in_order, relevance, strict=True):
        np.testing.assert_allclose(one, expected[name], rtol=1e-5)
