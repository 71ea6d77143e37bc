"""Products of two signals, normalisation and softmax, by hand and against loops."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from tests.helpers.stock_models import chain, dense, randomised, samples
from thesis_rnn import explain
from thesis_rnn.errors import InputError
from thesis_rnn.layers import Dense


def of_both(function, shape=(2,)):
    """A model that gives the sum of ``function`` of its input and its input doubled."""
    x = keras.Input(shape)
    return keras.Model(x, ops.sum(function(x, 2 * x), axis=-1, keepdims=True))


@pytest.mark.parametrize("products", ["half", "left", "right"])
def test_a_product_by_hand(products):
    # f = sum_i x_i * 2 x_i = 2 + 18 at (1, 3). Whatever each factor receives, x receives all: 2 and 18.
    given = explain(of_both(ops.multiply), [[1.0, 3.0]], 0, f"composite(epsilon(0), products={products}, signed=True)")
    np.testing.assert_allclose(given.relevance, [[2, 18]], rtol=1e-6)


@pytest.mark.parametrize(("products", "expected"), [("half", [3, 3]), ("left", [6, 0]), ("right", [0, 6])])
def test_what_each_factor_receives(products, expected):
    # f = x_0 x_1 = 6 at (2, 3).
    x = keras.Input((2,))
    model = keras.Model(x, x[:, :1] * x[:, 1:])
    given = explain(model, [[2.0, 3.0]], 0, f"composite(epsilon(0), products={products}, signed=True)")
    np.testing.assert_allclose(given.relevance, [expected], rtol=1e-6)


def test_a_matrix_product_against_loops():
    """z_ts = sum_f a_tf b_sf; each factor's half in proportion to its terms."""
    x = keras.Input((3, 2))
    queries, keys = dense(2, use_bias=False, name="queries"), dense(2, use_bias=False, name="keys")
    product = ops.matmul(queries(x), ops.transpose(keys(x), (0, 2, 1)))
    model = randomised(keras.Model(x, ops.sum(product, axis=(1, 2), keepdims=True)[:, 0]))
    one = samples(model, 1).astype(np.float64)
    a, b = (one[0] @ np.asarray(layer.kernel, np.float64) for layer in (queries, keys))
    to_a, to_b = np.zeros_like(a), np.zeros_like(b)
    for t in range(3):
        for s in range(3):
            for f in range(2):
                to_a[t, f] += a[t, f] * b[s, f] / 2  # R_ts = z_ts, so that z cancels
                to_b[s, f] += a[t, f] * b[s, f] / 2
    expected = sum(
        one[0] * ((received / signal) @ np.asarray(layer.kernel, np.float64).T)
        for received, signal, layer in ((to_a, a, queries), (to_b, b, keys))
    )
    given = explain(model, one, 0, "composite(epsilon(0), signed=True)", dtype="float64")
    np.testing.assert_allclose(given.relevance[0], expected, rtol=1e-6)


def test_a_softmax_by_hand():
    # z = (ln 3, 0): p = (3/4, 1/4). f = p_0, R = (3/4, 0): R_0 = ln 3 (3/4 - 3/4 * 3/4), R_1 = 0; the rest is lost.
    x = keras.Input((2,))
    model = keras.Model(x, layers.Softmax(name="shares")(x)[:, :1])
    z = np.log(3.0)
    given = explain(model, [[z, 0.0]], 0, "lrp_epsilon", epsilon=0.0, dtype="float64", ledger=True)
    np.testing.assert_allclose(given.relevance, [[z * 3 / 16, 0]], atol=1e-7)
    [row] = [row for row in given.ledger if row.kind == "softmax"]
    np.testing.assert_allclose(row.relevance, [3 / 4 - z * 3 / 16], rtol=1e-6)
    assert row.layer == "shares"


@pytest.mark.parametrize("seed", [0, 1])
def test_relevance_through_attention_weights_is_accounted_for(seed):
    x = keras.Input((3, 4))
    attended = layers.MultiHeadAttention(2, 3, name="attention")(x, x)
    model = randomised(keras.Model(x, dense(2)(layers.Flatten()(attended))), seed)
    half = explain(model, samples(model), 0, "attn_lrp", dtype="float64", ledger=True)
    assert abs(half.unaccounted).max() < 1e-8
    assert any(row.kind == "softmax" and abs(row.relevance).max() > 0 for row in half.ledger)
    values = explain(model, samples(model), 0, "lrp_epsilon", dtype="float64", ledger=True)
    assert not any(row.kind == "softmax" for row in values.ledger)


def test_operations_beside_layers_of_the_thesis_are_explained_by_their_rules():
    # f = relu(x) + relu(x): a sum shares the relevance, where its derivative would double it.
    x = keras.Input((2,))
    layer = Dense(1, domain="real", name="own")
    model = keras.Model(x, layer(x) + layer(x))
    given = explain(model, [[1.0, 2.0], [3.0, -1.0]], 0, "lrp_epsilon", dtype="float64", ledger=True)
    assert abs(given.unaccounted).max() < 1e-9


def test_the_scale_of_a_normalisation_is_a_constant():
    """x / |x| and x alike, as each keeps its relevance: with f = sum_i x_i / |x| it is x_i / |x|."""
    x = keras.Input((3,))
    model = keras.Model(x, ops.sum(layers.UnitNormalization()(x), axis=-1, keepdims=True))
    one = np.array([[1.0, 2.0, 2.0]])  # |x| = 3
    given = explain(model, one, 0, "composite(epsilon(0), signed=True)", dtype="float64")
    np.testing.assert_allclose(given.relevance, one / 3, rtol=1e-6)


def test_guided_backprop_refuses_a_product_by_name():
    model = chain(layers.Lambda(lambda x: x * x, name="odd"))
    with pytest.raises(InputError, match=r"received layer 'odd/multiply' with a product of two signals on its signal"):
        explain(model, samples(model), 0, "guided_backprop")


@pytest.mark.parametrize("wrong", ["products=both", "attention=keys"])
def test_other_rules_are_refused(wrong):
    with pytest.raises(InputError, match=rf"^{wrong.split('=')[0]} must be one of .*; received"):
        explain(of_both(ops.multiply), [[1.0, 3.0]], 0, f"composite(epsilon(0), {wrong})")


def test_a_quotient_of_signals_by_hand():
    # f = x_0 / x_1 = 3 at (6, 2): the divisor scales, as a norm does, and the signal receives all.
    x = keras.Input((2,))
    model = keras.Model(x, x[:, :1] / x[:, 1:])
    given = explain(model, [[6.0, 2.0]], 0, "lrp_epsilon", epsilon=0.0)
    np.testing.assert_allclose(given.relevance, [[3, 0]], rtol=1e-6)
    # Its gradient is (1 / x_1, -x_0 / x_1^2): times x (3, -3).
    np.testing.assert_allclose(explain(model, [[6.0, 2.0]], 0, "gradient_x_input").relevance, [[3, -3]], rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lrp_epsilon", "gradient_x_input", "deep_lift"])
def test_attention_weights_that_are_normalised_by_hand_and_a_series_by_its_deviation(method):
    """What Kaggle's attention layers do, exp(e) / (sum exp(e) + 1e-7), and reversible instance normalisation."""
    x = keras.Input((4, 2))
    centred = x - ops.mean(x, axis=1, keepdims=True)
    series = centred / ops.sqrt(ops.var(x, axis=1, keepdims=True) + 0.1) + centred / (ops.std(x, 1, keepdims=True) + 1)
    scores = ops.exp(dense(1, "tanh")(series))
    weights = scores / (ops.sum(scores, axis=1, keepdims=True) + 1e-7)
    model = randomised(keras.Model(x, dense(2)(ops.sum(weights * series, axis=1))))
    one = samples(model, 3).astype(np.float64)
    options = {"ledger": True} if method == "lrp_epsilon" else {}
    given = explain(model, one, 1, method, dtype="float64", **options)
    np.testing.assert_allclose(given.value, model(one).numpy()[:, 1], rtol=1e-4, atol=1e-6)
    if method == "lrp_epsilon":
        assert abs(given.unaccounted).max() < 1e-9
    elif method == "gradient_x_input":
        with tf.GradientTape() as tape:
            tape.watch(tensor := tf.constant(one, tf.float32))
            outputs = model(tensor)[:, 1]
        np.testing.assert_allclose(given.relevance, tape.gradient(outputs, tensor) * one, rtol=1e-3, atol=1e-5)
    else:
        np.testing.assert_allclose(given.received, given.expected, rtol=1e-9, atol=1e-9)
