"""Layers that pass their input on: rearranged, embedded, masked, activated, or, at inference, unchanged."""

from dataclasses import replace

import keras
import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.coverage import Place, activate, cover, handler_of
from thesis_rnn.core import primitives


@cover(
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.AlphaDropout,
    layers.ActivityRegularization,
    layers.Identity,
)
def unchanged(place: Place, x, **_):
    return x


@cover(
    layers.Flatten,
    layers.Reshape,
    layers.Permute,
    layers.RepeatVector,
    layers.ZeroPadding1D,
    layers.ZeroPadding2D,
    layers.Cropping1D,
    layers.Cropping2D,
    layers.UpSampling1D,
    layers.Concatenate,
    "Reshape",
    "Transpose",
    "Squeeze",
    "ExpandDims",
    "GetItem",
    "Concatenate",
    "Stack",
    "Flip",
    "Cast",
    # What masks are computed with.
    "NotEqual",
    "Equal",
    "Greater",
    "Less",
    "Any",
    "LogicalAnd",
    "LogicalOr",
    "LogicalNot",
)
def rearranged(place: Place, *inputs, **options):
    """The layer itself: its ordinary gradient routes relevance correctly."""
    options.pop("mask", None)
    return place.source.call(*inputs, **options)


@cover(layers.Masking)
def masking(place: Place, x, **_):
    return tf.where(ops.any(ops.not_equal(x, place.source.mask_value), axis=-1, keepdims=True), x, tf.zeros_like(x))


@cover(layers.Embedding)
def embedding(place: Place, tokens, **_):
    table = place.weight(place.source.embeddings)
    return primitives.leaf(ops.take(table, ops.cast(tokens, "int32"), axis=0), "embedding")


@cover(layers.Activation)
def activation(place: Place, x, **_):
    return activate(place, x, place.source.activation)


@cover(layers.ReLU)
def relu(place: Place, x, **_):
    source = place.source
    if source.threshold or source.max_value is not None:
        raise place.refuse("only a ReLU without threshold and max_value is covered")
    return leaky(place, x) if source.negative_slope else primitives.rectify(x)


@cover(layers.LeakyReLU)
def leaky(place: Place, x, **_):
    slope = float(place.source.negative_slope)

    def leaky_relu(z):
        return keras.activations.leaky_relu(z, slope)

    return primitives.squash(x, leaky_relu, layer=place.name)


@cover(layers.ELU)
def elu(place: Place, x, **_):
    return primitives.squash(x, place.source.call, layer=place.name)


@cover(layers.Softmax)
def softmax(place: Place, x, mask=None, **_):
    """A gate, or a head that is left out; masked places of a gate are zero."""
    mask = getattr(x, "_keras_mask", None) if mask is None else mask
    if place.controls:
        return primitives.squash(x, lambda z: place.source.call(z, mask), controls=True, layer=place.name)
    if mask is not None:
        raise place.refuse("a mask is covered where the softmax is a gate")
    return activate(place, x, keras.activations.softmax)


@cover("Softmax")
def softmax_operation(place: Place, x, **_):
    if place.controls:
        return primitives.squash(x, place.source.call, controls=True, layer=place.name)
    return activate(place, x, keras.activations.softmax)


@cover("Relu", "Tanh", "Sigmoid")
def activation_operation(place: Place, x, **_):
    return activate(place, x, getattr(keras.activations, type(place.source).__name__.lower()))


@cover(layers.TimeDistributed)
def time_distributed(place: Place, x, **_):
    """The wrapped layer on every step; the steps join the batch."""
    batch, steps, wrapped = ops.shape(x)[0], ops.shape(x)[1], place.source.layer
    handler = handler_of(wrapped)
    if handler is None:
        raise place.refuse(f"wrapped layers of class {type(wrapped).__name__} are not covered")
    y = handler(replace(place, source=wrapped, alias=place.name), ops.reshape(x, (-1, *x.shape[2:])))
    return ops.reshape(y, (batch, steps, *y.shape[1:]))
