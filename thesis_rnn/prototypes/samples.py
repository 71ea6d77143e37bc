"""The data beside prototypes: own steps, starts at k-means centres, nearest neighbours."""

from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np

from thesis_rnn.attribution.stock.tokens import check_tokens, present_steps
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.data import step_mask
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array

SHARE = 10
"""The samples of a unit, or an output, are the tenth that excite it most."""
COMPARED = 1_000
"""Samples of the data whose density and neighbours stand beside those of prototypes, at most."""


class Starts(NamedTuple):
    """Where searches begin.

    Attributes:
      x: [n, ...].
      lengths: own steps of each [n]; None where all are.
      notes: what a reader should know.
    """

    x: np.ndarray
    lengths: np.ndarray | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Data:
    """Samples like those that the model was trained on.

    Attributes:
      x: float32 [m, ...], or tokens, integers [m, steps].
      lengths: own steps [m]; None where all are.
      places: which samples of the user's these are [m].
    """

    x: np.ndarray
    lengths: np.ndarray | None
    places: np.ndarray

    @classmethod
    def of(
        cls, model: keras.Model, network: Network, data, lengths, seed: int, most: int, least_steps: int = 1
    ) -> "Data":
        """The user's data, checked; at most ``most`` samples of ``least_steps`` steps, drawn by the seed.

        Raises:
          InputError: no data, or of another shape than the model's input; lengths that do not fit.
        """
        spec = network.input_spec
        if not hasattr(spec, "dtype"):
            raise InputError(f"prototypes are of models of one input; received {len(model.inputs)}")
        if data is None:
            raise InputError("prototypes need samples like those that the model was trained on, data=; received none")
        reads_tokens = spec.dtype.is_integer or _embeds(model)
        x = np.asarray(data) if reads_tokens else finite_array("data [m, ...]", data, np.ndim(data)).astype(np.float32)
        if x.ndim != spec.shape.rank or not spec.shape[1:].is_compatible_with(x.shape[1:]) or not len(x):
            shape = ", ".join(str(size or "any") for size in spec.shape[1:])
            raise InputError(f"data must have the shape [m, {shape}] of the model's input; received {list(x.shape)}")
        if reads_tokens:
            if (x != np.round(x)).any():
                raise InputError(f"tokens must be whole numbers; received {x[x != np.round(x)][0]}")
            x = x.astype(np.int32)
            check_tokens(model, x)
        lengths = own_lengths(model, x, lengths)
        chosen = np.arange(len(x)) if lengths is None else np.flatnonzero(lengths >= least_steps)
        if not len(chosen):
            raise InputError(f"data must have samples of {least_steps} own steps; received {lengths.max()} at most")
        if len(chosen) > most:
            chosen = np.sort(np.random.default_rng(seed).choice(chosen, most, replace=False))
        return cls(x[chosen], None if lengths is None else lengths[chosen], chosen)

    @property
    def tokens(self) -> bool:
        """Whether samples are tokens."""
        return self.x.dtype.kind in "iu"

    def own(self, lengths: np.ndarray | None = None, count: int | None = None) -> np.ndarray:
        """Where cells are a sample's own and no padding: bool [n, steps, 1, ...], or all True [1, 1, ...]."""
        lengths = self.lengths if lengths is None and count is None else lengths
        if lengths is None:
            return np.ones([1] * self.x.ndim, bool)
        return step_mask(lengths, self.x.shape[1]).reshape(len(lengths), -1, *[1] * (self.x.ndim - 2))

    def filled(self) -> np.ndarray:
        """The samples as rows [m, cells] for experts: padding counts as the mean of the cells that are not."""
        return self.rows(self.x, self.own())

    def rows(self, x: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Any samples [n, ...] as rows, with the mean where cells are not their ``own``."""
        return np.where(np.broadcast_to(own, x.shape), x, self.mean()).reshape(len(x), -1).astype(np.float32)

    def mean(self) -> np.ndarray:
        """The mean of each cell over the samples that have it, in the shape of a sample; 0 where none has."""
        own = np.broadcast_to(self.own(), self.x.shape)
        return (self.x * own).sum(axis=0, dtype=np.float64) / np.maximum(own.sum(axis=0), 1)

    def range(self) -> tuple[np.ndarray, np.ndarray]:
        """The least and the greatest own value: of each feature for series, else of all cells."""
        own = np.broadcast_to(self.own(), self.x.shape)
        axes = (0, 1) if self.x.ndim == 3 else tuple(range(self.x.ndim))
        low = np.where(own, self.x, np.inf).min(axis=axes)
        return low.astype(np.float32), np.where(own, self.x, -np.inf).max(axis=axes).astype(np.float32)

    def starts(self, near: list, n: int, seed: int, around=None) -> Starts:
        """k-means centres of the samples ``near`` each class or unit; the sample ``around`` if one is asked for.

        Raises:
          InputError: for fewer samples than starts.
        """
        if around is not None and n * len(near) == 1:
            one = np.asarray(around, self.x.dtype)[np.newaxis]
            return Starts(one, _detected_like(self, one), ("the search starts at the sample it stays near",))
        parts = [self._centres(places, n, seed) for places in near]
        lengths = None if self.lengths is None else np.concatenate([part[1] for part in parts])
        notes = ()
        if any(places is None for places in near):
            notes = ("the model takes too few samples for one of the classes: its search starts at centres of all",)
        return Starts(np.concatenate([part[0] for part in parts]), lengths, notes)

    def _centres(self, places: np.ndarray | None, n: int, seed: int):
        from sklearn.cluster import KMeans

        x = self.x if places is None else self.x[places]
        if len(x) < n:
            raise InputError(f"n must be at most the number of samples to start from, {len(x)}; received {n}")
        rows = x.reshape(len(x), -1)
        kmeans = KMeans(n, n_init=3, random_state=seed).fit(rows)
        lengths = None
        if self.lengths is not None:
            own = self.lengths if places is None else self.lengths[places]
            lengths = np.array([round(np.median(own[kmeans.labels_ == k])) for k in range(n)], np.int32)
        centres = kmeans.cluster_centers_.reshape(n, *x.shape[1:])
        if self.tokens:  # no mean of tokens is one: the sample nearest to the centre
            nearest = np.array([((rows - centre) ** 2).sum(axis=1).argmin() for centre in kmeans.cluster_centers_])
            return x[nearest], None if lengths is None else own[nearest]
        if lengths is not None:
            centres = np.where(self.own(lengths), centres, 0)
        return centres.astype(np.float32), lengths


def near_classes(question, given: Data) -> list[np.ndarray | None]:
    """For each class, the samples that the model takes for it; None where there are too few.

    Of classes that do not exclude each other, sigmoids, those with p > 1/2; of outputs that are no logits of classes,
    the tenth with the greatest.
    """
    values, log_p = question.answers(given.x, given.lengths)
    if log_p is None:
        return [_greatest(values[:, target], question.n) for target in question.targets]
    if question.made_by == "sigmoid":
        taken = log_p > np.log(0.5)
    else:
        taken = values.argmax(axis=1)[:, np.newaxis] == np.arange(values.shape[1])
    found = [np.flatnonzero(taken[:, target]) for target in question.targets]
    return [places if len(places) >= question.n else None for places in found]


def near_unit(question, given: Data) -> list[np.ndarray]:
    """The samples that excite the unit most."""
    return [_greatest(question.answers(given.x, given.lengths)[0][:, 0], question.n)]


def _greatest(values: np.ndarray, n: int) -> np.ndarray:
    """The places of the tenth of ``values`` that is greatest, of ``n`` at least."""
    count = min(len(values), max(n, len(values) // SHARE))
    return np.argsort(-values, kind="stable")[:count]


def nearest_of(rows: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The place of the nearest of ``others`` to each row, and how far it is."""
    distances = _distances(rows, others)
    places = distances.argmin(axis=1)
    return places, distances[np.arange(len(rows)), places]


def own_distances(rows: np.ndarray) -> np.ndarray:
    """How far each row lies from the nearest other one, of at most the first ``COMPARED`` rows."""
    if len(rows) < 2:
        return np.zeros(0)
    distances = _distances(rows[:COMPARED], rows)
    distances[np.arange(len(distances)), np.arange(len(distances))] = np.inf
    return distances.min(axis=1)


def _distances(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    rows, others = rows.astype(np.float64), others.astype(np.float64)
    squares = (rows**2).sum(axis=1)[:, np.newaxis] - 2 * rows @ others.T + (others**2).sum(axis=1)
    return np.sqrt(np.maximum(squares, 0))


def _embeds(model: keras.Model) -> bool:
    return any(isinstance(layer, keras.layers.Embedding) for layer in model.layers) and len(model.inputs[0].shape) == 2


def own_lengths(model: keras.Model, x: np.ndarray, lengths) -> np.ndarray | None:
    """Own steps: those that the user tells, or those in front of the padding that the model masks."""
    if lengths is not None:
        lengths = np.asarray(lengths)
        if lengths.shape != (len(x),) or lengths.dtype.kind not in "iu":
            raise InputError(f"lengths must be {len(x)} integers, one for each sample; received {lengths.shape}")
        if lengths.min() < 1 or lengths.max() > x.shape[1]:
            raise InputError(f"lengths must lie in 1..{x.shape[1]}; received {lengths.min()}..{lengths.max()}")
        return lengths.astype(np.int32)
    return _detected(model, x)


def _detected(model: keras.Model, x: np.ndarray) -> np.ndarray | None:
    seen = present_steps(model, x)
    if seen is None:
        return None
    last = x.shape[1] - seen[:, ::-1].argmax(axis=1)
    return np.where(seen.any(axis=1), last, 1).astype(np.int32)


def _detected_like(given: Data, one: np.ndarray) -> np.ndarray | None:
    """Own steps of a single sample, where the data have padding: up to the last step that is not zero."""
    if given.lengths is None:
        return None
    seen = (one != 0).reshape(*one.shape[:2], -1).any(axis=2)
    return np.maximum(one.shape[1] - seen[:, ::-1].argmax(axis=1), 1).astype(np.int32)
