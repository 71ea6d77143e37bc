"""Dense and convolutional layers, with a BatchNormalization that follows folded in."""

import keras
from keras import ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, activate, register_layer
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import SlidingKernel


@register_layer(keras.layers.Dense)
def dense(context: LayerContext, x, **_):
    return _affine(context, x, form=None)


@register_layer(keras.layers.Conv1D, keras.layers.Conv2D)
def convolution(context: LayerContext, x, **_):
    source = context.source
    if source.groups != 1 or source.data_format != "channels_last":
        raise context.refuse(
            f"only groups=1 and channels_last are covered; received {source.groups}, {source.data_format}"
        )
    window = SlidingKernel(source.strides, source.padding, source.dilation_rate, axes=len(source.kernel_size))
    return _affine(context, x, window)


def _affine(context: LayerContext, x, form):
    source = context.source
    kernel = context.weight(source.kernel)
    bias = context.weight(source.bias) if source.use_bias else ops.zeros(kernel.shape[-1:], context.dtype)
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
