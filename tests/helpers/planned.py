"""Tasks of a plan, as flagfiles ask for them."""

import pathlib

from thesis_rnn.plans.profiles import Experiment
from thesis_rnn.plans.tasks import Task, tasks_of


def task(folder: pathlib.Path, paper: str = "made_up", **flags) -> Task:
    """The one task of an experiment with these flags."""
    text = {name: str(value) for name, value in flags.items()}
    data_dir = text.pop("data_dir", "")
    [made] = tasks_of(Experiment(paper, "made_up", text, "made_up.flags"), folder, data_dir)
    return made


def started(folder: pathlib.Path, paper: str = "made_up", **flags) -> Task:
    """Such a task, whose run folder was made and has nothing in it yet."""
    made = task(folder, paper, **flags)
    made.folder.start(made.settings.as_flagfile())
    return made
