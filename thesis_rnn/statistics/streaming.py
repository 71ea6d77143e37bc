"""Means and intervals of values that are never held together: moments of parts, which add up."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from thesis_rnn.statistics.intervals import Interval


class Moments(NamedTuple):
    """What is kept of values: enough for their mean and its interval, whatever their number.

    Two parts with means a, b of n, m values have together the mean a + (b - a) m / (n + m) and the squared deviations
    M2_a + M2_b + (b - a)^2 n m / (n + m) (Chan, Golub and LeVeque, 1983, equation 2.1).

    Attributes:
      n: the number of values.
      mean: their mean; 0 without any.
      m2: the sum of their squared deviations from it.
      least, greatest: the ends; infinite without any.

    Example:
      >>> parts = Moments.of([0.90, 0.92]), Moments.of([0.94])
      >>> mean, low, high, n = parts[0].joined(parts[1]).interval()
      >>> round(mean, 2), round(low, 2), round(high, 2), n
      (0.92, 0.87, 0.97, 3)
    """

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0
    least: float = np.inf
    greatest: float = -np.inf

    @classmethod
    def of(cls, values: ArrayLike) -> "Moments":
        """The moments of values of any shape; NaN is left out."""
        values = np.asarray(values, np.float64).ravel()
        values = values[~np.isnan(values)]
        if not values.size:
            return cls()
        mean = values.mean()
        m2 = np.square(values - mean).sum()
        return cls(values.size, float(mean), float(m2), float(values.min()), float(values.max()))

    def joined(self, other: "Moments") -> "Moments":
        """The moments of both parts together."""
        n = self.n + other.n
        if not n:
            return self
        offset = other.mean - self.mean
        mean = self.mean + offset * other.n / n
        m2 = self.m2 + other.m2 + offset**2 * self.n * other.n / n
        return Moments(n, mean, m2, min(self.least, other.least), max(self.greatest, other.greatest))

    def interval(self, confidence: float = 0.95) -> Interval:
        """The mean with Student's t interval, as ``mean_interval`` gives it; NaN without values."""
        if self.n < 2:
            mean = self.mean if self.n else np.nan
            return Interval(mean, np.nan, np.nan, self.n)
        half = stats.t.ppf((1 + confidence) / 2, self.n - 1) * np.sqrt(self.m2 / (self.n - 1) / self.n)
        return Interval(self.mean, float(self.mean - half), float(self.mean + half), self.n)
