"""Heatmaps that know nothing of the model, and the one that knows everything: what a localisation score is read beside.

Noise can score better than a trained network's saliency: on a box of 2,400 of 10,000 cells, relevance drawn from
U[0, 1] has a weighted Jaccard similarity of 0.19, and the best published one is 0.12. A score says something only
beside these.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.measures.localisation.cells import localisation_scores
from thesis_rnn.measures.localisation.evidence import checked_lengths
from thesis_rnn.support.registry import Registry

ChanceMap = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]  # evidence, lengths, rng -> heatmap


def uniform(evidence: np.ndarray, lengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each cell drawn from U[0, 1]."""
    return rng.random(evidence.shape, dtype=np.float32)


def half_normal(evidence: np.ndarray, lengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each cell |N(0, 1)|: as gradients of random weights look like."""
    return np.abs(rng.standard_normal(evidence.shape, dtype=np.float32))


def empty(evidence: np.ndarray, lengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """No relevance."""
    return np.zeros(evidence.shape, np.float32)


def last_step(evidence: np.ndarray, lengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All relevance on each sample's last step, evenly: what a network that forgets would give."""
    heatmap = np.zeros(evidence.shape, np.float32)
    heatmap[np.arange(len(evidence)), lengths - 1] = 1
    return heatmap


def oracle(evidence: np.ndarray, lengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The evidence itself."""
    return evidence.astype(np.float32)


CHANCE_MAPS: Registry[ChanceMap] = Registry("chance map")
for _map in (uniform, half_normal, empty, last_step, oracle):
    CHANCE_MAPS.add(_map.__name__, _map)


def chance_map(name: str, evidence: ArrayLike, seed: int = 0, lengths: ArrayLike | None = None) -> np.ndarray:
    """A chance map in the evidence's shape, float32 ``[n, steps, ...]``.

    Args:
      name: a name in ``CHANCE_MAPS``.
      evidence: 0 or 1, ``[n, steps, ...]``.
      seed: of the random maps.
      lengths: ``[n]``, how many steps of each sample count; by default all.

    Raises:
      InputError: an unknown name, fewer than two axes, lengths that are not 1..steps.
    """
    evidence = np.asarray(evidence)
    if evidence.ndim < 2:
        raise InputError(f"evidence must have shape [n, steps, ...]; received {evidence.shape}")
    lengths = checked_lengths(lengths, *evidence.shape[:2])
    return CHANCE_MAPS[name](evidence, lengths, np.random.default_rng(seed))


def chance_scores(
    evidence: ArrayLike, seed: int = 0, lengths: ArrayLike | None = None
) -> dict[str, dict[str, np.ndarray]]:
    """Every localisation score of every chance map: map -> score -> ``[n]``. They depend on the evidence alone.

    Arguments and errors as for :func:`chance_map` and ``localisation_scores``.
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
    """Every localisation score of the relevance and of each chance map: map -> score -> ``[n]``.

    The relevance's row is called "relevance" and stands first. To score several models on one data set, call
    :func:`chance_scores` once instead. Arguments and errors as for ``localisation_scores``.
    """
    scores = localisation_scores(relevance, evidence, positive_only, lengths)
    return {"relevance": scores, **chance_scores(evidence, seed, lengths)}
