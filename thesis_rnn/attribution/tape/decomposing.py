"""The question of contextual decomposition, and for which models it has an answer."""

import keras
import tensorflow as tf
from keras import layers, tree

from thesis_rnn.attribution.contextual_parts import ContextualParts, split
from thesis_rnn.attribution.stock.layer_forwards import forward_of
from thesis_rnn.attribution.stock.passing import unchanged
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.attribution.tape.through import above, operations_of, own_layer, own_name
from thesis_rnn.core.primitives import explained_by
from thesis_rnn.errors import InputError

STEPS_STAY = (
    layers.InputLayer,
    layers.Embedding,
    layers.Masking,
    layers.Dense,
    layers.Activation,
    layers.ReLU,
    layers.LeakyReLU,
    layers.BatchNormalization,
    layers.Normalization,
    layers.Rescaling,
    layers.TimeDistributed,
    layers.Add,
    layers.Average,
)
"""Layers that give for every step what they make of that step."""


def phrase_question(published: bool, explained, points) -> dict[str, tf.Tensor]:
    """What the cells marked in ``points`` make of the explained logit, what the others do, and what biases do [n]."""
    recorder, x = explained.recorder, explained.x
    if recorder.output != "logit":
        raise InputError(f"logits are what is decomposed; use output='logit'; received {recorder.output!r}")
    marks = tree.flatten(points)
    inside = [mark > 0 for mark in marks]
    steps = tf.reduce_any(inside[0], axis=list(range(2, inside[0].shape.rank)))
    together = steps & tf.pad(steps[:, 1:], [[0, 0], [0, 1]]) if published else steps
    tokens = [mark for mark, leaf in zip(inside, tree.flatten(x), strict=True) if not leaf.dtype.is_floating]
    semantics = ContextualParts(tokens[0] if tokens else None, together)
    parts = [_in_parts(leaf, mark) for leaf, mark in zip(tree.flatten(x), inside, strict=True)]
    with recorder.masks.held(times=3), explained_by(semantics):
        logits = recorder.network.logits(tree.pack_sequence_as(x, parts))
    parts = [tf.reduce_sum(explained.selection * part, axis=-1) for part in split(logits)]
    return dict(zip(("relevant", "irrelevant", "bias"), parts, strict=True))


def _in_parts(x, inside):
    """The input in parts; tokens thrice, as their embedding is what is taken apart."""
    if not x.dtype.is_floating:
        return tf.concat([x] * 3, axis=0)
    relevant = tf.where(inside, x, tf.zeros_like(x))
    return tf.concat([relevant, x - relevant, tf.zeros_like(x)], axis=0)


def check_decomposable(network: Network) -> None:
    """Refuses models whose recurrent layers do not read the steps of the input, by the layer that moves them."""
    for operation in operations_of(network):
        if not isinstance(own_layer(operation), layers.RNN | layers.Bidirectional):
            continue
        for below in above(operation):
            if below is not operation and not _keeps_steps(own_layer(below)):
                raise InputError(
                    "contextual_decomposition needs recurrent layers that read the input step by step; use deep_lift; "
                    f"received layer {own_name(below)!r} of class {type(own_layer(below)).__name__} below one"
                )


def _keeps_steps(layer) -> bool:
    if type(layer) in STEPS_STAY or forward_of(layer) is unchanged:
        return True
    if isinstance(layer, layers.Concatenate):
        return layer.axis in (-1, len(layer.output.shape) - 1)
    if isinstance(layer, layers.Reshape):
        return layer.input.shape[1] == layer.output.shape[1]
    if isinstance(layer, layers.Conv1D):
        return layer.strides == (1,) and layer.padding != "valid" and layer.data_format == "channels_last"
    return isinstance(layer, layers.Bidirectional) or (isinstance(layer, keras.layers.RNN) and not layer.go_backwards)
