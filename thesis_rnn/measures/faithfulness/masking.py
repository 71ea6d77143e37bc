"""The masking test (Ismail et al., 2019, figure 7): inputs without their most salient cells.

A model whose relevant cells are gone should lose accuracy: measure it before and after.
"""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.perturbation import predict_at
from thesis_rnn.measures.localisation.evidence import relevance_cells
from thesis_rnn.measures.measure import Scored


def mask_most_salient(
    x: ArrayLike, saliency: ArrayLike, share: float = 0.1, value: ArrayLike = 0.0, seed: int = 0
) -> np.ndarray:
    """A copy of ``x`` in which each sample's round(share * cells) most salient cells are replaced by ``value``.

    Of cells of equal saliency at the edge, those to replace are drawn at random: a map that is zero almost everywhere
    does not lose its earliest cells. A map of zeros loses random ones, which is the control to compare with.

    Args:
      x: ``[n, ...]``.
      saliency: the same shape, higher is more salient; |R| of signed relevance. It may come from another model, as in
        the paper.
      share: between 0 and 1.
      value: what takes the cells' place, a number or an array that broadcasts to x: 0 is the mean of standardised data.
      seed: of the draw among equals.

    Returns:
      The copy, of x's type.

    Raises:
      InputError: two shapes, saliency that is not finite, a share outside [0, 1], a value that does not broadcast.

    Example:
      >>> mask_most_salient([[1.0, 2.0, 3.0, 4.0]], saliency=[[0.0, 9.0, 1.0, 8.0]], share=0.5).tolist()
      [[1.0, 0.0, 3.0, 0.0]]
    """
    x = np.asarray(x)
    if x.shape != np.shape(saliency):
        raise InputError(f"saliency must have the shape of x, {x.shape}; received {np.shape(saliency)}")
    if not 0 <= share <= 1:
        raise InputError(f"share must lie between 0 and 1; received {share}")
    value = _broadcast(value, x.shape)
    saliency = relevance_cells(saliency)
    count = round(share * saliency.shape[1])
    masked = _highest(saliency, count, seed) if count else np.zeros(saliency.shape, bool)
    return np.where(masked.reshape(x.shape), value, x).astype(x.dtype)


def right_when_masked(scored: Scored, share: float = 0.1) -> np.ndarray:
    """Whether the target is still predicted without the most salient cells, 0 or 1: their mean is an accuracy."""
    masked = mask_most_salient(scored.x, np.abs(scored.relevance), share, scored.background, scored.seed)
    return (np.argmax(predict_at(scored.predict, masked, scored.x), axis=1) == scored.target).astype(float)


def masking_references(scored: Scored, **_) -> dict[str, np.ndarray]:
    """Cells at random and, where it is known cell by cell, those of the evidence: the controls of the masking test."""
    controls = {"(random)": np.zeros(scored.x.shape, np.float32)}
    if scored.evidence is not None and np.shape(scored.evidence) == scored.x.shape:
        controls["(evidence)"] = np.asarray(scored.evidence, np.float32)
    return controls


def _highest(saliency: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Which ``count`` > 0 cells of each row of ``saliency`` [n, cells] are its highest, equals drawn at random."""
    lowest = np.partition(saliency, -count, axis=1)[:, [-count]]  # a sort would take five times as long
    chosen = saliency > lowest
    shuffled = np.random.default_rng(seed).permutation(saliency.shape[1])
    equals = (saliency == lowest)[:, shuffled]
    left = count - chosen.sum(axis=1, keepdims=True)
    chosen[:, shuffled] |= equals & (np.cumsum(equals, axis=1) <= left)
    return chosen


def _broadcast(value: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    try:
        return np.broadcast_to(value, shape)
    except ValueError:
        message = f"value must be a number or broadcast to x of shape {shape}; received shape {np.shape(value)}"
        raise InputError(message) from None
