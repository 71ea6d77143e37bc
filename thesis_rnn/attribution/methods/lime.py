"""LIME: a linear model of what the network gives around a sample, without some of its parts."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from thesis_rnn.attribution.methods.players import OfPlayers, coalition_values
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one

MODELS = ("ridge", "lasso")


@METHODS.register("lime")
@dataclass(frozen=True)
class Lime(OfPlayers):
    """phi = argmin sum_S exp(-d_S^2 / width^2) (f(x_S) - phi_0 - sum_{j in S} phi_j)^2 + alpha |phi|^2, or |phi|.

    Each player is present in half of the random coalitions S, the same for all samples, of which d_S = 1 - sqrt(|S|/p)
    is the cosine distance to x. Cells of a player share its phi equally. With "ridge", ``details["errors"]`` has
    standard errors. Nothing is conserved.

    Args:
      players: "segments": ``size`` parts of the steps; "steps" (``size`` together), "features", "cells", "blocks".
      size: see ``players``.
      background: what a player that is removed becomes: a number, an array that broadcasts to one sample, or data
        [k, ...], over whose samples f is averaged; None is what "removed" means for the problem, its background, or 0.
      samples: coalitions.
      width: of the kernel.
      model: "ridge" or "lasso", by scikit-learn.
      alpha: the weight of the penalty.
      seed: seeds the coalitions.
    """

    source: ClassVar[str] = "Ribeiro et al. (2016), algorithm 1"
    players: str = "segments"
    size: int = 10
    samples: int = 512
    width: float = 0.25
    model: str = "ridge"
    alpha: float = 1.0
    seed: int = 0

    def __post_init__(self):
        super().__post_init__()
        at_least_one(samples=self.samples)
        if self.model not in MODELS:
            raise InputError(f"model must be one of {', '.join(MODELS)}; received {self.model!r}")
        if not self.width > 0:
            raise InputError(f"width must be more than 0; received {self.width:g}")
        if not self.alpha >= 0:
            raise InputError(f"alpha must be at least 0; received {self.alpha:g}")

    def values(self, explained, players):
        coalitions = np.random.default_rng(self.seed).random((self.samples, players.count)) < 0.5
        coalitions[0] = True  # x itself
        weights = np.exp(-(((1 - np.sqrt(coalitions.mean(axis=1))) / self.width) ** 2))
        values = coalition_values(explained, players, coalitions, "lime")
        found = {"relevance": self._fitted(coalitions.astype(float), values, weights)}
        return found | ({"errors": _errors(coalitions, values, weights, self.alpha)} if self.model == "ridge" else {})

    def _fitted(self, coalitions, values, weights) -> np.ndarray:
        from sklearn.linear_model import Lasso, Ridge

        kind = {"ridge": Ridge, "lasso": Lasso}[self.model]
        fitted = kind(alpha=self.alpha).fit(coalitions, values.T, sample_weight=weights)
        return fitted.coef_.reshape(len(values), -1)


def _errors(coalitions, values, weights, alpha: float) -> np.ndarray:
    """Standard errors of ridge regression's phi over draws of coalitions, each residual without its own pull (HC3)."""
    share = weights / weights.sum()
    z = coalitions - share @ coalitions
    inverse = np.linalg.pinv((z * weights[:, np.newaxis]).T @ z + alpha * np.eye(z.shape[1]))
    solution = inverse @ (z * weights[:, np.newaxis]).T
    centred = values - (values @ share)[:, np.newaxis]
    residuals = centred - centred @ solution.T @ z.T
    pull = np.minimum(np.einsum("kp,pk->k", z, solution) + share, 0.99)
    return np.sqrt((residuals / (1 - pull)) ** 2 @ (solution**2).T)
