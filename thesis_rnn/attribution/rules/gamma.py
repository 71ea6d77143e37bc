"""The gamma rule."""

from dataclasses import dataclass

import tensorflow as tf

from thesis_rnn.attribution.rules.base import Absorbed, Form, Parts, dead, divide, transposed
from thesis_rnn.core.linear_maps import linear
from thesis_rnn.core.primitives import Domain
from thesis_rnn.errors import InputError
from thesis_rnn.support.scalars import number


@dataclass(frozen=True)
class Gamma:
    """LRP-gamma, which favours what agrees with the neuron (Montavon et al., 2019, section 10.2.1).

    With c_jk = a_j w_jk and c+, c- its positive and negative parts:

        R_j = sum_k (c_jk + gamma c+_jk) / (sum_j (c_jk + gamma c+_jk) + b_k + gamma b+_k) R_k   where z_k > 0

    and the same with c- and b- where z_k < 0. At z_k = 0 or a dead denominator R_k is lost. Biases absorb their part.

    Args:
      gamma: at least 0; 0 is plain z, large values approach z+.

    Raises:
      InputError: for a negative gamma.
    """

    gamma: float = number(0.25)

    def __post_init__(self):
        if not self.gamma >= 0:
            raise InputError(f"gamma must be at least 0; received {self.gamma:g}")

    def split(self, a, kernel, domain: Domain, form: Form = None) -> Parts:
        return Parts(
            linear(a, kernel, form),
            *(sum(linear(side, w, form) for side, w in self._favouring(a, kernel, domain, sign)) for sign in (1, -1)),
        )

    def share(self, parts: Parts, bias, relevance) -> Parts:
        towards, against = self._denominators(parts, bias)
        active = self._active(parts, bias, relevance)
        return Parts(None, *(divide(part, total) for part, total in zip(active, (towards, against), strict=True)))

    def collect(self, a, kernel, domain: Domain, shares: Parts, form: Form = None):
        return sum(
            side * transposed(share, w, a, form)
            for sign, share in ((1, shares.first), (-1, shares.second))
            for side, w in self._favouring(a, kernel, domain, sign)
        )

    def absorbed(self, parts: Parts, bias, relevance) -> Absorbed:
        shares = self.share(parts, bias, relevance)
        favoured = self._favoured_biases(bias)
        lost_to_bias = favoured[0] * shares.first + favoured[1] * shares.second
        active = self._active(parts, bias, relevance)
        totals = self._denominators(parts, bias)
        lost = sum(tf.where(dead(total), part, 0) for part, total in zip(active, totals, strict=True))
        undecided = relevance - active[0] - active[1]  # where z_k = 0
        return Absorbed(lost_to_bias, tf.zeros_like(relevance), lost + undecided)

    def _favouring(self, a, kernel, domain: Domain, sign: int):
        """The pairs of inputs and kernels in which contributions of the ``sign`` count 1 + gamma times."""
        positive = kernel + self.gamma * tf.nn.relu(kernel)
        negative = kernel + self.gamma * tf.minimum(kernel, 0)
        same, other = (positive, negative) if sign > 0 else (negative, positive)
        return [(a, same)] if domain == "positive" else [(tf.nn.relu(a), same), (tf.minimum(a, 0), other)]

    def _favoured_biases(self, bias):
        return bias + self.gamma * tf.nn.relu(bias), bias + self.gamma * tf.minimum(bias, 0)

    def _denominators(self, parts: Parts, bias):
        return [part + favoured for part, favoured in zip(parts[1:], self._favoured_biases(bias), strict=True)]

    def _active(self, parts: Parts, bias, relevance):
        """The relevance of outputs that are positive, and of those that are negative."""
        z, zero = parts.z + bias, tf.zeros_like(relevance)
        return tf.where(z > 0, relevance, zero), tf.where(z < 0, relevance, zero)
