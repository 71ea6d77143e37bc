"""The conservation ledger: a loss known by hand, and rows that account for everything in every kind of model."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.helpers.small_networks import perturb, samples, small
from thesis_rnn import explain
from thesis_rnn.attribution import Explainer
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.tape.engine import compiled
from thesis_rnn.errors import InputError


def losses(explanation):
    """(layer, step, kind) -> relevance, for rows that kept any."""
    return {tuple(row[:3]): row.relevance for row in explanation.ledger if np.abs(row.relevance).max() > 1e-9}


def scattered(model, seed=1):
    """``model`` with random weights, biases included."""
    rng = np.random.default_rng(seed)
    values = [abs(rng.normal(0, 0.5, v.shape)) + 0.2 if "variance" in v.path else None for v in model.weights]
    model.set_weights(
        [rng.normal(0, 0.6, v.shape) if kept is None else kept for v, kept in zip(model.weights, values, strict=True)]
    )
    return model


def assert_accounted(explanation):
    total = np.abs(explanation.relevance).reshape(len(explanation.relevance), -1).sum(axis=1)
    assert (total > 0).any()
    assert (np.abs(explanation.unaccounted) <= 1e-5 * np.maximum(total, np.abs(explanation.explained))).all()


# ---- by hand


def dense(kernel, bias, *more):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(len(bias), name="only"), *more])
    model.layers[0].set_weights([np.array(kernel, float), np.array(bias, float)])
    return model


def test_a_bias_and_a_stabiliser_by_hand():
    # z = 1*2 + 2*1 + 1 = 5 = R, epsilon 0.5: the share is 5/5.5. Inputs get 2 and 2 times it, the bias 1, epsilon 0.5.
    explanation = explain(dense([[2], [1]], [1]), [[1, 2]], 0, method="lrp_epsilon", epsilon=0.5, ledger=True)
    np.testing.assert_allclose(explanation.relevance, [[2 * 5 / 5.5] * 2], rtol=1e-6)
    found = losses(explanation)
    assert set(found) == {("only", None, "bias"), ("only", None, "stabiliser")}
    np.testing.assert_allclose(found["only", None, "bias"], [5 / 5.5], rtol=1e-6)
    np.testing.assert_allclose(found["only", None, "stabiliser"], [0.5 * 5 / 5.5], rtol=1e-6)
    np.testing.assert_allclose(explanation.absorbed, [1.5 * 5 / 5.5], rtol=1e-6)
    np.testing.assert_allclose(explanation.unaccounted, [0], atol=1e-6)


def test_a_dead_denominator_by_hand():
    # Hidden: z = 1*1 + 2*(-1) + 4 = 3, active by its bias though z+ has only 1*1. A second one: w = (-1, -1), b = 5:
    # z = 2, without excitation. Output 3 + 2 = 5: under z+ the first passes its 3 on, the second's 2 is dead.
    model = dense([[1, -1], [-1, -1]], [4, 5], layers.ReLU(), layers.Dense(1, name="out"))
    model.layers[-1].set_weights([np.ones((2, 1)), np.zeros(1)])
    explanation = explain(model, [[1, 2]], 0, method="deep_taylor", inputs="positive", ledger=True)
    np.testing.assert_allclose(explanation.relevance, [[3, 0]], rtol=1e-6)
    found = losses(explanation)
    assert set(found) == {("only", None, "dead denominator")}
    np.testing.assert_allclose(found["only", None, "dead denominator"], [2], rtol=1e-6)


def test_steps_by_hand():
    # h_t = x_t + h_{t-1} + b, b = 1, relu, x = (1, 2): h = (2, 5), the output is h_2 = 5. Of R = 5: x_2 gets 2, the
    # bias of step 1 (counted from 0) 1, h_1 the other 2, of which x_1 and the bias of step 0 get 1 each.
    model = keras.Sequential(
        [keras.Input((2, 1)), layers.SimpleRNN(1, "relu", name="rnn"), layers.Dense(1, use_bias=False)]
    )
    model.set_weights([np.ones((1, 1)), np.ones((1, 1)), np.ones(1), np.ones((1, 1))])
    explanation = explain(model, [[[1], [2]]], 0, method="lrp_epsilon", epsilon=0.0, ledger=True, states=True)
    np.testing.assert_allclose(explanation.relevance[0, :, 0], [1, 2], rtol=1e-6)
    found = losses(explanation)
    assert set(found) == {("rnn/hidden", 0, "bias"), ("rnn/hidden", 1, "bias")}
    np.testing.assert_allclose([found["rnn/hidden", step, "bias"][0] for step in (0, 1)], [1, 1], rtol=1e-6)
    np.testing.assert_allclose(explanation.states["rnn/hidden"][0, :, 0], [2, 5], rtol=1e-6)


def test_the_steps_of_a_loop_that_runs_backwards_are_those_of_the_input():
    # The same cell from the last step on, w = 1, recurrent weight 1, biases 1; x = (1, 2): h = 3 after x_2, then
    # 1 + 3 + 1 = 5 after x_1. Of 5: x_1 1, the bias of step 0 1, step 1's h 3: x_2 2, its bias 1.
    rnn = layers.SimpleRNN(1, "relu", go_backwards=True, name="rnn")
    model = keras.Sequential([keras.Input((2, 1)), rnn, layers.Dense(1, use_bias=False)])
    model.set_weights([np.ones((1, 1)), np.ones((1, 1)), np.ones(1), np.ones((1, 1))])
    explanation = explain(model, [[[1], [2]]], 0, method="lrp_epsilon", epsilon=0.25, ledger=True, states=True)
    # With epsilon 1/4: R_h of step 0 = 5 * 5/5.25; step 1 gets 3/5.25 of that.
    first = 5 * 5 / 5.25
    second = first * 3 / 5.25
    np.testing.assert_allclose(explanation.states["rnn/hidden"][0, :, 0], [first, second], rtol=1e-6)
    found = losses(explanation)
    np.testing.assert_allclose(found["rnn/hidden", 0, "bias"], [first / 5.25], rtol=1e-6)
    np.testing.assert_allclose(found["rnn/hidden", 1, "bias"], [second / 3.25], rtol=1e-6)
    np.testing.assert_allclose(explanation.relevance[0, :, 0], [first / 5.25, second * 2 / 3.25], rtol=1e-6)


def test_the_initial_state_keeps_its_part_of_a_redistributed_bias():
    # One step: z = 2*1 + 0 + 4 = 6 = R; the bias' 4 is shared between x and the initial state, 2 each.
    model = keras.Sequential(
        [keras.Input((1, 1)), layers.SimpleRNN(1, "relu", name="rnn"), layers.Dense(1, use_bias=False)]
    )
    model.set_weights([np.full((1, 1), 2.0), np.ones((1, 1)), np.full(1, 4.0), np.ones((1, 1))])
    explanation = explain(
        model, [[[1]]], 0, method="lrp_epsilon", epsilon=0.0, bias="redistribute", ledger=True, states=True
    )
    np.testing.assert_allclose(explanation.relevance, [[[4]]], rtol=1e-6)
    found = losses(explanation)
    assert set(found) == {("rnn", None, "initial state")}
    np.testing.assert_allclose(found["rnn", None, "initial state"], [2], rtol=1e-6)
    assert set(explanation.states) == {"rnn/hidden"}


# ---- everything is accounted for


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("shallow", "deep_taylor"),
        ("deep", "lrp_epsilon"),
        ("rlstm", "lrp"),
        ("rlstm_sd", "epsilon_plus_flat"),
        pytest.param("conv_plus_rlstm_sd", "lrp_epsilon", marks=pytest.mark.slow),
        pytest.param("convdeep", "lrp_epsilon", marks=pytest.mark.slow),
        pytest.param("conv_plus_deep", "lrp", marks=pytest.mark.slow),
        pytest.param("convrlstm_sd", "epsilon_gamma", marks=pytest.mark.slow),
        pytest.param("lenet", "epsilon_gamma", marks=pytest.mark.slow),
    ],
)
def test_architectures_of_the_thesis_are_accounted_for(name, method):
    model = perturb(small(name, 3 if name == "lenet" else 2))
    x, target = samples(model)
    assert_accounted(explain(model, x, target, method=method, ledger=True))


def sequence_model(*cells):
    return scattered(keras.Sequential([keras.Input((3, 2)), *cells, layers.Dense(2, name="logits")]))


STOCK = {
    "lstm": lambda: layers.LSTM(3),
    "gru": lambda: layers.GRU(3),
    "gru, reset before": lambda: layers.GRU(3, reset_after=False),
    "bidirectional": lambda: layers.Bidirectional(layers.SimpleRNN(2), merge_mode="sum"),
}


@pytest.mark.parametrize(
    ("cell", "method"),
    [
        pytest.param("lstm", {"method": "lrp_epsilon"}, marks=pytest.mark.slow),
        ("lstm", {"method": "lrp_epsilon", "bias": "redistribute"}),
        pytest.param("lstm", {"method": "epsilon_plus_flat"}, marks=pytest.mark.slow),
        pytest.param("gru", {"method": "lrp_epsilon", "bias": "redistribute"}, marks=pytest.mark.slow),
        pytest.param("gru", {"method": "lrp", "inputs": "real", "alpha": 2}, marks=pytest.mark.slow),
        ("gru, reset before", {"method": "lrp_epsilon", "gates": "half"}),
        pytest.param("bidirectional", {"method": "lrp_epsilon", "bias": "ignore"}, marks=pytest.mark.slow),
    ],
)
def test_stock_cells_are_accounted_for(cell, method):
    x = np.random.default_rng(0).normal(size=(4, 3, 2))
    explanation = explain(sequence_model(STOCK[cell]()), x, ledger=True, **method)
    assert_accounted(explanation)
    assert all(row.step in (0, 1, 2) for row in explanation.ledger if row.layer.endswith(("candidate", "hidden")))
    if method.get("bias") == "redistribute":
        assert any(kind == "initial state" for _, _, kind in losses(explanation))
        assert not any(kind == "bias" for _, _, kind in losses(explanation))


def test_steps_that_join_the_batch_come_apart_again():
    model = sequence_model(layers.TimeDistributed(layers.Dense(2, "relu"), name="each"), layers.Flatten())
    x = np.random.default_rng(0).normal(size=(4, 3, 2))
    explanation = explain(model, x, 0, method="lrp_epsilon", ledger=True)
    assert_accounted(explanation)
    assert {row.step for row in explanation.ledger if row.layer == "each"} == {0, 1, 2}
    assert {row.step for row in explanation.ledger if row.layer != "each"} == {None}


# ---- loops are not unrolled


def masked_model(steps):
    cells = [layers.LSTM(3, return_sequences=True, name="low"), layers.GRU(2, go_backwards=True, name="high")]
    return scattered(keras.Sequential([keras.Input((steps, 2)), layers.Masking(), *cells, layers.Dense(2, name="out")]))


@pytest.mark.slow
def test_lengths_need_not_be_known():
    # 27 steps, longer than what is unrolled without a ledger; the same weights in a model that does not know them.
    x = np.random.default_rng(0).normal(size=(4, 27, 2))
    x[:2, 20:] = 0
    asked = {"target": 0, "method": "lrp_epsilon", "dtype": "float64", "ledger": True, "states": True}
    known, unknown = (explain(masked_model(steps), x, **asked) for steps in (27, None))
    assert_accounted(unknown)
    np.testing.assert_allclose(unknown.relevance, known.relevance, atol=1e-12)
    for one, other in zip(unknown.ledger, known.ledger, strict=True):
        assert one[:3] == other[:3]
        np.testing.assert_allclose(one.relevance, other.relevance, atol=1e-12)
    assert {name: state.shape for name, state in unknown.states.items()} == {
        "low/cell": (4, 27, 3),
        "low/hidden": (4, 27, 3),
        "high/hidden": (4, 27, 2),
    }
    # What is masked neither keeps nor receives anything.
    assert not unknown.states["low/hidden"][:2, 20:].any()
    padding = [row.relevance[:2] for row in unknown.ledger if row.layer.startswith("low/") and (row.step or 0) >= 20]
    assert padding
    assert not np.any(padding)


def test_a_graph_does_not_grow_with_the_steps():
    def operations(steps):
        model = scattered(keras.Sequential([keras.Input((steps, 2)), layers.SimpleRNN(2), layers.Dense(2)]))
        explainer = Explainer(model, Request.of("lrp_epsilon", ledger=True, states=True))
        return len(compiled(explainer.network, explainer.request).trace.graph.get_operations())

    assert operations(3) == operations(60)


# ---- what cannot be accounted for


def test_methods_that_do_not_conserve_have_no_ledger():
    with pytest.raises(InputError, match="ledger is for methods that conserve"):
        explain(dense([[2], [1]], [1]), [[1, 2]], 0, method="sensitivity", ledger=True)
