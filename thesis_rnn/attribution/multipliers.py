"""The backward of DeepLIFT's rescale rule: what flows back are multipliers, finite differences from a reference.

Sample and reference ride on the axis of samples: of 2n rows the first n are samples, the others their references. Every
primitive finds both values there, so that loops, reshapes and concatenations need nothing of their own. Multipliers
flow back in the first half; the other one receives zeros.
"""

import keras
import tensorflow as tf
from keras import ops

from thesis_rnn.attribution.rules import transposed_map
from thesis_rnn.attribution.rules.base import transposed
from thesis_rnn.core.backward import with_backward
from thesis_rnn.core.linear_maps import KernelPerSample, is_shared, linear
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError

NEAR = {"float32": 1e-6, "float64": 1e-9}
"""Inputs of a function that differ by less have its derivative for a multiplier."""

DERIVATIVES = {
    ops.relu: lambda y: tf.cast(y > 0, y.dtype),
    ops.tanh: lambda y: 1 - y * y,
    ops.sigmoid: lambda y: y * (1 - y),
    keras.activations.tanh: lambda y: 1 - y * y,
    keras.activations.sigmoid: lambda y: y * (1 - y),
}
"""Derivatives by the function's value, where they cost little."""


class Multipliers(ForwardSemantics):
    """The rescale rule: a multiplier for every primitive, with (multiplier) x (input - reference) = output - reference.

    Affine maps have their derivative, functions of one number (f(z) - f(z0)) / (z - z0), products a b the completed
    (b + b0) / 2 and (a + a0) / 2. A maximum gives what it gained to the sample's winner, and what it lost to the
    reference's. Softmax is exp, sum, reciprocal and product.

    Args:
      embedded_at_zero: the reference of embedded tokens is an embedding of zeros, whatever tokens are given.
    """

    follows_gates = True
    follows_scales = True
    times = 2
    """How many points of each sample ride on its axis."""

    def __init__(self, embedded_at_zero: bool = False):
        super().__init__()
        self.embedded_at_zero = embedded_at_zero

    def points(self, x, reference):
        """The points of each sample, one batch behind the other."""
        return tf.concat([x, reference], axis=0)

    def started(self, seeds):
        """What the backward pass starts from at the points."""
        return first_only(seeds)

    def relevance(self, multiplier, leaf):
        """(x - x0) * multiplier [n, ...]."""
        return _first(multiplier) * tf.subtract(*rows(leaf))

    def contribution(self, a, kernel, site, domain):
        if isinstance(site.form, KernelPerSample):
            raise InputError(
                "deep_lift and deep_shap need attention weights that are signals; use integrated_gradients or "
                f"expected_gradients; received layer {site.layer!r}, whose weights count as constants"
            )
        if not is_shared(site.form):
            return super().contribution(a, kernel, site, domain)
        kernel = tf.convert_to_tensor(kernel)

        @with_backward
        def mapped(a):
            def backward(signal):
                return first_only(transposed(_first(signal), kernel, _first(a), site.form))

            return linear(a, kernel, site.form), backward

        return mapped(a)

    def rectify(self, z):
        return self.squash(z, ops.relu, False, "")

    def squash(self, z, function, controls, layer):
        @with_backward
        def squashed(z):
            y = function(z)
            return y, lambda signal: first_only(_first(signal) * _slope(function, z, y))

        return squashed(z)

    def gate(self, g, signal, role="other"):
        return g * signal if isinstance(g, float) else self.product(g, signal, tf.multiply)

    def product(self, a, b, function, layer="", mixing=None):
        @with_backward
        def multiplied(a, b):
            def backward(signal):
                m, mean_a, mean_b = _first(signal), _mean(a), _mean(b)
                if function is tf.multiply and a.shape.as_list() == b.shape.as_list():
                    return first_only(m * mean_b), first_only(m * mean_a)
                to_a = transposed_map(lambda a: function(a, mean_b), _first(a), m)
                to_b = transposed_map(lambda b: function(mean_a, b), _first(b), m)
                return first_only(to_a), first_only(to_b)

            return function(a, b), backward

        return multiplied(a, b)

    def normalise(self, a, scale, layer=""):
        of_samples = scale.shape.rank == a.shape.rank and scale.shape[0] is None
        return self.product(a, scale, tf.multiply) if of_samples else a * scale

    def pool(self, a, function, average=None, layer=""):
        if average is None:
            return function(a)

        @with_backward
        def pooled(a):
            y = function(a)
            return y, lambda signal: first_only(_of_winners(function, a, _turn(y, average(a)), _first(signal)))

        return pooled(a)

    def greatest(self, a, b, function):
        """As the maximum, or minimum, over an axis of two."""
        both = tf.stack([a, b], axis=-1)
        return self.pool(both, lambda both: function(*tf.unstack(both, axis=-1)), lambda both: ops.mean(both, axis=-1))

    def softmax(self, z, function, layer=""):
        @with_backward
        def normalised(z):
            p = function(z)
            return p, lambda signal: first_only(_of_softmax(function, z, p, _first(signal)))

        return normalised(z)

    def leaf(self, a, name):
        if name == "embedding" and self.embedded_at_zero:
            a = first_only(_first(a))
        return super().leaf(a, name)


def rows(a) -> tuple[tf.Tensor, tf.Tensor]:
    """The samples' part of ``a`` [2n, ...], and the references'."""
    return tuple(tf.split(a, 2))


def _first(a):
    return rows(a)[0]


def _mean(a):
    x, reference = rows(a)
    return (x + reference) / 2


def first_only(multiplier):
    """``multiplier`` [n, ...] as [2n, ...]: nothing for the references."""
    return tf.concat([multiplier, tf.zeros_like(multiplier)], axis=0)


def divided(change, gap, otherwise):
    """change / gap; where the gap is next to nothing, ``otherwise``."""
    return tf.where(tf.abs(gap) < NEAR[gap.dtype.name], otherwise, tf.math.divide_no_nan(change, gap))


def _slope(function, z, y):
    """(f(z) - f(z0)) / (z - z0)."""
    slope = mean_slope(function, z, y)
    (z, z0), (y, y0) = rows(z), rows(y)
    return divided(y - y0, z - z0, slope)


def mean_slope(function, z, y):
    """The mean of f' at the two points z and z0, where f is y and y0."""
    derivative = DERIVATIVES.get(function)
    return _mean(transposed_map(function, z, tf.ones_like(y)) if derivative is None else derivative(y))


def _turn(y, average):
    """What ``y``, a maximum or a minimum [2n, ...], is between its two values when the winner changes."""
    (y, y0), (mean, mean0) = rows(y), rows(average)
    return y, y0, tf.where(y + y0 >= mean + mean0, tf.maximum(y, y0), tf.minimum(y, y0))


def _of_winners(function, a, turn, m):
    """The gain up to the turn belongs to the winner of the sample, the rest to that of the reference (as Captum)."""
    y, y0, between = turn
    won = transposed_map(function, a, tf.concat([m * (between - y0), m * (y - between)], axis=0))
    plain = _first(transposed_map(function, a, tf.concat([m, m], axis=0)))
    x, reference = rows(a)
    return divided(tf.add(*rows(won)), x - reference, plain)


def _of_softmax(function, z, p, m):
    """Through p = e r, r = 1 / sum e, e = exp(z - s), with the shift s at which the two sums are each other's inverse.

    With t = (sum e0 / sum e)^(1/2) that is e = p / t, e0 = p0 t, r = t and r0 = 1 / t. Sums over the axis of the
    softmax, which only ``function`` knows, are taken from its derivative, J' m = p (m - sum_j m_j p_j).
    """
    both, seen = tf.concat([m, m], axis=0), p > 0
    sums = both - transposed_map(function, z, both) / tf.where(seen, p, tf.ones_like(p))
    hidden = ~tf.logical_or(*rows(seen))
    gap = tf.where(hidden, tf.zeros_like(m), tf.subtract(*rows(z)))
    log_p, log_p0 = rows(tf.math.log(tf.where(tf.tile(hidden, _twice(p)), tf.ones_like(p), p)))
    t = tf.exp((log_p - log_p0 - gap) / 2)
    (q, q0), (sum_x, sum_reference) = rows(p), rows(sums)
    e, e0 = q / t, q0 * t
    to_e = (m * (t + 1 / t) - sum_x / t - sum_reference * t) / 2
    return tf.where(hidden, tf.zeros_like(m), to_e * divided(e - e0, gap, (e + e0) / 2))


def _twice(a) -> list[int]:
    return [2] + [1] * (a.shape.rank - 1)
