"""Statistics of numbers from several runs: intervals, contrasts, paired differences, verdicts, many tests at once."""

from thesis_rnn.statistics.contrasts import Contrast, corrected_interval, linear_contrast, paired_contrast
from thesis_rnn.statistics.intervals import Interval, mean_interval
from thesis_rnn.statistics.multiple_testing import benjamini_hochberg, holm
from thesis_rnn.statistics.paired_differences import SignedRank, effect_size, signed_rank
from thesis_rnn.statistics.power import least_detectable
from thesis_rnn.statistics.spreads import Ratio, spread_over_noise, variance_ratio
from thesis_rnn.statistics.streaming import Moments
from thesis_rnn.statistics.verdicts import verdict, verdict_of_equality
from thesis_rnn.support.checks import tell_in_public

__all__ = [
    "Contrast",
    "Interval",
    "Moments",
    "Ratio",
    "SignedRank",
    "benjamini_hochberg",
    "corrected_interval",
    "effect_size",
    "holm",
    "least_detectable",
    "linear_contrast",
    "mean_interval",
    "paired_contrast",
    "signed_rank",
    "spread_over_noise",
    "variance_ratio",
    "verdict",
    "verdict_of_equality",
]

tell_in_public(globals())
