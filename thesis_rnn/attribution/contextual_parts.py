"""Contextual decomposition: every signal in three parts, which sum to it: of a phrase, of the rest, and of biases.

The parts ride on the axis of samples: of 3n rows the first n are what the phrase made, the next what the rest of the
input made, the last what biases made. Nothing flows back: the logits come out in the same parts.
"""

from contextlib import contextmanager

import tensorflow as tf
from keras import ops

from thesis_rnn.attribution.rules import transposed_map
from thesis_rnn.core.linear_maps import KernelPerSample
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError


class ContextualParts(ForwardSemantics):
    """The rules of Murdoch et al. (2018, section 3.2), and exact ones for what their LSTM does not have.

    Args:
      inside: which cells of embedded tokens belong to the phrase [n, steps]; None where the input is split already.
      together: at which steps the product of two biases belongs to the phrase, booleans [n, steps].
    """

    follows_gates = True

    def __init__(self, inside, together):
        super().__init__()
        self.inside = inside
        self.together = together
        self._here = None

    def notes(self, part, mask=None) -> list:
        known, own = part.shape[1], self.together.shape[1]
        if known != own:
            raise InputError(
                "contextual_decomposition needs recurrent layers that read the input step by step; received "
                f"a layer of {known} steps for an input of {own}"
            )
        return [tf.tile(self.together, [3, 1])]

    @contextmanager
    def at_step(self, notes):
        self._here = notes[0]
        yield
        self._here = None

    def contribution(self, a, kernel, site, domain):
        if isinstance(site.form, KernelPerSample):
            raise _undefined(site.layer, "attention")
        return super().contribution(a, kernel, site, domain)

    def preactivation(self, contributions, bias, site):
        of_bias = split(tf.zeros_like(contributions) + bias)[2]
        relevant, irrelevant, own = split(contributions)
        return joined(relevant, irrelevant, own + of_bias)

    def rectify(self, z):
        return self.squash(z, ops.relu, False, "")

    def squash(self, z, function, controls, layer):
        """What a part adds, beside the bias alone and beside all, on average; the bias comes first."""
        a, b, c = split(z)
        of_a, of_all, of_b, of_c = tf.split(function(tf.concat([a + c, a + b + c, b + c, c], axis=0)), 4, axis=0)
        return joined((of_a - of_c + of_all - of_b) / 2, (of_b - of_c + of_all - of_a) / 2, of_c)

    def gate(self, g, signal, role="other"):
        """By the gate's role in its cell; where that is to show a signal, or unknown, it is a whole."""
        if isinstance(g, float):
            return g * signal
        if role not in ("input", "forget"):
            return tf.concat([tf.add_n(split(g))] * 3, axis=0) * signal
        (g_phrase, _, g_bias), (phrase, _, bias) = split(g), split(signal)
        if role == "forget":
            relevant = (g_phrase + g_bias) * phrase
        else:
            relevant = g_phrase * (phrase + bias) + g_bias * phrase + self._is_here(g_bias) * g_bias * bias
        whole = tf.add_n(split(g)) * tf.add_n(split(signal))
        return joined(relevant, whole - relevant, tf.zeros_like(whole))

    def pool(self, a, function, average=None, layer=""):
        """Sums and averages of each part; of maxima, the parts of the winner."""
        if average is None:
            return function(a)
        return _along(function, tf.concat([tf.add_n(split(a))] * 3, axis=0), a)

    def greatest(self, a, b, function):
        return self.pool(tf.stack([a, b], axis=-1), lambda both: function(*tf.unstack(both, axis=-1)), function)

    def product(self, a, b, function, layer="", mixing=None):
        raise _undefined(layer, "a product of two signals")

    def normalise(self, a, scale, layer=""):
        if scale.shape.rank == a.shape.rank and scale.shape[0] is None:
            raise _undefined(layer, "a norm of the signal")
        return a * scale

    def softmax(self, z, function, layer=""):
        raise _undefined(layer, "a softmax")

    def constant(self, a, layer=""):
        """A bias."""
        if a.shape.rank == 0 or a.shape[0] is not None:
            raise _undefined(layer, "a constant that is not one for each sample")
        return joined(*(tf.zeros_like(part) for part in split(a)[:2]), split(a)[2])

    def leaf(self, a, name):
        if name == "embedding":
            relevant = split(a)[0] * tf.cast(self.inside, a.dtype)[..., tf.newaxis]
            a = joined(relevant, split(a)[1] - relevant, tf.zeros_like(relevant))
        return super().leaf(a, name)

    def _is_here(self, like):
        if self._here is None:
            raise InputError(
                "contextual_decomposition is defined for stock recurrent layers; received a gated layer of another kind"
            )
        here = tf.cast(split(self._here)[0], like.dtype)
        return tf.reshape(here, [-1] + [1] * (like.shape.rank - 1))


def split(a) -> list[tf.Tensor]:
    """The relevant, irrelevant and bias part of ``a`` [3n, ...]."""
    return tf.split(a, 3, axis=0)


def joined(relevant, irrelevant, bias) -> tf.Tensor:
    """The three parts as one tensor [3n, ...]."""
    return tf.concat([relevant, irrelevant, bias], axis=0)


def _along(function, at, direction):
    """The derivative of ``function`` ``at`` a point along a ``direction``: of the transpose of its transpose."""
    u = tf.zeros_like(function(at))
    with tf.GradientTape() as tape:
        tape.watch(u)
        back = transposed_map(function, at, u)
    return tape.gradient(back, u, output_gradients=direction)


def _undefined(layer: str, what: str) -> InputError:
    return InputError(
        "contextual_decomposition is defined for recurrent, dense, convolutional and pooling layers; use deep_lift or "
        f"lrp_epsilon; received layer {layer!r} with {what}"
    )
