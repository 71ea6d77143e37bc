"""What so few folds could have found: the answer to "undecided"."""

import numpy as np
from scipy import optimize, stats

from thesis_rnn.errors import InputError
from thesis_rnn.statistics.contrasts import Contrast


def least_detectable(contrast: Contrast, power: float = 0.8, confidence: float = 0.95) -> float:
    """The true difference that the contrast's t test would find with this power, if folds spread as they do.

    The corrected standard error e is half of the interval over t_{(1 + confidence) / 2, k - 1}; the difference is d e,
    where the noncentral t distribution with k - 1 degrees of freedom and noncentrality d lies beyond that quantile with
    probability ``power``.

    Returns:
      The difference, in the contrast's units; NaN at one fold, 0 where all folds agree.

    Raises:
      InputError: a confidence or a power that no test has.

    Example:
      >>> from thesis_rnn.statistics import paired_contrast
      >>> round(least_detectable(paired_contrast([0.70, 0.72, 0.71], [0.60, 0.65, 0.62])), 2)
      0.08
    """
    if not 0 < confidence < 1:
        raise InputError(f"confidence must lie between 0 and 1; received {confidence}")
    if not (1 - confidence) / 2 < power < 1:
        least = (1 - confidence) / 2
        raise InputError(f"power must lie between {least:.3g}, which no difference has too, and 1; received {power}")
    if contrast.folds == 1:
        return np.nan
    critical = stats.t.ppf((1 + confidence) / 2, contrast.folds - 1)
    standard_error = (contrast.high - contrast.low) / 2 / critical
    return float(_noncentrality(critical, contrast.folds - 1, power) * standard_error)


def _noncentrality(critical: float, freedom: int, power: float) -> float:
    def missing(noncentrality: float) -> float:
        return stats.nct.sf(critical, freedom, noncentrality) - power

    return optimize.brentq(missing, 0, 10 * critical)
