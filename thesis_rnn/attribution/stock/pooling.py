"""Pooling layers: averages in proportion, maxima as the composite says."""

import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.coverage import Place, cover
from thesis_rnn.core import primitives


@cover(layers.AveragePooling1D, layers.AveragePooling2D)
def average_pooling(place: Place, x, **_):
    return primitives.pool(x, place.source.call, layer=place.name)


@cover(layers.MaxPooling1D, layers.MaxPooling2D)
def max_pooling(place: Place, x, **_):
    source = place.source

    def average(a):
        return ops.average_pool(a, source.pool_size, source.strides, source.padding, source.data_format)

    return primitives.pool(x, source.call, average, layer=place.name)


@cover(layers.GlobalMaxPooling1D, layers.GlobalMaxPooling2D)
def global_max_pooling(place: Place, x, **_):
    axes = tuple(range(1, x.shape.rank - 1))
    return primitives.pool(x, place.source.call, lambda a: ops.mean(a, axes), layer=place.name)


@cover(layers.GlobalAveragePooling2D)
def global_average_pooling(place: Place, x, **_):
    return primitives.pool(x, place.source.call, layer=place.name)


@cover(layers.GlobalAveragePooling1D)
def masked_average_pooling(place: Place, x, mask=None, **_):
    """The mean over the steps that are not masked."""
    mask = getattr(x, "_keras_mask", None) if mask is None else mask
    return primitives.pool(x, lambda a: place.source.call(a, mask=mask), layer=place.name)


@cover("Mean", "Sum")
def reduction(place: Place, x, **_):
    if tf.TensorShape(x.shape).rank < 2:
        raise place.refuse("a reduction over the batch is not covered")
    return primitives.pool(x, place.source.call, layer=place.name)
