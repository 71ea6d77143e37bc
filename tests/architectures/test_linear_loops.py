"""minGRU and adaptive decay: loops that are linear in their cells once gates are given."""

import numpy as np
import pytest

from thesis_rnn import build, explain

SHAPE = {"steps": 3, "features": 4, "classes": 2, "sizes": {"units": 2}}
X = np.random.default_rng(0).normal(size=(3, 3, 4))


def made(name, **more):
    model = build(name, **SHAPE | more)
    rng = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(0, 0.7, variable.shape))
    return model


@pytest.fixture(scope="module", params=["min_gru", "decay_rnn"])
def model(request):
    return made(request.param)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def weights_of(model):
    cell, head = model.get_layer("cell"), model.get_layer("logits")
    return [one.numpy().astype("float64") for one in cell.weights], head.kernel.numpy().astype("float64")[:, 1]


def test_relevance_of_min_gru_is_its_closed_form_and_sums_to_the_logit_without_its_bias():
    model = made("min_gru")
    (kernel, gate_kernel, gate_bias), head = weights_of(model)
    z = sigmoid(X @ gate_kernel + gate_bias)
    expected = np.zeros(X.shape)
    for sample, t, feature in np.ndindex(X.shape):
        reach = z[sample, t] * np.prod(1 - z[sample, t + 1 :], axis=0)
        expected[sample, t, feature] = head @ (reach * kernel[feature]) * X[sample, t, feature]
    own = explain(model, X, 1, "lrp_epsilon(epsilon=0)", dtype="float64")
    np.testing.assert_allclose(own.relevance, expected, atol=1e-10)
    np.testing.assert_allclose(own.received, own.value - model.get_layer("logits").bias.numpy()[1], atol=1e-7)


def test_adaptive_decay_is_that_of_the_equations():
    model = made("decay_rnn")
    (first, second, bias, decay, recurrent, decay_bias), _ = weights_of(model)
    h = one = two = np.zeros((3, 2))
    for t in range(3):
        kept = sigmoid(X[:, t] @ decay + h @ recurrent + decay_bias)
        two = kept * two + (1 - kept) * (one + X[:, t] @ second)
        one = kept * one + (1 - kept) * (X[:, t] @ first)
        h = np.tanh(two + bias)
    np.testing.assert_allclose(model.get_layer("cell")(X.astype("float32")), h, atol=1e-6)


def test_relevance_is_accounted_for_and_deep_lift_complete(model):
    rule = "lrp_epsilon(gates=half)"
    assert np.abs(explain(model, X, 1, rule, dtype="float64", ledger=True).unaccounted).max() < 1e-9
    assert np.abs(explain(model, X, 1, "deep_lift", dtype="float64").convergence_delta).max() < 1e-9


def test_padding_changes_nothing(model):
    x = X.astype("float32")
    long = build(model.name, **SHAPE | {"steps": 4}, masked=True)
    long.set_weights(model.get_weights())
    padded = np.pad(x, ((0, 0), (0, 1), (0, 0)))
    np.testing.assert_allclose(long(padded), model(x), atol=1e-6)
    relevance = explain(long, padded, 1, "lrp_epsilon").relevance
    np.testing.assert_allclose(relevance[:, :3], explain(model, x, 1, "lrp_epsilon").relevance, atol=1e-5)
    assert (relevance[:, 3:] == 0).all()
