"""Numbers that say how good a model and its explanations are: pure functions, arrays in and arrays out."""

from thesis_rnn.evaluation.baselines import baseline_cosines
from thesis_rnn.evaluation.intervals import Interval, mean_interval
from thesis_rnn.evaluation.metrics import (
    accuracy,
    block_relevance,
    cosine_similarity,
    pixel_intensity,
    pixel_mass,
    right_percentage,
    step_distribution,
    zero_relevance,
)

__all__ = [
    "Interval",
    "accuracy",
    "baseline_cosines",
    "block_relevance",
    "cosine_similarity",
    "mean_interval",
    "pixel_intensity",
    "pixel_mass",
    "right_percentage",
    "step_distribution",
    "zero_relevance",
]
