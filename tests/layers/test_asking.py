"""What layers tell of themselves, and what the table of Keras' cells tells: parts, gates, attention."""

import keras
import numpy as np
import pytest

from thesis_rnn import layers
from thesis_rnn.layers.asking import gate_names_of, gates_of, parts_of_layer

GATES = ("input_gate", "forget_gate", "output_gate")


def series(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def built(layer, shape=(2, 6, 4)):
    layer(series(*shape))
    return layer


def test_an_r_lstm_tells_its_gates_and_its_candidate():
    layer = built(layers.RLSTM(3, seed=0))
    parts = layer.parts()
    assert list(parts) == ["output_gate", "forget_gate", "input_gate", "candidate"]
    assert [(variable.name, columns) for variable, columns in parts["forget_gate"]] == [
        ("gate_kernel", slice(3, 6)),
        ("gate_bias", slice(3, 6)),
    ]
    x = series(2, 6, 4)
    gates = layer.gates(x)
    assert tuple(gates) == gate_names_of(layer) == GATES
    kernel = layer.gate_kernel.numpy()[:4, 3:6]
    np.testing.assert_allclose(gates["forget_gate"][:, 0], 1 / (1 + np.exp(-x[:, 0] @ kernel)), rtol=1e-5)


def test_layers_without_gates_are_one_part_or_none():
    dense = built(layers.Dense(3), (2, 4))
    assert [variable.name for variable, _ in dense.parts()[""]] == ["kernel", "bias"]
    assert dense.gates(series(2, 4)) == {} == gates_of(keras.layers.Dense(3), series(2, 4))
    assert dense.attention_weights(series(2, 4)) is None
    assert layers.SumPooling().parts() == {} == layers.Dropout(0.5).parts()


def test_attention_tells_its_weights():
    weights = built(layers.SelfAttention(3, 2)).attention_weights(series(2, 6, 4))
    assert weights.shape == (2, 2, 6)
    np.testing.assert_allclose(np.sum(weights, axis=-1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        (keras.layers.LSTM, ["output_gate", "candidate", "forget_gate", "input_gate"]),
        (keras.layers.GRU, ["candidate", "reset_gate", "update_gate"]),
        (keras.layers.SimpleRNN, [""]),
    ],
)
def test_cells_of_keras_have_a_table(kind, parts):
    layer = built(kind(3))
    assert list(parts_of_layer(layer)) == parts
    assert set(gate_names_of(layer)) == {name for name in parts if name.endswith("_gate")}


def test_directions_and_stacked_cells_are_told_apart():
    both = built(keras.layers.Bidirectional(keras.layers.GRU(2)))
    assert list(parts_of_layer(both))[::3] == ["backward/candidate", "forward/candidate"]
    stacked = built(
        keras.layers.RNN([keras.layers.SimpleRNNCell(2, name="low"), keras.layers.LSTMCell(2, name="high")])
    )
    assert list(parts_of_layer(stacked))[-2:] == ["high/input_gate", "low"]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("kind", [keras.layers.LSTM, keras.layers.GRU])
def test_gates_of_cells_of_keras_against_a_loop(kind, backwards):
    """Against a loop over the cell; of an LSTM, o_t tanh(c_t) = h_t as well."""
    keras.utils.set_random_seed(1)
    layer, x = built(kind(3, go_backwards=backwards)), series(2, 6, 4, seed=2)
    gates = {name: np.asarray(gate) for name, gate in gates_of(layer, x).items()}
    order = range(5, -1, -1) if backwards else range(6)
    states = [np.zeros((2, 3), np.float32)] * (2 if kind is keras.layers.LSTM else 1)
    kernel, recurrent, bias = layer.get_weights()
    for t in order:
        z = x[:, t] @ kernel + np.asarray(states[0]) @ recurrent + (bias if bias.ndim == 1 else bias.sum(axis=0))
        first = next(iter(gates))
        np.testing.assert_allclose(gates[first][:, t], 1 / (1 + np.exp(-z[:, :3])), rtol=1e-4)
        _, states = layer.cell(x[:, t], states)
        if kind is keras.layers.LSTM:
            np.testing.assert_allclose(gates["output_gate"][:, t] * np.tanh(states[1]), states[0], rtol=1e-4)


def test_masked_steps_leave_the_state_in_the_gates_of_later_ones():
    layer = built(keras.layers.GRU(3))
    x, mask = series(1, 5, 4), np.array([[True, True, False, False, True]])
    kept = gates_of(layer, x[:, mask[0]])["update_gate"]
    np.testing.assert_allclose(np.asarray(gates_of(layer, x, mask)["update_gate"])[:, mask[0]], kept, rtol=1e-5)
