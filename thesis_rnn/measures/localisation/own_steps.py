"""Scores of cells as measures: of the size of relevance, on each sample's own steps."""

import inspect
from collections.abc import Callable, Iterator

import numpy as np

from thesis_rnn.data import step_mask
from thesis_rnn.measures.localisation.evidence import check_one_shape, checked_cells, checked_lengths, evidence_cells
from thesis_rnn.measures.localisation.overlap import scaled_saliency, time_cosine
from thesis_rnn.measures.measure import Scored

CHUNK = 16  # samples that are scored at once: what lies between relevance and scores stays in the cache
TIME_BLOCKS = 10
POSITIVE_ONLY = "``positive_only``: set negative relevance to zero instead of taking its absolute value."

CellScore = Callable[[np.ndarray, np.ndarray], np.ndarray]


def of_cells(score: CellScore, scaled: bool = False) -> Callable[..., np.ndarray]:
    """The measure that a score of cells is: from what was scored to [n].

    NaN for a text in which no word is marked, or every one: there, no map is better than another.

    Args:
      score: ``score(amounts, evidence)`` -> [n], of amounts that are not negative.
      scaled: whether it is published of the scaled saliency, 0 to 1, rather than of |R| as it is.
    """

    def measured(scored: Scored, positive_only: bool = False) -> np.ndarray:
        scored = own_steps_first(scored)
        relevance, evidence = np.asarray(scored.relevance), np.asarray(scored.evidence)
        told = _told(relevance, evidence, scored.lengths)
        if not told.all():
            values = np.full(len(told), np.nan)
            if told.any():
                values[told] = measured(_taken(scored, told), positive_only)
            return values
        checked_cells(relevance, evidence)
        lengths = checked_lengths(scored.lengths, *relevance.shape[:2])
        _check_padded(evidence, lengths)
        values = np.empty(len(relevance))
        for length, samples in _chunks(lengths):
            part = relevance[samples, :length]
            amounts = np.maximum(part, 0) if positive_only else np.abs(part)
            values[samples] = score(scaled_saliency(amounts) if scaled else amounts, evidence[samples, :length])
        return values

    measured.__doc__ = f"{inspect.getdoc(score).partition(chr(10))[0]}\n\n{POSITIVE_ONLY}"
    return measured


def own_steps_first(scored: Scored) -> Scored:
    """Relevance and evidence with each sample's own steps first, in their order, and how many those are.

    The same where nothing but lengths says which steps are there. A mask may begin with padding, or have gaps.
    """
    if scored.present is None:
        return scored
    own, axes = scored.own_steps, np.ndim(scored.relevance)
    order = np.argsort(~own, axis=1, kind="stable").reshape(*own.shape, *[1] * (axes - 2))
    moved = {"relevance": np.take_along_axis(np.asarray(scored.relevance), order, axis=1)}
    if scored.evidence is not None:
        check_one_shape(scored.relevance, scored.evidence)
        moved["evidence"] = np.take_along_axis(np.asarray(scored.evidence), order, axis=1)
    return scored._replace(**moved, lengths=own.sum(axis=1), present=None)


def _told(relevance: np.ndarray, evidence: np.ndarray, lengths) -> np.ndarray:
    """Whether the evidence tells some tokens from others, [n]; of other inputs it must, so that none is left out."""
    if relevance.ndim != 2 or evidence.shape != relevance.shape:
        return np.ones(len(relevance), bool)
    own = step_mask(checked_lengths(lengths, *relevance.shape), relevance.shape[1])
    marked = evidence.astype(bool)
    return (marked & own).any(axis=1) & (~marked & own).any(axis=1)


def _taken(scored: Scored, chosen: np.ndarray) -> Scored:
    lengths = None if scored.lengths is None else np.asarray(scored.lengths)[chosen]
    arrays = {name: np.asarray(getattr(scored, name))[chosen] for name in ("relevance", "evidence")}
    return scored._replace(lengths=lengths, **arrays)


def time_cosine_of_blocks(amounts: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """cos(E, R) over ten blocks of time, or as many as there are steps, if those are fewer."""
    return time_cosine(amounts, evidence, min(TIME_BLOCKS, amounts.shape[1]))


def _chunks(lengths: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Each length that occurs, with up to ``CHUNK`` of the samples that have it at a time."""
    for length in np.unique(lengths):
        samples = np.flatnonzero(lengths == length)
        for start in range(0, len(samples), CHUNK):
            yield int(length), samples[start : start + CHUNK]


def _check_padded(evidence: np.ndarray, lengths: np.ndarray) -> None:
    """Each sample's own steps have marked cells and unmarked ones."""
    n, steps = evidence.shape[:2]
    own = step_mask(lengths, steps).reshape(n, steps, *[1] * (evidence.ndim - 2))
    evidence_cells(np.logical_and(evidence, own))
    evidence_cells(np.logical_or(evidence, ~own))
