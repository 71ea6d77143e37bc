"""The plan of a profile: its flagfiles' tasks in the order in which they are run, and choices among them."""

import pathlib
from collections.abc import Collection

from thesis_rnn.errors import InputError
from thesis_rnn.plans.tasks import Task, check_unique, read_tasks

SELECTABLE = ("arch", "dataset", "steps", "fold", "seed", "experiment")


def read_plan(profile: str, flags_dir: pathlib.Path, results: pathlib.Path, data_dir: str = "") -> list[Task]:
    """The tasks of all flagfiles ``flags_dir/<profile>/*.flags``, each once.

    Original splits come first, then fold after fold; within those, flagfiles in the order of their names. So every
    table has its first numbers as early as possible, and what is named last is what takes longest.

    Raises:
      InputError: for a profile without flagfiles, or what a flagfile is refused for.
    """
    files = sorted((flags_dir / profile).glob("*.flags"))
    if not files:
        known = sorted({path.parent.name for path in flags_dir.glob("*/*.flags")})
        raise InputError(f"profile must be one of {', '.join(known) or 'none'} in {flags_dir}; received {profile!r}")
    tasks = [task for file in files for task in read_tasks(file, results, data_dir)]
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
    if key in ("experiment", "fold"):
        return str(getattr(task, key))
    return str(getattr(task.settings, key, ""))
