"""GRU-D: what is missing fades, relevance is complete or accounted for, and x, m and d may be inputs of their own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.thinned import thinned
from thesis_rnn import build, explain
from thesis_rnn.layers import GRUD, Gaps

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 4, 2)) * (RNG.random((3, 4, 2)) < 0.6)


def shaken(model):
    rng = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(np.abs(rng.normal(0, 0.6, variable.shape)) * (1 if "decay" in variable.path else rng.choice(
            [-1, 1], variable.shape)))  # fmt: skip
    return model


@pytest.fixture(scope="module")
def model():
    return shaken(build("gru_d", steps=4, features=2, classes=2, sizes={"units": 3}))


@pytest.fixture(scope="module")
def of_trees():
    inputs = [keras.Input((4, 2), name=name) for name in ("x", "m", "d")]
    return shaken(keras.Model(inputs, keras.layers.Dense(2)(GRUD(3, domain="real")(inputs))))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def slow_since(m):
    d = np.zeros(m.shape)
    for t in range(1, m.shape[1]):
        d[:, t] = 1 + (1 - m[:, t - 1]) * d[:, t - 1]
    return d


def slow_state(layer, x, m, d):
    """The equations, step by step."""
    names = ["A", "B", "C", "b", "V", "Y", "U", "c", "w", "v", "W", "u"]
    p = dict(zip(names, (weight.numpy().astype("float64") for weight in layer.weights), strict=True))
    h, last = np.zeros((len(x), p["Y"].shape[0])), np.zeros(x[:, 0].shape)
    for t in range(x.shape[1]):
        g = np.exp(-np.maximum(0, p["w"] * d[:, t] + p["v"]))
        value = m[:, t] * x[:, t] + (1 - m[:, t]) * g * last
        last = m[:, t] * x[:, t] + (1 - m[:, t]) * last
        h = np.exp(-np.maximum(0, d[:, t] @ p["W"] + p["u"])) * h
        z, r = np.split(sigmoid(value @ p["A"] + h @ p["B"] + m[:, t] @ p["C"] + p["b"]), 2, axis=-1)
        h = (1 - z) * h + z * np.tanh(value @ p["V"] + (r * h) @ p["Y"] + m[:, t] @ p["U"] + p["c"])
    return h


def test_the_state_is_that_of_the_equations(model):
    m = (X != 0).astype("float64")
    np.testing.assert_array_equal(Gaps(dtype="float64")(m)[1], slow_since(m))
    layer = model.get_layer("cell")
    given = [one.astype("float32") for one in (X, m, slow_since(m))]
    np.testing.assert_allclose(layer(given), slow_state(layer, X, m, slow_since(m)), atol=1e-6)


def test_decays_train_from_where_they_start():
    model = build("gru_d", steps=4, features=2, classes=2, sizes={"units": 3})
    names = [variable.name for variable in model.trainable_variables]
    before = model.get_weights()
    model.run_eagerly = True  # a graph would take longer to make than to use
    model.train_on_batch(X, np.array([0, 1, 1]))
    moved = {name for name, one, two in zip(names, before, model.get_weights(), strict=True) if (one != two).any()}
    assert {"input_decay", "input_decay_bias", "state_decay", "state_decay_bias"} <= moved


def test_relevance_is_accounted_for(model):
    bookkept = explain(model, X, 1, "lrp_epsilon(gates=half)", dtype="float64", ledger=True)
    assert np.abs(bookkept.unaccounted).max() < 1e-9
    missing = X == 0
    assert (bookkept.relevance[missing] == 0).all()


@pytest.mark.parametrize("method", thinned(["deep_lift(baseline=0.5)", "deep_lift"]))
def test_what_is_missing_in_x_is_missing_at_the_reference(model, method):
    lifted = explain(model, X, 1, method, dtype="float64")
    assert np.abs(lifted.convergence_delta).max() < 1e-9
    assert (lifted.relevance[X == 0] == 0).all()


@pytest.mark.slow
def test_values_masks_and_times_are_inputs_of_their_own(of_trees):
    m = (X != 0).astype("float64")
    x = [X, m, slow_since(m)]
    lifted = explain(of_trees, x, 1, "deep_lift(baseline=0.0)", dtype="float64")
    assert np.abs(lifted.convergence_delta).max() < 1e-9
    assert all(np.abs(leaf).max() > 1e-4 for leaf in lifted.relevance)
    assert np.abs(explain(of_trees, x, 1, "lrp_epsilon", dtype="float64", ledger=True).unaccounted).max() < 1e-9


def test_the_gradient_is_the_tapes(of_trees):
    m = (X != 0).astype("float32")
    x = [tf.constant(one, tf.float32) for one in (X, m, slow_since(m))]
    with tf.GradientTape() as tape:
        tape.watch(x)
        logit = of_trees(x)[:, 1]
    own = explain(of_trees, [one.numpy() for one in x], 1, "gradient_x_input").relevance
    for one, two, leaf in zip(own, tape.gradient(logit, x), x, strict=True):
        np.testing.assert_allclose(one, two * leaf, atol=1e-5)
