"""How far a mean can be trusted."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array


class Interval(NamedTuple):
    """A mean, the ends of its confidence interval, and the number of values behind it."""

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

    Raises:
      InputError: no values, NaN or infinite ones, or a confidence outside (0, 1).
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
