"""The record of an explanation."""

import os
from dataclasses import dataclass, field

import numpy as np

from thesis_rnn.attribution.explanation_file import read_fields, write_fields
from thesis_rnn.attribution.ledger import Row


@dataclass(frozen=True)
class Explanation:
    """What was explained, how, and what became of the relevance. Arrays of n samples.

    Attributes:
      relevance: a heatmap for each sample, in the shape of the input; with every class explained, [n, classes, ...].
        Never NaN.
      logits: the network's output [n, classes].
      target: the class that was explained [n]; -1 where every class was.
      value: the explained output [n] or [n, classes]: the target's logit, or whatever else was asked for.
      explained: the relevance that was shared out: for methods that conserve the value, or max(0, value) where the
        method shares out positive evidence only; the value for the others.
      method: the method's name.
      parameters: the method's parameters, defaults included.
      conserves: whether the method conserves relevance, so that ``absorbed`` has a meaning.
      ledger: who kept the relevance that did not reach the input, on request.
      states: relevance of hidden and cell states, layer -> [n, steps, units], on request.
    """

    relevance: np.ndarray
    logits: np.ndarray
    target: np.ndarray
    value: np.ndarray
    explained: np.ndarray
    method: str
    parameters: dict = field(default_factory=dict)
    conserves: bool = False
    ledger: tuple[Row, ...] = ()
    states: dict[str, np.ndarray] = field(default_factory=dict)

    def plot(self, x=None, path=None, channels_last: bool = False):
        """A figure that suits the input; see ``thesis_rnn.plot``."""
        import thesis_rnn  # only a user who looks needs matplotlib

        return thesis_rnn.plot(self, x, path, channels_last)

    @property
    def predicted(self) -> np.ndarray:
        """The class with the largest logit [n]."""
        return self.logits.argmax(axis=-1)

    @property
    def received(self) -> np.ndarray:
        """The sum of relevance at the input, in the shape of ``explained``."""
        axes = tuple(range(self.explained.ndim, self.relevance.ndim))
        return self.relevance.sum(axis=axes, dtype=np.float64)

    @property
    def absorbed(self) -> np.ndarray:
        """The relevance that did not reach the input: what zero denominators, biases and stabilisers kept.

        NaN for methods that do not conserve.
        """
        return self.explained - self.received if self.conserves else np.full(self.explained.shape, np.nan)

    @property
    def unaccounted(self) -> np.ndarray:
        """What the ledger's rows leave of ``absorbed``: rounding errors [n]."""
        return self.absorbed - sum((np.asarray(row.relevance, np.float64) for row in self.ledger), 0.0)

    @property
    def unexplained(self) -> np.ndarray:
        """Where a method that conserves has nothing to share out: no positive logit. Relevance is zero there."""
        nothing = self.explained == 0
        return nothing if self.conserves else np.zeros_like(nothing)

    def save(self, path: str | os.PathLike) -> None:
        """Writes the whole record to an .npz file: plain arrays, no pickle, whole or not at all.

        Raises:
          InputError: another suffix, or a parameter that is no number, text or array.
        """
        write_fields(path, vars(self))

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Explanation":
        """The record that ``save`` wrote; parameters that were sequences come back as arrays.

        Raises:
          InputError: if the file is missing, damaged or no explanation.
        """
        return cls(**read_fields(path))
