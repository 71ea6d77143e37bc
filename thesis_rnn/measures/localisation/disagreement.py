"""Where two scores disagree on which model localises better."""

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.measures.measure import MEASURES


class Disagreement(NamedTuple):
    """Two models: the first score prefers one, the second the other.

    Example:
      >>> pair = Disagreement("lstm", "gru")
      >>> pair.preferred_by_first
      'lstm'
    """

    preferred_by_first: str
    preferred_by_second: str


def opposite_orders(
    means: Mapping[str, Mapping[str, float]], first: str = "weighted_jaccard", second: str = "roc_auc"
) -> list[Disagreement]:
    """The pairs of models that two scores rank in opposite order; a tie in either score is no disagreement.

    Whether lower is better is read from ``MEASURES``: a distance and a similarity can be compared.

    Args:
      means: model -> score -> mean over samples. A chance map may stand among the models.
      first, second: names of measures.

    Returns:
      The pairs; empty where both scores agree.

    Raises:
      InputError: an unknown score, or a model without one of the two.

    Example:
      >>> means = {
      ...     "lstm": {"weighted_jaccard": 0.3, "roc_auc": 0.6},
      ...     "gru": {"weighted_jaccard": 0.2, "roc_auc": 0.7},
      ... }
      >>> [(pair.preferred_by_first, pair.preferred_by_second) for pair in opposite_orders(means)]
      [('lstm', 'gru')]
    """
    for model, scores in means.items():
        if missing := {first, second} - scores.keys():
            raise InputError(f"expected {' and '.join(sorted(missing))} of model {model}; received {', '.join(scores)}")
    found = []
    for model, other in combinations(means, 2):
        leads = [_lead(means, score, model, other) for score in (first, second)]
        if leads[0] * leads[1] < 0:
            found.append(Disagreement(model, other) if leads[0] > 0 else Disagreement(other, model))
    return found


def _lead(means: Mapping[str, Mapping[str, float]], score: str, model: str, other: str) -> float:
    """1 where ``model`` has the better score, -1 where ``other`` has, 0 where neither."""
    difference = means[model][score] - means[other][score]
    return float(np.sign(difference if MEASURES[score].better == "higher" else -difference))
