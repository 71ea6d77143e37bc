"""How alike two sets of heatmaps of the same samples are."""

from collections.abc import Sequence
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import real_array


class Explained(Protocol):
    """What holds heatmaps, such as an ``Explanation``."""

    relevance: np.ndarray


def rank_correlation(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Spearman's correlation of each sample's cells, ``[n]`` in [-1, 1]; equal cells share their mean rank.

    NaN for a sample whose heatmap is the same in all cells, which has no order: all zero, for instance.

    Args:
      first, second: ``[n, ...]`` of one shape.

    Returns:
      The correlation of each sample, ``[n]``.

    Raises:
      InputError: two shapes, or heatmaps that are not finite.

    Example:
      >>> rank_correlation([[1.0, 2.0, 9.0], [0.0, 0.0, 0.0]], [[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]]).round(6).tolist()
      [1.0, nan]
    """
    first, second = (stats.rankdata(heatmaps, axis=1) for heatmaps in _flattened(first, second))
    return _cosine(*(ranks - ranks.mean(axis=1, keepdims=True) for ranks in (first, second)))


def heatmap_cosine(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """R . S / (|R| |S|) over each sample's cells, ``[n]`` in [-1, 1]; NaN for a sample without relevance in either.

    Args:
      first, second: R and S, ``[n, ...]`` of one shape.

    Returns:
      The cosine of each sample, ``[n]``.

    Raises:
      InputError: two shapes, or heatmaps that are not finite.

    Example:
      >>> heatmap_cosine([[1.0, 0.0], [0.0, 0.0]], [[2.0, 0.0], [1.0, 0.0]]).tolist()
      [1.0, nan]
    """
    return _cosine(*_flattened(first, second))


def seed_stability(explanations: Sequence[Explained]) -> float:
    """How far explanations outlast another training seed: 1 for the same order of cells, 0 for no relation.

    The mean over all pairs of models, and over samples, of the rank correlation of their heatmaps. Samples that one
    model of a pair gives no relevance to are left out of that pair.

    Args:
      explanations: of the same samples, classes and method, one for each seed.

    Returns:
      The mean correlation.

    Raises:
      InputError: fewer than two explanations, different shapes, or no sample that a pair could be compared on.

    Example:
      >>> from types import SimpleNamespace
      >>> first, second = (SimpleNamespace(relevance=np.array([row])) for row in ([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]))
      >>> round(seed_stability([first, second]), 6)
      0.5
    """
    if len(explanations) < 2:
        raise InputError(f"stability needs the explanations of at least two seeds; received {len(explanations)}")
    pairs = combinations([explanation.relevance for explanation in explanations], 2)
    correlations = np.concatenate([rank_correlation(*pair) for pair in pairs])
    if np.isnan(correlations).all():
        raise InputError("stability needs samples that two seeds give relevance to; received none")
    return float(np.nanmean(correlations))


def _flattened(first: ArrayLike, second: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64 [n, cells]."""
    first, second = real_array("heatmaps", first), real_array("heatmaps", second)
    if first.shape != second.shape or first.ndim < 2:
        raise InputError(f"heatmaps must have one shape [n, ...]; received {first.shape} and {second.shape}")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise InputError("heatmaps must be finite in every cell; received NaN or infinity")
    if not first.size:
        raise InputError(f"heatmaps need samples with cells; received shape {list(first.shape)}")
    return first.reshape(len(first), -1), second.reshape(len(second), -1)


def _cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    first, second = _unit(first), _unit(second)
    return np.where(first.any(axis=1) & second.any(axis=1), np.clip((first * second).sum(axis=1), -1, 1), np.nan)


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1; zero rows stay zero. Scaled first, so that squares neither overflow nor vanish."""
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    rows = rows / np.where(largest > 0, largest, 1)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)
