"""How much of the relevance that was shared out did not arrive. What is scored is the record of an explanation."""

import numpy as np

from thesis_rnn.measures.measure import Scored


def nothing_to_explain(scored: Scored) -> np.ndarray:
    """Whether a method that conserves has nothing to share out, as no logit is positive: bool [n]."""
    return np.asarray(scored.explanation.unexplained)


def lost_share(scored: Scored) -> np.ndarray:
    """|absorbed relevance| / sum |relevance| of each sample [n], the part of its relevance that was lost; 0 for 0/0.

    NaN for methods that do not conserve.
    """
    explanation = scored.explanation
    axes = tuple(range(1, explanation.relevance.ndim))
    spread = np.abs(explanation.relevance).sum(axis=axes, dtype=np.float64)
    return np.abs(explanation.absorbed) / np.where(spread > 0, spread, 1)
