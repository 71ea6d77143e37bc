"""Checks that localisation scores begin with: relevance and evidence of one shape, cell by cell."""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import real_array


def evidence_cells(evidence: ArrayLike) -> np.ndarray:
    """``evidence`` [n, ...] as bool [n, cells].

    Raises:
      InputError: fewer than two axes, a value other than 0 and 1, or a sample with no cell or every cell marked: there,
        no map is better than another.
    """
    evidence = np.asarray(evidence)
    if evidence.ndim < 2:
        raise InputError(f"evidence must have a sample axis and cells, [n, ...]; received shape {evidence.shape}")
    if evidence.dtype != bool and not np.isin(evidence, (0, 1)).all():
        raise InputError(f"evidence must be 0 or 1; received {evidence[~np.isin(evidence, (0, 1))][0]}")
    cells = evidence.reshape(len(evidence), -1).astype(bool, copy=False)
    marked = cells.sum(axis=1)
    for sample in np.flatnonzero((marked == 0) | (marked == cells.shape[1])):
        received = f"{marked[sample]} of {cells.shape[1]} cells marked in sample {sample}"
        raise InputError(f"evidence must mark some cells of each sample and leave some out; received {received}")
    return cells


def relevance_cells(relevance: ArrayLike) -> np.ndarray:
    """``relevance`` [n, ...] as floats [n, cells]; float32 stays float32, everything else becomes float64.

    Raises:
      InputError: fewer than two axes, or a cell that is not finite.
    """
    single = getattr(relevance, "dtype", None) == np.float32
    relevance = np.asarray(relevance) if single else real_array("relevance", relevance)
    if relevance.ndim < 2 or not relevance.size:
        raise InputError(f"relevance must have samples and cells, [n, ...]; received shape {relevance.shape}")
    if not np.isfinite(relevance).all():
        cell = tuple(np.argwhere(~np.isfinite(relevance))[0].tolist())
        raise InputError(f"relevance must be finite in every cell; received {relevance[cell]} at {cell}")
    return relevance.reshape(len(relevance), -1)


def checked_cells(relevance: ArrayLike, evidence: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both as [n, cells].

    Raises:
      InputError: two shapes, or what :func:`relevance_cells` and :func:`evidence_cells` refuse.
    """
    check_one_shape(relevance, evidence)
    return relevance_cells(relevance), evidence_cells(evidence)


def check_one_shape(relevance: ArrayLike, evidence: ArrayLike) -> None:
    """Refuses evidence of another shape than relevance."""
    if np.shape(relevance) != np.shape(evidence):
        shapes = f"{np.shape(evidence)} beside relevance of {np.shape(relevance)}"
        raise InputError(f"evidence must have the relevance's shape; received {shapes}")


def non_negative_cells(relevance: ArrayLike, evidence: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """:func:`checked_cells` for scores that add relevance up: a negative cell is an error, because it would cancel."""
    relevance, evidence = checked_cells(relevance, evidence)
    if relevance.size and relevance.min() < 0:
        what = "relevance must not be negative here; take its absolute value or its positive part"
        raise InputError(f"{what}; received {relevance.min():g}")
    return relevance.astype(np.float64, copy=False), evidence


def checked_lengths(lengths: ArrayLike | None, n: int, steps: int) -> np.ndarray:
    """How many steps of each sample count, ``[n]``: all where ``lengths`` is None.

    Raises:
      InputError: other than n integers from 1 to ``steps``.
    """
    if lengths is None:
        return np.full(n, steps)
    lengths = np.asarray(lengths)
    if lengths.shape != (n,) or not np.isin(lengths, np.arange(1, steps + 1)).all():
        raise InputError(f"lengths must be {n} integers from 1 to {steps}; received {lengths.tolist()}")
    return lengths.astype(int)
