"""The explained forward pass is compared with the model's own, once for each shape of inputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from thesis_rnn import explain
from thesis_rnn.errors import InputError

FIRST, SECOND = [[1.0], [2.0]], [[2.0], [1.0]]


@pytest.fixture
def odd():
    """A model whose only layer adds 1 as soon as its kernel is not FIRST, and the sizes of the batches that it saw."""
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, use_bias=False)])
    layer, sizes = model.layers[0], []

    def noted(inputs):
        sizes.append(len(inputs))
        return inputs

    def call(inputs, training=False):
        seen = tf.ensure_shape(tf.numpy_function(noted, [inputs], inputs.dtype), inputs.shape)
        return keras.ops.matmul(seen, layer.kernel) + keras.ops.cast(layer.kernel[0, 0] != 1, "float32")

    model.set_weights([np.array(FIRST)])
    layer.call = call
    return model, sizes


def test_code_is_compared_once_for_each_shape_of_inputs(odd):
    model, sizes = odd
    x = np.ones((3, 2))
    for _ in range(2):
        explain(model, x, 0, "lrp_epsilon")
    assert sizes == [3]


def test_a_layer_that_does_not_do_what_its_class_says_is_refused(odd):
    model, _ = odd
    model.set_weights([np.array(SECOND)])
    with pytest.raises(InputError, match=r"^the explained forward pass must equal .*; received a difference of 1$"):
        explain(model, np.ones((3, 2)), 0, "lrp_epsilon")


def test_the_comparison_is_bounded(odd):
    model, sizes = odd
    explain(model, np.ones((200, 2)), 0, "lrp_epsilon")
    explain(model, np.ones((7, 2)), 0, "sensitivity", batch_size=4)
    assert sizes == [32, 4]
