"""Constants of a model that meet a signal: an account of their own, in both floating-point types."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.helpers.thinned import thinned
from thesis_rnn import explain

VOCABULARY, STEPS, UNITS = 7, 4, 3
TOKENS = np.array([[1, 2, 3, 0], [6, 6, 1, 5]])


def given(model, seed=0):
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.7, weights.shape) for weights in model.get_weights()])
    return model


def headed(inputs, y):
    return given(keras.Model(inputs, layers.Dense(2)(layers.SimpleRNN(2)(y))))


def positions_as_array():
    tokens = keras.Input((STEPS,), dtype="int32")
    positions = np.random.default_rng(3).normal(size=(STEPS, UNITS)).astype(np.float32)
    return headed(tokens, layers.Embedding(VOCABULARY, UNITS)(tokens) + positions)


def positions_embedded():
    """The range is a constant: Keras looks it up while the graph is made."""
    tokens = keras.Input((STEPS,), dtype="int32")
    positions = layers.Embedding(STEPS, UNITS)(ops.arange(STEPS))
    return headed(tokens, layers.Add()([layers.Embedding(VOCABULARY, UNITS)(tokens), positions[None]]))


def average():
    tokens = keras.Input((STEPS,), dtype="int32")
    embedded = layers.Embedding(VOCABULARY, UNITS)(tokens)
    return headed(tokens, layers.Average()([embedded, ops.ones_like(embedded) * 0.5]))


def joined():
    tokens = keras.Input((STEPS,), dtype="int32")
    embedded = layers.Embedding(VOCABULARY, UNITS)(tokens)
    first = ops.ones_like(embedded[:, :1]) * 0.5
    return headed(tokens, layers.Concatenate(axis=1)([first, embedded]))


MODELS = [positions_as_array, positions_embedded, average, joined]


def test_a_constant_by_hand():
    # y = x + c, x = (1, 3), c = (1, -1): f = 2 * 2 + 1 * 2 = 6. Of R = (4, 2), x gets 4 * 1/2 and 2 * 3/2, c the rest.
    x = keras.Input((2,))
    model = keras.Model(x, layers.Dense(1, use_bias=False)(x + np.array([1.0, -1.0], np.float32)))
    model.set_weights([np.array([[2.0], [1.0]])])
    explanation = explain(model, [[1, 3], [1, 1]], 0, "lrp_epsilon", epsilon=0.0, ledger=True)
    np.testing.assert_allclose(explanation.relevance, [[2, 3], [2, 0]], rtol=1e-6)
    # (1, 1) + c = (2, 0): f = 4, and 0 = 1 - 1 has nothing to share out.
    [row] = [row for row in explanation.ledger if row.kind == "constant"]
    np.testing.assert_allclose(row.relevance, [1, 2], rtol=1e-6)
    np.testing.assert_allclose(explanation.unaccounted, 0, atol=1e-6)


@pytest.mark.parametrize("make", thinned([*MODELS], every=2))
@pytest.mark.parametrize("dtype", thinned(["float64", "float32"]))
def test_everything_is_accounted_for(make, dtype):
    explanation = explain(make(), TOKENS, 0, "lrp_epsilon(epsilon=0.01)", dtype=dtype, ledger=True)
    kept = sum(row.relevance for row in explanation.ledger if row.kind == "constant")
    assert (np.abs(kept) > 1e-6).all()
    atol = 1e-6 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(explanation.unaccounted, 0, atol=atol * np.abs(explanation.relevance).sum())
    assert explanation.relevance.shape == TOKENS.shape


def test_positions_computed_from_the_tokens_are_no_second_input():
    tokens = keras.Input((STEPS,), dtype="int32")
    places = layers.Embedding(STEPS + 1, UNITS)(ops.cumsum(ops.ones_like(tokens), axis=1))
    summed = headed(tokens, layers.Embedding(VOCABULARY, UNITS)(tokens) + places)
    explanation = explain(summed, TOKENS, 0, "lrp_epsilon", ledger=True)
    assert {row.step for row in explanation.ledger if row.kind == "constant"} == set(range(STEPS))
    np.testing.assert_allclose(explanation.unaccounted, 0, atol=1e-6)


@pytest.mark.parametrize("make", [positions_as_array, positions_embedded])
def test_gradients_are_those_of_the_other_type(make):
    model = make()
    single, double = (explain(model, TOKENS, 0, "gradient_x_input", dtype=dtype) for dtype in ("float32", "float64"))
    np.testing.assert_allclose(single.relevance, double.relevance, rtol=1e-4, atol=1e-6)
