"""Arithmetic of ``keras.ops`` and of operators: products with constants are linear, products of signals are shared."""

from functools import partial, reduce

import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution.stock.layer_forwards import LayerContext, is_floating, register_layer
from thesis_rnn.attribution.stock.merging import add, of_one_rank, subtract, terms
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Diagonal, Einsum, KernelPerSample

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@register_layer("Add")
def add_operation(context: LayerContext, a, b, **_):
    if not any(is_floating(term) for term in (a, b)):
        return context.source.call(a, b)  # tokens, which no relevance reaches
    numbers = [term for term in (a, b) if isinstance(term, int | float)]
    if not numbers:
        return add(context, [a, b])
    return shifted(context, b if a is numbers[0] else a, float(numbers[0]))


@register_layer("Subtract")
def subtract_operation(context: LayerContext, a, b, **_):
    if isinstance(b, int | float):
        return shifted(context, a, -float(b))
    if isinstance(a, int | float):
        return shifted(context, primitives.gate(-1.0, b), float(a))
    return subtract(context, [a, b])


def shifted(context: LayerContext, x, constant):
    """x + constant: the constant is a bias."""
    one, constant = ops.ones((), context.dtype), ops.cast(constant, context.dtype)
    return primitives.affine(x, one, constant, context.site(form=Diagonal()), context.domain)


@register_layer("Negative")
def negative(context: LayerContext, x, **_):
    return primitives.gate(-1.0, x)


@register_layer(layers.Multiply)
def multiply(context: LayerContext, inputs, **_):
    """Gates decide how much of a signal passes; where there is more than one signal, their product is shared."""
    if len(inputs) != len(context.gates):
        raise context.refuse(
            f"a product of {len(context.gates)} tensors, used once, is covered; received {len(inputs)}"
        )
    factors = list(zip(of_one_rank(inputs), context.gates, strict=True))
    signals = [factor for factor, is_gate in factors if not is_gate] or [inputs[-1]]
    gates = [factor for factor, is_gate in factors if is_gate and factor is not signals[0]]
    product = reduce(lambda a, b: primitives.product(a, b, layer=context.name), signals)
    return reduce(lambda signal, gate: primitives.gate(gate, signal), gates, product)


@register_layer("Multiply")
def multiply_operation(context: LayerContext, a, b, **_):
    constants = context.are_constant(a, b)
    if not any(constants):
        return multiply(context, [a, b])
    constant, signal = (a, b) if constants[0] else (b, a)
    return scaled(context, signal, constant)


def scaled(context: LayerContext, x, constant):
    """x * constant: the constant is a kernel that makes one output of every input."""
    if isinstance(constant, int | float):
        return primitives.gate(float(constant), x)
    constant = ops.cast(constant, context.dtype)
    shape = ops.shape(x * constant)
    return primitives.normalise(ops.broadcast_to(x, shape), constant, context.name)


@register_layer("Divide", "TrueDivide")
def divide(context: LayerContext, a, b, **_):
    if not context.are_constant(a, b)[1]:
        return quotient(context, a, b)
    return scaled(context, a, 1 / b if isinstance(b, int | float) else 1 / ops.cast(b, context.dtype))


def quotient(context: LayerContext, a, b):
    """a / b, where the divisor scales the signal like that of a norm; a number over a signal is a function of it."""
    if isinstance(a, int | float):
        return primitives.squash(b, lambda z: a / z, layer=context.name)
    if len(a.shape) != len(b.shape):
        raise context.refuse(f"a signal is divided by one of as many axes; received {len(a.shape)} and {len(b.shape)}")
    a, _ = terms(context, [a, b])
    with primitives.scaling():
        scale = primitives.squash(b, ops.reciprocal, layer=context.name)
    return primitives.normalise(
        tf.broadcast_to(a, tf.broadcast_dynamic_shape(tf.shape(a), tf.shape(b))), scale, context.name
    )


@register_layer("Var", "Std")
def variance(context: LayerContext, x, **_):
    """The mean of squared deviations from the mean, or its root."""
    context.keeps_samples(x)
    source = context.source
    mean = primitives.pool(x, partial(ops.mean, axis=source.axis, keepdims=True), layer=context.name)
    mean = tf.broadcast_to(mean, tf.shape(x))
    off = primitives.add(x, primitives.gate(-1.0, mean), context.name)
    square = primitives.product(off, off, layer=context.name)
    found = primitives.pool(square, partial(ops.mean, axis=source.axis, keepdims=source.keepdims), layer=context.name)
    return primitives.squash(found, ops.sqrt, layer=context.name) if type(source).__name__ == "Std" else found


@register_layer("Square")
def square(context: LayerContext, x, **_):
    return primitives.product(x, x, layer=context.name)


@register_layer("Power")
def power(context: LayerContext, x, exponent, **_):
    if not isinstance(exponent, int | float) or exponent not in (1, 2):
        raise context.refuse(f"powers of 1 and 2 are covered; received {exponent}")
    return x if exponent == 1 else square(context, x)


@register_layer("Maximum", "Minimum")
def greatest(context: LayerContext, a, b, **_):
    """Of two signals the winner takes all, as its derivative is 1; with a constant it is an elementwise function."""
    constants = context.are_constant(a, b)
    if not any(constants):
        return primitives.greatest(a, b, context.source.call)
    constant, signal = (a, b) if constants[0] else (b, a)
    if isinstance(constant, int | float) and constant == 0 and type(context.source).__name__ == "Maximum":
        return primitives.rectify(signal)

    def function(z):
        return context.source.call(z, ops.cast(constant, context.dtype))

    function.__name__ = context.source.name
    return primitives.squash(signal, function, layer=context.name)


@register_layer("Matmul", "Dot")
def matmul(context: LayerContext, a, b, **_):
    """A dense map, a map by attention weights, or a product of two signals."""
    ranks = len(a.shape), len(b.shape)
    if type(context.source).__name__ == "Dot" and ranks[1] > 2:
        raise context.refuse("ops.dot of more than two axes is not covered; use ops.matmul or ops.einsum")
    left = "...i" if ranks[0] == 1 or ranks[1] == 1 else "...ij"
    if ranks[1] == 1:
        return contraction(context, "...i,i->...", a, b)
    if ranks[0] == 1:
        return contraction(context, "i,...ij->...j", a, b)
    return contraction(context, f"{left},...jk->...ik", a, b)


@register_layer("Tensordot")
def tensordot(context: LayerContext, a, b, **_):
    axes, ranks = context.source.axes, (len(a.shape), len(b.shape))
    if isinstance(axes, int):
        axes = (range(ranks[0] - axes, ranks[0]), range(axes))
    first, second = ([axes[side]] if isinstance(axes[side], int) else list(axes[side]) for side in (0, 1))
    left, right = LETTERS[: ranks[0]], list(LETTERS[ranks[0] : sum(ranks)])
    summed = [left[axis] for axis in first]
    for axis, letter in zip(second, summed, strict=True):
        right[axis] = letter
    kept = [letter for letter in [*left, *right] if letter not in summed]
    return contraction(context, f"{left},{''.join(right)}->{''.join(kept)}", a, b)


@register_layer("Einsum")
def einsum(context: LayerContext, *operands, **_):
    equation = context.source.subscripts.replace(" ", "")
    if len(operands) > 2 or "->" not in equation:
        raise context.refuse(f"einsum of one or two tensors, with its output written, is covered; received {equation}")
    if len(operands) == 1:
        return primitives.pool(operands[0], context.source.call, layer=context.name)
    return contraction(context, equation, *operands)


def contraction(context: LayerContext, equation: str, a, b):
    """``einsum(equation, a, b)``: linear in a signal where the other is a constant, or a product of two signals."""
    (left, right), output = equation.split("->")[0].split(","), equation.split("->")[1]
    constants = context.are_constant(a, b)
    if constants[0]:
        left, right, a, b, constants = right, left, b, a, constants[::-1]
    equation = f"{left},{right}->{output}"
    if not any(constants):
        return _product(context, equation, a, b)
    kernel, neurons = ops.cast(b, context.dtype), [axis for axis in output if axis in right and axis not in left]
    dense = equation == "...ij,...jk->...ik" and len(b.shape) == 2
    site = context.site(form=None if dense else Einsum(equation, max(len(neurons), 1)))
    return primitives.affine(a, kernel, ops.zeros((), context.dtype), site, context.domain)


def _product(context: LayerContext, equation: str, a, b):
    if len(context.gates) == 2 and sum(context.gates) == 1:  # the gate is a softmax: attention weights
        (left, right), output = equation.split("->")[0].split(","), equation.split("->")[1]
        if context.gates[1]:
            left, right, a, b = right, left, b, a
        equation = f"{left},{right}->{output}"
        plain = equation == "...ij,...jk->...ik"
        site = context.site("attention", KernelPerSample("" if plain else equation))
        return primitives.product(a, b, partial(ops.einsum, equation), context.name, site)
    return primitives.product(a, b, partial(ops.einsum, equation), context.name)


@register_layer(layers.Dot)
def dot(context: LayerContext, inputs, **_):
    """The product of two signals over an axis of each, of normalised ones where the layer says so."""
    a, b = inputs
    source = context.source
    axes = [source.axes] * 2 if isinstance(source.axes, int) else source.axes
    axes = [axis % len(x.shape) for axis, x in zip(axes, inputs, strict=True)]
    if source.normalize:
        norms = map(_inverse_norm, (a, b), axes)
        a, b = (primitives.normalise(x, norm, context.name) for x, norm in zip((a, b), norms, strict=True))
    if len(a.shape) == len(b.shape) == 2:  # a number for each sample: products, and their sum
        total = partial(ops.sum, axis=-1, keepdims=True)
        return primitives.pool(primitives.product(a, b, layer=context.name), total, layer=context.name)
    left, right = list(LETTERS[: len(a.shape)]), list("a" + LETTERS[len(a.shape) : len(a.shape) + len(b.shape) - 1])
    right[axes[1]] = left[axes[0]]
    kept = [letter for letter in [*left, *right[1:]] if letter != left[axes[0]]]
    return contraction(context, f"{''.join(left)},{''.join(right)}->{''.join(kept)}", a, b)


def _inverse_norm(x, axis: int):
    with primitives.scaling():
        total = partial(ops.sum, axis=axis, keepdims=True)
        return inverse_root(x, total, lambda square: 1 / ops.sqrt(ops.maximum(square, 1e-12)))


def inverse_root(x, total, function):
    """The scale of a norm, a ``function`` of the ``total``, a sum or a mean, of squares."""
    return primitives.squash(primitives.pool(primitives.product(x, x), total), function, controls=True)
