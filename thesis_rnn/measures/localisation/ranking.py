"""How well the order of the cells' relevance finds the evidence: scores that no monotone scaling changes.

Relevance and evidence have one shape, ``[n, ...]``; the evidence is 0 or 1. Each score is ``[n]``, from 0 to 1, the
higher the better. Cells of equal relevance are never put in an order: a score is what a random order of them gives on
average (ROC-AUC, rank accuracy, pointing game), or takes them as one threshold (average precision). Relevance that is
the same in all cells, zero for instance, scores 0.5 in ROC-AUC and p, the share of marked cells, in the other three.

Every function raises ``InputError`` for two shapes, for relevance that is not finite, and for evidence other than 0
and 1 or that marks no cell or all cells of a sample.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.measures.localisation.evidence import checked_cells


class RankingCurve(NamedTuple):
    """One sample's cells from the most relevant to the least, threshold by threshold.

    Attributes:
      cells: how many cells are at or above each threshold; the last entry is all of them.
      hits: how many of these are marked.
    """

    cells: np.ndarray
    hits: np.ndarray

    @property
    def marked(self) -> int:
        """How many cells are marked."""
        return self.hits[-1]

    @property
    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """By how much cells and hits grow from threshold to threshold."""
        return np.diff(self.cells, prepend=0), np.diff(self.hits, prepend=0)


def roc_auc(relevance: ArrayLike, evidence: ArrayLike) -> np.ndarray:
    """The area under the ROC curve: the chance that a marked cell has more relevance than an unmarked one.

    Equal relevance counts half. Chance is 0.5.

    Args:
      relevance: ``[n, ...]``.
      evidence: 0 or 1, the same shape.

    Returns:
      The score of each sample, ``[n]``; relevance that is the same in all cells scores 0.5.

    Raises:
      InputError: two shapes, relevance that is not finite, evidence that is not 0 or 1 or marks no cell or all.

    Example:
      >>> roc_auc([[0.9, 0.1, 0.5], [0.0, 0.0, 0.0]], [[0, 0, 1], [1, 0, 0]]).tolist()
      [0.5, 0.5]
    """
    return _score(_area, relevance, evidence)


def average_precision(relevance: ArrayLike, evidence: ArrayLike) -> np.ndarray:
    """sum_k (recall_k - recall_{k-1}) precision_k over the thresholds k, as in scikit-learn. Chance is about p.

    Args:
      relevance: ``[n, ...]``.
      evidence: 0 or 1, the same shape.

    Returns:
      The score of each sample, ``[n]``; relevance that is the same in all cells scores p.

    Raises:
      InputError: two shapes, relevance that is not finite, evidence that is not 0 or 1 or marks no cell or all.

    Example:
      >>> average_precision([[0.9, 0.1, 0.5], [0.0, 0.0, 0.0]], [[1, 0, 0], [1, 0, 0]]).round(3).tolist()
      [1.0, 0.333]
    """
    return _score(_average_precision, relevance, evidence)


def rank_accuracy(relevance: ArrayLike, evidence: ArrayLike) -> np.ndarray:
    """The share of marked cells among the K most relevant, K the number of marked cells (Arras et al., 2022).

    Where the K-th place falls among cells of equal relevance, each of these is among the K in proportion. Chance is p.

    Args:
      relevance: ``[n, ...]``.
      evidence: 0 or 1, the same shape.

    Returns:
      The score of each sample, ``[n]``; relevance that is the same in all cells scores p.

    Raises:
      InputError: two shapes, relevance that is not finite, evidence that is not 0 or 1 or marks no cell or all.

    Example:
      >>> rank_accuracy([[0.9, 0.1, 0.5]], [[1, 1, 0]]).tolist()
      [0.5]
    """
    return _score(_rank_accuracy, relevance, evidence)


def pointing_game(relevance: ArrayLike, evidence: ArrayLike) -> np.ndarray:
    """1 where the most relevant cell is marked, else 0 (Zhang et al., 2018); of several, the share that is marked.

    Chance is p.

    Args:
      relevance: ``[n, ...]``.
      evidence: 0 or 1, the same shape.

    Returns:
      The score of each sample, ``[n]``; relevance that is the same in all cells scores p.

    Raises:
      InputError: two shapes, relevance that is not finite, evidence that is not 0 or 1 or marks no cell or all.

    Example:
      >>> pointing_game([[0.9, 0.1, 0.5], [0.7, 0.0, 0.7]], [[1, 0, 0], [1, 0, 0]]).tolist()
      [1.0, 0.5]
    """
    return _score(_pointing, relevance, evidence)


def _score(score: Callable[[RankingCurve], float], relevance: ArrayLike, evidence: ArrayLike) -> np.ndarray:
    return np.array([score(curve) for curve in _curves(relevance, evidence)], np.float64)


def _curves(relevance: ArrayLike, evidence: ArrayLike):
    """Sample by sample, in a tenth of the time that all samples at once take: one sample's cells fit in the cache."""
    for amounts, marks in zip(*checked_cells(relevance, evidence), strict=True):
        order = np.argsort(-amounts)
        falling = amounts[order]
        last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))  # of the cells that share a threshold
        yield RankingCurve(last + 1, np.cumsum(marks[order])[last])


def _area(curve: RankingCurve) -> float:
    cells, hits = curve.steps
    heights = curve.hits - hits / 2  # the middle of each threshold's rise
    return (cells - hits) @ heights / (curve.marked * (curve.cells[-1] - curve.marked))


def _average_precision(curve: RankingCurve) -> float:
    _, hits = curve.steps
    return hits @ (curve.hits / curve.cells) / curve.marked


def _rank_accuracy(curve: RankingCurve) -> float:
    return np.interp(curve.marked, np.append(0, curve.cells), np.append(0, curve.hits)) / curve.marked


def _pointing(curve: RankingCurve) -> float:
    return curve.hits[0] / curve.cells[0]
