"""Dense and convolutional layers, with a BatchNormalization that follows folded in."""

import keras
from keras import layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, activate, register_layer
from thesis_rnn.attribution.stock.passing import embedding
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import DepthwiseKernel, Einsum, Form, SlidingKernel, TransposedKernel


@register_layer(layers.Dense)
def dense(context: LayerContext, x, **_):
    return _affine(context, x, kernel_of(context), form=None)


@register_layer(layers.EinsumDense)
def einsum_dense(context: LayerContext, x, **_):
    equation = context.source.equation.replace(" ", "")
    inputs, outputs = equation.split(",")[0], equation.split("->")[1]
    neurons = len([axis for axis in outputs.replace("...", "") if axis not in inputs])
    return _affine(context, x, kernel_of(context), Einsum(equation, max(neurons, 1)))


@register_layer(layers.ReversibleEmbedding)
def reversible_embedding(context: LayerContext, x, reverse=False, **_):
    """Words as their embeddings or, in reverse, embeddings as scores of words."""
    source = context.source
    if source.mask_zero or source.logit_soft_cap or source.reverse_dtype or source.quantization_mode:
        raise context.refuse("mask_zero, logit_soft_cap, reverse_dtype and quantised weights are not covered")
    if not reverse:
        return embedding(context, x)
    tied = source.tie_weights
    kernel = ops.transpose(source.embeddings) if tied else ops.convert_to_tensor(source.reverse_embeddings)
    return primitives.affine(
        x, ops.cast(kernel, context.dtype), ops.zeros((), context.dtype), context.site("reverse"), "real"
    )


@register_layer(layers.Conv1D, layers.Conv2D, layers.Conv3D)
def convolution(context: LayerContext, x, **_):
    source = context.source
    return _convolved(context, x, kernel_of(context), _window(source, SlidingKernel, groups=source.groups))


@register_layer(layers.DepthwiseConv1D, layers.DepthwiseConv2D)
def depthwise_convolution(context: LayerContext, x, **_):
    return _convolved(context, x, kernel_of(context), _window(context.source, DepthwiseKernel))


@register_layer(layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
def transposed_convolution(context: LayerContext, x, **_):
    window = _window(context.source, TransposedKernel, output_padding=context.source.output_padding)
    return _convolved(context, x, kernel_of(context), window)


@register_layer(layers.SeparableConv1D, layers.SeparableConv2D)
def separable_convolution(context: LayerContext, x, **_):
    """Each channel convolved on its own, without bias; then mixed over the channels."""
    source = context.source
    x = in_last_axis(context, x)
    kernel = context.weight(source.depthwise_kernel)
    window = _window(source, DepthwiseKernel)
    nothing = ops.zeros(kernel.shape[-1] * kernel.shape[-2], context.dtype)
    apart = primitives.affine(x, kernel, nothing, context.site("depthwise", window), context.domain)
    above = context.part(source, "pointwise", head=context.head, normalisation=context.normalisation)
    mixed = _affine(above, apart, context.weight(source.pointwise_kernel), SlidingKernel(1, "valid", axes=window.axes))
    return in_first_axis(context, mixed)


def _window(source, kind: type, **more) -> SlidingKernel:
    return kind(source.strides, source.padding, source.dilation_rate, axes=len(source.kernel_size), **more)


def _convolved(context: LayerContext, x, kernel, window: SlidingKernel):
    return in_first_axis(context, _affine(context, in_last_axis(context, x), kernel, window))


def in_last_axis(context: LayerContext, x):
    """``x`` with its channels in the last axis, wherever the layer has them."""
    return ops.moveaxis(x, 1, -1) if context.source.data_format == "channels_first" else x


def in_first_axis(context: LayerContext, x):
    """The way back of ``in_last_axis``."""
    return ops.moveaxis(x, -1, 1) if context.source.data_format == "channels_first" else x


def kernel_of(context: LayerContext):
    """The layer's kernel.

    Raises:
      NotCovered: for kernels that are quantised.
    """
    source = context.source
    if getattr(source, "quantization_mode", None):
        raise context.refuse(f"weights are quantised ({source.quantization_mode}), explain the model before that")
    return context.weight(source.kernel)


def _affine(context: LayerContext, x, kernel, form: Form):
    source = context.source
    bias = context.weight(source.bias) if source.bias is not None else ops.zeros((), context.dtype)
    if context.normalisation is not None:
        scale, shift = scale_and_shift(context, context.normalisation)
        kernel, bias = kernel * scale, bias * scale + shift
    z = primitives.affine(x, kernel, bias, context.site(form=form), context.domain)
    return activate(context, z, source.activation)


def scale_and_shift(context: LayerContext, normalisation: keras.layers.BatchNormalization):
    """BatchNormalization at inference as x * scale + shift."""
    scale = 1 / ops.sqrt(context.weight(normalisation.moving_variance) + normalisation.epsilon)
    if normalisation.scale:
        scale = scale * context.weight(normalisation.gamma)
    shift = -context.weight(normalisation.moving_mean) * scale
    return scale, shift + context.weight(normalisation.beta) if normalisation.center else shift
