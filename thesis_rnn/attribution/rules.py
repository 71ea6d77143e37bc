"""Propagation rules: how the relevance of a pre-activation is shared among the inputs that made it.

A rule acts in three pure steps, because the inputs of a recurrent layer arrive separately:

1. ``split`` what one input contributes to z into its parts, which are then summed over inputs;
2. ``share`` the relevance R_k of each output over the summed parts: s = coefficient * R_k / part;
3. ``collect`` the relevance of one input from the shares.

``propagate`` does the three for a layer with one input. All are arrays in, arrays out, for dense maps and convolutions
alike, in any floating-point type.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import tensorflow as tf

from thesis_rnn.errors import InputError
from thesis_rnn.primitives import Domain, Window, linear

DEAD = 1e-30
"""A denominator of this magnitude or less counts as zero: it has nothing to share relevance by."""


class Parts(NamedTuple):
    """What an input contributes to a pre-activation.

    Attributes:
      z: W.a, the forward value.
      positive: the part that takes alpha's share.
      negative: the part that takes beta's share; None where a rule has none.
    """

    z: Any
    positive: Any
    negative: Any = None


@dataclass(frozen=True)
class AlphaBeta:
    """LRP-alpha-beta, with the z-beta rule on pixels (thesis, equations 2.34, 2.73, 3.5 and 3.6).

    With w+ = max(0, w), w- = min(0, w) and z_ik = x_i w_ik - l w+_ik - h w-_ik for pixels i, a_j for activations j:

        P_k = sum_i z_ik + sum_j a_j w+_jk,   N_k = sum_j a_j w-_jk
        R_i = sum_k alpha_k z_ik / P_k R_k
        R_j = sum_k (alpha_k a_j w+_jk / P_k - beta_k a_j w-_jk / N_k) R_k

    (alpha_k, beta_k) is (1, 0) where N_k = 0, (0, -1) where P_k = 0, and (alpha, beta) elsewhere, so that the part that
    exists carries all relevance. Where both are zero, R_k cannot be shared and is lost. A layer that sees only pixels
    has no N: the z-beta rule. Equation 2.74 and Table 2.1 of the thesis print w+ and w- the wrong way round.

    Args:
      alpha, beta: alpha - beta = 1 and beta >= 0; (1, 0) is the z+ rule of deep Taylor decomposition.
      low, high: l and h, the box that pixels live in.

    Raises:
      InputError: if alpha - beta is not 1, beta is negative, or low is not below high.
    """

    alpha: float = 1.0
    beta: float = 0.0
    low: float = -1.0
    high: float = 1.0

    def __post_init__(self):
        if abs(self.alpha - self.beta - 1) > 1e-6 or self.beta < 0:
            raise InputError(
                f"alpha - beta must be 1 with beta >= 0; received alpha={self.alpha:g}, beta={self.beta:g}"
            )
        if not self.low < self.high:
            raise InputError(f"the pixels' low must be below high; received low={self.low:g}, high={self.high:g}")

    def split(self, a, kernel, domain: Domain, window: Window | None = None) -> Parts:
        excitatory, inhibitory = tf.nn.relu(kernel), tf.minimum(kernel, 0)
        if domain == "bounded":
            z = linear(a, kernel, window)
            ones = tf.ones_like(a[(slice(0, 1),) * (a.shape.rank - kernel.shape.rank + 1)])
            corner = linear(ones * self.low, excitatory, window) + linear(ones * self.high, inhibitory, window)
            return Parts(z, z - corner)
        positive = linear(a, excitatory, window)
        if self.beta == 0:
            return Parts(linear(a, kernel, window), positive)
        negative = linear(a, inhibitory, window)
        return Parts(positive + negative, positive, negative)

    def share(self, parts: Parts, bias, relevance) -> Parts:
        positive, negative = parts.positive, parts.negative
        if negative is None:
            return Parts(None, divide(relevance, positive))
        no_positive, no_negative = tf.abs(positive) <= DEAD, tf.abs(negative) <= DEAD
        one = tf.ones_like(relevance)
        alpha = tf.where(no_negative, one, self.alpha)
        beta = tf.where(no_positive, -one, self.beta)
        return Parts(None, divide(alpha * relevance, positive), divide(-beta * relevance, negative))

    def collect(self, a, kernel, domain: Domain, shares: Parts, window: Window | None = None):
        excitatory, inhibitory = tf.nn.relu(kernel), tf.minimum(kernel, 0)
        s = shares.positive
        if domain == "bounded":
            return (
                a * transposed(s, kernel, a, window)
                - self.low * transposed(s, excitatory, a, window)
                - self.high * transposed(s, inhibitory, a, window)
            )
        collected = transposed(s, excitatory, a, window)
        if shares.negative is not None:
            collected += transposed(shares.negative, inhibitory, a, window)
        return a * collected


def propagate(rule, a, kernel, bias, relevance, domain: Domain = "positive", window: Window | None = None):
    """The relevance of ``a`` [batch, ..., inputs] from the ``relevance`` of W.a + b [batch, ..., outputs]."""
    shares = rule.share(rule.split(a, kernel, domain, window), bias, relevance)
    return rule.collect(a, kernel, domain, shares, window)


def divide(relevance, denominator):
    """relevance / denominator; 0 where the denominator is dead, so that what it held is lost, never NaN."""
    dead = tf.abs(denominator) <= DEAD
    return tf.where(dead, tf.zeros_like(relevance), relevance / tf.where(dead, tf.ones_like(denominator), denominator))


def transposed(shares, kernel, a, window: Window | None = None):
    """The transpose of ``linear``: W^T.s, in the shape of ``a``."""
    with tf.GradientTape() as tape:
        tape.watch(a)
        z = linear(a, kernel, window)
    return tape.gradient(z, a, output_gradients=shares)
