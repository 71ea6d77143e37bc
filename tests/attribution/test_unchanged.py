"""Explaining changes nothing of a model: weights, states, seeds and metrics stay as they are to the bit."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.helpers.thinned import thinned
from thesis_rnn import explain
from thesis_rnn.errors import InputError


@keras.saving.register_keras_serializable("tests")
class Counting(layers.Layer):
    """Counts its calls in a weight, as only a careless layer would; no rule covers it."""

    def build(self, shape):
        self.calls = self.add_weight(name="calls", shape=(), trainable=False)

    def call(self, inputs):
        self.calls.assign_add(1.0)
        return inputs * 1.0


@pytest.fixture(scope="module")
def model():
    stack = [
        layers.SimpleRNN(3, stateful=True, return_sequences=True),
        Counting(),
        layers.Dropout(0.5),
        layers.SimpleRNN(2, dropout=0.5, recurrent_dropout=0.5),
        layers.BatchNormalization(),
        layers.Dense(2, "softmax"),
    ]
    made = keras.Sequential([keras.Input(batch_shape=(2, 4, 3)), *stack])
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
    made.fit(samples(), np.array([0, 1, 1, 0]), batch_size=2, verbose=0)
    return made


def samples():
    return np.random.default_rng(0).normal(size=(4, 4, 3)).astype(np.float32)


def everything(model):
    variables = [*model.variables, *model.metrics_variables, *model.optimizer.variables]
    assert any("seed" in one.path for one in variables)
    assert len({one.path.rpartition("/")[2] for one in variables if "rnn" in one.path}) > 3  # states among them
    return [keras.ops.convert_to_numpy(one) for one in variables]


@pytest.mark.parametrize(
    "method", thinned(["lrp_epsilon", "gradient_x_input", "occlusion", "integrated_gradients(points=2)"], every=4)
)
def test_nothing_of_a_model_changes(model, method):
    before = everything(model)
    assert np.abs(explain(model, samples(), 0, method).relevance).max() > 0
    for one, other in zip(everything(model), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("method", "target"), [("lime", 0), ("sensitivity", 7)])  # of states; no such class
def test_nothing_changes_where_a_call_is_refused(model, method, target):
    before = everything(model)
    with pytest.raises(InputError):
        explain(model, samples(), target, method)
    for one, other in zip(everything(model), before, strict=True):
        np.testing.assert_array_equal(one, other)


class Hidden(layers.Layer):
    """Counts its calls where Keras does not see it."""

    def build(self, shape):
        self.calls = tf.Variable(0.0)

    def call(self, inputs):
        self.calls.assign_add(1.0)
        return inputs * 1.0


def test_what_keras_cannot_hold_back_is_refused():
    hidden = Hidden(name="hidden")
    model = keras.Sequential([keras.Input((3,)), hidden, layers.Dense(2, "softmax")])
    with pytest.raises(InputError, match=r"make it a weight, by add_weight; received the assignment .*Assign"):
        explain(model, np.ones((2, 3)), 0, "sensitivity")
    assert hidden.calls.numpy() == 0


def test_a_model_of_fixed_batches_takes_whole_ones(model):
    with pytest.raises(InputError, match=r"takes batches of 2 samples: give a multiple of it; received 3 samples$"):
        explain(model, samples()[:3], 0, "sensitivity")


def test_a_stateful_model_is_explained_from_the_state_that_it_has(model):
    # The value of a batch is what the model itself gives next; it's asked in a scope that lets it change nothing.
    with keras.StatelessScope():
        given = np.asarray(model(samples()[:2], training=False))
    explanation = explain(model, samples()[:2], 0, "gradient_x_input", output="probability")
    np.testing.assert_allclose(explanation.value, given[:, 0], rtol=1e-5)


@pytest.mark.slow
def test_relevance_of_the_state_at_the_start_is_a_row_of_the_ledger():
    recurrent = [layers.LSTM(3, stateful=True, return_sequences=True, name="long"), layers.GRU(2, stateful=True)]
    model = keras.Sequential([keras.Input(batch_shape=(2, 4, 3)), *recurrent, layers.Dense(2)])
    model(samples()[2:])  # leaves a state
    explanation = explain(model, samples()[:2], 0, "lrp_epsilon", ledger=True, dtype="float64")
    assert abs(explanation.unaccounted).max() < 1e-12
    [started] = [row for row in explanation.ledger if (row.layer, row.kind) == ("long", "initial state")]
    assert abs(started.relevance).min() > 1e-8
    with tf.GradientTape() as tape, keras.StatelessScope():
        tape.watch(x := tf.constant(samples()[:2]))
        value = model(x)[:, 0]
    gradient = explain(model, samples()[:2], 0, "gradient_x_input")
    np.testing.assert_allclose(gradient.relevance, tape.gradient(value, x) * x, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(explanation.value, value, rtol=1e-5)
    with pytest.raises(InputError, match=r"^lime asks about points that have other places .* received layer 'long'$"):
        explain(model, samples()[:2], 0, "lime")
