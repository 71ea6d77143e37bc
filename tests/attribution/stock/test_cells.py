"""Stock recurrent layers: relevance against loops in NumPy, over time, through masks and in both kinds of loop."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.oracle import stock_cells
from thesis_rnn import explain
from thesis_rnn.core import scan

EPSILON = 0.01


def with_random_weights(model, seed=0):
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.6, variable.shape) for variable in model.weights])
    return model


def sequence(cell, *more, steps=3, features=2, seed=0):
    return with_random_weights(
        keras.Sequential([keras.Input((steps, features)), *more, cell, layers.Dense(2, use_bias=False)]), seed
    )


def inputs(n=4, steps=3, features=2, seed=1):
    return np.random.default_rng(seed).normal(size=(n, steps, features)).astype(np.float32)


# ---- against loops

CELLS = {
    "simple rnn": (lambda: layers.SimpleRNN(3), stock_cells.simple_rnn),
    "lstm": (lambda: layers.LSTM(3), stock_cells.lstm),
    "gru": (lambda: layers.GRU(3), lambda *arguments: stock_cells.gru(*arguments, reset_after=True)),
    "gru, reset before": (
        lambda: layers.GRU(3, reset_after=False),
        lambda *arguments: stock_cells.gru(*arguments, reset_after=False),
    ),
}


def by_loops(model, loops, x, target, epsilon):
    *weights, output = (weight.astype(np.float64) for weight in model.get_weights())
    relevance = []
    for sample in x.astype(np.float64):
        h, _ = loops(sample, weights, np.zeros(output.shape[0]), epsilon)
        logit = h @ output
        start = np.where(np.arange(len(logit)) == target, logit, 0)
        of_hidden = stock_cells.linear(h, output, logit, start, epsilon)
        relevance.append(loops(sample, weights, of_hidden, epsilon)[1])
    return np.array(relevance)


@pytest.mark.parametrize("name", CELLS)
def test_epsilon_agrees_with_loops(name):
    make, loops = CELLS[name]
    model, x = sequence(make()), inputs()
    expected = by_loops(model, loops, x, 1, EPSILON)
    explanation = explain(model, x, 1, "lstm_arras_2017", epsilon=EPSILON, dtype="float64")
    assert abs(explanation.relevance - expected).sum() <= 1e-9 * abs(expected).sum()


def test_a_cell_is_explained_with_its_own_input_of_every_step():
    """An engine that keeps only the last input of a shared cell would move nothing but the last step."""
    model, x = sequence(layers.SimpleRNN(3)), inputs()
    changed = x.copy()
    changed[:, 0] = -x[:, 0]
    relevance = explain(model, changed, 1, "lrp_epsilon", epsilon=EPSILON, dtype="float64").relevance
    expected = by_loops(model, stock_cells.simple_rnn, changed, 1, EPSILON)
    assert abs(relevance - expected).sum() <= 1e-9 * abs(expected).sum()
    assert abs(relevance[:, 0] - explain(model, x, 1, "lrp_epsilon", epsilon=EPSILON).relevance[:, 0]).max() > 1e-3


# ---- loops, compiled and unrolled


LOOPED = {
    "lstm": lambda: layers.LSTM(2),
    "bidirectional gru": lambda: layers.Bidirectional(layers.GRU(2)),
    "simple rnn": lambda: layers.SimpleRNN(2, "relu"),
}
FAST = [("lstm", "lrp_epsilon"), ("simple rnn", "lrp")]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        pytest.param(cell, name, marks=() if (cell, name) in FAST else pytest.mark.slow)
        for cell in LOOPED
        for name in ("lrp_epsilon", "lrp")
    ],
)
def test_a_compiled_loop_is_the_unrolled_one(cell, name, monkeypatch):
    method = {"method": name} | ({"inputs": "real"} if name == "lrp" else {})
    model, x = sequence(LOOPED[cell](), layers.Masking()), inputs()
    x[0, 2:] = 0  # masked
    target = model(x).numpy().argmax(axis=1)
    unrolled = explain(model, x, target, **method).relevance
    assert abs(unrolled).max() > 0
    looped = with_random_weights(keras.models.clone_model(model))
    monkeypatch.setattr(scan, "LONGEST_UNROLLED", 0)
    np.testing.assert_allclose(explain(looped, x, target, **method).relevance, unrolled, rtol=1e-4, atol=1e-6)


# ---- masks


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(lambda: layers.LSTM(2), id="lstm", marks=pytest.mark.slow),
        pytest.param(lambda: layers.Bidirectional(layers.SimpleRNN(2)), id="bidirectional"),
    ],
)
@pytest.mark.parametrize(
    "method", [{"method": "lrp_epsilon", "bias": "redistribute"}, {"method": "epsilon_plus_flat"}], ids=str
)
def test_padding_changes_nothing_and_receives_nothing(cell, method):
    model, x = sequence(cell(), layers.Masking(), steps=None), inputs(steps=3)
    padded = np.concatenate([x, np.zeros((4, 2, 2), np.float32)], axis=1)
    short, long = (explain(model, sample, 0, **method) for sample in (x, padded))
    np.testing.assert_allclose(long.logits, short.logits, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(long.relevance[:, :3], short.relevance, rtol=1e-4, atol=1e-6)
    assert abs(short.relevance).max() > 0.01
    np.testing.assert_array_equal(long.relevance[:, 3:], 0)


def test_tokens_of_padding_receive_nothing():
    model = with_random_weights(
        keras.Sequential(
            [
                keras.Input((None,), dtype="int32"),
                layers.Embedding(6, 3, mask_zero=True),
                layers.GRU(2),
                layers.Dense(2),
            ]
        )
    )
    tokens = np.array([[3, 1, 5], [2, 2, 4]])
    short = explain(model, tokens, 0, "lrp_epsilon")
    long = explain(model, np.pad(tokens, ((0, 0), (0, 2))), 0, "lrp_epsilon")
    assert short.relevance.shape == (2, 3)
    np.testing.assert_allclose(long.relevance[:, :3], short.relevance, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(long.relevance[:, 3:], 0)


# ---- states


def test_states_of_both_directions_are_in_the_order_of_the_input():
    """The last step of the forward layer and the first of the backward one are what the output is made of."""
    model = sequence(layers.Bidirectional(layers.SimpleRNN(2, name="rnn")))
    explanation = explain(model, inputs(), 0, "lrp_epsilon", epsilon=0.0, states=True)
    assert set(explanation.states) == {"forward_rnn/hidden", "backward_rnn/hidden"}
    outermost = explanation.states["forward_rnn/hidden"][:, -1], explanation.states["backward_rnn/hidden"][:, 0]
    h = np.concatenate([layer.sum(axis=1, keepdims=True) for layer in outermost], axis=1)
    np.testing.assert_allclose(h.sum(axis=1), explanation.explained, rtol=1e-4)


def test_a_mask_that_is_an_input_hides_its_steps():
    x, mask = keras.Input((4, 2)), keras.Input((4,), dtype="bool")
    model = keras.Model([x, mask], layers.Dense(1)(layers.LSTM(3)(x, mask=mask)))
    series, seen = np.random.default_rng(0).normal(size=(2, 4, 2)), np.array([[1, 1, 1, 1], [1, 1, 0, 0]], bool)
    explanation = explain(model, [series, seen], 0, "lrp_epsilon", ledger=True, dtype="float64")
    short = keras.Sequential([keras.Input((2, 2)), model.layers[2], model.layers[3]])
    alone = explain(short, series[1:, :2], 0, "lrp_epsilon", dtype="float64")
    np.testing.assert_allclose(explanation.relevance[0][1, :2], alone.relevance[0], rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(explanation.relevance[0][1, 2:], 0)
    np.testing.assert_allclose(explanation.unaccounted, 0, atol=1e-9)
