"""What a measure is: a number, for every sample, of how good an explanation is. The rows stand in ``table.py``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from thesis_rnn.data import step_mask
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array
from thesis_rnn.support.registry import Registry

Family = Literal[
    "localisation", "faithfulness", "stability", "complexity", "vanishing", "conservation", "human", "cost"
]
Summary = Literal["mean", "median", "sum", "largest"]


ARRAYS = ("relevance", "x", "target", "evidence", "lengths", "present", "valence", "negated")
"""What ``Scored`` holds of each sample."""


class Scored(NamedTuple):
    """What measures may ask for, of samples that were explained by one method.

    Attributes:
      relevance: in the shape of ``x``.
      x: the explained inputs, [n, steps, rows, columns], [n, steps, features] or tokens [n, steps].
      target: the explained class of each sample [n].
      evidence: see ``data.problem.Split``; None if unknown.
      lengths: own steps of each sample [n]; None if all are.
      predict: a batch of inputs -> logits [m, classes]; None where no model is at hand.
      background: the value that "removed" means.
      positive_only: whether the method's negative relevance is set to zero first.
      explanation: the whole record, for measures of what the explanation says of itself; None if not at hand.
      model: for measures of its states; None if not at hand.
      seed: of random orders and ties.
      present: bool [n, steps], which steps the model sees, where that is no matter of length; None where it is.
      valence: how much each token speaks for class 1, in people's eyes [n, steps]; NaN where nobody said.
      negated: tokens in the shape of ``x``: each sample with one token more, which turns a rated word's sense; as it is
        where there is no such word; None where nobody negated.
      activation: what makes probabilities of what ``predict`` gives: "softmax", "sigmoid", "probabilities" where it
        gives those, or "linear" for none.
      explain: the method itself: (x, target) -> relevance. It is asked for perturbed copies of all samples, in their
        order, a whole number of times one after the other; None where no method is at hand.
      others: heatmaps of the same samples by other methods or seeds, by name; None where there are none.
      seeds: heatmaps by the same method, of models of other seeds, by name; None where there are none.
      batch_size: inputs that are predicted at once, at most.
      channels_last: whether inputs of four axes are images [n, height, width, channels].
      box: (low, high), where inputs live and perturbed ones stay; None for real numbers.

    Example:
      >>> relevance = np.array([[[0.0, 2.0]]])
      >>> scored = Scored(relevance, x=np.ones((1, 1, 2)), target=np.array([0]), evidence=np.array([[[0, 1]]]))
      >>> MEASURES["pointing_game"].function(scored).tolist()
      [1.0]
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
    model: Any = None
    seed: int = 0
    present: np.ndarray | None = None
    valence: np.ndarray | None = None
    negated: np.ndarray | None = None
    activation: str = "softmax"
    explain: Callable | None = None
    others: Mapping[str, np.ndarray] | None = None
    seeds: Mapping[str, np.ndarray] | None = None
    batch_size: int = 500
    channels_last: bool = False
    box: tuple[float, float] | None = None

    @property
    def own_steps(self) -> np.ndarray:
        """Which steps are the samples' own, bool [n, steps]: what is padded or masked is never removed or scored.

        Raises:
          InputError: for no samples, lengths or ``present`` of another shape, or a sample without a step of its own.
        """
        n, steps = np.shape(self.x)[:2]
        if not n:
            raise InputError(f"measures are of at least one sample; received x of shape {np.shape(self.x)}")
        own = np.ones((n, steps), bool) if self.lengths is None else step_mask(self.lengths, steps)
        if self.present is not None:
            if np.shape(self.present) != (n, steps):
                received = f"shape {np.shape(self.present)}"
                raise InputError(f"present must be [{n}, {steps}], which steps are there; received {received}")
            own = own & np.asarray(self.present, bool)
        if not own.any(axis=1).all():
            raise InputError(f"each sample needs a step of its own; received none in sample {int(own.any(1).argmin())}")
        return own

    @property
    def own_cells(self) -> np.ndarray:
        """:attr:`own_steps` for each cell, bool in the shape of ``x``."""
        own = self.own_steps.reshape(*np.shape(self.x)[:2], *[1] * (np.ndim(self.x) - 2))
        return np.broadcast_to(own, np.shape(self.x))

    @property
    def own_relevance(self) -> np.ndarray:
        """Relevance in float64, 0 in cells that are not the samples' own.

        Raises:
          InputError: as :func:`checked_heatmaps`.
        """
        return np.where(self.own_cells, checked_heatmaps("relevance", self.relevance, np.shape(self.x)), 0)

    def between(self, start: int, stop: int | None) -> "Scored":
        """The samples from ``start`` on, without the record of their explanation."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        cut = {name: array[start:stop] for name, array in arrays.items() if array is not None}
        for name in ("others", "seeds"):
            if (maps := getattr(self, name)) is not None:
                cut[name] = {other: map_[start:stop] for other, map_ in maps.items()}
        return self._replace(**cut, explanation=None)

    def first(self, n: int | None) -> "Scored":
        """The first ``n`` samples, without the record of their explanation."""
        return self.between(0, n)

    def beside(self, relevance: np.ndarray) -> "Scored":
        """Other heatmaps in the place of the explanation's, which stay as they are whatever the input."""

        def unmoved(x, _):
            return np.tile(relevance, (len(x) // len(relevance), *[1] * (np.ndim(relevance) - 1)))

        return self._replace(explanation=None, relevance=relevance, positive_only=False, explain=unmoved)


def checked_heatmaps(name: str, heatmaps, shape: tuple[int, ...]) -> np.ndarray:
    """``heatmaps`` in float64, if they have this ``shape`` of inputs [n, steps, ...].

    Raises:
      InputError: for another shape, which would broadcast, or a cell that is not finite.
    """
    if np.shape(heatmaps) != shape:
        raise InputError(f"{name} must have the shape of x, {shape}; received {np.shape(heatmaps)}")
    return finite_array(name, heatmaps, axes=len(shape))


@dataclass(frozen=True)
class Measure:
    """A row of the table of measures.

    Attributes:
      function: ``function(scored, **parameters)`` -> [n], or [n, steps] for a measure by time step. NaN leaves a sample
        out; where all are NaN, the measure says nothing of the method.
      family: what it asks.
      better: "higher" or "lower"; "" where neither is.
      needs: what must be given beside relevance; see :data:`NEEDS`.
      title: the name for tables and figures.
      source: where it is defined.
      chance: ``chance(scored, **parameters)`` -> heatmaps that know nothing, whose score a method must beat.
      oracle: the same of heatmaps that know the evidence; None where nothing scores best by definition.
      references: ``references(scored, **parameters)`` -> method in brackets -> heatmaps, which are scored beside the
        methods.
      reference_samples: how many samples, at most, are enough of the references, taken together; None for all.
      by_step: whether the function gives a value for each time step.
      by_class: whether the mean over each class is told as well.
      summary: what the value of a run is: the mean over samples, with its interval, their median, sum or largest.
      samples: how many, at most, are enough of an expensive measure; None for all.
      usual_for: the forms of input for which it is scored where nobody says otherwise: "images", "series", "tokens".

    Example:
      >>> MEASURES["cosine"].better, MEASURES["cosine"].needs
      ('higher', ('evidence:blocks', 'images'))
    """

    function: Callable[..., np.ndarray]
    family: Family
    better: Literal["higher", "lower", ""] = "higher"
    needs: tuple[str, ...] = ()
    title: str = ""
    source: str = ""
    chance: Callable[..., np.ndarray] | None = None
    oracle: Callable[..., np.ndarray] | None = None
    references: Callable[..., dict[str, np.ndarray]] | None = None
    by_step: bool = False
    by_class: bool = False
    summary: Summary = "mean"
    samples: int | None = None
    reference_samples: int | None = None
    usual_for: tuple[str, ...] = ("images", "series", "tokens")


NEEDS = {
    "evidence:blocks": "evidence by column blocks",
    "evidence:cells": "evidence cell by cell",
    "images": "images, [steps, rows, columns]",
    "bounded": "inputs between -1 and 1",
    "predict": "a model",
    "explanation": "the record of the explanation",
    "explain": "the method itself",
    "model": "a Keras model",
    "numbers": "inputs that can be varied by a little, not tokens",
    "others": "heatmaps of other methods or seeds",
    "seeds": "heatmaps of models of other seeds",
    "valence": "what people say of each token",
    "negated": "the same texts with a rated word negated",
}
"""What a measure may need -> in the words of an error message."""

MEASURES: Registry[Measure] = Registry("measure")
