"""The epsilon rule and plain z, with an explicit policy for biases."""

from dataclasses import dataclass

import tensorflow as tf

from thesis_rnn.attribution.rules.base import Absorbed, Form, Parts, dead, divide, one_sample, stabilise, transposed
from thesis_rnn.core.linear_maps import linear
from thesis_rnn.core.primitives import Domain
from thesis_rnn.errors import InputError
from thesis_rnn.support.scalars import number

BIAS_POLICIES = ("absorb", "redistribute", "ignore")


@dataclass(frozen=True)
class Epsilon:
    """LRP-epsilon, R_j = sum_k a_j w_jk / (z_k + epsilon sign(z_k)) R_k (Bach et al., 2015, equation 58).

    z_k = sum_j a_j w_jk + b_k and sign(0) = +1, so that z_k = 0 divides by +epsilon. With epsilon = 0 it is plain z:
    for a ReLU network, gradient x input. Then z_k = 0 has nothing to share by, and R_k is lost.

    Args:
      epsilon: the stabiliser, at least 0.
      bias: what becomes of the bias' part b_k / (z_k + ...) R_k: "absorb" loses it; "redistribute" gives it to the
        inputs of k in equal parts; "ignore" leaves b_k out of z_k.

    Raises:
      InputError: for a negative epsilon or an unknown policy.
    """

    epsilon: float = number(1e-3)
    bias: str = "absorb"

    def __post_init__(self):
        if not self.epsilon >= 0:
            raise InputError(f"epsilon must be at least 0; received {self.epsilon:g}")
        if self.bias not in BIAS_POLICIES:
            raise InputError(f"the bias policy must be one of {', '.join(BIAS_POLICIES)}; received {self.bias!r}")

    def split(self, a, kernel, domain: Domain, form: Form = None) -> Parts:
        z = linear(a, kernel, form)
        if self.bias != "redistribute":
            return Parts(z, z)
        inputs = linear(one_sample(a, kernel, form), tf.ones_like(kernel), form)
        return Parts(z, z, tf.zeros_like(z) + inputs)

    def share(self, parts: Parts, bias, relevance) -> Parts:
        s = divide(relevance, self._denominator(parts, bias))
        return Parts(None, s) if parts.second is None else Parts(None, s, bias * s / parts.second)

    def collect(self, a, kernel, domain: Domain, shares: Parts, form: Form = None):
        collected = a * transposed(shares.first, kernel, a, form)
        if shares.second is not None:
            collected += transposed(shares.second, tf.ones_like(kernel), a, form)
        return collected

    def absorbed(self, parts: Parts, bias, relevance) -> Absorbed:
        denominator = self._denominator(parts, bias)
        s = divide(relevance, denominator)
        kept = self._completed(parts, bias)
        lost_to_bias = bias * s if self.bias == "absorb" else tf.zeros_like(s)
        lost = tf.where(dead(denominator), relevance, tf.zeros_like(relevance))
        return Absorbed(lost_to_bias, (denominator - kept) * s, lost)

    def _completed(self, parts: Parts, bias):
        return parts.first if self.bias == "ignore" else parts.first + bias

    def _denominator(self, parts: Parts, bias):
        return stabilise(self._completed(parts, bias), self.epsilon)
