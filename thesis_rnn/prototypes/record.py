"""What a search for prototypes found, and what must be known to judge it."""

import os
import pathlib
from dataclasses import dataclass, fields

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.support import files


@dataclass(frozen=True)
class Prototypes:
    """Prototypes side by side, and what stands beside each. Arrays of n prototypes.

    Attributes:
      x: the prototypes, in the shape of the model's input; tokens, projected, where it reads tokens.
      start: where each search started, in the same shape.
      target: the class of each [n]; -1 where a unit was asked for.
      unit: the unit, as it was asked for; "" for classes.
      expert: what told likely inputs from others.
      value: the logit of the class, or the activation of the unit, [n].
      p: the probability of the class [n]; NaN for units and regressions.
      p_embedded: the same before tokens were projected [n]; equal to ``p`` for other inputs.
      density: the expert's log-density of each [n], up to a constant.
      data_density: the same of samples of the data: a mode is denser than any sample, so that density is no score of
        realism.
      nearest: the place of the nearest sample of the data [n], by Euclidean distance; padding counts as the mean.
      distance: how far away it is [n].
      data_distance: how far samples of the data lie from their nearest neighbours.
      neighbour, neighbour_lengths: that sample [n, ...], and its own steps [n].
      outside: the share of cells outside the range of the data [n].
      curve: the objective at every step of the search [steps, n].
      lengths: own steps of each [n]; the rest is padding, which was held.
      notes: what a reader should know, in words.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
      >>> found = prototype(model, target=0, data=np.random.default_rng(0).normal(size=(20, 3)), steps=5)
      >>> found.x.shape, found.p.shape
      ((1, 3), (1,))
    """

    x: np.ndarray
    start: np.ndarray
    target: np.ndarray
    unit: str
    expert: str
    value: np.ndarray
    p: np.ndarray
    p_embedded: np.ndarray
    density: np.ndarray
    data_density: np.ndarray
    nearest: np.ndarray
    distance: np.ndarray
    data_distance: np.ndarray
    neighbour: np.ndarray
    neighbour_lengths: np.ndarray
    outside: np.ndarray
    curve: np.ndarray
    lengths: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def denser(self) -> np.ndarray:
        """The share of the data that is less likely than each prototype [n], by the expert."""
        if not len(self.data_density):
            return np.full(len(self.x), np.nan)
        return (self.data_density < self.density[:, np.newaxis]).mean(axis=1)

    def arrays(self) -> dict[str, np.ndarray]:
        """What a file of the record holds, by name."""
        return {item.name: np.asarray(getattr(self, item.name)) for item in fields(self)}

    def save(self, path: str | os.PathLike) -> None:
        """Writes the record to an .npz file: plain arrays, whole or not at all.

        Raises:
          InputError: another suffix.
        """
        if pathlib.Path(path).suffix != ".npz":
            raise InputError(f"prototypes are saved as .npz; received {os.fspath(path)!r}")
        files.write_arrays(path, self.arrays())

    def plot(self, path=None, class_names=None, feature_names=None, words=None):
        """A figure that suits the input; see ``thesis_rnn.plot_prototypes``."""
        import thesis_rnn  # only a user who looks needs matplotlib

        return thesis_rnn.plot_prototypes(self, path, class_names, feature_names, words)

    def table(self, class_names=None) -> str:
        """A line for each prototype: p, logit or activation, density among the data, nearest sample, share outside."""
        names = [self.unit or (str(c) if class_names is None else class_names[c]) for c in self.target]
        head = ("prototype of", "p", "value", "denser than", "nearest sample", "distance", "outside")
        rows = [
            (
                name,
                "" if np.isnan(p) else f"{p:.3f}",
                f"{value:.3g}",
                "" if np.isnan(denser) else f"{denser:.0%} of the data",
                "" if place < 0 else str(place),
                "" if np.isnan(distance) else f"{distance:.3g}",
                f"{outside:.1%}",
            )
            for name, p, value, denser, place, distance, outside in zip(
                names, self.p, self.value, self.denser, self.nearest, self.distance, self.outside, strict=True
            )
        ]
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in (head, *rows)]
        return "\n".join([*("  ".join(cells).rstrip() for cells in padded), *self.notes])
