"""Whether attention matters to the output at all (Jain and Wallace, 2019; Pruthi et al., 2020)."""

import numpy as np

from thesis_rnn.measures.measure import Scored


def attention_change(scored: Scored) -> np.ndarray:
    """Half of sum_c |p_c - p'_c|, [n] in [0, 1]: p' has attention weights permuted, the median over permutations.

    What ``attention`` and its kin tell in ``details["change"]``. Near 0 the output does not depend on where the model
    looks, and a read-out of its weights explains nothing; a large change is no proof that it does. NaN for methods that
    read no attention.

    Args:
      scored: with the record of the explanation.

    Returns:
      The change of each sample.

    Example:
      >>> x = np.ones((2, 3, 1))
      >>> attention_change(Scored(x, x, np.array([0, 0]))).tolist()
      [nan, nan]
    """
    details = getattr(scored.explanation, "details", None) or {}
    return np.asarray(details.get("change", np.full(len(scored.x), np.nan)), float)
