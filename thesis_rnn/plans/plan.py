"""The plan of a profile: the tasks of its experiments in the order in which they are run, and choices among them."""

import pathlib
from collections.abc import Collection
from importlib.resources.abc import Traversable

from thesis_rnn.errors import InputError
from thesis_rnn.plans.profiles import read_profile
from thesis_rnn.plans.tasks import Task, check_unique, tasks_of

SELECTABLE = ("arch", "dataset", "steps", "fold", "seed", "experiment", "paper")


def read_plan(profile: str, folder: Traversable, runs: pathlib.Path, data_dir: str = "") -> list[Task]:
    """The tasks of a profile's experiments, each once.

    Original splits come first, then fold after fold; within those, experiments in the order of the profile. So every
    table has its first numbers as early as possible, and what is named last is what takes longest.

    Args:
      profile: its name.
      folder: of the flagfiles; see ``profiles.flags_folder``.
      runs: the folder that the runs go into.
      data_dir: where the images lie.

    Raises:
      InputError: for an unknown profile, or what a flagfile is refused for.
    """
    tasks = [task for experiment in read_profile(profile, folder) for task in tasks_of(experiment, runs, data_dir)]
    check_unique(tasks)
    return sorted({task.name: task for task in tasks}.values(), key=lambda task: task.fold)


def parse_selection(text: str) -> dict[str, set[str]]:
    """``key:value`` pairs separated by commas, as in arch:deep,arch:rlstm_sd,dataset:mnist_maj.

    Values of one key are alternatives; different keys must all fit.

    Raises:
      InputError: for an entry of another form or an unknown key.
    """
    chosen: dict[str, set[str]] = {}
    for entry in text.split(",") if text else []:
        key, colon, value = (part.strip() for part in entry.partition(":"))
        if key not in SELECTABLE or not (colon and value):
            raise InputError(
                f"only takes key:value pairs with keys {', '.join(SELECTABLE)}; received {entry.strip()!r}"
            )
        chosen.setdefault(key, set()).add(value)
    return chosen


def select(tasks: Collection[Task], chosen: dict[str, set[str]]) -> list[Task]:
    """The tasks that fit.

    Raises:
      InputError: for a value that no task of the plan has.
    """
    for key, values in chosen.items():
        known = {_value(task, key) for task in tasks}
        unknown = sorted(values - known)
        if unknown:
            raise InputError(f"the plan's {key} is one of {', '.join(sorted(known))}; received {', '.join(unknown)}")
    return [task for task in tasks if all(_value(task, key) in values for key, values in chosen.items())]


def _value(task: Task, key: str) -> str:
    return str(getattr(task, "architecture" if key == "arch" else key))
