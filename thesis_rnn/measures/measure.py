"""What a measure is: a number, for every sample, of how good an explanation is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from thesis_rnn.support.registry import Registry

Family = Literal["localisation", "faithfulness", "stability", "complexity", "vanishing"]


class Scored(NamedTuple):
    """What measures may ask for, of samples that were explained by one method.

    Attributes:
      relevance: in the shape of ``x``.
      x: the explained inputs.
      target: the explained class of each sample [n].
      evidence: see ``data.problem.Split``; None if unknown.
      lengths: own steps of each sample [n]; None if all are.
      predict: a batch of inputs -> logits [m, classes]; None where no model is at hand.
      background: the value that "removed" means.
      positive_only: whether the method's negative relevance is set to zero first.
      explanation: the whole record, for measures of what the explanation says of itself; None if not at hand.
      seed: of random orders and ties.
    """

    relevance: np.ndarray
    x: np.ndarray
    target: np.ndarray
    evidence: np.ndarray | None = None
    lengths: np.ndarray | None = None
    predict: Callable | None = None
    background: float = 0.0
    positive_only: bool = False
    explanation: Any = None
    seed: int = 0


@dataclass(frozen=True)
class Measure:
    """A row of the table of measures.

    Attributes:
      function: ``function(scored, **parameters)`` -> [n], or [n, steps] for a measure by time step.
      family: what it asks.
      better: "higher" or "lower"; "" where neither is.
      needs: of what ``Scored`` holds beside relevance: "evidence:blocks", "evidence:cells", "predict", "images", ...
      title: the name for tables and figures.
      source: where it is defined.
      chance: ``chance(scored, **parameters)`` -> [n], the value of what knows nothing; None if there is none.
      oracle: the same of the evidence itself.
      by: "step" if the function gives a value for each time step, else "".
      total: whether the value of a run is the sum over samples (a count) rather than the mean.
    """

    function: Callable[..., np.ndarray]
    family: Family
    better: Literal["higher", "lower", ""] = "higher"
    needs: tuple[str, ...] = ()
    title: str = ""
    source: str = ""
    chance: Callable[..., np.ndarray] | None = None
    oracle: Callable[..., np.ndarray] | None = None
    by: str = ""
    total: bool = False


MEASURES: Registry[Measure] = Registry("measure")
