"""BatchNormalization, folded, and LayerNormalization, with its scale detached."""

import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.affine import scale_and_shift
from thesis_rnn.attribution.stock.layer_forwards import LayerContext, register_layer
from thesis_rnn.core import primitives


@register_layer(layers.BatchNormalization)
def batch_normalisation(context: LayerContext, x, **_):
    """x * scale + shift, an affine map of one input for each output; where it is folded, it is left out."""
    if context.source.axis not in (-1, x.shape.rank - 1):
        raise context.refuse("only the last axis is covered")
    scale, shift = scale_and_shift(context, context.source)
    scaled = primitives.contribution(x, tf.linalg.diag(scale), context.site(), context.domain)
    return primitives.preactivation(scaled, shift, context.site())


@register_layer(layers.LayerNormalization)
def layer_normalisation(context: LayerContext, x, **_):
    """gamma (x - mean) / deviation + beta, a linear map of x whose deviation counts as a constant (Ali et al., 2022).

    Subtracting the mean is the matrix I - 1/n, with gamma multiplied into its columns.
    """
    source, features = context.source, x.shape[-1]
    if source.axis not in (-1, [-1], x.shape.rank - 1, [x.shape.rank - 1]) or getattr(source, "rms_scaling", False):
        raise context.refuse("only the last axis, without rms_scaling, is covered")
    centring = ops.eye(features, dtype=context.dtype) - 1 / features
    if source.scale:
        centring = centring * context.weight(source.gamma)
    beta = context.weight(source.beta) if source.center else ops.zeros((features,), context.dtype)
    deviation = ops.sqrt(ops.var(x, axis=-1, keepdims=True) + source.epsilon)
    centred = primitives.contribution(x, centring, context.site(), context.domain)
    return primitives.preactivation(primitives.gate(1 / deviation, centred), beta, context.site())
