"""What an analysis of a network is: a question to its weights and states. The rows stand in ``table.py``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import keras
import numpy as np

from thesis_rnn.analysis.states import States, states_of
from thesis_rnn.errors import InputError
from thesis_rnn.support.calls import Call, check_once, file_stem, parse_calls
from thesis_rnn.support.kinds import check_kinds
from thesis_rnn.support.making import argument_names
from thesis_rnn.support.registry import Registry


@dataclass(frozen=True)
class Finding:
    """What an analysis found.

    Attributes:
      said: in words.
      header: of the table.
      rows: numbers and words, a row for each thing that was looked at, the most telling first.
      draw: makes the figure; None where there is none.
      text: what is no table, such as the rules of a tree.

    Example:
      >>> Finding("Nothing is saturated.", ("unit", "share"), [(0, 0.0)]).rows
      [(0, 0.0)]
    """

    said: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    draw: Callable | None = None
    text: str = ""


@dataclass(frozen=True)
class Studied:
    """A network and the samples that it is studied on; what is costly is computed once, when it is first asked for.

    Attributes:
      model: a Functional or Sequential model of one input, which is only read.
      x: the samples.
      outputs: what the network gives for them [n, classes], logits or probabilities.
      y: the class of each sample [n], true or predicted; None of a regression.
      lengths: own steps of each sample [n]; None where all are, or the model masks padding itself.
      layers: the layers whose states are looked at; None for the recurrent ones.
      twin: (seed) -> the same network with shuffled weights; None where Keras makes no copy.
      words: the word of each token [n, steps]; None where samples are no tokens.
      feature_names, class_names: in words or numbers.
      rate: steps in a unit of time, for frequencies.
      seed: of what is drawn.
      batch_size: samples at once.

    Example:
      >>> Studied(None, np.zeros((2, 3, 1)), np.eye(2), np.arange(2), class_names=("low", "high")).class_name(1)
      'high'
    """

    model: keras.Model
    x: np.ndarray
    outputs: np.ndarray
    y: np.ndarray | None
    lengths: np.ndarray | None = None
    layers: tuple[str, ...] | None = None
    twin: Callable[[int], keras.Model] | None = None
    words: np.ndarray | None = None
    feature_names: Sequence[str] = ()
    class_names: Sequence[str] = ()
    rate: float = 1.0
    seed: int = 0
    batch_size: int = 500

    @cached_property
    def states(self) -> Mapping[str, States]:
        """What the layers do at each step, by their names."""
        return self.states_in(self.model)

    def states_in(self, model: keras.Model) -> Mapping[str, States]:
        """The same of another model of this architecture."""
        return states_of(model, self.x, self.layers, self.lengths, self.batch_size)

    @property
    def classes(self) -> np.ndarray:
        """The class of each sample [n].

        Raises:
          InputError: of a regression.
        """
        if self.y is None:
            raise InputError("this analysis tells classes apart; give y, one for each sample; received a regression")
        return self.y

    @property
    def series(self) -> np.ndarray:
        """The samples as [n, steps, features].

        Raises:
          InputError: for tokens and images.
        """
        if self.x.ndim != 3 or self.x.dtype.kind != "f":
            raise InputError(f"this analysis is of series [n, steps, features]; received {self.x.dtype} {self.x.shape}")
        return self.x

    def class_name(self, label: int) -> str:
        """The name of a class, or its number."""
        return str(self.class_names[label]) if len(self.class_names) else str(label)

    def feature_name(self, place: int) -> str:
        """The name of a feature, or its number."""
        return str(self.feature_names[place]) if len(self.feature_names) else str(place)


@dataclass(frozen=True)
class Analysis:
    """A row of the table of analyses.

    Attributes:
      function: ``function(studied, **parameters)`` -> Finding. It refuses what it is not defined for.
      title: the heading.
      source: where it is defined, or who asked it first.

    Example:
      >>> ANALYSES["saturation"].title
      'Saturation of gates'
    """

    function: Callable[..., Finding]
    title: str
    source: str


ANALYSES: Registry[Analysis] = Registry("analysis")
"""Analyses as they are named, ``saturation(low=0.2)``."""


@dataclass(frozen=True)
class AnalysisSpec:
    """An analysis with the parameters that were given.

    Example:
      >>> AnalysisSpec("saturation", {"low": 0.2}).text
      'saturation(low=0.2)'
    """

    name: str
    parameters: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, call: Call) -> "AnalysisSpec":
        """The analysis that a call names.

        Raises:
          InputError: for a name or a parameter that is not known, or a value of another kind.
        """
        function = ANALYSES[call.name].function
        given = argument_names(call, partial(function, None))
        check_kinds(call.name, function, given)
        return cls(call.name, given)

    @property
    def text(self) -> str:
        """The canonical text."""
        return str(Call(self.name, (), self.parameters))

    @property
    def file_name(self) -> str:
        """The stem of its table, in letters that every file system takes."""
        return file_stem(self.text)

    def __call__(self, studied: Studied) -> Finding:
        """What the analysis finds."""
        return ANALYSES[self.name].function(studied, **self.parameters)


def analysis_specs(text: str) -> list[AnalysisSpec]:
    """The analyses of a text in which semicolons separate them, checked.

    Returns:
      The analyses, in the order of the text.

    Raises:
      InputError: for text of another form, an unknown analysis or parameter, a value of another kind, or an analysis
        named twice.

    Example:
      >>> [spec.text for spec in analysis_specs("weights; saturation( low=0.2 )")]
      ['weights', 'saturation(low=0.2)']
    """
    specs = [AnalysisSpec.of(call) for call in parse_calls(text)]
    check_once("analysis", [spec.text for spec in specs])
    return specs
