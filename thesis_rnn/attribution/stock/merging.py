"""Layers that merge several inputs: sums, averages, the greatest and the least."""

from functools import reduce

import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, register_layer
from thesis_rnn.core import primitives


@register_layer(layers.Add)
def add(context: LayerContext, inputs, **_):
    return reduce(lambda a, b: primitives.add(a, b, context.name), terms(context, inputs))


@register_layer(layers.Subtract)
def subtract(context: LayerContext, inputs, **_):
    a, b = terms(context, inputs)
    return primitives.add(a, primitives.gate(-1.0, b), context.name)


@register_layer(layers.Average)
def average(context: LayerContext, inputs, **_):
    scaled = [primitives.gate(1 / len(inputs), a) for a in terms(context, inputs)]
    return reduce(lambda a, b: primitives.add(a, b, context.name), scaled)


@register_layer(layers.Maximum, layers.Minimum)
def extreme(context: LayerContext, inputs, **_):
    """The winner takes all: its derivative is 1."""
    return reduce(lambda a, b: primitives.greatest(a, b, lambda *pair: context.source.call(list(pair))), inputs)


def terms(context: LayerContext, inputs) -> list:
    """The terms of a sum, in the shape of the sum where one of them is a constant: it is added to every sample."""
    if not any(context.constants):
        return of_one_rank(inputs)
    shape = reduce(tf.broadcast_dynamic_shape, map(ops.shape, map(tf.convert_to_tensor, inputs)))
    known = reduce(tf.broadcast_static_shape, [tf.TensorShape(one.shape) for one in inputs])
    return [
        tf.ensure_shape(ops.broadcast_to(term, shape), known) for term in context.with_constants(inputs, like=shape)
    ]


def of_one_rank(inputs) -> list:
    """The inputs with axes after the samples, as many as Keras adds where ranks differ."""
    rank = max(len(x.shape) for x in inputs)
    missing = [[1] * (rank - len(x.shape)) for x in inputs]
    return [ops.reshape(x, (-1, *ones, *x.shape[1:])) if ones else x for x, ones in zip(inputs, missing, strict=True)]
