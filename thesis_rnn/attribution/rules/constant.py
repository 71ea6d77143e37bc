"""Rules that share relevance by the kernel alone, whatever the input: w-square and flat."""

from dataclasses import dataclass

import tensorflow as tf

from thesis_rnn.attribution.rules.base import Absorbed, Form, Parts, dead, divide, one_sample, transposed
from thesis_rnn.core.linear_maps import linear
from thesis_rnn.core.primitives import Domain


@dataclass(frozen=True)
class WSquare:
    """The w-square rule, R_j = sum_k w_jk^2 / sum_j w_jk^2 R_k (thesis, equation 2.58).

    For real inputs without bounds. A neuron without a non-zero weight loses its relevance. Biases absorb nothing.
    """

    def weights(self, kernel):
        return tf.square(kernel)

    def split(self, a, kernel, domain: Domain, form: Form = None) -> Parts:
        z = linear(a, kernel, form)
        return Parts(z, tf.zeros_like(z) + linear(one_sample(a, kernel, form), self.weights(kernel), form))

    def share(self, parts: Parts, bias, relevance) -> Parts:
        return Parts(None, divide(relevance, parts.first))

    def collect(self, a, kernel, domain: Domain, shares: Parts, form: Form = None):
        return transposed(shares.first, self.weights(kernel), a, form)

    def absorbed(self, parts: Parts, bias, relevance) -> Absorbed:
        zero = tf.zeros_like(relevance)
        return Absorbed(zero, zero, tf.where(dead(parts.first), relevance, zero))


@dataclass(frozen=True)
class Flat(WSquare):
    """The flat rule: every input of a neuron receives the same, R_j = sum_k R_k / n_k (Bach et al., 2016).

    n_k counts the inputs of k; at a padded border, those inside the image.
    """

    def weights(self, kernel):
        return tf.ones_like(kernel)
