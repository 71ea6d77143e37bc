"""Pooling layers and reductions: averages in proportion, maxima as the composite says."""

from functools import partial

from keras import layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, register_layer
from thesis_rnn.core import primitives


@register_layer(
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.AdaptiveAveragePooling1D,
    layers.AdaptiveAveragePooling2D,
    layers.AdaptiveAveragePooling3D,
    layers.GlobalAveragePooling2D,
    layers.GlobalAveragePooling3D,
    layers.UpSampling2D,  # may interpolate
    "AveragePool",
)
def average_pooling(context: LayerContext, x, **_):
    return primitives.pool(x, context.source.call, layer=context.name)


@register_layer(layers.MaxPooling1D, layers.MaxPooling2D, "MaxPool")
def max_pooling(context: LayerContext, x, **_):
    source = context.source

    def average(a):
        return ops.average_pool(a, source.pool_size, source.strides, source.padding, source.data_format)

    return primitives.pool(x, source.call, average, layer=context.name)


@register_layer(layers.MaxPooling3D)
def volume_max_pooling(context: LayerContext, x, **_):
    maxima, averages = (partial(_by_axis, context.source, pool) for pool in (ops.max_pool, ops.average_pool))
    return primitives.pool(x, maxima, averages, layer=context.name)


@register_layer(layers.AveragePooling3D)
def volume_average_pooling(context: LayerContext, x, **_):
    return primitives.pool(x, partial(_by_axis, context.source, ops.average_pool), layer=context.name)


def _by_axis(source, pool, a):
    """One axis of a volume after the other: TensorFlow pools no volumes in float64."""
    sizes = zip(source.pool_size, source.strides, strict=True)
    for axis, (size, stride) in enumerate(sizes, 1 if source.data_format == "channels_last" else 2):
        moved = ops.moveaxis(a, axis, -1)
        lines = ops.reshape(moved, (-1, moved.shape[-1], 1))
        pooled = pool(lines, size, stride, source.padding, data_format="channels_last")
        a = ops.moveaxis(ops.reshape(pooled, (-1, *moved.shape[1:-1], pooled.shape[1])), -1, axis)
    return a


@register_layer(layers.AdaptiveMaxPooling1D, layers.AdaptiveMaxPooling2D, layers.AdaptiveMaxPooling3D)
def adaptive_max_pooling(context: LayerContext, x, **_):
    source = context.source
    average = partial(ops.adaptive_average_pool, output_size=source.output_size, data_format=source.data_format)
    return primitives.pool(x, source.call, average, layer=context.name)


@register_layer(layers.GlobalMaxPooling1D, layers.GlobalMaxPooling2D, layers.GlobalMaxPooling3D)
def global_max_pooling(context: LayerContext, x, **_):
    source, rank = context.source, len(x.shape)
    axes = tuple(range(2, rank) if source.data_format == "channels_first" else range(1, rank - 1))
    return primitives.pool(x, source.call, partial(ops.mean, axis=axes, keepdims=source.keepdims), layer=context.name)


@register_layer(layers.GlobalAveragePooling1D)
def masked_average_pooling(context: LayerContext, x, mask=None, **_):
    """The mean over the steps that are not masked."""
    mask = getattr(x, "_keras_mask", None) if mask is None else mask
    return primitives.pool(x, lambda a: context.source.call(a, mask=mask), layer=context.name)


@register_layer("Mean", "Sum", "Cumsum")
def reduction(context: LayerContext, x, **_):
    context.keeps_samples(x)
    return primitives.pool(x, context.source.call, layer=context.name)


@register_layer("Max", "Amax", "Min", "Amin")
def extreme(context: LayerContext, x, **_):
    context.keeps_samples(x)
    source = context.source
    average = partial(ops.mean, axis=source.axis, keepdims=source.keepdims)
    return primitives.pool(x, source.call, average, layer=context.name)
