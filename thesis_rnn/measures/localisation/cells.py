"""All localisation scores of a set of heatmaps at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.data import step_mask
from thesis_rnn.errors import InputError
from thesis_rnn.measures.localisation.evidence import checked_cells, checked_lengths, evidence_cells
from thesis_rnn.measures.localisation.overlap import (
    euclidean_distance,
    euclidean_distance_printed,
    mass_accuracy,
    scaled_saliency,
    time_cosine,
    weighted_jaccard,
)
from thesis_rnn.measures.localisation.ranking import (
    average_precision,
    pointing_game,
    rank_accuracy,
    ranking_scores,
    roc_auc,
)
from thesis_rnn.support.registry import Registry

CHUNK = 16  # samples that are scored at once: what lies between relevance and scores stays in the cache
TIME_BLOCKS = 10  # of which the cosine is taken; as many as there are steps, if those are fewer


@dataclass(frozen=True)
class Score:
    """A localisation score.

    Attributes:
      function: from relevance and evidence to [n].
      higher_is_better: whether the evidence itself has the highest score or the lowest.
    """

    function: Callable[..., np.ndarray]
    higher_is_better: bool = True


SCORES: Registry[Score] = Registry("localisation score")
SCORES.add("weighted_jaccard", Score(weighted_jaccard))
SCORES.add("euclidean", Score(euclidean_distance, higher_is_better=False))
SCORES.add("euclidean_printed", Score(euclidean_distance_printed, higher_is_better=False))
SCORES.add("roc_auc", Score(roc_auc))
SCORES.add("average_precision", Score(average_precision))
SCORES.add("mass_accuracy", Score(mass_accuracy))
SCORES.add("rank_accuracy", Score(rank_accuracy))
SCORES.add("pointing_game", Score(pointing_game))
SCORES.add("time_cosine", Score(time_cosine))


def localisation_scores(
    relevance: ArrayLike, evidence: ArrayLike, positive_only: bool = False, lengths: ArrayLike | None = None
) -> dict[str, np.ndarray]:
    """Every score in ``SCORES``, name -> ``[n]``.

    Weighted Jaccard and the two Euclidean distances are taken of the scaled saliency, 0 to 1, as published; the others
    of |R| as it is. Relevance that is the same everywhere, zero for instance, has defined scores: their docstrings give
    them.

    Args:
      relevance: R, ``[n, steps, ...]``.
      evidence: 0 or 1, the same shape.
      positive_only: set negative relevance to zero instead of taking its absolute value.
      lengths: ``[n]``, how many steps of each sample count, for padded series; by default all.

    Raises:
      InputError: fewer than three axes, lengths that are not 1..steps, or what the scores refuse: two shapes, relevance
        that is not finite, evidence that is not 0 or 1 or marks no cell or all cells of a sample.
    """
    relevance, evidence = np.asarray(relevance), np.asarray(evidence)
    checked_cells(relevance, evidence)
    if relevance.ndim < 3:
        raise InputError(f"relevance must have shape [n, steps, ...]; received {relevance.shape}")
    lengths = checked_lengths(lengths, *relevance.shape[:2])
    _check_padded(evidence, lengths)
    scores = {name: np.empty(len(relevance)) for name in SCORES}
    for length, samples in _chunks(lengths):
        part = relevance[samples, :length]
        amounts = np.maximum(part, 0) if positive_only else np.abs(part)
        for name, values in _scores(amounts, evidence[samples, :length]).items():
            scores[name][samples] = values
    return scores


def _chunks(lengths: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Each length that occurs, with up to ``CHUNK`` of the samples that have it at a time."""
    for length in np.unique(lengths):
        samples = np.flatnonzero(lengths == length)
        for start in range(0, len(samples), CHUNK):
            yield int(length), samples[start : start + CHUNK]


def _scores(amounts: np.ndarray, evidence: np.ndarray) -> dict[str, np.ndarray]:
    scaled = scaled_saliency(amounts)
    return {
        "weighted_jaccard": weighted_jaccard(scaled, evidence),
        "euclidean": euclidean_distance(scaled, evidence),
        "euclidean_printed": euclidean_distance_printed(scaled, evidence),
        "mass_accuracy": mass_accuracy(amounts, evidence),
        "time_cosine": time_cosine(amounts, evidence, min(TIME_BLOCKS, amounts.shape[1])),
        **ranking_scores(amounts, evidence),
    }


def _check_padded(evidence: np.ndarray, lengths: np.ndarray) -> None:
    """Each sample's own steps have marked cells and unmarked ones."""
    n, steps = evidence.shape[:2]
    own = step_mask(lengths, steps).reshape(n, steps, *[1] * (evidence.ndim - 2))
    evidence_cells(np.logical_and(evidence, own))
    evidence_cells(np.logical_or(evidence, ~own))
