"""The floating-point type of an explanation is the user's choice, whatever the model computes in."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.helpers.stock_models import COVERED, chain, dense, graph, samples
from thesis_rnn import explain
from thesis_rnn.errors import InputError


@pytest.mark.parametrize(
    "model", [COVERED["Dense"], COVERED["Conv2D"], lambda: chain(layers.GRU(2), shape=(2, 3))], ids=["0", "1", "2"]
)
def test_models_of_mixed_precision_are_explained_in_float32(model):
    exact = model()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        mixed = model()
    finally:
        keras.config.set_dtype_policy("float32")
    assert mixed.layers[0].compute_dtype == "float16"
    x = samples(exact)
    explanation = explain(mixed, x, 0, "lrp_epsilon")
    assert explanation.relevance.dtype == np.float32
    np.testing.assert_allclose(
        explanation.relevance, explain(exact, x, 0, "lrp_epsilon").relevance, rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("name", ["Dense", "BatchNormalization, folded", "MultiHeadAttention"])
def test_float64_is_float32_with_less_rounding(name):
    model = COVERED[name]()
    x = samples(model)
    double = explain(model, x, 0, "lrp_epsilon", dtype="float64", ledger=True)
    assert double.relevance.dtype == np.float64
    assert abs(double.unaccounted).max() <= 1e-12 * abs(double.relevance).sum()
    np.testing.assert_allclose(explain(model, x, 0, "lrp_epsilon").relevance, double.relevance, rtol=1e-2, atol=1e-4)


# ---- layers that are asked for what they compute: attention weights, and what no rule covers


@pytest.fixture
def float64():
    """Builds models in float64 for the length of a block."""

    def built(make):
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        try:
            return make()
        finally:
            keras.config.set_floatx("float32")
            keras.config.set_dtype_policy("float32")

    return built


@keras.saving.register_keras_serializable("tests")
class Powers(keras.layers.Layer):
    """A layer that no rule covers, with a weight and a layer of its own."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.inner = layers.Dense(3)

    def build(self, shape):
        self.inner.build(shape)

    def call(self, inputs):
        return self.inner(inputs) ** 3


ASKED = {
    "MultiHeadAttention": (lambda: COVERED["MultiHeadAttention"](), "lrp_epsilon"),
    "Attention": (lambda: graph(lambda x: layers.Attention(use_scale=True)([dense()(x), x])), "lrp_epsilon"),
    "DepthwiseConv1D": (lambda: chain(layers.DepthwiseConv1D(2)), "sensitivity"),
    "TimeDistributed": (lambda: chain(layers.TimeDistributed(layers.EinsumDense("ab,bc->ac", 2))), "sensitivity"),
    "Lambda": (lambda: chain(layers.Lambda(lambda x: x * x)), "sensitivity"),
    "Powers": (lambda: chain(Powers()), "sensitivity"),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_float32_model_explained_in_float64_is_a_float64_model(name, float64):
    make, method = ASKED[name]
    model, exact = make(), float64(make)
    x = samples(model, 4).astype(np.float64)
    for scale in (1, 0.7):  # weights that change are honoured
        weights = [scale * weight for weight in model.get_weights()]
        model.set_weights(weights)
        exact.set_weights(weights)
        expected = explain(exact, x, 0, method, dtype="float64").relevance
        relevance = explain(model, x, 0, method, dtype="float64").relevance
        assert relevance.dtype == np.float64
        assert abs(expected).max() > 1e-3
        np.testing.assert_allclose(relevance, expected, rtol=1e-9, atol=1e-12)


def test_the_derivative_of_a_copy_is_that_of_the_layer(float64):
    make, _ = ASKED["Powers"]
    model, exact = make(), float64(make)
    exact.set_weights(model.get_weights())
    x = tf.constant(samples(model), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        logit = exact(x)[:, 1]
    relevance = explain(model, x, 1, "sensitivity", dtype="float64").relevance
    np.testing.assert_allclose(relevance, tape.gradient(logit, x).numpy() ** 2, rtol=1e-9, atol=1e-12)


class Unrepeatable(keras.layers.Layer):
    """A layer whose ``get_config`` does not know what its constructor was given."""

    def __init__(self, power):
        super().__init__(name="odd")
        self.power = power

    def call(self, inputs):
        return tf.pow(inputs, float(self.power))


def test_a_layer_that_cannot_be_made_anew_is_refused_by_name():
    model = chain(Unrepeatable(2))
    x = samples(model)
    assert explain(model, x, 0, "sensitivity").relevance.dtype == np.float32
    message = r"^layer 'odd' of class Unrepeatable computes in float32 and cannot be made anew in float64 .*; received"
    with pytest.raises(InputError, match=message) as refusal:
        explain(model, x, 0, "sensitivity", dtype="float64")
    assert "\n" not in str(refusal.value)
    assert keras.config.dtype_policy().name == "float32"
