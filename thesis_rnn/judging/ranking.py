"""Methods in an order by several measures, with the uncertainty that the choice of samples leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thesis_rnn.errors import InputError

RESAMPLES = 1000


@dataclass(frozen=True)
class Ranking:
    """Methods from best to worst.

    Attributes:
      methods: in this order.
      rank: the mean over measures of the method's rank, 1 for the best.
      low, high: between which 95% of the ranks of resamples lie.
      first: the share of resamples in which the method is the best.
      measures: by which.
      n: samples behind it.

    Example:
      >>> ranking = ranked(["a", "b"], ["m"], np.array([[[0.0, 1.0]], [[5.0, 6.0]]]))
      >>> ranking.methods, ranking.rank.tolist(), ranking.first.tolist()
      (('b', 'a'), [1.0, 2.0], [1.0, 0.0])
    """

    methods: tuple[str, ...]
    rank: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first: np.ndarray
    measures: tuple[str, ...]
    n: int

    def tied(self, share: float = 0.05) -> tuple[str, ...]:
        """The methods after the first that are best in more than ``share`` of the resamples."""
        return tuple(name for name, first in zip(self.methods[1:], self.first[1:], strict=True) if first > share)


def ranked(
    methods: Sequence[str], measures: Sequence[str], values: np.ndarray, seed: int = 0, resamples: int = RESAMPLES
) -> Ranking:
    """Ranks methods by each measure's mean over the samples, takes the mean rank, and the same of resamples.

    Args:
      methods: names.
      measures: names.
      values: [methods, measures, samples], higher is better; NaN leaves a sample out of a mean, and a method that has
        none is last.
      seed: of the resamples.
      resamples: how many bootstrap resamples of the samples.

    Returns:
      The ranking; equal methods in their order.

    Raises:
      InputError: for values of another shape, or nothing to rank.
    """
    values = np.asarray(values, float)
    if values.shape[:2] != (len(methods), len(measures)) or values.ndim != 3 or not values.size:
        expected = f"values must be [{len(methods)} methods, {len(measures)} measures, samples], at least one of each"
        raise InputError(f"{expected}; received shape {values.shape}")
    n = values.shape[2]
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    weights = np.concatenate([np.ones((1, n)), drawn])
    ranks = _mean_ranks(values, weights)  # [1 + resamples, methods]
    best = ranks[1:] == ranks[1:].min(axis=1, keepdims=True)
    first = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    low, high = np.percentile(ranks[1:], [2.5, 97.5], axis=0)
    order = np.argsort(ranks[0], kind="stable")
    names = tuple(methods[place] for place in order)
    return Ranking(names, ranks[0][order], low[order], high[order], first[order], tuple(measures), n)


def _mean_ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    totals, counts = (np.einsum("rn,amn->rma", weights, one) for one in (np.where(known, values, 0), known * 1.0))
    means = np.where(counts > 0, totals / np.where(counts > 0, counts, 1), -np.inf)
    above = (means[..., None, :] > means[..., None]).sum(axis=-1)
    equal = (means[..., None, :] == means[..., None]).sum(axis=-1)
    return (above + (equal + 1) / 2).mean(axis=1)
