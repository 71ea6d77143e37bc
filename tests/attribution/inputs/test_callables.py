"""Any callable is enough for values and gradients; propagation refuses it by name."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.helpers.thinned import thinned
from thesis_rnn import explain
from thesis_rnn.errors import InputError


class Mine(keras.Model):
    """A subclassed model that no symbolic trace can follow: its steps depend on values."""

    def __init__(self):
        super().__init__(name="mine")
        self.memory, self.classes = layers.SimpleRNN(3), layers.Dense(2)

    def call(self, inputs, training=None):
        if not tf.is_tensor(inputs):
            raise TypeError("symbols are not taken")
        return self.classes(self.memory(inputs))


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(5, 4, 3))


@pytest.fixture(scope="module")
def mine(x):
    keras.utils.set_random_seed(0)
    model = Mine()
    model(x)
    return model


def gradient(function, x, target):
    with tf.GradientTape() as tape:
        at = tf.constant(x)
        tape.watch(at)
        value = tf.reduce_sum(function(at)[:, target])
    return tape.gradient(value, at).numpy()


@pytest.mark.parametrize("method", thinned(["sensitivity", "saliency", "gradient_x_input", "simple_taylor"]))
def test_gradients_of_a_subclassed_model_are_those_of_a_tape(mine, x, method):
    derivative = gradient(mine, x.astype(np.float32), 1)
    expected = {"sensitivity": derivative**2, "saliency": abs(derivative)}.get(method, x * derivative)
    explanation = explain(mine, x, 1, method)
    np.testing.assert_allclose(explanation.relevance, expected, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(explanation.logits, mine(x.astype(np.float32)), rtol=1e-5)
    assert explanation.notes == (
        "outputs explained as they are given by the model 'mine' of class Mine, whose layers cannot be read",
    )


def test_points_and_noise_of_a_subclassed_model(mine, x):
    relevance = explain(mine, x, 1, "integrated_gradients(points=16)").relevance
    points = [gradient(mine, (x * (k + 0.5) / 16).astype(np.float32), 1) for k in range(16)]
    np.testing.assert_allclose(relevance, x * np.mean(points, axis=0), rtol=1e-3, atol=1e-6)
    assert np.isfinite(explain(mine, x, 1, "smoothgrad(copies=3)").relevance).all()


def test_a_model_that_is_explained_stays_as_it_was(x):
    class Stateful(Mine):
        def __init__(self):
            super().__init__()
            self.memory = layers.SimpleRNN(3, stateful=True)

    model = Stateful()
    model(x[:2])
    before = [one.numpy() for one in model.variables]
    explain(model, x[:2], 0, "sensitivity")
    for one, other in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(one, other.numpy())


def test_a_function_of_tensors_in_float64(x):
    kernel = tf.constant(np.random.default_rng(1).normal(size=(3, 2)))

    def function(series):
        return tf.reduce_sum(tf.tanh(series @ kernel), axis=1)

    np.testing.assert_allclose(
        explain(function, x, 0, "gradient_x_input", dtype="float64").relevance, x * gradient(function, x, 0), rtol=1e-12
    )
    np.testing.assert_allclose(explain(function, x, 0, "saliency").relevance, abs(gradient(function, x, 0)), rtol=1e-12)


def test_several_inputs_of_a_function_in_their_structure(x):
    def function(inputs):
        return tf.reduce_sum(inputs["b"], axis=1) * inputs["a"]

    inputs = {"b": x[:, :, :2], "a": x[:, 0, :1]}
    relevance = explain(function, inputs, 0, "gradient_x_input").relevance
    assert list(relevance) == ["b", "a"]
    # f = a * sum_t b_t: both receive f in all
    value = inputs["a"][:, 0] * inputs["b"][:, :, 0].sum(axis=1)
    np.testing.assert_allclose(relevance["a"][:, 0], value, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(relevance["b"].sum(axis=(1, 2)), value, rtol=1e-4, atol=1e-6)


def test_a_function_of_arrays_has_values_and_no_gradient(x):
    weights = np.arange(12.0).reshape(4, 3)

    def function(series):
        assert isinstance(series, np.ndarray)
        return np.stack([(series * weights).sum(axis=(1, 2)), np.zeros(len(series))], axis=1)

    # linear: hiding a step takes away what it gave
    relevance = explain(function, x, 0, "occlusion").relevance
    np.testing.assert_allclose(relevance[:, :, 0], (x * weights).sum(axis=2), rtol=1e-5, atol=1e-5)
    with pytest.raises(
        InputError, match=r"^sensitivity needs the gradient to x: it computes in NumPy; use occlusion, "
    ):
        explain(function, x, 0, "sensitivity")


def test_an_output_without_gradient_is_told(x):
    with pytest.raises(InputError, match=r"^sensitivity needs the gradient to x: its outputs have no gradient to it; "):
        explain(lambda series: tf.reduce_sum(tf.stop_gradient(series), axis=1), x, 0, "sensitivity")


def test_propagation_is_refused_by_name(mine, x):
    with pytest.raises(
        InputError, match=r"^model 'mine' of class Mine .*; received line \d+ of test_callables\.py"
    ) as e:
        explain(mine, x, 0, "lrp_epsilon")
    assert len(str(e.value)) <= 400
    with pytest.raises(InputError, match=r"received the callable .*, which has no layers$"):
        explain(lambda series: series, x, 0, "guided_backprop")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda series: series.nonsense, r"^the callable must take x, .*; received AttributeError: "),
        (lambda series: np.zeros((2, 3), int), r"floating-point outputs .*; received int64 of shape \[2, 3\]"),
        (
            lambda series: np.zeros((3, 3)),
            r"floating-point outputs .*; received float64 of shape \[3, 3\] for 2 samples$",
        ),
        (3, r"^model must be a Keras model or a callable; received a int$"),
    ],
)
def test_callables_that_are_none(x, function, message):
    with pytest.raises(InputError, match=message):
        explain(function, x, 0, "occlusion")


def test_one_output_for_each_sample_of_arrays(x):
    # sum x^2, [n]: what a step removed takes away is the sum of its squares, told of each of its cells
    def squares(x):
        return (np.asarray(x) ** 2).sum(axis=(1, 2))

    explanation = explain(squares, x, 0, "occlusion")
    expected = np.repeat((x**2).sum(axis=2, keepdims=True), 3, axis=2)
    np.testing.assert_allclose(explanation.relevance, expected, rtol=1e-5)
    np.testing.assert_allclose(explanation.explained, squares(x), rtol=1e-5)
