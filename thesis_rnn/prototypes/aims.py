"""What a prototype maximises: the log-probability of a class, or the activation of a unit at a step."""

import re
from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.support.keras_errors import own_errors

UNIT = re.compile(r"(?P<layer>[^:]+?)(?:/(?P<part>[^/:]+))?:(?P<index>\d+)")
STATES = ("hidden", "cell")


class Unit(NamedTuple):
    """A unit as it is written: ``layer:index``, or ``layer/part:index``."""

    layer: str
    part: str
    index: int


LOG_PROBABILITIES = {"softmax": tf.nn.log_softmax, "sigmoid": tf.math.log_sigmoid}
"""What makes probabilities of logits -> log p of logits, never of p."""


def log_probability(made_by: str, logits: tf.Tensor) -> tf.Tensor | None:
    """log p [n, classes]: log-softmax or log-sigmoid; None for outputs that are no logits of classes."""
    return LOG_PROBABILITIES[made_by](logits) if made_by in LOG_PROBABILITIES else None


def parse_unit(text: str, layers: dict) -> Unit:
    """The unit that ``text`` writes, of the known ``layers``; names of layers may have slashes.

    Raises:
      InputError: for text of another form, or a layer that is not there.
    """
    match = UNIT.fullmatch(str(text))
    if not match:
        raise InputError(f"a unit is layer:index or layer/part:index, as in cell/hidden:17; received {text!r}")
    name, part, index = match["layer"], match["part"] or "", int(match["index"])
    if f"{name}/{part}" in layers:
        name, part = f"{name}/{part}", ""
    if name not in layers:
        raise InputError(f"layers of the model are {', '.join(layers)}; received {name!r}")
    return Unit(name, part, index)


def unit_of(network: Network, text: str, step: int | None, steps: int | None) -> Callable:
    """A function from a batch and its own steps (or None) to the unit's activation [n].

    A unit of a layer that gives something for each step is looked at at ``step``, by default the last one of each
    sample; a filter of a convolution is the mean over its places.

    Args:
      network: the model's.
      text: see :func:`parse_unit`.
      step: which step, counted from 0.
      steps: of the model's input; None if it has no time axis.

    Raises:
      InputError: for a unit that does not exist; those that do are listed.
    """
    model = network.explainable()
    layers = {layer.name.removesuffix("_explained"): layer for layer in model.layers}
    unit = parse_unit(text, layers)
    if step is not None and (steps is None or not 0 <= step < steps):
        raise InputError(f"step must lie in 0..{(steps or 1) - 1}; received {step}")
    layer = layers[unit.layer]
    source = getattr(layer, "source", layer)
    inputs = model.inputs[0] if len(model.inputs) == 1 else model.input
    read = keras.Model(inputs, keras.tree.flatten(layer.input if unit.part else layer.output)[0])
    part = _part_of(source, unit) if unit.part else None

    def activation(x, lengths=None):
        with own_errors(), network.weights():
            given = read(x, training=False)
            if part is not None:
                given = part(given, step, lengths)
        return _one(given, unit, step, lengths)

    _check_index(activation, unit, read, part)
    return activation


def _part_of(layer: keras.layers.Layer, unit: Unit) -> Callable:
    """A function from a layer's input, a step and own steps to the part [n, units], or [n, steps, units]."""
    if isinstance(layer, PrimitiveLayer):
        return lambda given, *_: _known(layer.activations(given), unit)
    if isinstance(layer, keras.layers.RNN) and hasattr(layer.cell, "state_size"):
        return _state_of(layer, unit)
    raise InputError(f"layer {unit.layer!r} has no parts; leave /{unit.part} out; received {type(layer).__name__}")


def _known(parts: dict, unit: Unit):
    if unit.part not in parts:
        raise InputError(f"parts of layer {unit.layer!r} are {', '.join(parts)}; received {unit.part!r}")
    return parts[unit.part]


def _state_of(layer: keras.layers.RNN, unit: Unit) -> Callable:
    """The hidden or cell state of a recurrent layer of Keras after a step, by default after the last."""
    count = len(layer.cell.state_size) if isinstance(layer.cell.state_size, list | tuple) else 1
    place = STATES.index(_known({name: name for name in STATES[:count]}, unit))
    config = layer.get_config() | {"return_sequences": False, "return_state": True}
    copy = type(layer).from_config(config)
    copy.build(keras.tree.flatten(layer.input)[0].shape)
    copy.set_weights(layer.get_weights())

    def state(given, step, lengths):
        mask = None if lengths is None else tf.sequence_mask(lengths, given.shape[1])
        if step is not None:
            if layer.go_backwards:
                raise InputError(f"layer {unit.layer!r} reads from the end; leave step out; received {step}")
            given, mask = given[:, : step + 1], None if mask is None else mask[:, : step + 1]
        return copy(given, mask=mask, training=False)[1 + place]

    return state


def _one(given: tf.Tensor, unit: Unit, step: int | None, lengths) -> tf.Tensor:
    """The unit's activation [n] in what a layer gives."""
    if not 0 <= unit.index < given.shape[-1]:
        known = f"{unit.layer}{'/' if unit.part else ''}{unit.part}:0 to :{given.shape[-1] - 1}"
        raise InputError(f"units are {known}; received {unit.index}")
    one = given[..., unit.index]
    if one.shape.rank == 2:  # one for each step
        if step is not None:
            return one[:, step]
        last = tf.fill([tf.shape(one)[0]], tf.shape(one)[1] - 1) if lengths is None else lengths - 1
        return tf.gather(one, last, batch_dims=1)
    return tf.reduce_mean(tf.reshape(one, [tf.shape(one)[0], -1]), axis=1)


def _check_index(activation: Callable, unit: Unit, read: keras.Model, part) -> None:
    """Refuses a unit that is not there before anything long begins."""
    if part is None:
        if not 0 <= unit.index < read.output.shape[-1]:
            raise InputError(f"units are {unit.layer}:0 to :{read.output.shape[-1] - 1}; received {unit.index}")
        return
    shape = [1, *(size or 2 for size in read.inputs[0].shape[1:])]
    activation(tf.zeros(shape, read.inputs[0].dtype))
