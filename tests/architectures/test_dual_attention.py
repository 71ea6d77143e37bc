"""Both stages of attention: the equations by hand, relevance that is accounted for, padding that changes nothing."""

import numpy as np
import pytest

from tests.helpers.thinned import thinned
from thesis_rnn import build, explain
from thesis_rnn.errors import InputError

SHAPE = {"steps": 3, "features": 4, "classes": 2, "sizes": {"units": 2}}
X = np.random.default_rng(0).normal(size=(2, 3, 4))


@pytest.fixture(scope="module")
def model():
    made = build("dual_attention", **SHAPE)
    rng = np.random.default_rng(1)
    for variable in made.trainable_variables:
        variable.assign(rng.normal(0, 0.7, variable.shape))
    return made


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


def test_the_logits_are_those_of_the_equations(model):
    names = ("series", "state", "score", "gate", "gate_bias", "kernel", "bias")
    p = dict(zip(names, (one.numpy().astype("float64") for one in model.get_layer("cell").weights), strict=True))
    others = {v.path: v.numpy().astype("float64") for v in model.weights}
    for x, logits in zip(X, model(X.astype("float32")), strict=True):
        h = c = np.zeros(2)
        states = []
        for t in range(3):
            scores = [np.tanh(np.r_[h, c] @ p["state"] + x[:, k] @ p["series"]) @ p["score"][:, 0] for k in range(4)]
            read = np.r_[softmax(np.array(scores)) * x[t], h]
            i, f, o = np.split(sigmoid(read @ p["gate"] + p["gate_bias"]), 3)
            c = f * c + i * np.tanh(read @ p["kernel"] + p["bias"])
            h = o * np.tanh(c)
            states.append(h)
        query = h @ others["query/kernel"] + others["query/bias"]
        scores = [np.tanh(one @ others["keys/kernel"] + query) @ others["step_scores/kernel"][:, 0] for one in states]
        both = np.r_[h, softmax(np.array(scores)) @ np.array(states)]
        np.testing.assert_allclose(logits, both @ others["logits/kernel"] + others["logits/bias"], atol=1e-5)


@pytest.mark.parametrize("rule", thinned(["lrp_epsilon(gates=half)", "lrp_epsilon"]))
def test_relevance_is_accounted_for(model, rule):
    assert np.abs(explain(model, X, 1, rule, dtype="float64", ledger=True).unaccounted).max() < 1e-8


def test_deep_lift_is_complete(model):
    assert np.abs(explain(model, X, 1, "deep_lift", dtype="float64").convergence_delta).max() < 1e-9


@pytest.mark.slow
def test_attention_to_steps_is_read_and_is_no_contribution(model):
    np.testing.assert_allclose(explain(model, X, 1, "attention").relevance.sum(axis=(1, 2)), 1, atol=1e-5)
    with pytest.raises(InputError, match=r"^contributions are exact where the model is linear .+; received .+$"):
        explain(model, X, 1, "contributions")


@pytest.mark.slow
def test_padding_changes_nothing():
    long = build("dual_attention", **SHAPE | {"steps": 4}, masked=True)
    x = np.pad(X.astype("float32"), ((0, 0), (0, 1), (0, 0)))
    relevance = explain(long, x, 1, "lrp_epsilon", dtype="float64").relevance
    assert (relevance[:, 3:] == 0).all()
    assert (explain(long, x, 1, "attention").relevance[:, 3:] == 0).all()
