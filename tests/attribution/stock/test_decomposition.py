"""Layers of a user's own: taken apart into what they call, with nothing changed."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.helpers.logit_gradient import gradient
from tests.helpers.stock_models import Own, chain, dense, randomised, samples
from thesis_rnn import explain
from thesis_rnn.errors import InputError


class Positions(layers.Layer):
    """Embeddings of tokens and of their positions (keras.io, text classification with a Transformer)."""

    def __init__(self, steps, words, units, **kwargs):
        super().__init__(**kwargs)
        self.tokens, self.places = layers.Embedding(words, units, name="words"), layers.Embedding(steps, units)

    def call(self, x):
        return self.tokens(x) + self.places(ops.arange(0, ops.shape(x)[-1], 1))


class Counting(layers.Layer):
    """A layer that changes a weight of its own whenever it is called."""

    def build(self, shape):
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count")

    def call(self, inputs):
        self.count.assign_add(1.0)
        return 2.0 * inputs


@pytest.fixture(scope="module")
def reader():
    """A model of tokens."""
    x = keras.Input((5,))
    pooled = layers.GlobalAveragePooling1D()(Positions(5, 9, 3)(x))
    return randomised(keras.Model(x, layers.Dense(2, "softmax")(layers.Dense(4, "tanh")(pooled))))


TOKENS = np.random.default_rng(0).integers(0, 9, (3, 5))


def test_positions_are_constants_and_everything_is_accounted_for(reader):
    explanation = explain(reader, TOKENS, 1, "lrp_epsilon", dtype="float64", ledger=True)
    assert explanation.relevance.shape == TOKENS.shape
    assert abs(explanation.unaccounted).max() < 1e-12
    assert any(row.kind == "constant" for row in explanation.ledger)
    np.testing.assert_allclose(ops.softmax(explanation.logits), reader(TOKENS), rtol=1e-4)


def test_weights_that_change_are_honoured(reader):
    """What the layer computes from weights alone, here the positions, is read anew."""
    before = explain(reader, TOKENS, 1, "gradient_x_input")
    reader.set_weights([1.5 * weight for weight in reader.get_weights()])
    after = explain(reader, TOKENS, 1, "gradient_x_input")
    np.testing.assert_allclose(ops.softmax(after.logits), reader(TOKENS), rtol=1e-4)
    assert abs(after.logits - before.logits).max() > 1e-2


def test_tokens_are_looked_for_inside(reader):
    with pytest.raises(InputError, match=r"^tokens must lie in 0\.\.8, the vocabulary of layer 'words'; received 9"):
        explain(reader, np.full((1, 5), 9), 0, "lrp_epsilon")


def test_numbers_that_a_layer_within_looks_up_are_tokens(reader):
    """Declared as numbers, they are varied as embeddings all the same, or refused where noise has no meaning."""
    found = explain(reader, TOKENS, 1, "integrated_gradients(points=50)")
    assert found.relevance.shape == TOKENS.shape
    np.testing.assert_allclose(found.received, found.expected, atol=1e-3)
    with pytest.raises(InputError, match=r"^gradient_shap needs inputs that can be varied"):
        explain(reader, TOKENS, 1, "gradient_shap")


@pytest.mark.parametrize("seed", [0, 1])
def test_gradients_are_those_of_the_layer(seed):
    model = randomised(chain(Own(), dense(2, "tanh")), seed)
    x = samples(model)
    given = explain(model, x, 1, "gradient_x_input", dtype="float64").relevance
    np.testing.assert_allclose(given, x * gradient(model, x, [1] * len(x)), rtol=1e-3, atol=1e-5)


def test_nothing_is_assigned_and_no_graph_is_left():
    model = chain(Counting(), Own(name="own"))
    nodes = [len(layer._inbound_nodes) for layer in model._flatten_layers()]
    model.layers[0].count.assign(7.0)
    explain(model, samples(model), 0, "lrp_epsilon")
    assert float(model.layers[0].count) == 7.0
    assert [len(layer._inbound_nodes) for layer in model._flatten_layers()] == nodes
