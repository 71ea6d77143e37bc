"""Descriptions of paired differences beside their mean: effect size and signed-rank test."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from thesis_rnn.support.checks import finite_array


class SignedRank(NamedTuple):
    """Wilcoxon's signed-rank test: its p value, and the smallest that so few differences can reach.

    Example:
      >>> SignedRank(p=0.25, smallest_p=0.25).smallest_p
      0.25
    """

    p: float
    smallest_p: float


def effect_size(differences: ArrayLike, corrected: bool = True) -> float:
    """Cohen's d_z = mean / s of paired differences; corrected, Hedges' g_z = J(k - 1) d_z.

    J(m) = Gamma(m / 2) / (sqrt(m / 2) Gamma((m - 1) / 2)) takes away d_z's bias in small samples (Hedges, 1981); it is
    0.56 at three differences, 0.87 at seven. s is the sample's standard deviation (k - 1 in the denominator).

    NaN where there is no such number: fewer than two differences (three for g_z, as J(1) = 0), or all of them equal.

    Args:
      differences: ``[k]``.
      corrected: g_z rather than d_z.

    Returns:
      The effect, or NaN.

    Raises:
      InputError: NaN or infinite differences.

    Example:
      >>> round(effect_size([0.1, 0.2, 0.3], corrected=False), 6), effect_size([0.1, 0.1, 0.1])
      (2.0, nan)
    """
    differences = finite_array("differences [k]", differences, axes=1)
    k = len(differences)
    if k < 2 + corrected or np.ptp(differences) == 0:
        return np.nan
    d_z = differences.mean() / differences.std(ddof=1)
    return float(d_z * _hedges_correction(k - 1) if corrected else d_z)


def signed_rank(differences: ArrayLike) -> SignedRank:
    """Wilcoxon's two-sided signed-rank test (SciPy's), for description: few folds can hardly reject.

    k differences other than 0, all of one sign, give the smallest p there is, 2 / 2^k: 0.25 at three, 0.016 at seven.
    Differences of 0 are left out; without any other, p is 1.

    Args:
      differences: ``[k]``.

    Returns:
      Its p value, and the smallest that is possible.

    Raises:
      InputError: NaN or infinite differences.

    Example:
      >>> signed_rank([0.1, 0.2, 0.3]).p, signed_rank([0.0, 0.0]).p
      (0.25, 1.0)
    """
    differences = finite_array("differences [k]", differences, axes=1)
    differences = differences[differences != 0]
    smallest = min(1.0, 2 / 2 ** len(differences))
    return SignedRank(float(stats.wilcoxon(differences).pvalue) if len(differences) else 1.0, smallest)


def _hedges_correction(m: int) -> float:
    return float(np.exp(special.gammaln(m / 2) - special.gammaln((m - 1) / 2)) / np.sqrt(m / 2))
