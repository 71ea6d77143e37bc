"""The record of an explanation."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Explanation:
    """What was explained, how, and what became of the relevance.

    Attributes:
      relevance: a heatmap for each sample, in the shape of the input. Never NaN.
      logits: the network's output [n, classes].
      target: the class that was explained [n].
      explained: the value at which the backward pass started [n]: max(0, logit) for methods that conserve, 1 for the
        others.
      method: the method's name.
      parameters: the method's parameters.
      conserves: whether the method conserves relevance, so that ``absorbed`` has a meaning.
    """

    relevance: np.ndarray
    logits: np.ndarray
    target: np.ndarray
    explained: np.ndarray
    method: str
    parameters: dict = field(default_factory=dict)
    conserves: bool = False

    @property
    def predicted(self) -> np.ndarray:
        """The class with the largest logit [n]."""
        return self.logits.argmax(axis=-1)

    @property
    def received(self) -> np.ndarray:
        """The sum of relevance at the input [n]."""
        return self.relevance.sum(axis=tuple(range(1, self.relevance.ndim)), dtype=np.float64)

    @property
    def absorbed(self) -> np.ndarray:
        """The relevance that did not reach the input [n]: what zero denominators, biases and stabilisers kept.

        NaN for methods that do not conserve.
        """
        return self.explained - self.received if self.conserves else np.full(len(self.target), np.nan)

    @property
    def unexplained(self) -> np.ndarray:
        """Samples [n] whose target has no positive logit to share out: their relevance is zero everywhere."""
        return (self.explained <= 0) if self.conserves else np.zeros(len(self.target), bool)
