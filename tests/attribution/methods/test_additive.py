"""Beta and gamma decomposition: by hand, beside loops over steps and units, exact sums, and what is refused."""

import math

import keras
import numpy as np
import pytest
from keras import layers

from thesis_rnn import explain
from thesis_rnn.errors import InputError

BOTH = ("beta_decomposition", "gamma_decomposition")


def test_two_steps_by_hand():
    # All weights are 0 but the candidate's, 1: i = f = o = 1/2, so c_1 = tanh(1)/2 and c_2 = c_1/2 + tanh(2)/2.
    # beta: (tanh c_1)/2 and (tanh c_2 - tanh c_1)/2; gamma, with F_1 = f_2 = 1/2: tanh(c_1/2)/2 and the rest.
    model = keras.Sequential([keras.Input((2, 1)), layers.LSTM(1), layers.Dense(1)])
    weights = [[[0, 0, 1, 0]], np.zeros((1, 4)), np.zeros(4), [[1]], [7]]
    model.set_weights([np.array(weight, float) for weight in weights])
    c1 = math.tanh(1) / 2
    c2 = c1 / 2 + math.tanh(2) / 2
    beta, gamma = (explain(model, [[[1.0], [2.0]]], method=method) for method in BOTH)
    first = [math.tanh(c1) / 2, math.tanh(c1 / 2) / 2]
    np.testing.assert_allclose(beta.relevance.ravel(), [first[0], math.tanh(c2) / 2 - first[0]], rtol=1e-9)
    np.testing.assert_allclose(gamma.relevance.ravel(), [first[1], math.tanh(c2) / 2 - first[1]], rtol=1e-9)
    assert beta.details["bias"].tolist() == [7]


@pytest.fixture(scope="module")
def reader():
    keras.utils.set_random_seed(0)
    parts = [layers.Embedding(6, 3, mask_zero=True), layers.LSTM(3), layers.Dropout(0.5), layers.Dense(1, "sigmoid")]
    model = keras.Sequential([keras.Input((4,)), *parts])
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.8, weight.shape) for weight in model.get_weights()])
    return model


X = np.array([[1, 2, 3, 5], [4, 5, 0, 0]])


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def loops(model, tokens, gamma):
    """The relevance of each step, for the second class, by loops over units."""
    table, kernel, recurrent, bias, head, _ = (np.asarray(one, np.float64) for one in model.get_weights())
    h, c, cells, forgets = [0.0] * 3, [0.0] * 3, [[0.0] * 3], []
    for token in tokens[tokens > 0]:
        z = [table[token] @ kernel[:, k] + sum(h[j] * recurrent[j, k] for j in range(3)) + bias[k] for k in range(12)]
        i, f, o = ([sigmoid(z[gate * 3 + k]) for k in range(3)] for gate in (0, 1, 3))
        c = [f[k] * c[k] + i[k] * math.tanh(z[6 + k]) for k in range(3)]
        h = [o[k] * math.tanh(c[k]) for k in range(3)]
        cells.append(c)
        forgets.append(f)
    relevance = np.zeros(len(tokens))
    for t in range(1, len(cells)):
        for k in range(3):
            now, before = cells[t][k], cells[t - 1][k]
            if gamma:
                now *= math.prod(f[k] for f in forgets[t:])
                before *= math.prod(f[k] for f in forgets[t - 1 :])
            relevance[t - 1] += head[k, 0] * o[k] * (math.tanh(now) - math.tanh(before))
    return relevance


@pytest.mark.parametrize("method", BOTH)
def test_steps_are_those_of_loops_and_sum_to_the_logit(reader, method):
    record = explain(reader, X, 1, method)
    expected = [loops(reader, tokens, method.startswith("gamma")) for tokens in X]
    np.testing.assert_allclose(record.relevance, expected, atol=1e-7)
    np.testing.assert_allclose(record.relevance.sum(axis=1) + record.details["bias"], record.value, atol=1e-9)
    other = explain(reader, X, 0, method)
    np.testing.assert_allclose(other.relevance, -record.relevance, atol=1e-12)


@pytest.mark.parametrize(
    "body", [[layers.GRU(2, name="gru")], [layers.LSTM(2, return_sequences=True), layers.Flatten()]]
)
def test_other_models_are_refused_by_name(body):
    model = keras.Sequential([keras.Input((3, 2)), *body, layers.Dense(2, name="head")])
    with pytest.raises(InputError, match=r"one Dense layer reads; .*; received the layers .*head$"):
        explain(model, np.zeros((1, 3, 2)), 0, "beta_decomposition")


def test_several_inputs_are_refused_by_name():
    x, state = keras.Input((3, 2)), keras.Input((2,))
    cell = layers.LSTM(2)(x, initial_state=[state, state])
    model = keras.Model([x, state], layers.Dense(2, name="head")(cell))
    with pytest.raises(InputError, match=r"one Dense layer reads; .*; received the layers .*head$"):
        explain(model, [np.zeros((1, 3, 2)), np.zeros((1, 2))], 0, "gamma_decomposition")
