"""Activations: layers and operations that change every number on its own, and softmax."""

from functools import partial

import keras
from keras import layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, activate, normalised, register_layer
from thesis_rnn.core import primitives


@register_layer(layers.Activation)
def activation(context: LayerContext, x, **_):
    return activate(context, x, context.source.activation)


@register_layer(layers.ReLU, "ReLU")
def relu(context: LayerContext, x, **_):
    source = context.source
    if source.threshold or source.max_value is not None or source.negative_slope:
        return primitives.squash(x, source.call, layer=context.name)
    return primitives.rectify(x)


@register_layer(layers.LeakyReLU)
def leaky(context: LayerContext, x, **_):
    slope = float(context.source.negative_slope)

    def leaky_relu(z):
        return keras.activations.leaky_relu(z, slope)

    return primitives.squash(x, leaky_relu, layer=context.name)


@register_layer(layers.PReLU)
def parametric(context: LayerContext, x, **_):
    slope = context.weight(context.source.alpha)

    def prelu(z):
        return ops.relu(z) - slope * ops.relu(-z)

    return primitives.squash(x, prelu, layer=context.name)


@register_layer(
    layers.ELU,
    "Absolute",
    "Celu",
    "Clip",
    "Elu",
    "Exp",
    "Expm1",
    "Gelu",
    "HardShrink",
    "HardSigmoid",
    "HardSilu",
    "HardTanh",
    "LeakyRelu",
    "Log",
    "Log1p",
    "LogSigmoid",
    "Relu6",
    "Selu",
    "Silu",
    "SoftShrink",
    "Softplus",
    "Softsign",
    "SparsePlus",
    "SparseSigmoid",
    "Sqrt",
    "Squareplus",
    "Tanh",
    "TanhShrink",
    "Threshold",
)
def elementwise(context: LayerContext, x, *parameters, **options):
    """A function of every number on its own: relevance passes it unchanged."""

    def function(z):
        return context.source.call(z, *parameters, **options)

    function.__name__ = context.source.name
    return primitives.squash(x, function, context.controls, context.name)


@register_layer("Relu")
def relu_operation(context: LayerContext, x, **_):
    return primitives.rectify(x)


@register_layer("Sigmoid")
def sigmoid_operation(context: LayerContext, x, **_):
    return activate(context, x, keras.activations.sigmoid)


@register_layer("Glu")
def glu_operation(context: LayerContext, x, **_):
    signal, gate = ops.split(x, 2, axis=context.source.axis)
    return primitives.gate(primitives.squash(gate, ops.sigmoid, controls=True), signal)


@register_layer(layers.Softmax)
def softmax(context: LayerContext, x, mask=None, **_):
    """A head that is left out, a gate, or the softmax of a signal; masked places are zero."""
    mask = getattr(x, "_keras_mask", None) if mask is None else mask
    if mask is None and context.source.axis not in (-1, len(x.shape) - 1):
        return normalised(context, x, context.source.call)
    if mask is None:
        return activate(context, x, keras.activations.softmax)
    if context.head:
        raise context.refuse("a mask is covered where the softmax is no output")
    return normalised(context, x, partial(context.source.call, mask=mask))


@register_layer("Softmax")
def softmax_operation(context: LayerContext, x, **_):
    if context.source.axis in (-1, len(x.shape) - 1):
        return activate(context, x, keras.activations.softmax)
    return normalised(context, x, context.source.call)
