"""The masking test (Ismail et al., 2019, figure 7): inputs without their most salient cells.

A model whose relevant cells are gone should lose accuracy: measure it before and after.
"""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.removing import outputs_at, target_of
from thesis_rnn.measures.localisation.evidence import relevance_cells
from thesis_rnn.measures.measure import Scored


def mask_most_salient(
    x: ArrayLike,
    saliency: ArrayLike,
    share: float = 0.1,
    value: ArrayLike = 0.0,
    seed: int = 0,
    own: ArrayLike | None = None,
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
      own: bool in the shape of x, the cells that count and may be replaced; by default all. Padding is none of them.

    Returns:
      The copy, of x's type.

    Raises:
      InputError: two shapes, saliency that is not finite, a share outside [0, 1], a value that does not broadcast,
        ``own`` of another shape.

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
    saliency, own = relevance_cells(saliency), _own_cells(own, x)
    counts = np.rint(share * own.sum(axis=1)).astype(int)
    masked = np.zeros(saliency.shape, bool)
    for count in np.unique(counts[counts > 0]):
        rows = counts == count
        masked[rows] = _highest(np.where(own[rows], saliency[rows], -np.inf), count, seed)
    return np.where(masked.reshape(x.shape), value, x).astype(x.dtype)


def right_when_masked(scored: Scored, share: float = 0.1) -> np.ndarray:
    """Whether the target is still predicted without the most salient own cells, 0 or 1: their mean is an accuracy.

    Raises:
      InputError: for one output, of which there is no other class to predict.
    """
    saliency, own = np.abs(scored.relevance), scored.own_cells
    masked = mask_most_salient(scored.x, saliency, share, scored.background, scored.seed, own)
    outputs = outputs_at(scored, 1, lambda sample, _: masked[sample])
    if outputs.shape[2] < 2:
        raise InputError("masked_accuracy is of a choice between classes; use selectivity; received one output")
    target_of(scored, outputs)  # a class that there is
    return (outputs[:, 0].argmax(axis=1) == scored.target).astype(float)


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


def _own_cells(own: ArrayLike | None, x: np.ndarray) -> np.ndarray:
    """Bool [n, cells]."""
    if own is not None and np.shape(own) != x.shape:
        raise InputError(f"own must have the shape of x, {x.shape}; received {np.shape(own)}")
    return (np.ones(x.shape, bool) if own is None else np.asarray(own, bool)).reshape(len(x), -1)


def _broadcast(value: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    try:
        return np.broadcast_to(value, shape)
    except ValueError:
        message = f"value must be a number or broadcast to x of shape {shape}; received shape {np.shape(value)}"
        raise InputError(message) from None
