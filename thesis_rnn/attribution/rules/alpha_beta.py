"""The alpha-beta rule, with its special cases z+ and z-beta."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from thesis_rnn.attribution.rules.base import Absorbed, Form, Parts, dead, divide, in_type_of, one_sample, transposed
from thesis_rnn.core.linear_maps import linear
from thesis_rnn.core.primitives import Domain
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import broadcasts
from thesis_rnn.support.scalars import is_zero, number


@dataclass(frozen=True)
class AlphaBeta:
    """LRP-alpha-beta, with the z-beta rule on pixels (thesis, equations 2.34, 2.73, 3.5 and 3.6).

    With w+ = max(0, w), w- = min(0, w) and z_ik = x_i w_ik - l w+_ik - h w-_ik for pixels i, a_j for activations j:

        P_k = sum_i z_ik + sum_j a_j w+_jk,   N_k = sum_j a_j w-_jk
        R_i = sum_k alpha_k z_ik / P_k R_k
        R_j = sum_k (alpha_k a_j w+_jk / P_k - beta_k a_j w-_jk / N_k) R_k

    (alpha_k, beta_k) is (1, 0) where N_k = 0, (0, -1) where P_k = 0, and (alpha, beta) elsewhere, so that the part that
    exists carries all relevance. Where both are zero, R_k cannot be shared and is lost. A layer that sees only pixels
    has no N: the z-beta rule. Equation 2.74 and Table 2.1 of the thesis print w+ and w- the wrong way round. Inputs of
    domain "real" count by the sign of their contribution: P_k = sum_j (a_j w_jk)+, N_k = sum_j (a_j w_jk)-.

    Biases are left out of the denominators and absorb nothing.

    Args:
      alpha, beta: alpha - beta = 1 and beta >= 0; (1, 0) is the z+ rule of deep Taylor decomposition.
      low, high: l and h, the box that pixels live in: numbers, or tuples of one for each feature.

    Raises:
      InputError: if alpha - beta is not 1, beta is negative, or low is not below high.
    """

    alpha: float = number(1.0)
    beta: float = number(0.0, zero_apart=True)
    low: Any = number(-1.0)
    high: Any = number(1.0)

    def __post_init__(self):
        if not abs(self.alpha - self.beta - 1) <= 1e-6 or self.beta < 0:
            raise InputError(
                f"alpha - beta must be 1 with beta >= 0; received alpha={self.alpha:g}, beta={self.beta:g}"
            )
        low, high = np.asarray(self.low), np.asarray(self.high)
        if {low.dtype.kind, high.dtype.kind} - set("iuf") or not np.all(low < high):
            raise InputError(f"the pixels' low must be below high; received low={self.low}, high={self.high}")

    def split(self, a, kernel, domain: Domain, form: Form = None) -> Parts:
        if domain == "bounded":
            z = linear(a, kernel, form)
            return Parts(z, z - self._corner(a, kernel, form))
        positive = self._signed(a, kernel, domain, form, +1)
        if is_zero(self.beta):
            return Parts(linear(a, kernel, form), positive)
        negative = self._signed(a, kernel, domain, form, -1)
        return Parts(positive + negative, positive, negative)

    def share(self, parts: Parts, bias, relevance) -> Parts:
        positive, negative = parts.first, parts.second
        if negative is None:
            return Parts(None, divide(relevance, positive))
        one = tf.ones_like(relevance)
        alpha = tf.where(dead(negative), one, self.alpha)
        beta = tf.where(dead(positive), -one, self.beta)
        return Parts(None, divide(alpha * relevance, positive), divide(-beta * relevance, negative))

    def collect(self, a, kernel, domain: Domain, shares: Parts, form: Form = None):
        if domain == "bounded":
            # x w - l w+ - h w- with w = w+ + w-: two products instead of three, and no term is negative.
            low, high = self._box(a)
            excited = (a - low) * transposed(shares.first, _excitatory(kernel), a, form)
            return excited + (a - high) * transposed(shares.first, _inhibitory(kernel), a, form)
        collected = self._signed_transpose(shares.first, a, kernel, domain, form, +1)
        if shares.second is not None:
            collected += self._signed_transpose(shares.second, a, kernel, domain, form, -1)
        return collected

    def absorbed(self, parts: Parts, bias, relevance) -> Absorbed:
        nothing = dead(parts.first) if parts.second is None else dead(parts.first) & dead(parts.second)
        zero = tf.zeros_like(relevance)
        return Absorbed(zero, zero, tf.where(nothing, relevance, zero))

    def _box(self, a):
        for bound in (self.low, self.high):
            if not (tf.is_tensor(bound) or broadcasts(np.shape(bound), a.shape[1:])):
                sample, received = list(a.shape[1:]), list(np.shape(bound))
                raise InputError(f"low and high must broadcast to a sample {sample}; received shape {received}")
        return in_type_of(a, self.low), in_type_of(a, self.high)

    def _corner(self, a, kernel, form: Form):
        """sum_i l w+_ik + h w-_ik, the same for all samples; the border of a padded convolution counts real cells."""
        low, high = self._box(a)
        ones = one_sample(a, kernel, form)
        return linear(ones * low, _excitatory(kernel), form) + linear(ones * high, _inhibitory(kernel), form)

    def _signed(self, a, kernel, domain: Domain, form: Form, sign: int):
        """The sum of the contributions a_j w_jk of one sign."""
        return sum(linear(side, part, form) for side, part in _of_sign(a, kernel, domain, sign))

    def _signed_transpose(self, shares, a, kernel, domain: Domain, form: Form, sign: int):
        return sum(side * transposed(shares, part, a, form) for side, part in _of_sign(a, kernel, domain, sign))


def _of_sign(a, kernel, domain: Domain, sign: int):
    """The pairs of inputs and kernels whose products have the ``sign``."""
    same, other = (_excitatory, _inhibitory) if sign > 0 else (_inhibitory, _excitatory)
    if domain == "positive":
        return [(a, same(kernel))]
    return [(tf.nn.relu(a), same(kernel)), (tf.minimum(a, 0), other(kernel))]


def _excitatory(kernel):
    return tf.nn.relu(kernel)


def _inhibitory(kernel):
    return tf.minimum(kernel, 0)


def ZPlus(low: Any = -1.0, high: Any = 1.0) -> AlphaBeta:
    """The z+ rule, R_j = sum_k a_j w+_jk / sum_j a_j w+_jk R_k (thesis, equation 2.66): alpha-beta with alpha = 1."""
    return AlphaBeta(1.0, 0.0, low, high)


@dataclass(frozen=True)
class ZBeta(AlphaBeta):
    """The z-beta rule for every input, whatever its domain (thesis, equation 2.73): pixels in a box [low, high]."""

    def split(self, a, kernel, domain: Domain, form: Form = None) -> Parts:
        return super().split(a, kernel, "bounded", form)

    def collect(self, a, kernel, domain: Domain, shares: Parts, form: Form = None):
        return super().collect(a, kernel, "bounded", shares, form)
