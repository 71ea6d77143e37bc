"""Layers that merge several inputs: sums, averages, products with gates."""

from functools import reduce

from keras import layers, ops

from thesis_rnn.attribution.stock.coverage import Place, cover
from thesis_rnn.core import primitives


@cover(layers.Add)
def add(place: Place, inputs, **_):
    return reduce(lambda a, b: primitives.accumulate(a, b, place.name), inputs)


@cover("Add")
def add_operation(place: Place, a, b, **_):
    signals = [term for term in (a, b) if not isinstance(term, int | float)]
    if len(signals) == 2:
        return add(place, signals)
    [signal], constant = signals, a if isinstance(a, int | float) else b
    return _shifted(place, signal, float(constant))


def _shifted(place: Place, a, constant: float):
    """a + constant: the constant is a bias."""
    features = a.shape[-1]
    unchanged = primitives.contribution(a, ops.eye(features, dtype=place.dtype), place.site(), place.domain)
    return primitives.preactivation(unchanged, ops.full((features,), constant, place.dtype), place.site())


@cover(layers.Subtract)
def subtract(place: Place, inputs, **_):
    a, b = inputs
    return add(place, [a, primitives.gate(-1.0, b)])


@cover(layers.Average)
def average(place: Place, inputs, **_):
    return add(place, [primitives.gate(1 / len(inputs), a) for a in inputs])


@cover(layers.Multiply)
def multiply(place: Place, inputs, **_):
    """A product of gates and one signal."""
    if len(inputs) != len(place.gates):
        raise place.refuse(f"a product of {len(place.gates)} tensors, used once, is covered; received {len(inputs)}")
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
    for constant, signal in ((a, b), (b, a)):
        if isinstance(constant, int | float):
            return primitives.gate(float(constant), signal)
    return multiply(place, [a, b])
