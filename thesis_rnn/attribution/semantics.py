"""Backward semantics of the primitives: guided backprop and relevance propagation.

Sensitivity analysis and the other gradient methods need none: they take the derivative of ``primitives.Plain``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from keras import ops

from thesis_rnn.attribution.rules import Parts, divide
from thesis_rnn.errors import InputError
from thesis_rnn.primitives import Plain, Site, sum_windows


class Guided(Plain):
    """Guided backprop: a signal passes a ReLU where it is positive and the ReLU is active (thesis, equation 2.29)."""

    def rectify(self, z):
        @tf.custom_gradient
        def guided_relu(z):
            return ops.relu(z), lambda signal: tf.where(z > 0, tf.nn.relu(signal), 0)

        return guided_relu(z)

    def squash(self, z, function):
        raise InputError(
            "guided backprop is defined for ReLU networks (Springenberg et al., 2014); use sensitivity or "
            f"gradient_x_input instead; received a network with {function.__name__} on its signal path"
        )

    def gate(self, g, signal):
        return tf.stop_gradient(g) * signal


@dataclass(frozen=True)
class Contribution:
    """The parts of what inputs contribute to a pre-activation: summed over inputs, sliced over steps."""

    parts: Parts

    def __add__(self, other: "Contribution") -> "Contribution":
        return Contribution(Parts(*map(_sum_of_present, self.parts, other.parts)))

    def __getitem__(self, index: Any) -> "Contribution":
        return Contribution(Parts(*(None if part is None else part[index] for part in self.parts)))


class Propagation(Plain):
    """Relevance propagation: what flows back is relevance, shared by the rules of a composite.

    Args:
      composite: maps a ``Site`` to the rule that shares relevance there.
    """

    def __init__(self, composite: Callable[[Site], Any]):
        self.composite = composite

    def contribution(self, a, kernel, site: Site, domain):
        rule = self.composite(site)
        kernel = tf.convert_to_tensor(kernel)

        @tf.custom_gradient
        def split(a):
            parts = rule.split(a, kernel, domain, site.window)
            present = [part for part in parts if part is not None]

            def collect(_, *shares):
                return rule.collect(a, kernel, domain, Parts(None, *shares), site.window)

            return present, collect

        return Contribution(Parts(*split(a)))

    def preactivation(self, contributions: Contribution, bias, site: Site):
        rule = self.composite(site)
        bias = tf.convert_to_tensor(bias)

        @tf.custom_gradient
        def complete(*parts):
            def share(relevance):
                shares = rule.share(Parts(*parts), bias, relevance)
                return [None] + [share for share in shares if share is not None]

            return parts[0] + bias, share

        return complete(*(part for part in contributions.parts if part is not None))

    def rectify(self, z):
        return _identity_backward(ops.relu, z)

    def squash(self, z, function):
        return _identity_backward(function, z)

    def gate(self, g, signal):
        """All relevance goes to the signal (Arras et al., 2017)."""
        return _identity_backward(lambda signal: g * signal, signal)

    def accumulate(self, a, b):
        """In proportion to the contributions; where both are zero nothing can be shared, and relevance is lost."""

        @tf.custom_gradient
        def add(a, b):
            def share(relevance):
                s = divide(relevance, a + b)
                return a * s, b * s

            return a + b, share

        return add(a, b)

    def pool(self, a, size):
        """In proportion to the activations in a window (Montavon et al., 2018, section 5.1)."""

        @tf.custom_gradient
        def pooled(a):
            sums = sum_windows(a, size)

            def share(relevance):
                with tf.GradientTape() as tape:
                    tape.watch(a)
                    spread = sum_windows(a, size)
                return a * tape.gradient(spread, a, output_gradients=divide(relevance, sums))

            return sums, share

        return pooled(a)


def _identity_backward(function, signal):
    """``function`` forward; backward, relevance passes unchanged."""

    @tf.custom_gradient
    def forward(signal):
        return function(signal), lambda relevance: relevance

    return forward(signal)


def _sum_of_present(a, b):
    if a is None or b is None:
        return b if a is None else a
    return a + b
