"""Normalisation layers: by statistics of the training data, which are constants, or of the signal itself."""

import math
from functools import partial

import keras
import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.affine import scale_and_shift
from thesis_rnn.attribution.stock.arithmetic import inverse_root, scaled
from thesis_rnn.attribution.stock.layer_forwards import LayerContext, register_layer
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Diagonal

LARGEST_CENTRING = 2048
"""The mean of more numbers than this is not subtracted: the matrix that does would not fit in memory."""


@register_layer(layers.BatchNormalization)
def batch_normalisation(context: LayerContext, x, **_):
    """x * scale + shift, an affine map of one input for each output; where it is folded, it is left out."""
    axis, rank = context.source.axis, len(x.shape)
    return _stretched(context, x, *(_along(part, axis, rank) for part in scale_and_shift(context, context.source)))


@register_layer(layers.Normalization)
def normalisation(context: LayerContext, x, **_):
    """(x - mean) / deviation, as the layer was adapted to the training data."""
    source = context.source
    adapted = source.input_mean is None
    mean, variance = (source.adapt_mean, source.adapt_variance) if adapted else (source.mean, source.variance)
    mean, variance = (ops.reshape(context.weight(part), source._broadcast_shape) for part in (mean, variance))
    deviation = ops.maximum(ops.sqrt(variance), keras.config.epsilon())
    if source.invert:
        return _stretched(context, x, deviation, mean)
    return _stretched(context, x, 1 / deviation, -mean / deviation)


@register_layer(layers.Rescaling)
def rescaling(context: LayerContext, x, **_):
    """x * scale + offset."""
    source = context.source
    if len(ops.shape(source.scale)) and keras.config.image_data_format() == "channels_first":
        raise context.refuse("a scale for each channel is covered where channels come last")
    return _stretched(context, x, *(ops.cast(part, context.dtype) for part in (source.scale, source.offset)))


def _stretched(context: LayerContext, x, scale, shift):
    return primitives.affine(x, scale, shift, context.site(form=Diagonal()), context.domain)


def _along(weight, axis: int, rank: int):
    """A weight for each place of an axis, in a shape that broadcasts."""
    shape = [1] * rank
    shape[axis] = -1
    return ops.reshape(weight, shape)


@register_layer(layers.LayerNormalization)
def layer_normalisation(context: LayerContext, x, **_):
    """gamma (x - mean) / deviation + beta, a linear map of x whose deviation counts as a constant (Ali et al., 2022).

    Subtracting the mean is the matrix I - 1/n, with gamma multiplied into its columns.
    """
    source, rank = context.source, len(x.shape)
    axes = [source.axis] if isinstance(source.axis, int) else list(source.axis)
    axes = sorted(axis % rank for axis in axes)
    if axes != list(range(axes[0], rank)) or getattr(source, "rms_scaling", False):
        raise context.refuse("only the last axes, without rms_scaling, are covered")
    gamma = context.weight(source.gamma) if source.scale else ops.ones((), context.dtype)
    beta = context.weight(source.beta) if source.center else ops.zeros((), context.dtype)
    lines = ops.reshape(x, (*ops.shape(x)[: axes[0]], -1)) if len(axes) > 1 else x
    flat = [ops.reshape(part, (-1,)) for part in (gamma, beta)]
    inverse = _inverse_deviation(context, lines)
    centred = primitives.contribution(
        lines, _centring(context, x.shape[axes[0] :]) * flat[0], context.site(), context.domain
    )
    z = primitives.preactivation(primitives.normalise(centred, inverse, context.name), flat[1], context.site())
    return ops.reshape(z, ops.shape(x)) if len(axes) > 1 else z


@register_layer(layers.GroupNormalization)
def group_normalisation(context: LayerContext, x, **_):
    """The same over the steps and some of the channels at once, then gamma and beta for each channel."""
    source, rank = context.source, len(x.shape)
    if source.axis not in (-1, rank - 1):
        raise context.refuse("only the last axis is covered")
    *space, channels = x.shape[1:]
    groups = source.groups
    split = ops.reshape(x, (-1, math.prod(space) if None not in space else -1, groups, channels // groups))
    lines = ops.reshape(ops.transpose(split, (0, 2, 1, 3)), (-1, groups, _size(context, x.shape[1:]) // groups))
    inverse = _inverse_deviation(context, lines)
    site = context.site("centred")
    centring = _centring(context, [lines.shape[-1]])
    centred = primitives.contribution(lines, centring, site, context.domain)
    z = primitives.preactivation(
        primitives.normalise(centred, inverse, context.name), ops.zeros((), context.dtype), site
    )
    back = ops.transpose(ops.reshape(z, (-1, groups, math.prod(space), channels // groups)), (0, 2, 1, 3))
    gamma = context.weight(source.gamma) if source.scale else ops.ones((), context.dtype)
    beta = context.weight(source.beta) if source.center else ops.zeros((), context.dtype)
    return primitives.affine(ops.reshape(back, (-1, *x.shape[1:])), gamma, beta, context.site(form=Diagonal()), "real")


def _inverse_deviation(context: LayerContext, lines):
    """1 / sqrt(variance + epsilon) over the last axis."""
    epsilon = context.source.epsilon
    with primitives.scaling():
        centred = lines - ops.mean(lines, axis=-1, keepdims=True)
        mean = partial(ops.mean, axis=-1, keepdims=True)
        return inverse_root(centred, mean, lambda variance: 1 / ops.sqrt(variance + epsilon))


def _centring(context: LayerContext, shape):
    """The matrix that subtracts the mean of as many numbers as ``shape`` holds."""
    size = _size(context, shape)
    return ops.eye(size, dtype=context.dtype) - 1 / size


def _size(context: LayerContext, shape) -> int:
    if None in shape or math.prod(shape) > LARGEST_CENTRING:
        raise context.refuse(f"a known number of at most {LARGEST_CENTRING} numbers that are normalised is covered")
    return math.prod(shape)


@register_layer(layers.RMSNormalization)
def rms_normalisation(context: LayerContext, x, **_):
    """scale x / sqrt(mean x^2 + epsilon), whose root counts as a constant."""
    source = context.source
    axes, rank = [axis % len(x.shape) for axis in source.axis], len(x.shape)
    with primitives.scaling():
        mean = partial(ops.mean, axis=axes, keepdims=True)
        inverse = inverse_root(x, mean, lambda square: tf.math.rsqrt(square + source.epsilon))
    shape = [x.shape[axis] if axis in axes else 1 for axis in range(rank)]
    return scaled(
        context, primitives.normalise(x, inverse, context.name), ops.reshape(context.weight(source.scale), shape)
    )


@register_layer(layers.UnitNormalization)
def unit_normalisation(context: LayerContext, x, **_):
    """x / |x|, whose norm counts as a constant."""
    axes = context.source.axis if isinstance(context.source.axis, int) else tuple(context.source.axis)
    with primitives.scaling():
        total, largest = partial(ops.sum, axis=axes, keepdims=True), 1 / keras.config.epsilon()
        inverse = inverse_root(x, total, lambda square: ops.minimum(tf.math.rsqrt(square), largest))
    return primitives.normalise(x, inverse, context.name)
