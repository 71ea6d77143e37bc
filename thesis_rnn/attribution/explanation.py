"""The record of an explanation, in memory and in a file."""

import json
import os
import pathlib
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from thesis_rnn.attribution.cells import long_form, summary, top_cells
from thesis_rnn.attribution.inline import inline_html
from thesis_rnn.attribution.inputs.axes import Axes, OfLengths
from thesis_rnn.attribution.inputs.structure import leaves_of, packed_as
from thesis_rnn.attribution.ledger import Row
from thesis_rnn.attribution.pooling import pooled
from thesis_rnn.errors import InputError
from thesis_rnn.support import files
from thesis_rnn.support.arrays import UNREADABLE, read_npz


@dataclass(frozen=True)
class Explanation:
    """The result of ``explain``: relevance, what was explained, and what was lost. Arrays of n samples.

    Attributes:
      relevance: a heatmap for each sample, in the shape of the input; with every class explained, [n, classes, ...].
        For several inputs a list or dict of them, as the inputs were; for samples of different lengths a list of n
        arrays; of units of a layer, where a method was asked for these, [n, units]. A token's is that of its embedding.
        Never NaN.
      logits: the network's output [n, classes].
      target: the class that was explained [n]; -1 where every class was.
      value: the explained output [n] or [n, classes]: the target's logit, or whatever else was asked for.
      explained: the relevance that was shared out: for methods that conserve the value, or max(0, value) where the
        method shares out positive evidence only; the value for the others.
      method: the method's name.
      parameters: the method's parameters, defaults included.
      conserves: whether the method conserves relevance, so that ``absorbed`` has a meaning.
      ledger: where the relevance stayed that did not reach the input, on request.
      states: relevance of hidden and cell states, layer -> [n, steps, units], on request.
      details: what else the method found, by name, arrays of n samples; "errors" are the standard errors of relevance
        that was sampled.
      expected: what the relevance should sum to, in the shape of ``explained``, where the method is complete: f(x) -
        f(baseline) of integrated gradients; NaN or None elsewhere.
      masked: how many cells of each sample masks hide [n]. Where a method asked about other points than x (a baseline,
        a path, noise, removal), these cells kept their value, and the network had the masks of x.
      ran: how it was computed, in words: whether XLA had a part in it.
      class_names: of the outputs; empty where they are numbers.
      sample_names: such as the index of a DataFrame; empty where they are numbers.
      axes: the names of steps and features of each input, in the order of the model's.
      notes: what a reader should know, a line each: what was chosen, and what could not be done.
      x: the inputs that were explained, as ``relevance`` is; not kept in files.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
      >>> explanation = explain(model, np.ones((5, 3)), target=0, method="sensitivity")
      >>> explanation.relevance.shape, explanation.logits.shape, explanation.method
      ((5, 3), (5, 2), 'sensitivity')
    """

    relevance: Any
    logits: np.ndarray
    target: np.ndarray
    value: np.ndarray
    explained: np.ndarray
    method: str
    parameters: dict = field(default_factory=dict)
    conserves: bool = False
    ledger: tuple[Row, ...] = ()
    states: dict[str, np.ndarray] = field(default_factory=dict)
    details: dict[str, np.ndarray] = field(default_factory=dict)
    expected: np.ndarray | None = None
    masked: np.ndarray | None = None
    ran: str = ""
    class_names: tuple[str, ...] = ()
    sample_names: tuple[str, ...] = ()
    axes: tuple[Axes, ...] = ()
    notes: tuple[str, ...] = ()
    x: Any = field(default=None, compare=False)

    def __repr__(self) -> str:
        return summary(self)

    def _repr_html_(self) -> str:
        """The first samples as a page of their own, for notebooks."""
        return inline_html(self)

    def to_frame(self):
        """Every cell of relevance as a row of a pandas DataFrame.

        Returns:
          Columns sample, input (of several), class (of every class), step, feature (row, column, channel for images,
          token for tokens), value (the input's, where it is known) and relevance, with names where there are any.

        Example:
          >>> import keras
          >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
          >>> explanation = explain(model, np.ones((1, 2)), 0, "sensitivity", feature_names=["age", "height"])
          >>> explanation.to_frame()["feature"].tolist()
          ['age', 'height']
        """
        import pandas  # an extra

        return pandas.DataFrame(long_form(self))

    def top(self, k: int = 5) -> list[list[dict]]:
        """For each sample the ``k`` cells of largest |relevance|, as ``to_frame`` names them, the largest first."""
        return top_cells(self, k)

    def plot(self, x=None, path=None, channels_last: bool = False, ax=None, kind: str = "heatmap", **options):
        """A figure of a kind that suits the question, with the input where it is known; see ``thesis_rnn.plot``."""
        import thesis_rnn  # only a user who looks needs matplotlib

        known = isinstance(self.relevance, np.ndarray) and np.shape(self.x) == self.relevance.shape
        return thesis_rnn.plot(self, self.x if x is None and known else x, path, channels_last, ax, kind, **options)

    @property
    def feature_names(self):
        """The names of features, of the one input or by input."""
        return self._by_input("features")

    @property
    def step_names(self):
        """The names of steps, or of each sample's, of the one input or by input."""
        return self._by_input("steps")

    def to_html(self, path=None, x=None, **names) -> str:
        """One file of HTML that needs nothing else; see ``thesis_rnn.explanation_page``."""
        import thesis_rnn  # only a user who looks needs matplotlib and jinja2

        return thesis_rnn.explanation_page(self, x, path, **names)

    def pool(self, by="steps", size: int = 4, absolute: bool = False):
        """Relevance summed over "steps", "features", "windows", "patches" or regions of one's own; see ``pooled``.

        Returns:
          The sums [n, regions], [n, classes, regions] with every class explained, in the structure of ``relevance``.

        Raises:
          InputError: for regions that do not fit.
        """

        def of(leaf):
            if isinstance(leaf, OfLengths):
                return OfLengths(of(one[np.newaxis])[0] for one in leaf)
            return pooled(leaf, by, size, absolute, leading=self.explained.ndim)

        return packed_as(self.relevance, [of(leaf) for leaf in leaves_of(self.relevance)])

    @property
    def predicted(self) -> np.ndarray:
        """The class with the largest logit [n]."""
        return self.logits.argmax(axis=-1)

    @property
    def received(self) -> np.ndarray:
        """The sum of relevance at the input, or at all inputs, in the shape of ``explained``."""
        return np.sum([self._sum(leaf) for leaf in leaves_of(self.relevance)], axis=0)

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
    def convergence_delta(self) -> np.ndarray:
        """By how much the sum of relevance misses what it should be, in the shape of ``explained``.

        NaN for methods that are not complete; for those that conserve see ``absorbed``.
        """
        return np.full(self.explained.shape, np.nan) if self.expected is None else self.received - self.expected

    @property
    def unconverged(self) -> np.ndarray:
        """Where the sum of relevance misses what it should be by more than 5% of it, and by more than rounding."""
        delta = np.nan_to_num(self.convergence_delta)
        expected = np.zeros(delta.shape) if self.expected is None else np.abs(np.nan_to_num(self.expected))
        return np.abs(delta) > 0.05 * expected + 1e-5 * np.abs(self.value)

    @property
    def negative_share(self) -> np.ndarray:
        """The share of |relevance| that is negative, in the shape of ``explained``; 0 where there is no relevance."""
        leaves = leaves_of(self.relevance)
        negative, size = (sum(self._sum(_each(part, leaf)) for leaf in leaves) for part in (_negative, np.abs))
        return np.divide(negative, size, out=np.zeros(np.shape(size)), where=size > 0)

    @property
    def unexplained(self) -> np.ndarray:
        """Where a method that conserves has nothing to share out: no positive logit. Relevance is zero there."""
        nothing = self.explained == 0
        return nothing if self.conserves else np.zeros_like(nothing)

    def save(self, path: str | os.PathLike) -> None:
        """Writes the whole record to an .npz file: plain arrays, no pickle, whole or not at all; see ``arrays``.

        Raises:
          InputError: another suffix, or a parameter that is no number, text or array.
        """
        if pathlib.Path(path).suffix != ".npz":
            raise InputError(f"explanations are saved as .npz; received {os.fspath(path)!r}")
        files.write_arrays(path, self.arrays())

    def arrays(self) -> dict[str, np.ndarray]:
        """What a file of the record holds; others may stand beside it in the same file.

        Returns:
          Every array of the record under its own name, ``relevance/<number>`` for each of several inputs, ``ledger``
          [rows, n], ``states/<layer>`` [n, steps, units], ``parameters/<name>`` for parameters that are arrays or
          sequences, and the rest as JSON in ``record``.

        Raises:
          InputError: a parameter that is no number, text or array.
        """
        large = {name: value for name, value in self.parameters.items() if isinstance(value, np.ndarray | list | tuple)}
        record = {
            "method": self.method,
            "conserves": self.conserves,
            "parameters": {
                name: None if name in large else _plain(name, value) for name, value in self.parameters.items()
            },
            "ledger": [row[:3] for row in self.ledger],
            "ran": self.ran,
        }
        arrays = {name: getattr(self, name) for name in ARRAYS}
        arrays |= {name: getattr(self, name) for name in OPTIONAL if getattr(self, name) is not None}
        if isinstance(self.relevance, np.ndarray):
            arrays["relevance"] = self.relevance
        else:
            parts = _arrays_of(self.relevance)
            arrays |= {f"relevance/{place}": leaf for place, leaf in enumerate(parts)}
            record["structure"] = _numbered(self.relevance, iter(range(len(parts))))
        record |= {name: getattr(self, name) for name in NAMES if getattr(self, name)}
        if self.axes:
            record["axes"] = [asdict(one) for one in self.axes]
        arrays |= {f"parameters/{name}": np.asarray(value, np.float64) for name, value in large.items()}
        arrays |= {f"states/{name}": state for name, state in self.states.items()}
        arrays |= {f"details/{name}": found for name, found in self.details.items()}
        if self.ledger:
            arrays["ledger"] = np.stack([row.relevance for row in self.ledger])
        return arrays | {"record": np.array(json.dumps(record))}

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Explanation":
        """The record that ``save`` wrote; sequences among parameters come back as arrays, tuples of inputs as lists.

        Raises:
          InputError: if the file is missing, damaged or no explanation.
        """
        try:
            arrays = read_npz(path)
        except UNREADABLE as error:
            raise _no_explanation(path, error) from None
        return cls.from_arrays(arrays, path)

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], path: str | os.PathLike) -> "Explanation":
        """The record whose arrays were read from the file ``path`` already.

        Raises:
          InputError: if they are not those of an explanation.
        """
        if "relevance" in arrays and "record" not in arrays:
            raise InputError(
                "expected a file of Explanation.save; the heatmaps of a run of an earlier version become such files by "
                f"python -m thesis_rnn adopt OLD_RUN NEW_RUN; received {os.fspath(path)}"
            )
        try:
            record = json.loads(str(arrays["record"]))
            rows = zip(record["ledger"], arrays.get("ledger", ()), strict=True)
            given: dict[str, Any] = {name: arrays[name] for name in ARRAYS}
            given |= {name: arrays[name] for name in OPTIONAL if name in arrays}
            given |= {name: tuple(record[name]) for name in NAMES if name in record}
            return cls(
                relevance=_structured(record["structure"], arrays) if "structure" in record else arrays["relevance"],
                **given,
                method=record["method"],
                parameters=record["parameters"] | _below("parameters", arrays),
                conserves=record["conserves"],
                ran=record.get("ran", ""),
                ledger=tuple(Row(layer, step, kind, relevance) for (layer, step, kind), relevance in rows),
                states=_below("states", arrays),
                details=_below("details", arrays),
                axes=tuple(Axes(**_tuples(one)) for one in record.get("axes", ())),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise _no_explanation(path, error) from None

    def _by_input(self, what: str):
        if len(self.axes) == 1:
            return getattr(self.axes[0], what)
        return {one.input: getattr(one, what) for one in self.axes}

    def _sum(self, relevance) -> np.ndarray:
        if isinstance(relevance, OfLengths):
            return np.stack([self._sum(one[np.newaxis])[0] for one in relevance])
        return relevance.sum(axis=tuple(range(self.explained.ndim, relevance.ndim)), dtype=np.float64)


ARRAYS = ("logits", "target", "value", "explained")
OPTIONAL = ("expected", "masked")
"""What files of earlier versions do not have."""


def _each(function, leaf):
    """``function`` of an array, or of those of samples of different lengths."""
    return OfLengths(map(function, leaf)) if isinstance(leaf, OfLengths) else function(leaf)


def _negative(relevance: np.ndarray) -> np.ndarray:
    return np.maximum(-relevance, 0)


NAMES = ("class_names", "sample_names", "notes")


def _arrays_of(relevance) -> list[np.ndarray]:
    """The arrays of relevance, those of samples of different lengths one by one."""
    leaves = leaves_of(relevance)
    return [array for leaf in leaves for array in (leaf if isinstance(leaf, OfLengths) else [leaf])]


def _numbered(relevance, numbers):
    """The structure of relevance as JSON knows it, a number for each array in the order of ``_arrays_of``."""
    if isinstance(relevance, dict):
        return {name: _numbered(part, numbers) for name, part in relevance.items()}
    if isinstance(relevance, list | tuple):
        of_lengths = ["of lengths"] if isinstance(relevance, OfLengths) else []
        return of_lengths + [_numbered(part, numbers) for part in relevance]
    return next(numbers)


def _structured(structure, arrays: dict[str, np.ndarray]):
    """The way back."""
    if isinstance(structure, dict):
        return {name: _structured(part, arrays) for name, part in structure.items()}
    if isinstance(structure, list):
        if structure and structure[0] == "of lengths":
            return OfLengths(_structured(part, arrays) for part in structure[1:])
        return [_structured(part, arrays) for part in structure]
    return arrays[f"relevance/{structure}"]


def _tuples(value):
    """JSON's lists as the tuples that they were."""
    if isinstance(value, dict):
        return {name: _tuples(part) for name, part in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _no_explanation(path: str | os.PathLike, error: Exception) -> InputError:
    return InputError(f"expected a file of Explanation.save; received {os.fspath(path)}: {error}")


def _plain(name: str, value):
    """``value`` as JSON knows it."""
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise InputError(f"parameter {name} cannot be saved, only numbers, text and arrays can; received {value!r}")


def _below(folder: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names begin with ``folder``, by what follows."""
    return {name.removeprefix(f"{folder}/"): array for name, array in arrays.items() if name.startswith(f"{folder}/")}
