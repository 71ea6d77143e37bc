"""The backward of DeepLIFT's RevealCancel rule: what raises and what lowers a pre-activation has its own multiplier.

Three points ride on the axis of samples: of 3n rows the first n are samples, the next their references, the last the
references with all that raises and nothing that lowers, r + d+. What lowers is the rest, d- = x - (r + d+). The
multipliers of d+ flow back in the first rows, those of d- in the next, and the last receive zeros. Reshapes, averages
and sums of contributions need nothing of their own.
"""

import tensorflow as tf

from thesis_rnn.attribution.multipliers import Multipliers, divided, mean_slope
from thesis_rnn.attribution.rules import transposed_map
from thesis_rnn.core.backward import with_backward
from thesis_rnn.core.linear_maps import Diagonal, KernelPerSample, linear
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError


class RevealCancel(Multipliers):
    """The rules of Shrikumar et al. (2017), sections 3.5.1 and 3.5.3; as in their code, scales and averages keep parts.

    An input of a kernel belongs to d+ or d- of the output by the sign of its weight times its difference. A function
    gives d+ what it adds, beside the reference and beside d-, on average, and d- likewise. Products, maxima, sums of
    two signals, softmax and norms are not defined and refused.
    """

    follows_scales = False  # of norms, which are refused
    times = 3

    def points(self, x, reference):
        raised = tf.maximum(x, reference) if x.dtype.is_floating else x
        return tf.concat([x, reference, raised], axis=0)

    def started(self, seeds):
        return both_only(seeds, seeds)

    def relevance(self, multiplier, leaf):
        (to_up, to_down, _), (up, down) = rows(multiplier), differences(leaf)
        return to_up * up + to_down * down

    def contribution(self, a, kernel, site, domain):
        if site.controls or isinstance(site.form, KernelPerSample):
            raise _undefined(site.layer, "gates" if site.controls else "attention")
        kernel, form = tf.convert_to_tensor(kernel), site.form
        above, below = tf.nn.relu(kernel), -tf.nn.relu(-kernel)
        keeps_parts = isinstance(form, Diagonal)

        @with_backward
        def mapped(a):
            x, reference, _ = rows(a)
            gap = x - reference
            up, down = differences(a) if keeps_parts else (tf.nn.relu(gap), -tf.nn.relu(-gap))
            z, z0 = tf.split(linear(tf.concat([x, reference], axis=0), kernel, form), 2)

            def backward(signal):
                to_up, to_down, _ = rows(signal)
                raising, lowering = (
                    _transposed(one, above, x, form) + _transposed(other, below, x, form)
                    for one, other in ((to_up, to_down), (to_down, to_up))
                )
                return both_only(raising, lowering) if keeps_parts else _by_sign(gap, raising, lowering)

            return tf.concat([z, z0, z0 + linear(up, above, form) + linear(down, below, form)], axis=0), backward

        return mapped(a)

    def squash(self, z, function, controls, layer):
        if controls:
            raise _undefined(layer, "gates")

        @with_backward
        def squashed(z):
            x, reference, raised = rows(z)
            lowered = reference + x - raised
            y, y0, y_up, y_down = tf.split(function(tf.concat([x, reference, raised, lowered], axis=0)), 4)
            of_up, of_down = (y_up - y0 + y - y_down) / 2, (y_down - y0 + y - y_up) / 2

            def backward(signal):
                (to_up, to_down, _), (up, down) = rows(signal), differences(z)
                slope = mean_slope(function, tf.concat([x, reference], axis=0), tf.concat([y, y0], axis=0))
                return both_only(to_up * divided(of_up, up, slope), to_down * divided(of_down, down, slope))

            return tf.concat([y, y0, y0 + of_up], axis=0), backward

        return squashed(z)

    def gate(self, g, signal, role="other"):
        if not isinstance(g, float):
            raise _undefined("", "a gate")
        return self.normalise(signal, tf.constant(g, signal.dtype))

    def normalise(self, a, scale, layer=""):
        if scale.shape.rank == a.shape.rank and a.shape.rank and scale.shape[0] is None:
            raise _undefined(layer, "a norm of the signal")
        return self._stretched(a, scale)

    def _stretched(self, a, scale):
        """a * scale, which keeps d+ and d-, or makes them change sides."""

        @with_backward
        def stretched(a):
            y, y0, raised = rows(a * scale)
            changes = tf.broadcast_to(scale < 0, tf.shape(y))

            def backward(signal):
                to_up, to_down, _ = rows(signal * scale)
                return both_only(tf.where(changes, to_down, to_up), tf.where(changes, to_up, to_down))

            return tf.concat([y, y0, tf.where(changes, y + y0 - raised, raised)], axis=0), backward

        return stretched(a)

    def add(self, a, b, layer=""):
        raise _undefined(layer, "a sum of two signals")

    def product(self, a, b, function, layer="", mixing=None):
        raise _undefined(layer, "a product of two signals")

    def pool(self, a, function, average=None, layer=""):
        if average is not None:
            raise _undefined(layer, "a maximum")
        return function(a)

    def greatest(self, a, b, function):
        raise _undefined("", "the greater of two signals")

    def softmax(self, z, function, layer=""):
        raise _undefined(layer, "a softmax")

    def leaf(self, a, name):
        if name == "embedding":
            x, reference, _ = rows(a)
            a = self.points(x, tf.zeros_like(reference) if self.embedded_at_zero else reference)
        return ForwardSemantics.leaf(self, a, name)


def rows(a) -> list[tf.Tensor]:
    """The samples' part of ``a`` [3n, ...], the references', and that of the references with d+."""
    return tf.split(a, 3)


def differences(a) -> tuple[tf.Tensor, tf.Tensor]:
    """d+ and d- [n, ...]."""
    x, reference, raised = rows(a)
    return raised - reference, x - raised


def both_only(to_up, to_down):
    """The multipliers of d+ and d- as [3n, ...]."""
    return tf.concat([to_up, to_down, tf.zeros_like(to_up)], axis=0)


def _by_sign(gap, raising, lowering):
    """One multiplier for both parts of an input, by the sign of its difference; where it has none the mean of both."""
    one = tf.where(gap > 0, raising, tf.where(gap < 0, lowering, (raising + lowering) / 2))
    return both_only(one, one)


def _transposed(signal, kernel, a, form):
    return transposed_map(lambda a: linear(a, kernel, form), a, signal)


def _undefined(layer: str, what: str) -> InputError:
    where = f"layer {layer!r} with {what}" if layer else what
    return InputError(
        "deep_lift(rule=reveal_cancel) is defined for functions of one number after linear maps: dense, convolutional, "
        f"averaging and SimpleRNN layers; use deep_lift; received {where}"
    )
