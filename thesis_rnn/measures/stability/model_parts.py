"""The parts of a model that can be randomised one by one: layers, and the gates of recurrent ones."""

from typing import Any, NamedTuple

import keras

from thesis_rnn.layers import RLSTM


class Part(NamedTuple):
    """A layer, or a gate of one: some columns (last axis) of some variables."""

    name: str
    places: list[tuple[Any, slice]]


def parts_of(model: keras.Model) -> list[Part]:
    """What the cascade randomises in turn: layers from the output down, gates of recurrent layers each on their own."""
    parts = []
    for layer in reversed(model.layers):
        parts += parts_of(layer) if isinstance(layer, keras.Model) else _parts_of_layer(layer, layer.name)
    return parts


def _parts_of_layer(layer, name: str) -> list[Part]:
    if isinstance(layer, keras.layers.Bidirectional):
        both = ((layer.backward_layer, "backward"), (layer.forward_layer, "forward"))
        return [part for each, way in both for part in _parts_of_layer(each, f"{name}/{way}")]
    if isinstance(layer, keras.layers.RNN):
        return _parts_of_layer(layer.cell, name)
    if isinstance(layer, keras.layers.StackedRNNCells):
        return [part for cell in reversed(layer.cells) for part in _parts_of_layer(cell, f"{name}/{cell.name}")]
    if isinstance(layer, keras.layers.LSTMCell):
        return _columns(layer.weights, name, ("input gate", "forget gate", "candidate", "output gate"))
    if isinstance(layer, keras.layers.GRUCell):
        return _columns(layer.weights, name, ("update gate", "reset gate", "candidate"))
    if isinstance(layer, RLSTM):
        gates = _columns([layer.gate_kernel, layer.gate_bias], name, ("input gate", "forget gate", "output gate"))
        return gates + _columns([layer.candidate_kernel, layer.candidate_bias], name, ("candidate",))
    return [Part(name, [(variable, slice(None)) for variable in layer.weights])] if layer.weights else []


def _columns(variables: list, name: str, gates: tuple[str, ...]) -> list[Part]:
    """A part for each gate, the last first; Keras holds all gates side by side on the last axis."""
    parts = []
    for number, gate in reversed(list(enumerate(gates))):
        widths = [variable.shape[-1] // len(gates) for variable in variables]
        columns = [slice(number * width, (number + 1) * width) for width in widths]
        parts.append(Part(f"{name}/{gate}", list(zip(variables, columns, strict=True))))
    return parts
