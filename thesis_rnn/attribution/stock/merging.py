"""Layers that merge several inputs: sums, averages, products with gates."""

from functools import reduce

from keras import layers

from thesis_rnn import primitives
from thesis_rnn.attribution.stock.coverage import Place, cover


@cover(layers.Add)
def add(place: Place, inputs, **_):
    return reduce(lambda a, b: primitives.accumulate(a, b, place.name), inputs)


@cover("Add")
def add_operation(place: Place, a, b, **_):
    return add(place, [a, b])


@cover(layers.Subtract)
def subtract(place: Place, inputs, **_):
    a, b = inputs
    return add(place, [a, primitives.gate(-1.0, b)])


@cover(layers.Average)
def average(place: Place, inputs, **_):
    return add(place, [primitives.gate(1 / len(inputs), a) for a in inputs])


@cover(layers.Multiply)
def multiply(place: Place, inputs, **_):
    """A product of gates and one signal, or, where the composite shares among both, of any two factors."""
    gates = [factor for factor, is_gate in zip(inputs, place.gates, strict=True) if is_gate]
    signals = [factor for factor, is_gate in zip(inputs, place.gates, strict=True) if not is_gate]
    if len(signals) != 1:
        raise place.refuse(
            f"a product is covered where all factors but one are gates (sigmoid or softmax); received {len(signals)} "
            "others"
        )
    return reduce(lambda signal, gate: primitives.gate(gate, signal), gates, signals[0])


@cover("Multiply")
def multiply_operation(place: Place, a, b, **_):
    return multiply(place, [a, b])
