"""Whether the relevance of words follows what people say of them, which no model was asked for."""

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.measures.measure import Scored
from thesis_rnn.measures.stability.alike import own_rank_correlation

LEAST = 3
"""Rated words of a sentence below which an order says nothing."""


def valence_correlation(scored: Scored, positive: int = 1) -> np.ndarray:
    """Spearman's correlation of the relevance and the valence of each sentence's rated words, [n] in [-1, 1].

    Valence counts with its sign where the class ``positive`` is explained, and with the other one where another is.
    NaN for sentences with fewer than three rated words, or where relevance or valence has no order.

    Raises:
      InputError: without valence, or of another shape than the tokens.
    """
    _, _, correlation = _rated(scored, positive)
    return correlation


def valence_correlation_of_all(scored: Scored, positive: int = 1) -> float:
    """The same over the rated words of all sentences together; NaN where there are too few.

    Args:
      scored: tokens, relevance and valence.
      positive: the class that valence speaks for.

    Returns:
      Spearman's correlation.

    Raises:
      InputError: as ``valence_correlation``.

    Example:
      >>> relevance, valence = np.array([[0.1, 0.9], [-3.0, 0.0]]), np.array([[0.5, 2.0], [-2.0, np.nan]])
      >>> round(valence_correlation_of_all(Scored(relevance, relevance, np.array([1, 1]), valence=valence)), 6)
      1.0
    """
    toward, rated, _ = _rated(scored, positive)
    relevance, toward = np.asarray(scored.relevance)[rated][None], toward[rated][None]
    if relevance.size < LEAST:
        return float("nan")
    return float(own_rank_correlation(relevance, toward, np.ones(relevance.shape, bool))[0])


def _rated(scored: Scored, positive: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Valence toward the explained class [n, steps], where it is known, and the correlation of each sentence."""
    if scored.valence is None or np.shape(scored.valence) != np.shape(scored.relevance):
        received = "none" if scored.valence is None else f"shape {np.shape(scored.valence)}"
        expected = f"valence must be given for each token, {np.shape(scored.relevance)}, NaN where it is unknown"
        raise InputError(f"{expected}; received {received}")
    sign = np.where(np.asarray(scored.target) == positive, 1.0, -1.0)[:, None]
    toward = sign * np.asarray(scored.valence, float)
    rated = scored.own_cells & ~np.isnan(toward)
    correlation = own_rank_correlation(scored.relevance, np.where(rated, toward, 0), rated)
    return toward, rated, np.where(rated.sum(axis=1) >= LEAST, correlation, np.nan)
