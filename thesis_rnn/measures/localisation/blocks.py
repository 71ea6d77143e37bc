"""The measures of the thesis (Chormai, 2018): section 3.3.2, equation 3.7 and figure 3.7.

Relevance comes as explanations give it, ``[n, steps, rows, columns]``; all sums are taken in float64.
"""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array, real_array, shares


def block_relevance(relevance: ArrayLike, blocks: int = 3, positive_only: bool = False) -> np.ndarray:
    """The relevance that falls on each of ``blocks`` equally wide column blocks of the joined image: ``[n, blocks]``.

    These are sums, not shares: they add up to the sample's total relevance.

    Args:
      relevance: ``[n, steps, rows, columns]``.
      blocks: 3 for the majority problem, one per digit. A block may begin inside a step.
      positive_only: set negative relevance to zero first, cell by cell, as the thesis does for LRP with beta > 0.

    Returns:
      The sums, ``[n, blocks]``.

    Raises:
      InputError: the image's width is not a multiple of ``blocks``.

    Example:
      >>> relevance = np.arange(6.0).reshape(1, 1, 1, 6)  # one sample of one step: an image of 1x6
      >>> block_relevance(relevance).tolist()
      [[1.0, 5.0, 9.0]]
    """
    images = join_steps(finite_array("relevance [n, steps, rows, columns]", relevance, axes=4))
    if positive_only:
        images = np.maximum(images, 0)
    n, rows, width = images.shape
    if blocks < 1 or width % blocks:
        raise InputError(f"blocks must divide the image's {width} columns; received {blocks}")
    return images.reshape(n, rows, blocks, width // blocks).sum(axis=(1, 3))


def cosine_similarity(evidence: ArrayLike, share: ArrayLike) -> np.ndarray:
    """cos(m, v) = m . v / (|m| |v|) of each sample, ``[n]`` in [-1, 1] (equation 3.7).

    It is 1 only if all relevance lies on the evidence and equally on each of its blocks. A sample without any relevance
    scores 0; :func:`is_without_relevance` finds those. A signed method may give a block negative relevance; it enters
    with its sign, so that relevance speaking against the evidence scores below 0.

    Args:
      evidence: m, ``[n, blocks]`` of 0 and 1, with at least one 1 in each row.
      share: v, ``[n, blocks]``, the relevance of each block. The cosine does not change with the scale of v, so the
        sums of :func:`block_relevance` serve as well as shares.

    Returns:
      The cosine of each sample, ``[n]``.

    Raises:
      InputError: the shapes differ or are empty, or evidence that is not 0 or 1 or marks no block.

    Example:
      >>> evidence = [[1, 1, 0], [1, 1, 0], [1, 1, 0]]
      >>> cosine_similarity(evidence, [[2, 2, 0], [1, 0, 0], [0, 0, 0]]).round(3).tolist()
      [1.0, 0.707, 0.0]
    """
    evidence, share = _evidence_and_share(evidence, share)
    largest = np.abs(share).max(axis=1, keepdims=True)
    share = share / np.where(largest > 0, largest, 1)  # the squares below can then neither overflow nor vanish
    norms = np.linalg.norm(evidence, axis=1) * np.linalg.norm(share, axis=1)
    cosine = (evidence * share).sum(axis=1) / np.where(norms > 0, norms, 1)
    return np.clip(cosine, -1, 1)  # rounding alone can reach 1 + 2e-16


def is_without_relevance(share: ArrayLike) -> np.ndarray:
    """Whether no block of a sample received any relevance, ``[n]``: the samples whose cosine is 0 by definition.

    Args:
      share: the relevance of each block, ``[n, blocks]``.

    Returns:
      bool ``[n]``.

    Example:
      >>> is_without_relevance([[0.0, 0.0], [0.0, 1.0]]).tolist()
      [True, False]
    """
    return (finite_array("share [n, blocks]", share, axes=2) == 0).all(axis=1)


def evidence_percentage(evidence: ArrayLike, share: ArrayLike) -> np.ndarray:
    """100 sum_b m_b v_b / sum_b v_b, ``[n]``: the percentage of relevance on the evidence, 0 to 100 (section 3.3.2).

    Unlike the cosine it is full already when one of the right blocks has everything (figure 3.10). A block whose sum is
    negative counts as 0; a sample without positive relevance scores 0. Arguments and errors as for
    :func:`cosine_similarity`.

    Returns:
      The percentage of each sample, ``[n]``.

    Example:
      >>> evidence_percentage([[1, 1, 0], [1, 1, 0]], [[3, 0, 1], [0, 0, 0]]).tolist()
      [75.0, 0.0]
    """
    evidence, share = _evidence_and_share(evidence, share)
    return 100 * (evidence * shares(share)).sum(axis=1)


def step_share(relevance: ArrayLike) -> np.ndarray:
    """The share of each sample's positive relevance that falls on each time step, ``[n, steps]`` (figure 3.7).

    Negative relevance is set to zero first, cell by cell. Rows sum to 1, or to 0 where no relevance is positive.

    Args:
      relevance: ``[n, steps, ...]``.

    Returns:
      The shares, ``[n, steps]``.

    Raises:
      InputError: fewer than two axes, or a cell that is not finite.

    Example:
      >>> step_share([[[1.0, -5.0], [3.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]).tolist()
      [[0.25, 0.75], [0.0, 0.0]]
    """
    axes = max(2, np.ndim(relevance))
    relevance = np.maximum(finite_array("relevance [n, steps, ...]", relevance, axes), 0)
    return shares(relevance.sum(axis=tuple(range(2, axes))))


def accuracy(logits: ArrayLike, y: ArrayLike) -> float:
    """The fraction of samples, 0 to 1, whose largest logit is that of their label; of equal logits the first counts.

    Args:
      logits: ``[n, classes]``.
      y: the labels, ``[n]``.

    Returns:
      A number from 0 to 1.

    Raises:
      InputError: no samples, another number of labels than of samples, or labels that are no classes.

    Example:
      >>> accuracy([[2.0, 1.0], [0.0, 3.0]], [0, 0])
      0.5
    """
    logits, y = finite_array("logits [n, classes]", logits, axes=2), np.asarray(y)
    if y.shape != logits.shape[:1] or not y.size:
        raise InputError(f"y must have shape [n], with n > 0; received {y.shape} for logits of shape {logits.shape}")
    known = real_array("y", y) == logits.argmax(axis=1)
    strange = y[~np.isin(y, np.arange(logits.shape[1]))]
    if strange.size:
        raise InputError(f"y must be classes from 0 to {logits.shape[1] - 1}; received {strange[0]}")
    return float(np.mean(known))


def _evidence_and_share(evidence: ArrayLike, share: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    evidence = finite_array("evidence [n, blocks]", evidence, axes=2)
    share = finite_array("share [n, blocks]", share, axes=2)
    if evidence.shape != share.shape or not share.size:
        raise InputError(f"evidence and share need one shape, not empty; received {evidence.shape} and {share.shape}")
    for row in evidence[~(np.isin(evidence, (0, 1)).all(axis=1) & evidence.any(axis=1))]:
        raise InputError(f"evidence must be 0 or 1 and mark at least one block; received {row.tolist()}")
    return evidence, share
