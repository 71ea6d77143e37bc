"""A user's own series as a problem: which part is trained on, which chooses the epoch, which is tested on."""

import functools
import os
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from thesis_rnn.data.own.files import KINDS, read_numpy, read_series, samples_of
from thesis_rnn.data.own.samples import Samples, classes_of, pad
from thesis_rnn.data.problem import SPLITS, DrawnWhole, EvidenceKind, Split, check_uncut
from thesis_rnn.errors import InputError

SHARE = 6
"""One sample in so many is for validation, and as many for the test where no test data are given."""


class Parts(NamedTuple):
    """All that is read, padded to the length of the longest series in any part."""

    splits: Mapping[str, Split]
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...] | None


@dataclass(frozen=True)
class OwnSeries(DrawnWhole):
    """Labelled series from files (a ``data.problem.Source``).

    ``path`` is one of

    * a .npz file with the arrays x_train, y_train, x_test, y_test, and x_validation, y_validation if there are any,
      beside them ``lengths_train`` and so on as in the layouts of ``data.own.files``;
    * a folder with ``train.*`` and ``test.*``, and ``validation.*`` if there is one: files or folders of those layouts;
    * the beginning of ``..._TRAIN.ts`` and ``..._TEST.ts`` (or another kind of file), or the folder of that name in
      which they lie;
    * one file or folder of those layouts: a sixth of it, stratified by class and drawn once and for all, is the test
      set, another one the validation set.

    Without validation data, the last sixth of each class of the training data is taken.
    """

    path: str

    @property
    def evidence(self) -> EvidenceKind | None:
        """Cells, where the test data have masks."""
        return None if self._parts.splits["test"].evidence is None else "cells"

    @property
    def masked(self) -> bool:
        """Whether series differ in length."""
        return self._parts.splits["train"].lengths is not None

    def load(
        self,
        split: str,
        steps: int | None = None,
        data_dir: str | os.PathLike | None = None,
        seed: int = 0,
        limit: int | None = None,
        fold=None,
    ) -> Split:
        """The series of a split, in the order of their file; they do not depend on the seed."""
        own = self._parts.splits[split]
        check_uncut(own.x.shape[1], steps, fold)
        return own.take(slice(limit))

    def shape(self, steps: int | None = None) -> tuple[int, int]:
        """(steps of the longest series in any part, features)."""
        own = self._parts.splits["train"].x.shape[1:]
        check_uncut(own[0], steps, None)
        return own

    def class_names(self) -> tuple[str, ...]:
        """The classes of the training data."""
        return self._parts.class_names

    def feature_names(self) -> tuple[str, ...] | None:
        """The columns of a CSV table."""
        return self._parts.feature_names

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool:
        """Whether there is something at the path."""
        path = pathlib.Path(self.path).expanduser()
        return path.exists() or bool(_places(path))

    @property
    def _parts(self) -> Parts:
        path = pathlib.Path(self.path).expanduser()
        return _read(path, tuple(map(_stamp, (_places(path) or {"all": path}).values())))


def _stamp(path: pathlib.Path) -> tuple:
    """What changes when a file, or one in a folder, is written anew."""
    files = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)


@functools.lru_cache(maxsize=1)
def _read(path: pathlib.Path, stamps: tuple) -> Parts:
    """Kept, because a run asks for the shape, the classes and each split one by one."""
    samples = _samples(path)
    class_names = classes_of(next(iter(samples.values())).labels)
    if len(class_names) < 2:
        raise InputError(f"{path}: expected at least two classes; received only {class_names[0]!r}")
    steps = max((len(value) for own in samples.values() for value in own.values), default=0)
    splits = {name: pad(own, class_names, steps=steps) for name, own in samples.items()}
    features = _feature_names(samples, splits, path)
    if all((own.lengths == steps).all() for own in splits.values()):
        splits = {name: own._replace(lengths=None) for name, own in splits.items()}
    splits = _with_validation(splits, class_names, path)
    for array in (array for own in splits.values() for array in own if array is not None):
        array.flags.writeable = False  # it is given to everyone who asks
    return Parts(splits, class_names, features)


def _samples(path: pathlib.Path) -> dict[str, Samples]:
    """Split -> its samples, train first; "all" for what is not divided yet."""
    if places := _places(path):
        return {name: read_series(place) for name, place in places.items()}
    if path.suffix.lower() != ".npz" or not path.is_file():
        return {"all": read_series(path)}
    arrays = read_numpy(path)
    named = [name for name in SPLITS if f"x_{name}" in arrays]
    if named and not {"train", "test"} <= set(named):
        raise InputError(f"{path}: expected x_train and x_test; received only x_{' and x_'.join(named)}")
    endings = {name: f"_{name}" for name in named} or {"all": ""}
    return {
        name: samples_of({key.removesuffix(ending): arrays[key] for key in arrays if key.endswith(ending)}, path)
        for name, ending in endings.items()
    }


def _places(path: pathlib.Path) -> dict[str, pathlib.Path]:
    """Split -> the file or folder it lies in; nothing where ``path`` is one file or folder of samples."""
    if path.is_file() or (path / "labels.csv").is_file():
        return {}
    for stem in (f"{path}{os.sep}", f"{path / path.name}_", f"{path}_"):
        found = {name: place for name in SPLITS if (place := _place(stem, name))}
        if {"train", "test"} <= found.keys():
            return found
        if found:
            received = ", ".join(str(place) for place in found.values())
            raise InputError(f"expected training and test data side by side; received only {received}")
    return {}


def _place(stem: str, split: str) -> pathlib.Path | None:
    files = (pathlib.Path(f"{stem}{word}{kind}") for word in (split, split.upper()) for kind in KINDS)
    folder = pathlib.Path(f"{stem}{split}")
    return next((file for file in files if file.is_file()), folder if folder.is_dir() else None)


def _feature_names(samples: Mapping[str, Samples], splits: Mapping[str, Split], path) -> tuple[str, ...] | None:
    """Those of all parts, which must be alike.

    Raises:
      InputError: for parts with other features than the first.
    """
    has = {name: (own.x.shape[-1], tuple(samples[name].features or ())) for name, own in splits.items()}
    (first, expected), *others = has.items()
    for name, found in others:
        if found != expected:
            wanted, received = (", ".join(names) or count for count, names in (expected, found))
            raise InputError(f"{path}: expected the features of {first} in {name}, {wanted}; received {received}")
    return expected[1] or None


def _with_validation(splits: dict[str, Split], class_names: tuple[str, ...], path: pathlib.Path) -> dict[str, Split]:
    if "all" in splits:
        return {
            name: splits["all"].take(places) for name, places in divided(splits["all"].y, class_names, path).items()
        }
    if "validation" in splits:
        return splits
    kept, held_out = last_sixths(splits["train"].y)
    if not len(held_out):
        raise InputError(f"{path}: expected two samples of a class to hold out one; received one of each class")
    return splits | {"train": splits["train"].take(kept), "validation": splits["train"].take(held_out)}


def divided(y: np.ndarray, class_names: tuple[str, ...], path: pathlib.Path) -> dict[str, np.ndarray]:
    """Split -> the places of its samples, in order: a sixth each for validation and test, stratified, drawn once.

    Raises:
      InputError: for a class of fewer than three samples, of which none might be left to train on.
    """
    for label, count in enumerate(np.bincount(y)):
        if count < 3:
            expected = "at least 3 samples of each class, to divide them into training, validation and test data"
            raise InputError(f"{path}: expected {expected}; received {count} of {class_names[label]!r}")
    shuffled = np.random.default_rng(0).permutation(len(y))
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    dealt = np.arange(len(y)) % SHARE
    chosen = {"train": dealt > 1, "validation": dealt == 0, "test": dealt == 1}
    return {name: np.sort(by_class[places]) for name, places in chosen.items()}


def last_sixths(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The places of what is kept and of what is held out: the last sixth of each class, at least one of two."""
    held_out = np.zeros(len(y), bool)
    for label in np.unique(y):
        own = np.flatnonzero(y == label)
        held_out[own[len(own) - max(round(len(own) / SHARE), int(len(own) > 1)) :]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
