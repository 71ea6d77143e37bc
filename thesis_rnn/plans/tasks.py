"""Tasks: what one run of a plan trains, explains and evaluates, expanded from the flags of an experiment."""

import itertools
import math
import pathlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.errors import InputError
from thesis_rnn.plans.profiles import Experiment
from thesis_rnn.runs.settings import ModelSettings, Settings
from thesis_rnn.training.run_folder import RunFolder

EXPANDED = ("dataset", "arch", "steps", "fold", "seed")
"""Flags that may hold several values, separated by commas, and whole numbers as in 1-7: a task for each combination."""
MOST = 100_000
"""Numbers of a range, and runs of a flagfile; what is beyond is a mistake."""
VARIANTS = ("attention_variant", "attention_window", "attend_last_steps")
"""Settings of the model that make runs of one architecture different ones."""


@dataclass(frozen=True)
class Resources:
    """What a task takes of a cluster: flags of a profile or a flagfile, which change nothing of its result.

    Attributes:
      cpus: cores, and threads.
      gpus: also a share of one.
      memory_gib: kept free for it; 0 to ask for none.
    """

    cpus: float = 1
    gpus: float = 0
    memory_gib: float = 0

    @classmethod
    def taken_from(cls, flags: dict[str, str]) -> "Resources":
        """Those that are among ``flags``, from where they are taken.

        Raises:
          InputError: for what is no number from 0 on.
        """
        found = {item.name: flags.pop(item.name) for item in fields(cls) if item.name in flags}
        for name, text in found.items():
            if not text.replace(".", "", 1).isdecimal():
                raise InputError(f"{name} must be a number, at least 0; received {text!r}")
        return cls(**{name: float(text) for name, text in found.items()})

    def of_ray(self) -> dict[str, float]:
        """By Ray's names."""
        wanted = {"CPU": self.cpus, "GPU": self.gpus, "memory": self.memory_gib * 2**30}
        return {name: amount for name, amount in wanted.items() if amount or name == "CPU"}


@dataclass(frozen=True)
class Task:
    """One run of the plan.

    Attributes:
      settings: what it depends on, with the defaults of its problem spelled out.
      experiment: the name of the flagfile that asks for it.
      runs: the folder in which the profile keeps its runs.
      paper: the folder of the flagfile.
      resources: what it takes of a cluster.
    """

    settings: Settings
    experiment: str
    runs: pathlib.Path
    paper: str = ""
    resources: Resources = Resources()

    @property
    def dataset(self) -> str:
        return self.settings.data.dataset

    @property
    def architecture(self) -> str:
        return self.settings.model.architecture

    @property
    def steps(self) -> int:
        return self.settings.data.steps

    @property
    def fold(self) -> int:
        """The fold that is tested on; 0 for an original split."""
        return self.settings.data.fold

    @property
    def folds(self) -> int:
        return self.settings.data.folds

    @property
    def data_dir(self) -> str:
        return self.settings.data.data_dir

    @property
    def seed(self) -> int:
        return self.settings.training.seed

    @property
    def epochs(self) -> int:
        return self.settings.training.epochs

    @property
    def variant(self) -> str:
        """What its model differs in from others of its architecture, as in "attend_last_steps=10"; else empty."""
        values = {name: getattr(self.settings.model, name) for name in VARIANTS}
        ordinary = ModelSettings()
        return "; ".join(f"{name}={value}" for name, value in values.items() if value != getattr(ordinary, name))

    @property
    def name(self) -> str:
        """The folder of the run below ``runs``: mnist_maj/deep-12/fold1of7-0."""
        split = f"fold{self.fold}of{self.folds}" if self.fold else "original"
        variant = "".join(f"-{part}" for part in self.variant.replace("=", "").split("; ") if part)
        return f"{self.dataset}/{self.architecture}-{self.steps}/{split}-{self.seed}{variant}"

    @property
    def epochs_left(self) -> int:
        """The epochs that are not in the history of its run folder yet."""
        history = self.folder.history
        rows = len(history.read_text(encoding="utf-8").splitlines()) - 1 if history.is_file() else 0
        return self.epochs - max(0, rows)

    @property
    def folder(self) -> RunFolder:
        """Where the run is, or will be."""
        return RunFolder(self.runs / self.name)


def tasks_of(experiment: Experiment, runs: pathlib.Path, data_dir: str = "") -> list[Task]:
    """The tasks of an experiment, in the order of its flags and their values, the last changing first.

    Raises:
      InputError: for what is no flag of a training run, or values that it refuses.
    """
    flags = dict(experiment.flags)
    resources = Resources.taken_from(flags)
    tasks = [
        Task(
            Settings.from_flags(chosen | {"data_dir": data_dir}, experiment.origin).complete(),
            experiment.name,
            runs,
            experiment.paper,
            resources,
        )
        for chosen in _combinations(flags)
    ]
    for task in tasks:
        _ = ARCHITECTURES[task.architecture]  # refuses an unknown one before anything is run
    return tasks


def _combinations(flags: dict[str, str]) -> Iterator[dict[str, str]]:
    values = [expanded(text) if name in EXPANDED else [text] for name, text in flags.items()]
    if (count := math.prod(map(len, values))) > MOST:
        raise InputError(f"a flagfile may ask for at most {MOST} runs; received one of {count}")
    return (dict(zip(flags, chosen, strict=True)) for chosen in itertools.product(*values))


def expanded(text: str) -> list[str]:
    """The values of a list such as ``0,2-4`` or ``deep,rlstm``: a dash between whole numbers is a range.

    Raises:
      InputError: for a range of no numbers, or of more than ``MOST``.
    """
    return [value for entry in text.split(",") for value in _numbers_or_word(entry.strip())]


def _numbers_or_word(entry: str) -> list[str]:
    first, dash, last = entry.partition("-")
    if dash and first.isdecimal() and last.isdecimal():
        if len(first + last) > 40 or not 0 <= int(last) - int(first) < MOST:
            raise InputError(f"a range goes up, by at most {MOST} numbers, as in 1-7; received {entry[:80]!r}")
        return [str(number) for number in range(int(first), int(last) + 1)]
    return [entry]


def check_unique(tasks: Sequence[Task]) -> None:
    """Refuses a plan in which two flagfiles ask for different runs in the same folder."""
    known: dict[str, Task] = {}
    for task in tasks:
        other = known.setdefault(task.name, task)
        if other.settings != task.settings:
            raise InputError(
                f"{task.name} is asked for with different flags; change one of its flagfiles; received it from "
                f"{other.experiment} and {task.experiment}"
            )
