"""Two models of one accuracy may decide for other reasons: their heatmaps of the same samples, side by side."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.statistics import Interval, mean_interval
from thesis_rnn.support.checks import finite_array


class Comparison(NamedTuple):
    """How two models' heatmaps of the same samples differ.

    Attributes:
      alike: the cosine between both heatmaps of each sample [n], in [-1, 1]; NaN where one has no relevance.
      order: the samples, those that differ most first; those without relevance last.
      difference: of heatmaps scaled to sum |R| = 1, second minus first, as a mean over samples [...].
      by_step: the interval of the change of each step's share of |R| [steps].
      by_feature: the same of each feature's; empty where there are none.
      mean: the interval of ``alike``.

    Example:
      >>> compare_models([[[1.0, 0.0]]] * 3, [[[0.0, 1.0]]] * 3).alike.tolist()
      [0.0, 0.0, 0.0]
    """

    alike: np.ndarray
    order: np.ndarray
    difference: np.ndarray
    by_step: list[Interval]
    by_feature: list[Interval]
    mean: Interval


def compare_models(first: ArrayLike, second: ArrayLike) -> Comparison:
    """Compares two models' relevance of the same samples for the same classes, whatever its scale.

    Args:
      first, second: [n, steps, ...].

    Returns:
      How they differ.

    Raises:
      InputError: two shapes, relevance that is not finite, or no sample with relevance by both.

    Example:
      >>> compare_models([[[2.0, 0.0]], [[1.0, 1.0]]], [[[1.0, 0.0]], [[1.0, -1.0]]]).order.tolist()
      [1, 0]
    """
    first, second = (
        finite_array("relevance [n, steps, ...]", one, axes=max(2, np.ndim(one))) for one in (first, second)
    )
    if first.shape != second.shape:
        raise InputError(f"both models must explain the same samples; received {first.shape} and {second.shape}")
    n = len(first)
    rows = [one.reshape(n, -1) for one in (first, second)]
    norms = np.linalg.norm(rows[0], axis=1) * np.linalg.norm(rows[1], axis=1)
    told = norms > 0
    if not told.any():
        raise InputError("both models must give some sample relevance; received none")
    alike = np.divide((rows[0] * rows[1]).sum(axis=1), norms, out=np.full(n, np.nan), where=told)
    scaled = [_scaled(one)[told] for one in (first, second)]
    shares = [np.abs(one) for one in scaled]
    change = shares[1] - shares[0]
    by_step = change.reshape(len(change), change.shape[1], -1).sum(axis=2)
    by_feature = change.reshape(len(change), -1, change.shape[-1]).sum(axis=1) if change.ndim > 2 else change[:, :0]
    return Comparison(
        alike,
        np.argsort(np.where(told, alike, np.inf), kind="stable"),
        (scaled[1] - scaled[0]).mean(axis=0),
        [mean_interval(values) for values in by_step.T],
        [mean_interval(values) for values in by_feature.T],
        mean_interval(alike[told]),
    )


def _scaled(relevance: np.ndarray) -> np.ndarray:
    """Each heatmap with sum |R| = 1; zero where it has none."""
    axes = tuple(range(1, relevance.ndim))
    total = np.abs(relevance).sum(axis=axes, keepdims=True)
    return np.divide(relevance, total, out=np.zeros_like(relevance), where=total > 0)
