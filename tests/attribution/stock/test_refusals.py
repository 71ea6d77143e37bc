"""What is refused of a stock Keras model, each by its name, with the ways out."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.helpers.stock_models import COVERED, chain, dense, graph, samples
from thesis_rnn import explain
from thesis_rnn.errors import InputError


@keras.saving.register_keras_serializable("tests")
class Cubed(keras.layers.Layer):
    """A layer that no rule covers."""

    def call(self, inputs):
        return inputs**3


class InTensorFlow(keras.layers.Layer):
    """A layer that computes with TensorFlow itself."""

    def call(self, inputs):
        return tf.nn.relu(inputs)


UNCOVERED = {
    "Cubed": lambda: chain(Cubed(name="odd")),
    "InTensorFlow": lambda: chain(InTensorFlow(name="odd")),
    "Lambda": lambda: chain(layers.Lambda(lambda x: keras.ops.sin(x), name="odd")),
    "Dense": lambda: chain(dense(3, "sparsemax", name="odd")),
}


@pytest.mark.parametrize("kind", UNCOVERED)
@pytest.mark.parametrize("method", [{"method": "lrp_epsilon"}, {"method": "guided_backprop"}], ids=str)
def test_layers_that_are_not_covered_are_refused_by_name(kind, method):
    model = UNCOVERED[kind]()
    with pytest.raises(
        InputError, match=rf"layer 'odd' of class {kind}.* the ways out: .*register_layer.* gradient method"
    ) as e:
        explain(model, samples(model), 0, **method)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("kind", UNCOVERED)
def test_gradient_methods_are_a_way_out(kind):
    model = UNCOVERED[kind]()
    x = samples(model)
    with tf.GradientTape() as tape:
        at = tf.constant(x)
        tape.watch(at)
        logit = model(at)[:, 1]
    expected = tape.gradient(logit, at).numpy() ** 2
    np.testing.assert_allclose(explain(model, x, 1, "sensitivity").relevance, expected, rtol=1e-3, atol=1e-6)


def test_guided_backprop_acts_on_rectified_cells_and_refuses_others_by_name():
    refused = chain(layers.LSTM(2, name="memory"))
    with pytest.raises(InputError, match=r"^guided backprop is defined for ReLU networks .*layer 'memory' with tanh"):
        explain(refused, samples(refused), 0, "guided_backprop")
    # One unit, h_t = relu(x_t - h_{t-1}), output -h_2, x = (1, 2): h = (1, 1). The signal -1 does not pass h_2's ReLU,
    # where the gradient is (1, -1). With output +h_2 it passes, and -1 stops at h_1: (0, 1).
    model = keras.Sequential([keras.Input((2, 1)), layers.SimpleRNN(1, "relu"), layers.Dense(1, use_bias=False)])
    for sign, expected in ((-1.0, [0, 0]), (1.0, [0, 1])):
        model.set_weights([np.ones((1, 1)), -np.ones((1, 1)), np.zeros(1), np.full((1, 1), sign)])
        guided = explain(model, [[[1], [2]]], 0, "guided_backprop", signed=True).relevance
        np.testing.assert_allclose(guided[0, :, 0], expected)


@pytest.mark.parametrize("method", ["deep_taylor", "lrp", "lrp_alpha_beta"])
def test_bounds_are_asked_for_and_never_guessed(method):
    model = COVERED["Dense"]()
    x = samples(model)
    with pytest.raises(InputError, match=rf"^{method} needs to know where your inputs live: .*; received neither$"):
        explain(model, x, 0, method)
    for answer in ({"inputs": "real"}, {"low": [-9.0] * 3, "high": [9.0] * 3}):
        assert np.isfinite(explain(model, x, 0, method, **answer).relevance).all()
    with pytest.raises(InputError, match=r"declared positive; received -"):
        explain(model, x, 0, method, inputs="positive")


@pytest.mark.parametrize("method", ["lrp_epsilon", "sensitivity"])
def test_numbers_that_are_none_are_located(method):
    model = COVERED["Dense"]()
    x = samples(model)
    x[1, 2, 0] = np.nan
    with pytest.raises(InputError, match=r"must be finite; received nan at index \(1, 2, 0\)$"):
        explain(model, x, 0, method)
    spoilt = model.get_weights()
    spoilt[2][0] = np.inf
    model.set_weights(spoilt)
    with pytest.raises(InputError, match=r"weights must be finite, .*; received NaN or infinity in .*head/kernel$"):
        explain(model, samples(model), 0, method)


def test_code_that_cannot_be_taken_apart_is_refused_with_its_line():
    model = UNCOVERED["InTensorFlow"]()
    with pytest.raises(InputError, match=r"layer 'odd' .*; received line \d+ of test_refusals.py, return tf.nn.relu"):
        explain(model, samples(model), 0, "lrp_epsilon")


def test_operations_along_the_samples_are_refused():
    model = graph(lambda x: x - keras.ops.mean(x, axis=0, keepdims=True))
    with pytest.raises(InputError, match=r"of class Mean: an operation along the first axis, that of the samples, is"):
        explain(model, samples(model), 0, "lrp_epsilon")


def test_a_softmax_of_a_signal_is_refused_by_guided_backprop():
    model = chain(dense(3, "softmax", name="odd"))
    with pytest.raises(InputError, match="received layer 'odd' with a softmax on its signal path"):
        explain(model, samples(model), 0, "guided_backprop")


def test_models_that_have_no_shape_yet_are_refused():
    with pytest.raises(InputError, match=r"^the model has no inputs yet; begin it with keras.Input; received"):
        explain(keras.Sequential([dense()]), np.zeros((1, 2)), 0, "lrp_epsilon")
