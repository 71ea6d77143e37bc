"""Subclassed models: explained as the same network of layers is, and as before afterwards."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import thesis_rnn
from tests.helpers.thinned import thinned
from thesis_rnn import explain
from thesis_rnn.errors import InputError


class Classifier(keras.Model):
    """Tokens and numbers, by a dict; its dropout and its factor are Python's affair."""

    def __init__(self):
        super().__init__(name="mine")
        self.words, self.memory = layers.Embedding(7, 3, mask_zero=True), layers.SimpleRNN(3)
        self.dropout, self.classes = layers.Dropout(0.5), layers.Dense(2, activation="softmax")
        self.factor = 2.0

    def call(self, inputs, training=None):
        read = self.dropout(self.memory(self.words(inputs["words"])), training=training)
        return self.classes(ops.concatenate([ops.tanh(read) * self.factor, inputs["numbers"]], axis=-1))

    def as_functional(self):
        inputs = {"words": keras.Input((4,), dtype="int32", name="words"), "numbers": keras.Input((2,), name="numbers")}
        read = ops.tanh(self.memory(self.words(inputs["words"]))) * self.factor
        return keras.Model(inputs, self.classes(ops.concatenate([read, inputs["numbers"]], axis=-1)))


@pytest.fixture
def x():
    rng = np.random.default_rng(0)
    return {"words": np.array([[1, 2, 0, 0], [3, 4, 5, 6], [2, 2, 2, 0]]), "numbers": rng.normal(size=(3, 2))}


@pytest.fixture
def model(x):
    keras.utils.set_random_seed(0)
    model = Classifier()
    model(x)
    return model


@pytest.mark.parametrize(
    "method", thinned(["lrp_epsilon", "gradient_x_input", "integrated_gradients(points=4)", "deep_lift"], every=4)
)
def test_methods_give_what_they_give_of_the_same_functional_model(model, x, method):
    own, same = (explain(one, x, 1, method) for one in (model, model.as_functional()))
    np.testing.assert_allclose(own.explained, same.explained, rtol=1e-5)  # the logit, below the softmax
    for name in x:
        np.testing.assert_allclose(own.relevance[name], same.relevance[name], rtol=1e-4, atol=1e-7)


def test_the_default_is_that_of_a_functional_model(model, x):
    assert explain(model, x).method == "lrp_epsilon"


@pytest.mark.slow
def test_nothing_of_the_model_is_changed(model, x):
    before = [variable.numpy() for variable in model.variables], len(model.memory._inbound_nodes)
    explain(model, x, 1, "lrp_epsilon")
    explain(model, x, 1, "integrated_gradients(points=2)")
    assert len(model.memory._inbound_nodes) == before[1]
    for old, new in zip(before[0], model.variables, strict=True):
        np.testing.assert_array_equal(old, new)


def test_what_code_depends_on_is_seen_at_the_next_call(model, x):
    first = explain(model, x, 1, "lrp_epsilon").explained
    model.factor = -1.0
    second = explain(model, x, 1, "lrp_epsilon").explained
    assert abs(first - second).max() > 1e-3
    np.testing.assert_allclose(second, explain(model.as_functional(), x, 1, "lrp_epsilon").explained, rtol=1e-5)


def test_a_subclassed_model_within_another(x):
    inputs = {"words": keras.Input((4,), dtype="int32", name="words"), "numbers": keras.Input((2,), name="numbers")}
    outer = keras.Model(inputs, layers.Dense(2)(Classifier()(inputs)))
    explanation = explain(outer, x, 0, "lrp_epsilon", dtype="float64", ledger=True)
    assert abs(explanation.unaccounted).max() < 1e-9


@pytest.mark.slow
def test_it_is_judged_and_has_prototypes():
    class Small(keras.Model):
        def __init__(self):
            super().__init__()
            self.memory, self.classes = layers.SimpleRNN(2), layers.Dense(2, activation="softmax")

        def call(self, inputs):
            return self.classes(self.memory(inputs))

    model, x = Small(), np.random.default_rng(0).normal(size=(16, 4, 2))
    judgement = thesis_rnn.judge(model, x, methods="gradient_x_input", measures="selectivity")
    assert {row["method"] for row in judgement.rows} == {"gradient_x_input"}
    assert thesis_rnn.prototype(model, target=0, data=x, steps=2).x.shape == (1, 4, 2)


class InTensorFlow(keras.Model):
    def __init__(self):
        super().__init__(name="odd")
        self.classes = layers.Dense(2)

    def call(self, inputs):
        return tf.nn.tanh(self.classes(inputs))


class Random(keras.Model):
    def __init__(self):
        super().__init__(name="drawn")
        self.classes, self.seed = layers.Dense(2), keras.random.SeedGenerator(1)

    def call(self, inputs):
        return self.classes(inputs) + keras.random.normal(ops.shape(inputs)[:1] + (2,), seed=self.seed)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            InTensorFlow,
            r"^model 'odd' of class InTensorFlow .*; received line \d+ of test_subclassed\.py, return tf\.nn",
        ),
        (Random, r"^model 'drawn' "),
    ],
)
def test_what_cannot_be_taken_apart_has_gradients_alone(kind, message):
    model, x = kind(), np.ones((2, 3), np.float32)
    with pytest.raises(InputError, match=message):
        explain(model, x, 0, "lrp_epsilon")
    assert explain(model, x, 0, "gradient_x_input").notes[0].startswith("outputs explained as they are given by")
