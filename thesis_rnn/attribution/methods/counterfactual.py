"""Counterfactuals: the shortest segment that, taken from a series of another class, changes the decision."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method, freeze
from thesis_rnn.attribution.methods.host import Attributed, OnHost, references_like
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError


@METHODS.register("counterfactual")
@dataclass(frozen=True)
class Counterfactual(Method):
    """R_td = (f(x) - f(x')) |x_td - x'_td| / sum |x - x'|: x' is x with its shortest segment that undoes the class.

    The segment comes from the native guide: the sample of the data, of those that the network gives another class, that
    is nearest to x (Euclidean, over cells that are not masked). All segments of one step are tried, then of two, and so
    on; of those that undo the decision the one with the lowest f is taken. A class that does not win has x' = x.
    ``details`` has "counterfactual" x', "guide", its place in the data, and "length", the steps that were swapped.

    Args:
      background: data [k, ...].
    """

    source: ClassVar[str] = "Delaney et al. (2021), native guides, with the shortest segment of all"
    takes: ClassVar[tuple[str, ...]] = ("pixels", "real")
    needs: ClassVar[tuple[str, ...]] = ("value",)
    host: ClassVar[bool] = True
    sums_to: ClassVar[str] = "f(x) - f(x')"
    background: Any = None

    def __post_init__(self):
        object.__setattr__(self, "background", freeze(self.background))

    def attribute(self, explained: OnHost) -> Attributed:
        if self.background is None or len(tree.flatten(explained.x)) > 1:
            raise InputError("counterfactual needs data, background=, and one input; received none, or several")
        data = tree.flatten(references_like(self.background, explained.x))[0]
        [x], [seen] = tree.flatten(explained.x), tree.flatten(explained.seen)
        target = explained.selection.argmax(axis=1)
        guide = nearest_unlike(x, seen, data, self._classes(explained, data), target)
        found, length = self._swapped(explained, x, np.where(seen, data[guide], x), target)
        fall = explained.value() - self._value(explained, found)
        apart = np.abs(x - found).reshape(len(x), -1)
        total = apart.sum(axis=1, keepdims=True)
        share = np.divide(apart, total, out=np.zeros_like(apart), where=total > 0).reshape(x.shape)
        relevance = (fall.reshape(-1, *[1] * (x.ndim - 1)) * share).astype(explained.dtype)
        details = {"counterfactual": found, "guide": guide, "length": length}
        return Attributed(tree.pack_sequence_as(explained.x, [relevance]), details)

    def _classes(self, explained: OnHost, data: np.ndarray) -> np.ndarray:
        """The class of each sample of the data [k], as the network gives it."""
        packed = tree.pack_sequence_as(explained.x, [data])
        return explained.alone(packed).values().argmax(axis=1)

    def _value(self, explained: OnHost, points: np.ndarray) -> np.ndarray:
        return explained.value(tree.pack_sequence_as(explained.x, [points]), np.arange(len(points)))

    def _swapped(self, explained: OnHost, x, guide, target) -> tuple[np.ndarray, np.ndarray]:
        """x' and the length of its segment, for every sample."""
        found, length, steps = x.copy(), np.zeros(len(x), int), x.shape[1]
        open_ = np.flatnonzero(explained.values().argmax(axis=1) == target)
        for size in explained.progress(range(1, steps + 1), "segments"):
            if not len(open_):
                break
            starts = np.arange(steps - size + 1)
            inside = (np.arange(steps) >= starts[:, np.newaxis]) & (np.arange(steps) < starts[:, np.newaxis] + size)
            sample, start = (one.ravel() for one in np.meshgrid(open_, starts, indexing="ij"))
            undone, value = self._tried(explained, x, guide, target, sample, inside[start])
            value = np.where(undone, value, np.inf).reshape(len(open_), len(starts))
            best, done = value.argmin(axis=1), np.isfinite(value.min(axis=1))
            chosen = _steps(inside[best[done]], x.ndim)
            found[open_[done]] = np.where(chosen, guide[open_[done]], x[open_[done]])
            length[open_[done]] = size
            open_ = open_[~done]
        return found, length

    def _tried(self, explained: OnHost, x, guide, target, sample, inside) -> tuple[np.ndarray, np.ndarray]:
        """Whether each swap undoes the decision, and f there; batch by batch, so that few points are held at once."""
        undone, values = [], []
        for first in range(0, len(sample), explained.batch_size):
            of = sample[first : first + explained.batch_size]
            points = np.where(_steps(inside[first : first + len(of)], x.ndim), guide[of], x[of])
            given = explained.outputs(tree.pack_sequence_as(explained.x, [points]), of)
            undone.append(given["values"].argmax(axis=1) != target[of])
            values.append(given["value"])
        return np.concatenate(undone), np.concatenate(values)


def nearest_unlike(x, seen, data, classes, target) -> np.ndarray:
    """The place in ``data`` [k, ...] of the nearest sample of another class than ``target`` [n], over cells ``seen``.

    Raises:
      InputError: where all data have the class.
    """
    alone = [one for one in np.unique(target) if (classes == one).all()]
    if alone:
        raise InputError(f"background must have samples that the model gives another class; received only {alone[0]}")
    guides = []
    for one, cells, own in zip(x, seen, target, strict=True):
        distance = (np.where(cells, data - one, 0).reshape(len(data), -1) ** 2).sum(axis=1)
        guides.append(np.where(classes == own, np.inf, distance).argmin())
    return np.array(guides)


def _steps(inside: np.ndarray, axes: int) -> np.ndarray:
    return inside.reshape(*inside.shape, *[1] * (axes - 2))
