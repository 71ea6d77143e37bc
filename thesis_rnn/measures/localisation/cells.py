"""All localisation scores of a set of heatmaps at once, alone and beside what knows nothing."""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.measures.localisation.evidence import checked_cells, checked_lengths
from thesis_rnn.measures.measure import MEASURES, Scored
from thesis_rnn.measures.reference_maps import CHANCE_MAPS, chance_map


def cell_measures() -> list[str]:
    """The names of the measures that read relevance and evidence cell by cell, and nothing else.

    Returns:
      Names in ``MEASURES``, in its order.

    Example:
      >>> cell_measures()[:3]
      ['weighted_jaccard', 'euclidean', 'euclidean_printed']
    """
    return [name for name in MEASURES if MEASURES[name].needs == ("evidence:cells",)]


def localisation_scores(
    relevance: ArrayLike, evidence: ArrayLike, positive_only: bool = False, lengths: ArrayLike | None = None
) -> dict[str, np.ndarray]:
    """Every measure of cells, name -> ``[n]``.

    Weighted Jaccard and the two Euclidean distances are taken of the scaled saliency, 0 to 1, as published; the others
    of |R| as it is. Relevance that is the same everywhere, zero for instance, has defined scores: their docstrings give
    them.

    Args:
      relevance: R, ``[n, steps, ...]``.
      evidence: 0 or 1, the same shape.
      positive_only: set negative relevance to zero instead of taking its absolute value.
      lengths: ``[n]``, how many steps of each sample count, for padded series; by default all.

    Returns:
      The scores of each sample.

    Raises:
      InputError: fewer than two axes, lengths that are not 1..steps, or what the scores refuse: two shapes, relevance
        that is not finite, evidence that is not 0 or 1 or marks no cell or all cells of a sample.

    Example:
      >>> scores = localisation_scores([[[0.0, 2.0], [1.0, 0.0]]], evidence=[[[0, 1], [0, 0]]])
      >>> scores["roc_auc"].tolist(), scores["pointing_game"].tolist()
      ([1.0], [1.0])
    """
    relevance, evidence = np.asarray(relevance), np.asarray(evidence)
    checked_cells(relevance, evidence)
    lengths = checked_lengths(lengths, *relevance.shape[:2])
    scored = Scored(relevance, relevance, np.zeros(len(relevance), int), evidence, lengths)
    return {name: MEASURES[name].function(scored, positive_only=positive_only) for name in cell_measures()}


def chance_scores(
    evidence: ArrayLike, seed: int = 0, lengths: ArrayLike | None = None
) -> dict[str, dict[str, np.ndarray]]:
    """Every measure of cells of every chance map: map -> measure -> ``[n]``. They depend on the evidence alone.

    Arguments and errors as for ``chance_map`` and :func:`localisation_scores`.

    Returns:
      The scores of each sample by chance map and measure.

    Example:
      >>> scores = chance_scores([[[0, 1], [0, 0]]])  # evidence of one sample: two steps, two features
      >>> scores["empty"]["roc_auc"].tolist(), scores["oracle"]["roc_auc"].tolist()
      ([0.5], [1.0])
    """
    return {
        name: localisation_scores(chance_map(name, evidence, seed, lengths), evidence, lengths=lengths)
        for name in CHANCE_MAPS
    }


def scores_beside_chance(
    relevance: ArrayLike,
    evidence: ArrayLike,
    positive_only: bool = False,
    seed: int = 0,
    lengths: ArrayLike | None = None,
) -> dict[str, dict[str, np.ndarray]]:
    """Every measure of cells of the relevance and of each chance map: map -> measure -> ``[n]``.

    The relevance's row is called "relevance" and stands first. To score several models on one data set, call
    :func:`chance_scores` once instead. Arguments and errors as for :func:`localisation_scores`.

    Returns:
      The scores of each sample by map and measure.

    Example:
      >>> scores = scores_beside_chance([[[0.0, 2.0], [1.0, 0.0]]], evidence=[[[0, 1], [0, 0]]])
      >>> list(scores)[0], scores["relevance"]["roc_auc"].tolist()
      ('relevance', [1.0])
    """
    scores = localisation_scores(relevance, evidence, positive_only, lengths)
    return {"relevance": scores, **chance_scores(evidence, seed, lengths)}
