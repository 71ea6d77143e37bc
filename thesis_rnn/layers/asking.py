"""The parts and gates of any layer: this package's tell theirs, Keras' recurrent cells have a table here."""

import keras
from keras import ops

from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.layers.parts import Parts, side_by_side, whole

BLOCKS = {
    keras.layers.LSTMCell: ("input_gate", "forget_gate", "candidate", "output_gate"),
    keras.layers.GRUCell: ("update_gate", "reset_gate", "candidate"),
}
"""What stands side by side in the columns of a cell's weights."""


def parts_of_layer(layer: keras.layers.Layer) -> Parts:
    """What of a layer can be randomised on its own, from the output down: gates and candidates, or all of it."""
    if isinstance(layer, PrimitiveLayer):
        return layer.parts()
    if isinstance(layer, keras.layers.Bidirectional):
        return _inner({"backward": layer.backward_layer, "forward": layer.forward_layer})
    if isinstance(layer, keras.layers.RNN):
        return parts_of_layer(layer.cell)
    if isinstance(layer, keras.layers.StackedRNNCells):
        return _inner({cell.name: cell for cell in reversed(layer.cells)})
    for kind, names in BLOCKS.items():
        if isinstance(layer, kind):
            return side_by_side(layer.weights, names)
    return whole(layer.weights)


def _inner(layers: dict[str, keras.layers.Layer]) -> Parts:
    """The parts of layers inside of one, under their names."""
    return {
        f"{name}/{part}" if part else name: places
        for name, layer in layers.items()
        for part, places in parts_of_layer(layer).items()
    }


def gate_names_of(layer: keras.layers.Layer) -> tuple[str, ...]:
    """The gates whose values ``gates_of`` can tell; those of layers inside of a Bidirectional are theirs."""
    if isinstance(layer, PrimitiveLayer):
        return layer.gate_names
    blocks = BLOCKS.get(type(getattr(layer, "cell", None)), ())
    return tuple(name for name in blocks if name.endswith("_gate"))


def gates_of(layer: keras.layers.Layer, inputs, mask=None, hidden=None) -> dict:
    """The values of a layer's gates by name, [batch, steps, units]; empty if it has none.

    Args:
      layer: a layer that is built.
      inputs: the sequence that it reads [batch, steps, features].
      mask: [batch, steps], False for steps at which the state stays as it is, and where gates mean nothing.
      hidden: the hidden state after every step, in the order in which the layer reads, where it is known already.
    """
    if isinstance(layer, PrimitiveLayer):
        return layer.gates(inputs)
    names = gate_names_of(layer)
    if not names:
        return {}
    if hidden is None:
        hidden = every_step(layer, inputs.shape)(inputs, mask=mask)
    before = ops.concatenate([ops.zeros_like(hidden[:, :1]), hidden[:, :-1]], axis=1)
    inputs = ops.flip(inputs, axis=1) if layer.go_backwards else inputs
    gates = {name: _gate(layer.cell, name, inputs, before) for name in names}
    return {name: ops.flip(gate, axis=1) if layer.go_backwards else gate for name, gate in gates.items()}


def every_step(layer: keras.layers.RNN, input_shape) -> keras.layers.RNN:
    """A copy of a recurrent layer that gives its hidden state after every step, in the order in which it reads."""
    copy = type(layer).from_config(
        layer.get_config() | {"return_sequences": True, "return_state": False, "stateful": False}
    )
    copy.build(input_shape)
    copy.set_weights(layer.get_weights())
    return copy


def _gate(cell: keras.layers.Layer, name: str, inputs, before):
    """A gate from the inputs of all steps and the hidden states before them."""
    blocks = BLOCKS[type(cell)]
    block = blocks.index(name)
    columns = slice(block * cell.units, (block + 1) * cell.units)
    z = ops.matmul(inputs, cell.kernel[:, columns]) + ops.matmul(before, cell.recurrent_kernel[:, columns])
    if cell.use_bias:  # a GRU has one for the input and one for the state
        z += ops.sum(ops.reshape(cell.bias, (-1, len(blocks) * cell.units)), axis=0)[columns]
    return cell.recurrent_activation(z)
