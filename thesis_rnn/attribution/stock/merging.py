"""Layers that merge several inputs: sums, averages, products with gates."""

from functools import reduce

import tensorflow as tf
from keras import backend, layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, register_layer
from thesis_rnn.core import primitives


@register_layer(layers.Add)
def add(context: LayerContext, inputs, **_):
    return reduce(lambda a, b: primitives.add(a, b, context.name), _terms(context, inputs))


def _terms(context: LayerContext, inputs) -> list:
    """The terms of a sum, in the shape of the sum where one of them is a constant: it is added to every sample."""
    if not any(context.constants):
        return inputs
    shape = reduce(tf.broadcast_dynamic_shape, map(ops.shape, map(tf.convert_to_tensor, inputs)))
    terms = context.with_constants(inputs, like=shape)
    return [ops.broadcast_to(term, shape) for term in terms]


@register_layer("Add")
def add_operation(context: LayerContext, a, b, **_):
    signals = [term for term in (a, b) if not isinstance(term, int | float)]
    if not any(backend.is_float_dtype(backend.standardize_dtype(term.dtype)) for term in signals):
        return context.source.call(a, b)  # tokens, which no relevance reaches
    if len(signals) == 2:
        return add(context, signals)
    [signal], constant = signals, a if isinstance(a, int | float) else b
    return _shifted(context, signal, float(constant))


def _shifted(context: LayerContext, a, constant: float):
    """a + constant: the constant is a bias."""
    features = a.shape[-1]
    unchanged = primitives.contribution(a, ops.eye(features, dtype=context.dtype), context.site(), context.domain)
    return primitives.preactivation(unchanged, ops.full((features,), constant, context.dtype), context.site())


@register_layer(layers.Subtract)
def subtract(context: LayerContext, inputs, **_):
    a, b = _terms(context, inputs)
    return primitives.add(a, primitives.gate(-1.0, b), context.name)


@register_layer(layers.Average)
def average(context: LayerContext, inputs, **_):
    terms = [primitives.gate(1 / len(inputs), a) for a in _terms(context, inputs)]
    return reduce(lambda a, b: primitives.add(a, b, context.name), terms)


@register_layer(layers.Multiply)
def multiply(context: LayerContext, inputs, **_):
    """A product of gates and one signal."""
    if len(inputs) != len(context.gates):
        raise context.refuse(
            f"a product of {len(context.gates)} tensors, used once, is covered; received {len(inputs)}"
        )
    gates = [factor for factor, is_gate in zip(inputs, context.gates, strict=True) if is_gate]
    signals = [factor for factor, is_gate in zip(inputs, context.gates, strict=True) if not is_gate]
    if len(signals) != 1:
        raise context.refuse(
            f"a product is covered where all factors but one are gates (sigmoid or softmax); received {len(signals)} "
            "others"
        )
    return reduce(lambda signal, gate: primitives.gate(gate, signal), gates, signals[0])


@register_layer("Multiply")
def multiply_operation(context: LayerContext, a, b, **_):
    for constant, signal in ((a, b), (b, a)):
        if isinstance(constant, int | float):
            return primitives.gate(float(constant), signal)
    return multiply(context, [a, b])
