"""Scores on a scale of their own: from chance to the evidence itself."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError


def chance_corrected(score: ArrayLike, chance: ArrayLike, oracle: ArrayLike) -> np.ndarray:
    """(score - chance) / (oracle - chance): 0 is no better than chance, 1 is as good as the evidence itself.

    Below 0 is worse than chance. It reads the same for scores and for distances, where lower is better. Where chance
    and oracle are equal, the score cannot tell anything from chance: the result is NaN, never a number by accident.
    Correct means over samples rather than single samples, of which one random map may score anything.

    Args:
      score, chance, oracle: arrays that broadcast.

    Returns:
      The corrected scores, in the shape that the arrays broadcast to.

    Example:
      >>> chance_corrected([0.75, 0.25], chance=0.5, oracle=1.0).tolist()
      [0.5, -0.5]
    """
    score, chance, oracle = (np.asarray(values, np.float64) for values in (score, chance, oracle))
    scale = oracle - chance
    return np.where(scale != 0, (score - chance) / np.where(scale != 0, scale, 1), np.nan)


def chance_corrected_means(
    scores: Mapping[str, Mapping[str, ArrayLike]], chance: str = "uniform", row: str = "relevance"
) -> dict[str, float]:
    """:func:`chance_corrected` of the mean of each score: score -> number.

    Args:
      scores: map -> score -> ``[n]``, such as ``scores_beside_chance`` gives, with the rows below and "oracle".
      chance: the row that counts as chance.
      row: the row to correct.

    Returns:
      The corrected mean of each score.

    Raises:
      InputError: a row that is not there.

    Example:
      >>> maps = {"relevance": [0.6, 0.9], "uniform": [0.5, 0.5], "oracle": [1.0, 1.0]}
      >>> chance_corrected_means({name: {"roc_auc": values} for name, values in maps.items()})
      {'roc_auc': 0.5}
    """
    if missing := sorted({row, chance, "oracle"} - scores.keys()):
        raise InputError(f"expected scores of {' and '.join(missing)} as well; received {', '.join(scores)}")

    def mean(name: str, score: str) -> float:
        return float(np.asarray(scores[name][score]).mean())

    return {
        score: float(chance_corrected(mean(row, score), mean(chance, score), mean("oracle", score)))
        for score in scores[row]
    }
