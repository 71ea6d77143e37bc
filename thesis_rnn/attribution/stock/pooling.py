"""Pooling layers: averages in proportion, maxima as the composite says."""

import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, register_layer
from thesis_rnn.core import primitives


@register_layer(layers.AveragePooling1D, layers.AveragePooling2D)
def average_pooling(context: LayerContext, x, **_):
    return primitives.pool(x, context.source.call, layer=context.name)


@register_layer(layers.MaxPooling1D, layers.MaxPooling2D)
def max_pooling(context: LayerContext, x, **_):
    source = context.source

    def average(a):
        return ops.average_pool(a, source.pool_size, source.strides, source.padding, source.data_format)

    return primitives.pool(x, source.call, average, layer=context.name)


@register_layer(layers.GlobalMaxPooling1D, layers.GlobalMaxPooling2D)
def global_max_pooling(context: LayerContext, x, **_):
    axes = tuple(range(1, x.shape.rank - 1))
    return primitives.pool(x, context.source.call, lambda a: ops.mean(a, axes), layer=context.name)


@register_layer(layers.GlobalAveragePooling2D)
def global_average_pooling(context: LayerContext, x, **_):
    return primitives.pool(x, context.source.call, layer=context.name)


@register_layer(layers.GlobalAveragePooling1D)
def masked_average_pooling(context: LayerContext, x, mask=None, **_):
    """The mean over the steps that are not masked."""
    mask = getattr(x, "_keras_mask", None) if mask is None else mask
    return primitives.pool(x, lambda a: context.source.call(a, mask=mask), layer=context.name)


@register_layer("Mean", "Sum")
def reduction(context: LayerContext, x, **_):
    if tf.TensorShape(x.shape).rank < 2:
        raise context.refuse("a reduction over the batch is not covered")
    return primitives.pool(x, context.source.call, layer=context.name)
