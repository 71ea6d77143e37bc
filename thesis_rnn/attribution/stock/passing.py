"""Layers that pass their input on: rearranged, embedded, masked, activated, or, at inference, unchanged."""

from dataclasses import replace

import keras
import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, activate, forward_of, register_layer
from thesis_rnn.attribution.stock.masks import sample_mask
from thesis_rnn.core import primitives


@register_layer(
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.AlphaDropout,
    layers.ActivityRegularization,
    layers.Identity,
)
def unchanged(context: LayerContext, x, **_):
    return x


@register_layer(
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
    "Greater",
    "Less",
    "Any",
    "LogicalAnd",
    "LogicalOr",
    "LogicalNot",
)
def rearranged(context: LayerContext, *inputs, **options):
    """The layer itself: its ordinary gradient routes relevance correctly."""
    options.pop("mask", None)
    inputs = context.with_constants(inputs)
    return context.source.call(*inputs, **options)


@register_layer("NotEqual", "Equal")
def comparison(context: LayerContext, a, b, **_):
    """Numbers are compared with the mark of padding, in the type in which the user's model compares them."""
    compared = [tensor.dtype for tensor in context.source._inbound_nodes[0].input_tensors]

    def own(number):
        return ops.cast(number, compared[0]) if tf.is_tensor(number) and number.dtype.is_floating else number

    return sample_mask(context.source, a, lambda: context.source.call(own(a), own(b)))


@register_layer(layers.Masking)
def masking(context: LayerContext, x, **_):
    """Padding is marked in the type in which the user's layer compares."""
    source = context.source
    seen = sample_mask(source, x, lambda: source.compute_mask(ops.cast(x, source.compute_dtype)))
    return tf.where(seen[..., None], x, tf.zeros_like(x))


@register_layer(layers.Embedding)
def embedding(context: LayerContext, tokens, **_):
    table = context.weight(context.source.embeddings)
    return primitives.leaf(ops.take(table, ops.cast(tokens, "int32"), axis=0), "embedding")


@register_layer(layers.Activation)
def activation(context: LayerContext, x, **_):
    return activate(context, x, context.source.activation)


@register_layer(layers.ReLU)
def relu(context: LayerContext, x, **_):
    source = context.source
    if source.threshold or source.max_value is not None:
        raise context.refuse("only a ReLU without threshold and max_value is covered")
    return leaky(context, x) if source.negative_slope else primitives.rectify(x)


@register_layer(layers.LeakyReLU)
def leaky(context: LayerContext, x, **_):
    slope = float(context.source.negative_slope)

    def leaky_relu(z):
        return keras.activations.leaky_relu(z, slope)

    return primitives.squash(x, leaky_relu, layer=context.name)


@register_layer(layers.ELU)
def elu(context: LayerContext, x, **_):
    return primitives.squash(x, context.source.call, layer=context.name)


@register_layer(layers.Softmax)
def softmax(context: LayerContext, x, mask=None, **_):
    """A gate, or a head that is left out; masked places of a gate are zero."""
    mask = getattr(x, "_keras_mask", None) if mask is None else mask
    if context.controls:
        return primitives.squash(x, lambda z: context.source.call(z, mask), controls=True, layer=context.name)
    if mask is not None:
        raise context.refuse("a mask is covered where the softmax is a gate")
    return activate(context, x, keras.activations.softmax)


@register_layer("Softmax")
def softmax_operation(context: LayerContext, x, **_):
    if context.controls:
        return primitives.squash(x, context.source.call, controls=True, layer=context.name)
    return activate(context, x, keras.activations.softmax)


@register_layer("Relu", "Tanh", "Sigmoid")
def activation_operation(context: LayerContext, x, **_):
    return activate(context, x, getattr(keras.activations, type(context.source).__name__.lower()))


@register_layer(layers.TimeDistributed)
def time_distributed(context: LayerContext, x, **_):
    """The wrapped layer on every step; the steps join the batch."""
    batch, steps, wrapped = ops.shape(x)[0], ops.shape(x)[1], context.source.layer
    handler = forward_of(wrapped)
    if handler is None:
        raise context.refuse(f"wrapped layers of class {type(wrapped).__name__} are not covered")
    y = handler(replace(context, source=wrapped, alias=context.name), ops.reshape(x, (-1, *x.shape[2:])))
    return ops.reshape(y, (batch, steps, *y.shape[1:]))
