"""Student's confidence interval of a mean."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array


class Interval(NamedTuple):
    """A mean, the ends of its confidence interval, and the number of values behind it.

    Example:
      >>> low_to_high = Interval(mean=0.5, low=0.4, high=0.6, n=7)
      >>> low_to_high.high
      0.6
    """

    mean: float
    low: float
    high: float
    n: int


def mean_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """The mean of ``values`` with Student's t interval: mean -+ t_{(1 + confidence) / 2, n - 1} s / sqrt(n).

    s is the sample's standard deviation (n - 1 in the denominator). One value says nothing of its spread: its interval
    is NaN to NaN. Equal values give an interval of zero width.

    Args:
      values: ``[n]``, taken as independent: one per sample, seed or fold.
      confidence: between 0 and 1.

    Returns:
      The mean and its interval.

    Raises:
      InputError: no values, NaN or infinite ones, or a confidence outside (0, 1).

    Example:
      >>> mean, low, high, n = mean_interval([0.90, 0.92, 0.94])
      >>> round(mean, 2), round(low, 2), round(high, 2), n
      (0.92, 0.87, 0.97, 3)
    """
    values = finite_array("values [n]", values, axes=1)
    if not values.size:
        raise InputError("a mean needs at least one value; received none")
    if not 0 < confidence < 1:
        raise InputError(f"confidence must lie between 0 and 1; received {confidence}")
    n = len(values)
    offsets = values - values[0]  # exactly zero for equal values, whose plain mean and deviation can be off by rounding
    mean = float(values[0] + offsets.mean())
    if n == 1:
        return Interval(mean, np.nan, np.nan, n)
    half_width = stats.t.ppf((1 + confidence) / 2, n - 1) * offsets.std(ddof=1) / np.sqrt(n)
    return Interval(mean, float(mean - half_width), float(mean + half_width), n)
