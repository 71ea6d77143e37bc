"""How evenly relevance is spread over a sample's own cells, whatever its sign."""

import numpy as np

from thesis_rnn.measures.measure import Scored


def entropy(scored: Scored) -> np.ndarray:
    """- sum_i p_i log p_i with p_i = |R_i| / sum |R|, [n], in nats; NaN without relevance (Bhatt et al., 2020).

    0 where all lies on one cell, log m where m cells have the same.
    """
    amounts = _amounts(scored)
    total = amounts.sum(axis=1, keepdims=True)
    p = amounts / np.where(total > 0, total, 1)
    spread = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=1)
    return np.where(total[:, 0] > 0, np.maximum(spread, 0), np.nan)


def gini(scored: Scored) -> np.ndarray:
    """sum_i (2 i - m - 1) a_i / (m sum a) with a = |R| of m own cells in rising order, [n] (Chalasani et al., 2020).

    0 where all cells have the same, 1 - 1/m where all lies on one; NaN without relevance.
    """
    amounts, cells = np.sort(_amounts(scored), axis=1), scored.own_cells.reshape(len(scored.x), -1).sum(axis=1)
    place = np.arange(1, amounts.shape[1] + 1) - (amounts.shape[1] - cells)[:, None]  # other cells are 0: first
    total = amounts.sum(axis=1)
    weighed = ((2 * place - cells[:, None] - 1) * amounts).sum(axis=1)
    return np.divide(weighed, cells * total, out=np.full(len(total), np.nan), where=total > 0)


def _amounts(scored: Scored) -> np.ndarray:
    """|R| [n, cells] in float64, relative to its largest; 0 outside of the own cells."""
    amounts = np.abs(scored.own_relevance).reshape(len(scored.x), -1)
    largest = amounts.max(axis=1, keepdims=True)
    return amounts / np.where(largest > 0, largest, 1)
