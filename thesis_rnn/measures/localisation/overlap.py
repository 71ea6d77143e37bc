"""How far the relevance of cells and their evidence coincide in amount (Ismail et al., 2019; Arras et al., 2022).

Relevance and evidence have one shape, ``[n, ...]``; the evidence is 0 or 1. Each score is ``[n]``.
"""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.measures.localisation.blocks import cosine_similarity
from thesis_rnn.measures.localisation.evidence import checked_cells, non_negative_cells, relevance_cells


def scaled_saliency(relevance: ArrayLike) -> np.ndarray:
    """(|R| - min |R|) / (max |R| - min |R|) over each sample's cells: its shape, 0 to 1, float64.

    What the published weighted Jaccard and Euclidean scores are computed from. A sample whose |R| is the same in all
    cells, zero for instance, singles out none: it becomes 0 everywhere.

    Args:
      relevance: R, ``[n, ...]``.

    Returns:
      The scaled |R|, in the shape of R.

    Raises:
      InputError: relevance that is not finite.

    Example:
      >>> scaled_saliency([[-3.0, 1.0, 2.0], [1.0, 1.0, 1.0]]).tolist()
      [[1.0, 0.0, 0.5], [0.0, 0.0, 0.0]]
    """
    amounts = np.abs(relevance_cells(relevance)).astype(np.float64)
    low, high = amounts.min(axis=1, keepdims=True), amounts.max(axis=1, keepdims=True)
    amounts = (amounts - low) / np.where(high > low, high - low, 1)
    return amounts.reshape(np.shape(relevance))


def weighted_jaccard(relevance: ArrayLike, evidence: ArrayLike) -> np.ndarray:
    """sum_i min(E_i, R_i) / sum_i max(E_i, R_i): 0 to 1, the higher the better (equation 6).

    The paper prints the sample |X| in the place of the evidence E; its numbers come from E. The score of chance is far
    from 0: relevance drawn from U[0, 1] scores (p / 2) / (p + (1 - p) / 2), with p the share of marked cells, and no
    relevance at all scores 0.

    Args:
      relevance: R, not negative; to compare with the paper, :func:`scaled_saliency` of it.
      evidence: E.

    Returns:
      The score of each sample, ``[n]``.

    Raises:
      InputError: two shapes, negative relevance, evidence other than 0 and 1 or that marks no cell or all.

    Example:
      >>> weighted_jaccard([[1.0, 0.5], [0.0, 0.0]], [[1, 0], [1, 0]]).round(3).tolist()
      [0.667, 0.0]
    """
    relevance, evidence = non_negative_cells(relevance, evidence)
    return np.minimum(evidence, relevance).sum(axis=1) / np.maximum(evidence, relevance).sum(axis=1)


def euclidean_distance(relevance: ArrayLike, evidence: ArrayLike) -> np.ndarray:
    """sqrt(sum_i (E_i - R_i)^2) / sqrt(sum_i E_i^2): 0 at the evidence itself, the lower the better.

    The formula behind the paper's tables, in its authors' program; not the one printed, which is
    :func:`euclidean_distance_printed`. No relevance at all scores 1. Arguments and errors as for
    :func:`weighted_jaccard`, but relevance may be negative.

    Returns:
      The distance of each sample, ``[n]``.

    Example:
      >>> euclidean_distance([[1.0, 0.0], [0.0, 0.0]], [[1, 0], [1, 0]]).tolist()
      [0.0, 1.0]
    """
    relevance, evidence = checked_cells(relevance, evidence)
    squares = np.square(evidence - relevance.astype(np.float64, copy=False)).sum(axis=1)
    return np.sqrt(squares / evidence.sum(axis=1))


def euclidean_distance_printed(relevance: ArrayLike, evidence: ArrayLike) -> np.ndarray:
    """sum_i sqrt((E_i - R_i)^2) / sum_i E_i, equation 5 as printed: a distance in absolute values.

    The lower the better; 0 at the evidence itself; no relevance at all scores 1. Arguments and errors as for
    :func:`euclidean_distance`.

    Returns:
      The distance of each sample, ``[n]``.

    Example:
      >>> euclidean_distance_printed([[0.5, 0.5], [0.0, 0.0]], [[1, 0], [1, 0]]).tolist()
      [1.0, 1.0]
    """
    relevance, evidence = checked_cells(relevance, evidence)
    return np.abs(evidence - relevance.astype(np.float64, copy=False)).sum(axis=1) / evidence.sum(axis=1)


def mass_accuracy(relevance: ArrayLike, evidence: ArrayLike) -> np.ndarray:
    """sum_i E_i R_i / sum_i R_i, the share of relevance on the evidence: 0 to 1 (Arras et al., 2022, CLEVR-XAI).

    No relevance at all scores 0; the same in all cells scores the share of marked cells. Arguments and errors as for
    :func:`weighted_jaccard`.

    Returns:
      The share of each sample, ``[n]``.

    Example:
      >>> mass_accuracy([[3.0, 1.0], [0.0, 0.0]], [[1, 0], [1, 0]]).tolist()
      [0.75, 0.0]
    """
    relevance, evidence = non_negative_cells(relevance, evidence)
    largest = relevance.max(axis=1, keepdims=True)
    relevance = relevance / np.where(largest > 0, largest, 1)  # the sum can then not overflow
    total = relevance.sum(axis=1)
    return (relevance * evidence).sum(axis=1) / np.where(total > 0, total, 1)


def time_cosine(relevance: ArrayLike, evidence: ArrayLike, blocks: int = 10) -> np.ndarray:
    """The cosine of equation 3.7 of Chormai (2018) over blocks of time: whether relevance lies at the right time.

    Step axis 1 is cut into ``blocks`` spans, span b from step floor(b T / blocks); v_b is the relevance in it, and m_b
    is 1 where it has a marked cell: m . v / (|m| |v|). No relevance at all scores 0; constant relevance scores
    sqrt(the share of spans with evidence), where the spans are equally long.

    Args:
      relevance: ``[n, steps, ...]``, not negative.
      evidence: the same shape.
      blocks: from 1 to the number of steps.

    Returns:
      The cosine of each sample, ``[n]``.

    Raises:
      InputError: as :func:`weighted_jaccard`, or another number of blocks.

    Example:
      >>> relevance = np.array([[[2.0], [2.0], [0.0], [0.0]]])  # one sample of four steps
      >>> time_cosine(relevance, [[[1], [1], [0], [0]]], blocks=2).tolist()
      [1.0]
    """
    cells, marked = non_negative_cells(relevance, evidence)
    n, steps = np.shape(relevance)[:2]
    if not 1 <= blocks <= steps:
        raise InputError(f"blocks must lie in 1..{steps}, the number of steps; received {blocks}")
    starts = np.arange(blocks) * steps // blocks
    by_step = cells.reshape(n, steps, -1).sum(axis=2), marked.reshape(n, steps, -1).any(axis=2)
    shares, marks = (np.add.reduceat(values, starts, axis=1) for values in by_step)
    return cosine_similarity(marks > 0, shares)
