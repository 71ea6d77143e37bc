"""Comparisons over the folds of a cross-validation, whose training sets overlap."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from thesis_rnn.errors import InputError
from thesis_rnn.statistics.intervals import Interval, mean_interval
from thesis_rnn.statistics.paired_differences import SignedRank, effect_size, signed_rank
from thesis_rnn.support.checks import finite_array

DIGITS = 12
"""Differences keep this many digits, counted from the first of the largest value: 0.98 - 0.97 is 0.97 - 0.96."""


@dataclass(frozen=True)
class Contrast:
    """A difference between arms (models, methods, ...), paired over folds.

    Attributes:
      mean: over the folds.
      low, high: the ends of its corrected interval; NaN at one fold.
      p: two-sided, of the corrected t test that the difference is 0; NaN at one fold.
      effect: Hedges' g_z, the mean in standard deviations of the folds' differences; NaN below three folds or where all
        folds agree exactly. The overlap of training sets does not enter it.
      folds: how many there are.
      wilcoxon: the signed-rank test, as a description.

    Example:
      >>> contrast = paired_contrast([0.9, 0.8, 0.9], [0.7, 0.7, 0.6])
      >>> contrast.folds, round(contrast.mean, 3)
      (3, 0.2)
    """

    mean: float
    low: float
    high: float
    p: float
    effect: float
    folds: int
    wilcoxon: SignedRank


def corrected_interval(values: ArrayLike, test_to_train: float | None = None, confidence: float = 0.95) -> Interval:
    """The mean of one value per fold: mean -+ t_{(1 + confidence) / 2, k - 1} s sqrt(1 / k + n_test / n_train).

    Training sets of different folds share most of their images, so their values vary less than independent ones would.
    Nadeau and Bengio ("Inference for the generalization error", 2003) add n_test / n_train to the 1 / k of Student's
    interval for that. s is the sample's standard deviation (k - 1 in the denominator).

    Args:
      values: ``[k]``, one per fold. One fold has an interval of NaN to NaN; equal values have one of zero width.
      test_to_train: n_test / n_train. By default 1 / (k - 1), which holds if all k folds of a cross-validation are
        there: for three folds of seven give 1 / 6. 0 takes the folds as independent.
      confidence: between 0 and 1.

    Returns:
      The mean and its interval.

    Raises:
      InputError: no values, NaN or infinite ones, a negative ratio, or a confidence outside (0, 1).

    Example:
      >>> mean, low, high, n = corrected_interval([0.90, 0.92, 0.94])
      >>> round(mean, 2), round(low, 2), round(high, 2), n
      (0.92, 0.84, 1.0, 3)
    """
    plain = mean_interval(values, confidence)
    if test_to_train is not None and not 0 <= test_to_train < np.inf:
        raise InputError(f"test_to_train must be a finite ratio of at least 0; received {test_to_train}")
    if plain.n == 1:
        return plain
    ratio = 1 / (plain.n - 1) if test_to_train is None else float(test_to_train)
    half_width = (plain.high - plain.low) / 2 * np.sqrt(1 + plain.n * ratio)
    return Interval(plain.mean, float(plain.mean - half_width), float(plain.mean + half_width), plain.n)


def linear_contrast(
    arms: Mapping[str, ArrayLike],
    weights: Mapping[str, float],
    test_to_train: float | None = None,
    confidence: float = 0.95,
) -> Contrast:
    """sum_a w_a v_a in each fold, over the folds: a difference, or a difference of differences.

    The corrected t test has k - 1 degrees of freedom. Where all folds give the same difference, the interval has zero
    width and p is 0, or 1 for a difference of 0.

    Args:
      arms: name -> ``[k]``, the folds in the same order for all; or a number, which stands for each fold: a threshold.
      weights: name -> w, with a sum of 0. Deep's gain by LRP over its gain by SA is ``{"lrp deep": 1,
        "lrp shallow": -1, "sa deep": -1, "sa shallow": 1}``. Arms without a weight are left out.
      test_to_train: as for :func:`corrected_interval`.
      confidence: between 0 and 1.

    Returns:
      The difference with its interval and tests.

    Raises:
      InputError: NaN or infinite values, arms of different lengths or only numbers, weights that name an unknown arm,
        that are all 0 or do not add up to 0, and what :func:`corrected_interval` refuses.

    Example:
      >>> arms = {"lrp": [0.9, 0.8, 0.9], "sa": [0.7, 0.7, 0.6]}
      >>> round(linear_contrast(arms, {"lrp": 1, "sa": -1}).mean, 3)
      0.2
    """
    differences = _weighted_sum(arms, weights)
    interval = corrected_interval(differences, test_to_train, confidence)
    return Contrast(
        mean=interval.mean,
        low=interval.low,
        high=interval.high,
        p=_p_value(interval, confidence),
        effect=effect_size(differences),
        folds=interval.n,
        wilcoxon=signed_rank(differences),
    )


def paired_contrast(
    first: ArrayLike, second: ArrayLike, test_to_train: float | None = None, confidence: float = 0.95
) -> Contrast:
    """first - second, fold by fold: :func:`linear_contrast` of two arms.

    Args:
      first, second: ``[k]``, one value for each fold, the folds in the same order.
      test_to_train: as for :func:`corrected_interval`.
      confidence: between 0 and 1.

    Returns:
      The difference with its interval and tests.

    Raises:
      InputError: as :func:`linear_contrast`.

    Example:
      >>> contrast = paired_contrast([0.9, 0.8, 0.9], [0.7, 0.7, 0.6])
      >>> round(contrast.mean, 3), round(contrast.low, 3), round(contrast.high, 3)
      (0.2, -0.193, 0.593)
    """
    return linear_contrast({"first": first, "second": second}, {"first": 1, "second": -1}, test_to_train, confidence)


def _weighted_sum(arms: Mapping[str, ArrayLike], weights: Mapping[str, float]) -> np.ndarray:
    _check_weights(arms, weights)
    values = {name: finite_array(f"{name} [folds]", arms[name], axes=min(np.ndim(arms[name]), 1)) for name in weights}
    lengths = {name: len(value) for name, value in values.items() if value.ndim}
    if len(set(lengths.values())) != 1:
        received = ", ".join(f"{name}: {length}" for name, length in lengths.items()) or "only numbers"
        raise InputError(f"arms must have one value for each fold, equally many; received {received}")
    differences = sum((weight * values[name] for name, weight in weights.items()), np.zeros(()))
    largest = max(np.abs(value).max(initial=0) for value in values.values())
    # What floating point leaves of equal values is no difference, and no spread either.
    return np.round(differences, DIGITS - int(np.floor(np.log10(largest)))) if largest else differences


def _check_weights(arms: Mapping[str, ArrayLike], weights: Mapping[str, float]) -> None:
    unknown = [name for name in weights if name not in arms]
    if unknown:
        raise InputError(f"weights must name arms among {', '.join(arms)}; received {', '.join(unknown)}")
    values = finite_array("weights [arms]", list(weights.values()), axes=1)
    if not values.any() or abs(values.sum()) > 1e-9 * np.abs(values).sum():
        raise InputError(f"weights must add up to 0 and not all be 0; received {dict(weights)}")


def _p_value(interval: Interval, confidence: float) -> float:
    """Of the t test that belongs to the interval: 1 minus the confidence at which the interval would just reach 0."""
    if interval.n == 1:
        return np.nan
    if interval.low == interval.high:
        return float(interval.mean == 0)
    standard_error = (interval.high - interval.low) / 2 / stats.t.ppf((1 + confidence) / 2, interval.n - 1)
    return float(2 * stats.t.sf(abs(interval.mean) / standard_error, interval.n - 1))
