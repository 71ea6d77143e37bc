"""What share of a neuron's relevance its excitatory and its inhibitory inputs receive."""

from dataclasses import dataclass

import numpy as np

DEAD = 1e-30
"""A denominator of this magnitude or less counts as zero: there is nothing to share relevance by, and it is lost."""


@dataclass(frozen=True)
class Rule:
    """LRP-alpha-beta, and the z-beta rule on pixels that live in [low, high].

    (alpha, beta) = (1, 0) is deep Taylor decomposition: the z+ rule. The caller has made sure that alpha - beta = 1.
    """

    alpha: float
    beta: float
    low: float
    high: float

    def shares(self, relevance, excitation, inhibition):
        """(alpha_k R_k / P_k, -beta_k R_k / N_k) for the excitation P_k and the inhibition N_k of each neuron.

        (alpha_k, beta_k) is (1, 0) where N_k = 0, (0, -1) where P_k = 0, and (alpha, beta) elsewhere: the part that
        exists carries all relevance. Under the z+ rule inhibition has no share at all, which None says.
        """
        if self.beta == 0:
            return divide(relevance, excitation), None
        one = relevance.dtype.type(1)
        alpha = np.where(is_dead(inhibition), one, one * self.alpha)
        beta = np.where(is_dead(excitation), -one, one * self.beta)
        return divide(alpha * relevance, excitation), divide(-beta * relevance, inhibition)


def divide(relevance, denominator):
    """relevance / denominator, and 0 where the denominator is dead."""
    dead = is_dead(denominator)
    return np.where(dead, 0, relevance / np.where(dead, 1, denominator))


def is_dead(denominator):
    return np.abs(denominator) <= DEAD
