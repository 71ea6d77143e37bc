"""Prototypes of a run's model, or of a user's own, from files to files."""

import os
import pathlib
from dataclasses import dataclass, field
from typing import NamedTuple

import keras
import numpy as np

from thesis_rnn.attribution.tape.network import network_of
from thesis_rnn.data import problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.prototypes import Prototypes, prototype
from thesis_rnn.reporting.prototypes import plot_prototypes
from thesis_rnn.runs.stored import load_split, stored_settings
from thesis_rnn.support import files
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder

MOST = 5_000
"""Training samples that experts are fitted to."""


@dataclass(frozen=True)
class Wanted:
    """What to find.

    Attributes:
      targets: classes, "0,1", or "all"; "" with a unit.
      unit: a unit, as ``prototype`` takes it.
      options: further arguments of ``prototype``.
    """

    targets: str = "all"
    unit: str = ""
    options: dict = field(default_factory=dict)

    def arguments(self, classes: int) -> dict:
        """The arguments of ``prototype``."""
        if self.unit:
            return self.options | {"unit": self.unit}
        if self.targets == "all":
            return self.options | {"target": list(range(max(classes, 1)))}
        entries = [entry.strip() for entry in self.targets.split(",")]
        if not all(entry.isdecimal() for entry in entries):
            raise InputError(f"targets are classes separated by commas, or all; received {self.targets[:80]!r}")
        return self.options | {"target": list(map(int, entries))}


class Found(NamedTuple):
    """What was found: the record, its table in words, and the files without their endings."""

    prototypes: Prototypes
    table: str
    place: pathlib.Path


def prototypes_of_run(folder: RunFolder, wanted: Wanted, data_dir: str | None = None) -> Found:
    """Prototypes of a run's model on its training data, into ``prototypes/`` of the run.

    Raises:
      InputError: what ``prototype`` refuses.
    """
    settings = stored_settings(folder, **({"data_dir": data_dir} if data_dir else {}))
    problem, train = problem_of(settings.data.dataset), load_split(settings, "train", MOST)
    box = {"box": (problem.low, problem.high)} if problem.domain == "bounded" else {}
    words = problem.source.vocabulary(settings.data.data_dir or None) if problem.domain == "tokens" else None
    model = load_model(folder.path)
    arguments = box | wanted.arguments(len(problem.class_names))
    found = prototype(model, data=train.x, lengths=train.lengths, **arguments)
    place = folder.path / "prototypes" / _name(wanted, found)
    with folder.locked("prototypes"):
        for ending, write in _writers(found, problem.class_names, problem.feature_names, words).items():
            with folder.writing(place.with_name(f"{place.name}{ending}")) as temporary:
                write(temporary)
    return Found(found, found.table(problem.class_names), place)


def prototypes_of_model(
    model: keras.Model,
    data: np.ndarray,
    wanted: Wanted,
    folder: str | os.PathLike,
    words: list[str] | None = None,
) -> Found:
    """Prototypes of a model of the user's own, on samples ``data``, into ``folder``.

    Raises:
      InputError: what ``prototype`` refuses.
    """
    classes = 0 if wanted.unit else _classes(model, wanted.options)
    found = prototype(model, data=data, **wanted.arguments(classes))
    place = pathlib.Path(folder) / _name(wanted, found)
    for ending, write in _writers(found, None, None, words).items():
        with files.replacing(place.with_name(f"{place.name}{ending}")) as temporary:
            write(temporary)
    return Found(found, found.table(), place)


def _classes(model: keras.Model, options: dict) -> int:
    """Of the output that is asked for: two, of a single sigmoid unit."""
    return network_of(model, "float32", options.get("head", 0), options.get("step"), True).head.classes


def _name(wanted: Wanted, found: Prototypes) -> str:
    """The stem of the files: the unit or "classes", and the expert."""
    unit = "".join(letter if letter.isalnum() else "_" for letter in wanted.unit)
    return f"{unit or 'classes'}_{found.expert}"


def _writers(found: Prototypes, class_names, feature_names, words) -> dict:
    """The ending of a file -> what writes it; the figure first, so that nothing is written if it cannot be drawn."""
    figure = plot_prototypes(found, None, class_names, feature_names, words)
    return {
        ".png": lambda path: figure.savefig(path, dpi=200, metadata={"Software": None}),
        ".npz": lambda path: np.savez_compressed(path, **found.arrays()),
        ".txt": lambda path: pathlib.Path(path).write_text(f"{found.table(class_names)}\n", encoding="utf-8"),
    }
