"""States at every step are those of Keras on the series up to it, in both directions, with masks."""

import keras
import numpy as np
import pytest
from keras import layers

from thesis_rnn import build
from thesis_rnn.analysis import states_of
from thesis_rnn.errors import InputError

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU, layers.SimpleRNN])
def test_a_state_is_the_output_for_the_steps_so_far(kind):
    cell = kind(3, name="cell")
    model = keras.Sequential([keras.Input((5, 2)), cell, layers.Dense(2)])
    found = states_of(model, X)["cell"]
    for step in range(5):
        np.testing.assert_allclose(found.hidden[:, step], cell(X[:, : step + 1]), atol=1e-6)
    np.testing.assert_array_equal(found.inputs, X)
    assert found.own.all()


def test_gates_and_states_are_those_of_a_loop():
    cell = layers.LSTM(3, name="cell")
    model = keras.Sequential([keras.Input((5, 2)), cell, layers.Dense(2)])
    kernel, recurrent, bias = (weight.astype("float64") for weight in cell.get_weights())
    found, h, c = states_of(model, X)["cell"], np.zeros((3, 3)), np.zeros((3, 3))
    for step in range(5):
        i, f, g, o = np.split(X[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        for name, gate in (("input_gate", i), ("forget_gate", f), ("output_gate", o)):
            np.testing.assert_allclose(found.gates[name][:, step], gate, atol=1e-5)
        np.testing.assert_allclose(found.hidden[:, step], h, atol=1e-5)


def test_a_backward_layer_is_told_in_the_order_of_the_series():
    both = layers.Bidirectional(layers.GRU(2), name="both")
    model = keras.Sequential([keras.Input((5, 2)), both, layers.Dense(2)])
    (name, _), (backward, found) = states_of(model, X).items()
    assert [name, backward] == [f"both/{one.name}" for one in (both.forward_layer, both.backward_layer)]
    for step in range(5):
        np.testing.assert_allclose(found.hidden[:, step], both.backward_layer(X[:, step:]), atol=1e-6)


def test_what_is_masked_is_not_the_samples_own():
    x = X.copy()
    x[1, 3:] = 0
    model = keras.Sequential([keras.Input((5, 2)), layers.Masking(), layers.LSTM(3, name="cell"), layers.Dense(2)])
    found = states_of(model, x)["cell"]
    assert found.own.tolist() == [[True] * 5, [True] * 3 + [False] * 2, [True] * 5]
    np.testing.assert_allclose(found.last, model.layers[1](model.layers[0](x)), atol=1e-6)
    assert len(found.every) == 13


def test_layers_of_this_package_and_lengths():
    model = build("rlstm", steps=5, features=2, classes=2, sizes={"units": 3})
    found = states_of(model, X, lengths=[5, 2, 1])
    (states,) = found.values()
    assert states.own.sum(axis=1).tolist() == [5, 2, 1]
    np.testing.assert_array_equal(states.last[1], states.hidden[1, 1])


def test_what_has_no_steps_is_refused():
    model = keras.Sequential([keras.Input((5, 2)), layers.Flatten(), layers.Dense(2, name="head")])
    with pytest.raises(InputError, match=r"^the model has no recurrent layer; name layers= of flatten.*, head; "):
        states_of(model, X)
    with pytest.raises(InputError, match=r"^a layer must give something for each step; received 'head' with \[3, 2\]$"):
        states_of(model, X, ["head"])
