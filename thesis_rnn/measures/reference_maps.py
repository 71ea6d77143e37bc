"""Heatmaps that know nothing of the model, and the ones that know everything: what a score is read beside.

Noise can score better than a trained network's saliency: on a box of 2,400 of 10,000 cells, relevance drawn from
U[0, 1] has a weighted Jaccard similarity of 0.19, and the best published one is 0.12. A score says something only
beside these. Each function takes what was scored, of which it reads the inputs, the evidence and the lengths, and gives
heatmaps in the inputs' shape; the further arguments are a measure's parameters, which few of them ask for.
"""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.data.images.sequences import cut_into_steps
from thesis_rnn.errors import InputError
from thesis_rnn.measures.intensity import pixel_intensity
from thesis_rnn.measures.localisation.evidence import checked_lengths
from thesis_rnn.measures.measure import Scored
from thesis_rnn.support.registry import Registry


def constant(scored: Scored, **_) -> np.ndarray:
    """The same relevance in every cell. Two right blocks of three: cosine 2 / (sqrt(2) sqrt(3)) = 0.8165, always."""
    return np.ones(scored.x.shape)


def empty(scored: Scored, **_) -> np.ndarray:
    """No relevance."""
    return np.zeros(scored.x.shape, np.float32)


def intensity(scored: Scored, **_) -> np.ndarray:
    """Each pixel by how bright it is."""
    return pixel_intensity(scored.x)


def are_pixels(x: np.ndarray) -> bool:
    """Whether ``x`` are images with pixels in [-1, 1], which have an intensity."""
    return np.ndim(x) == 4 and not (np.size(x) and np.abs(x).max() > 1)


def uniform_noise(scored: Scored, **_) -> np.ndarray:
    """Each cell drawn from U[0, 1]."""
    return np.random.default_rng(scored.seed).random(scored.x.shape, dtype=np.float32)


def half_normal_noise(scored: Scored, **_) -> np.ndarray:
    """Each cell |N(0, 1)|: as gradients of random weights look like."""
    return np.abs(np.random.default_rng(scored.seed).standard_normal(scored.x.shape, dtype=np.float32))


def last_step(scored: Scored, **_) -> np.ndarray:
    """All relevance on each sample's last step, evenly: what a network that forgets would give.

    Of three blocks: cosine 1 / sqrt(2) if the last is one of the two right ones, else 0: 0.4714 on average when all
    positions are equally likely.
    """
    heatmaps = np.zeros(scored.x.shape, np.float32)
    lengths = checked_lengths(scored.lengths, *scored.x.shape[:2])
    heatmaps[np.arange(len(heatmaps)), lengths - 1] = 1
    return heatmaps


def evidence_map(scored: Scored, **_) -> np.ndarray:
    """The evidence itself: 1 in each cell of it, or of its blocks of columns."""
    evidence = np.asarray(scored.evidence)
    if evidence.shape == scored.x.shape:
        return evidence.astype(np.float32)
    steps, rows, columns = scored.x.shape[1:]
    across = np.repeat(evidence, steps * columns // evidence.shape[1], axis=1).astype(np.float32)
    return cut_into_steps(np.repeat(across[:, None], rows, axis=1), steps)


CHANCE_MAPS: Registry = Registry("chance map")
"""Name -> heatmaps that scores of cells stand beside; the last is the evidence itself."""
for _name, _function in (
    ("uniform", uniform_noise),
    ("half_normal", half_normal_noise),
    ("empty", empty),
    ("last_step", last_step),
    ("oracle", evidence_map),
):
    CHANCE_MAPS.add(_name, _function)


def chance_map(name: str, evidence: ArrayLike, seed: int = 0, lengths: ArrayLike | None = None) -> np.ndarray:
    """A chance map in the evidence's shape, float32 ``[n, steps, ...]``.

    Args:
      name: a name in ``CHANCE_MAPS``.
      evidence: 0 or 1, ``[n, steps, ...]``.
      seed: of the random maps.
      lengths: ``[n]``, how many steps of each sample count; by default all.

    Returns:
      Heatmaps that depend on the evidence alone.

    Raises:
      InputError: an unknown name, fewer than two axes, lengths that are not 1..steps.

    Example:
      >>> chance_map("last_step", np.ones((1, 3, 2)))[0].tolist()
      [[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
    """
    evidence = np.asarray(evidence)
    if evidence.ndim < 2:
        raise InputError(f"evidence must have shape [n, steps, ...]; received {evidence.shape}")
    lengths = checked_lengths(lengths, *evidence.shape[:2])
    target = np.zeros(len(evidence), int)
    return CHANCE_MAPS[name](Scored(evidence, evidence, target, evidence, lengths, seed=seed))
