"""Verdicts on a claim, read from a confidence interval. An interval that cannot tell is no evidence for either side."""

from typing import Literal

from thesis_rnn.errors import InputError
from thesis_rnn.statistics.contrasts import Contrast

HOLDS = "holds"
DOES_NOT_HOLD = "does not hold"


def verdict(contrast: Contrast, expected: Literal["positive", "negative"]) -> str:
    """Whether a difference is there: "holds", "does not hold" or "undecided at k folds".

    It holds if the whole interval lies on the claimed side of 0, does not if it lies on the other, and is undecided if
    the interval contains or touches 0, or if one fold gives none.

    Args:
      contrast: the difference.
      expected: the sign that is claimed.

    Returns:
      One of the three verdicts.

    Raises:
      InputError: another word for the expected sign.

    Example:
      >>> verdict(paired_contrast([0.90, 0.91, 0.92], [0.70, 0.71, 0.73]), "positive")
      'holds'
    """
    if expected not in ("positive", "negative"):
        raise InputError(f"expected must be 'positive' or 'negative'; received {expected!r}")
    below, above = contrast.high < 0, contrast.low > 0
    agrees, opposes = (above, below) if expected == "positive" else (below, above)
    return _word(contrast, agrees, opposes)


def verdict_of_equality(contrast: Contrast, margin: float) -> str:
    """Whether a difference is negligible: "holds", "does not hold" or "undecided at k folds".

    It holds if the whole interval lies in [-margin, margin], does not if it lies outside, and is undecided otherwise,
    or if one fold gives no interval. With an interval of confidence 1 - 2 a these are two one-sided tests at level a
    (Schuirmann, 1987): 95% intervals give 2.5%.

    Args:
      contrast: the difference.
      margin: the largest absolute difference that still counts as equal, in its units; to be chosen beforehand.

    Returns:
      One of the three verdicts.

    Raises:
      InputError: a margin that is not positive.

    Example:
      >>> verdict_of_equality(paired_contrast([0.90, 0.91, 0.92], [0.90, 0.91, 0.93]), margin=0.05)
      'holds'
    """
    if not margin > 0:
        raise InputError(f"margin must be positive; received {margin}")
    inside = -margin <= contrast.low and contrast.high <= margin
    outside = contrast.high < -margin or contrast.low > margin
    return _word(contrast, inside, outside)


def _word(contrast: Contrast, agrees: bool, opposes: bool) -> str:
    if agrees or opposes:
        return HOLDS if agrees else DOES_NOT_HOLD
    return f"undecided at {contrast.folds} fold{'s' if contrast.folds > 1 else ''}"
