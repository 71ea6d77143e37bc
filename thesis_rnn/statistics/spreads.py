"""Whether one series of scores spreads more than another, or more than its noise."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array


class Ratio(NamedTuple):
    """A ratio of spreads with the ends of its interval, and the number of values behind it.

    Example:
      >>> Ratio(2.0, 1.0, 4.0, 7).ratio
      2.0
    """

    ratio: float
    low: float
    high: float
    n: int


def variance_ratio(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> Ratio:
    """s_1^2 / s_2^2 of paired values, with the interval that inverts the test of Pitman and Morgan (1939).

    With r the correlation, t = t_{(1 + confidence) / 2, n - 2} and h = 1 + 2 (1 - r^2) t^2 / (n - 2), the interval is
    s_1^2 / s_2^2 (h -+ sqrt(h^2 - 1)). It is wide: at seven pairs without correlation from a tenth to ten times. Two
    pairs have none, nor has a series without spread.

    Args:
      first, second: ``[n]``, pair by pair.
      confidence: between 0 and 1.

    Returns:
      The ratio with its interval; NaN where there is none.

    Raises:
      InputError: values that are not finite, of other lengths, or fewer than two.

    Example:
      >>> variance_ratio([1.0, 3.0, 5.0], [1.0, 2.0, 3.0]).ratio
      4.0
    """
    first, second = (finite_array("values [n]", values, axes=1) for values in (first, second))
    n = len(first)
    if n != len(second) or n < 2:
        raise InputError(f"a ratio of variances needs two or more pairs; received {n} and {len(second)} values")
    variances = first.var(ddof=1), second.var(ddof=1)
    if min(variances) == 0:
        return Ratio(np.nan, np.nan, np.nan, n)
    ratio = float(variances[0] / variances[1])
    if n == 2:
        return Ratio(ratio, np.nan, np.nan, n)
    r, t = np.corrcoef(first, second)[0, 1], stats.t.ppf((1 + confidence) / 2, n - 2)
    h = 1 + 2 * max(1 - r**2, 0.0) * t**2 / (n - 2)
    high = float(h + np.sqrt(h**2 - 1))  # its product with the lower factor is 1
    return Ratio(ratio, ratio / high, ratio * high, n)


def spread_over_noise(values: ArrayLike, noise: float, confidence: float = 0.95) -> Ratio:
    """s / noise, a standard deviation over a known one, with its chi-square interval.

    Args:
      values: ``[n]``, independent: one for each seed.
      noise: the standard deviation that the values would have if they differed by noise alone.
      confidence: between 0 and 1.

    Returns:
      The ratio with its interval.

    Raises:
      InputError: values that are not finite or fewer than two, or a noise that is not positive.

    Example:
      >>> spread_over_noise([1.0, 2.0, 3.0], noise=0.5).ratio
      2.0
    """
    values = finite_array("values [n]", values, axes=1)
    if len(values) < 2 or not noise > 0:
        raise InputError(f"a spread needs two values and a positive noise; received {len(values)} and {noise}")
    freedom, ratio = len(values) - 1, values.std(ddof=1) / noise
    quantiles = stats.chi2.ppf([(1 + confidence) / 2, (1 - confidence) / 2], freedom)
    low, high = ratio * np.sqrt(freedom / quantiles)
    return Ratio(float(ratio), float(low), float(high), len(values))
