"""Adjusted p values, for several tests at once of which the smallest are picked out."""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array


def benjamini_hochberg(p_values: ArrayLike) -> np.ndarray:
    """The adjusted p values of Benjamini and Hochberg (1995), in the order given: min_{j >= i} min(1, m p_(j) / j).

    Calling all below q significant leaves a share of false ones among them that is, on average, at most q, if the tests
    are independent or depend on each other positively.

    Args:
      p_values: ``[m]``, in [0, 1].

    Returns:
      ``[m]``, none smaller than its p value.

    Raises:
      InputError: p values that are NaN or outside [0, 1].

    Example:
      >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
      [0.03, 0.04, 0.04]
    """
    p = _checked(p_values)
    order = np.argsort(-p, kind="stable")
    ranks = np.arange(len(p), 0, -1)
    return _in_order_given(np.minimum.accumulate(len(p) * p[order] / ranks), order)


def holm(p_values: ArrayLike) -> np.ndarray:
    """The adjusted p values of Holm (1979), in the order given: max_{j <= i} min(1, (m - j + 1) p_(j)).

    Calling all below a significant makes one or more mistakes with a probability of at most a, however the tests depend
    on each other.

    Args:
      p_values: ``[m]``, in [0, 1].

    Returns:
      ``[m]``, none smaller than its p value.

    Raises:
      InputError: p values that are NaN or outside [0, 1].

    Example:
      >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
      [0.03, 0.06, 0.06]
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    factors = np.arange(len(p), 0, -1)
    return _in_order_given(np.maximum.accumulate(factors * p[order]), order)


def _checked(p_values: ArrayLike) -> np.ndarray:
    p = finite_array("p_values [m]", p_values, axes=1)
    for value in p[(p < 0) | (p > 1)]:
        raise InputError(f"p values must lie between 0 and 1; received {value:g}")
    return p


def _in_order_given(adjusted: np.ndarray, order: np.ndarray) -> np.ndarray:
    result = np.empty_like(adjusted)
    result[order] = np.minimum(adjusted, 1)
    return result
