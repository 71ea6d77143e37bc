"""The question of contextual decomposition, and for which models it has an answer."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, tree

from thesis_rnn.attribution.contextual_parts import ContextualParts, split
from thesis_rnn.attribution.stock.layer_forwards import forward_of
from thesis_rnn.attribution.stock.passing import unchanged
from thesis_rnn.attribution.stock.surrogate import own_name
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.attribution.tape.through import above, operations_of, own_layer
from thesis_rnn.core.primitives import explained_by
from thesis_rnn.errors import InputError
from thesis_rnn.layers.dropout import Dropout

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
    # Tokens and masks thrice: the embedding of tokens is what is taken apart.
    parts = [
        tf.concat([leaf] * 3, axis=0) if k in recorder.steady or not leaf.dtype.is_floating else _in_parts(leaf, mark)
        for k, (leaf, mark) in enumerate(zip(tree.flatten(x), inside, strict=True))
    ]
    with recorder.masks.held(times=3), explained_by(semantics):
        logits = recorder.network.logits(tree.pack_sequence_as(x, parts))
    parts = [tf.reduce_sum(explained.selection * part, axis=-1) for part in split(logits)]
    return dict(zip(("relevant", "irrelevant", "bias"), parts, strict=True))


def _in_parts(x, inside):
    """The input in parts."""
    relevant = tf.where(inside, x, tf.zeros_like(x))
    return tf.concat([relevant, x - relevant, tf.zeros_like(x)], axis=0)


def check_decomposable(network: Network) -> None:
    """Refuses models whose recurrent layers do not read the steps of the input, by the layer that moves them."""
    for operation in operations_of(network):
        if not isinstance(own_layer(operation), layers.RNN | layers.Bidirectional):
            continue
        for below in above(operation):
            if below is not operation and not _is_mask(below) and not _keeps_steps(own_layer(below)):
                raise InputError(
                    "contextual_decomposition needs recurrent layers that read the input step by step; use deep_lift; "
                    f"received layer {own_name(below)!r} of class {type(own_layer(below)).__name__} below one"
                )


def _is_mask(operation) -> bool:
    """Whether it says which steps count: padding's masks are operations of Functional models."""
    return all(keras.backend.standardize_dtype(leaf.dtype) == "bool" for leaf in tree.flatten(operation.output))


def _changes_nothing(layer) -> bool:
    return forward_of(layer) is unchanged or isinstance(layer, Dropout)


def _keeps_steps(layer) -> bool:
    if type(layer) in STEPS_STAY or _changes_nothing(layer):
        return True
    if isinstance(layer, layers.Concatenate):
        return layer.axis in (-1, len(layer.output.shape) - 1)
    if isinstance(layer, layers.Reshape):
        return layer.input.shape[1] == layer.output.shape[1]
    if isinstance(layer, layers.Conv1D):
        return layer.strides == (1,) and layer.padding != "valid" and layer.data_format == "channels_last"
    return isinstance(layer, layers.Bidirectional) or (isinstance(layer, keras.layers.RNN) and not layer.go_backwards)


BELOW_CELLS = (layers.InputLayer, layers.Embedding, layers.Masking)


def lstm_and_head(network: Network) -> tuple[str | None, list[np.ndarray], list[np.ndarray]]:
    """What feeds the LSTM (None for the input itself), its weights, and kernel and bias of the head, of each class.

    Raises:
      InputError: unless the model is [Embedding or Masking,] LSTM, Dense, with layers that change nothing between.
    """
    chain = [one for one in operations_of(network) if not _changes_nothing(own_layer(one))]
    *below, lstm, head = [own_layer(one) for one in chain] if len(chain) > 1 else [None, None]
    alone = len(tree.flatten(network.input_spec)) == 1
    fits = alone and type(lstm) is layers.LSTM and type(head) is layers.Dense and len(below) <= 2
    if not fits or not all(type(one) in BELOW_CELLS for one in below) or not _is_plain(lstm, head):
        names = ", ".join(own_name(one) for one in chain)
        raise InputError(
            "beta and gamma decomposition are defined for an LSTM of tanh and sigmoid whose last output one Dense "
            f"layer reads; use contextual_decomposition; received the layers {names}"
        )
    weights = [keras.ops.convert_to_numpy(one).astype(np.float64) for one in lstm.weights]
    kernel, bias = (keras.ops.convert_to_numpy(one).astype(np.float64) for one in (head.kernel, head.bias))
    if network.head.classes != len(bias):  # one sigmoid unit counts as two classes
        kernel, bias = np.concatenate([-kernel, kernel], axis=1), np.concatenate([-bias, bias])
    fed = [own_name(one) for one in chain[:-2] if not isinstance(own_layer(one), layers.InputLayer)]
    return (fed[-1] if fed else None), weights, [kernel, bias]


def _is_plain(lstm, head) -> bool:
    activations = (lstm.activation, lstm.recurrent_activation) == (keras.activations.tanh, keras.activations.sigmoid)
    whole = not (lstm.return_sequences or lstm.return_state or lstm.go_backwards or lstm.stateful)
    return activations and whole and lstm.use_bias and head.use_bias and head.activation in LINEAR


LINEAR = (keras.activations.linear, keras.activations.softmax, keras.activations.sigmoid)
"""Activations that a head leaves out."""
