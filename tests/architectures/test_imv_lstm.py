"""IMV-LSTM: its own contributions are exact, and tell variables apart where gates do."""

import numpy as np
import pytest

from thesis_rnn import build, explain

SHAPE = {"steps": 3, "features": 4, "classes": 2, "sizes": {"units": 2}}


def made(name, **more):
    model = build(name, **SHAPE | more, seed=1)
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(0, 0.7, variable.shape))
    return model


@pytest.fixture(scope="module")
def model():
    return made("imv_lstm")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def slow_contributions(model, x, shared_gates):
    """beta_n W^n [alpha^n_t h^n_t, h^n_T if t = T] [steps, variables, classes] of one sample, number by number."""
    weights = {variable.path: variable.numpy().astype("float64") for variable in model.weights}
    gates, fed_gates, gate_bias, kernel, fed, bias = (weights[w.path] for w in model.get_layer("cell").weights)
    steps, variables = x.shape
    h, c = np.zeros((variables, fed.shape[1])), np.zeros((variables, fed.shape[1]))
    states = []
    for t in range(steps):
        if shared_gates:
            g = np.einsum("m,mnk->nk", x[t], gates) + np.einsum("md,mndk->nk", h, fed_gates) + gate_bias
        else:
            g = np.stack([x[t, n] * gates[n] + h[n] @ fed_gates[n] + gate_bias[n] for n in range(variables)])
        candidate = np.tanh(np.stack([x[t, n] * kernel[n] + h[n] @ fed[n] + bias[n] for n in range(variables)]))
        i, f, o = np.split(sigmoid(g), 3, axis=-1)
        c = f * c + i * candidate
        h = o * np.tanh(c)
        states.append(h)
    states = np.array(states)
    scores = np.tanh(np.einsum("tnd,nd->tn", states, weights["step_scores/kernel"][..., 0])
                     + weights["step_scores/bias"][:, 0])  # fmt: skip
    alpha = np.exp(scores) / np.exp(scores).sum(axis=0)
    both = np.concatenate([np.einsum("tn,tnd->nd", alpha, states), states[-1]], axis=-1)
    importance = np.tanh(both @ weights["variable_scores/kernel"] + weights["variable_scores/bias"])[:, 0]
    beta = np.exp(importance) / np.exp(importance).sum()
    of_context, of_last = np.split(weights["variable_logits/kernel"], 2, axis=1)
    told = np.einsum("n,tn,tnd,ndc->tnc", beta, alpha, states, of_context)
    told[-1] += np.einsum("n,nd,ndc->nc", beta, states[-1], of_last)
    return told, weights["variable_logits/bias"]


@pytest.mark.parametrize("name", ["imv_lstm", "imv_lstm_full"])
def test_contributions_are_those_of_the_states_of_variables_and_sum_to_the_logit_without_its_bias(name):
    model, x = made(name), np.random.default_rng(0).normal(size=(2, 3, 4))
    own = explain(model, x, 1, "contributions", dtype="float64")
    for k in range(2):
        told, bias = slow_contributions(model, x[k], name == "imv_lstm_full")
        np.testing.assert_allclose(own.relevance[k], told[..., 1], atol=1e-10)
        np.testing.assert_allclose(own.value[k], told[..., 1].sum() + bias[1], atol=1e-10)


@pytest.mark.slow
def test_what_propagation_and_deep_lift_give_a_variable():
    model, x = made("imv_lstm"), np.random.default_rng(1).normal(size=(3, 3, 4))
    own = explain(model, x, 1, "contributions", dtype="float64").relevance.sum(axis=1)
    propagated = explain(model, x, 1, "lrp_epsilon(epsilon=0)", dtype="float64", ledger=True)
    assert np.abs(propagated.unaccounted).max() < 1e-9
    # To LRP, too, all weights are constants: a variable has what its state adds, up to what biases of its cell kept.
    for variable in model.get_layer("cell").weights:
        if "bias" in variable.name:
            variable.assign(np.zeros(variable.shape))
    np.testing.assert_allclose(
        explain(model, x, 1, "lrp_epsilon(epsilon=0)", dtype="float64").relevance.sum(axis=1),
        explain(model, x, 1, "contributions", dtype="float64").relevance.sum(axis=1),
        atol=1e-9,
    )
    lifted = explain(model, x, 1, "deep_lift", dtype="float64")
    assert np.abs(lifted.convergence_delta).max() < 1e-9  # f(x) - f(0), with what x does to the weights
    assert np.abs(lifted.relevance.sum(axis=1) - own).max() > 1e-3


def test_a_variable_of_the_tensor_form_is_made_of_itself_alone():
    x = np.random.default_rng(2).normal(size=(1, 3, 4)).astype("float32")
    changed = x.copy()
    changed[..., 1] += 1
    for name, alone in (("imv_lstm", True), ("imv_lstm_full", False)):
        cell = made(name).get_layer("cell")
        differs = np.abs(cell(x) - cell(changed)).max(axis=(0, 1, 3)) > 0
        assert differs.tolist() == [not alone, True, not alone, not alone]


@pytest.mark.slow
def test_padding_changes_nothing(model):
    x = np.random.default_rng(2).normal(size=(2, 3, 4)).astype("float32")
    long = build("imv_lstm", **SHAPE | {"steps": 4}, masked=True)
    long.set_weights(model.get_weights())
    padded = np.pad(x, ((0, 0), (0, 1), (0, 0)))
    np.testing.assert_allclose(long(padded), model(x), atol=1e-6)
    for method in ("contributions", "attention"):
        relevance = explain(long, padded, 1, method).relevance
        np.testing.assert_allclose(relevance[:, :3], explain(model, x, 1, method).relevance, atol=1e-6)
        assert (relevance[:, 3:] == 0).all()
