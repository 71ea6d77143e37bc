"""Tasks: what one run of the reproduction trains, explains and evaluates, expanded from a flagfile."""

import dataclasses
import itertools
import pathlib
from dataclasses import dataclass

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.data import sequence_shape
from thesis_rnn.errors import InputError
from thesis_rnn.runs.box_settings import BoxSettings
from thesis_rnn.runs.old_settings import Settings
from thesis_rnn.training.run_folder import RunFolder

EXPANDED = ("dataset", "arch", "steps", "fold", "seed")
"""Flags that may hold several values, separated by commas, and whole numbers as in 1-7: a task for each combination."""


@dataclass(frozen=True)
class Task:
    """One run of the plan.

    Attributes:
      settings: what it depends on, with the number of steps spelled out.
      experiment: the name of the flagfile that asks for it.
      results: the folder in which the profile keeps its runs.
    """

    settings: Settings | BoxSettings
    experiment: str
    results: pathlib.Path

    @property
    def program(self) -> str:
        """The front end that runs it: "train", or "boxes" for series with planted evidence."""
        return "boxes" if isinstance(self.settings, BoxSettings) else "train"

    @property
    def name(self) -> str:
        """The folder of the run below ``results``: mnist_maj/deep-12/original-0, or boxes/earlier/lstm_ica-0."""
        own = self.settings
        if isinstance(own, BoxSettings):
            attended = "".join(
                f"-{name}{getattr(own, name)}" for name in ("window", "last_steps") if getattr(own, name)
            )
            return f"boxes/{own.dataset}/{own.arch}{attended}-{own.seed}"
        split = f"fold{own.fold}of{own.folds}" if own.fold else "original"
        return f"{own.dataset}/{own.arch}-{own.steps}/{split}-{own.seed}"

    @property
    def fold(self) -> int:
        """The fold that is tested on; 0 for an original split, as box data have it."""
        return getattr(self.settings, "fold", 0)

    @property
    def folder(self) -> RunFolder:
        return RunFolder(self.results / self.name)


def read_tasks(flagfile: pathlib.Path, results: pathlib.Path, data_dir: str = "") -> list[Task]:
    """The tasks of an experiment's flagfile, in the order of its flags and their values, the last changing first.

    A flagfile whose name begins with "boxes" is of ``python -m thesis_rnn.boxes``, any other of ``thesis_rnn.train``.

    Raises:
      InputError: for a line that is neither a comment nor a flag of a training run, or values that it refuses.
    """
    lines = [line.strip() for line in flagfile.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    combinations = itertools.product(*map(_alternatives, lines))
    kind = BoxSettings if flagfile.stem.startswith("boxes") else Settings
    settings = [kind.from_flagfile("\n".join(flags), str(flagfile)) for flags in combinations]
    return [Task(_complete(each, data_dir), flagfile.stem, results) for each in settings]


def _alternatives(line: str) -> list[str]:
    name, _, values = line.partition("=")
    return [f"{name}={value}" for value in expanded(values)] if values and name[2:] in EXPANDED else [line]


def expanded(text: str) -> list[str]:
    """The values of a list such as ``0,2-4`` or ``deep,rlstm``: a dash between whole numbers is a range."""
    return [value for entry in text.split(",") for value in _numbers_or_word(entry.strip())]


def _numbers_or_word(entry: str) -> list[str]:
    first, dash, last = entry.partition("-")
    if dash and first.isdecimal() and last.isdecimal():
        return [str(number) for number in range(int(first), int(last) + 1)]
    return [entry]


def _complete(settings: Settings | BoxSettings, data_dir: str) -> Settings | BoxSettings:
    _ = ARCHITECTURES[settings.arch]  # refuses an unknown one before anything is run
    if isinstance(settings, BoxSettings):
        return settings
    steps, *_ = sequence_shape(settings.dataset, settings.steps or None)
    return dataclasses.replace(settings, steps=steps, data_dir=data_dir)


def check_unique(tasks: list[Task]) -> None:
    """Refuses a plan in which two flagfiles ask for different runs in the same folder."""
    known: dict[str, Task] = {}
    for task in tasks:
        other = known.setdefault(task.name, task)
        if other.settings != task.settings:
            raise InputError(
                f"{task.name} is asked for with different flags; change one of its flagfiles; received it from "
                f"{other.experiment} and {task.experiment}"
            )
