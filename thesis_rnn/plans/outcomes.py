"""What a task has left behind: whether it is finished, and whether its results are those that are asked for."""

import functools

from thesis_rnn.errors import InputError
from thesis_rnn.plans.tasks import Task
from thesis_rnn.runs.stored import stored_settings
from thesis_rnn.training.run_folder import versions

DECISIVE = ("thesis_rnn", "tensorflow", "keras")
"""Packages whose version a result must share with the rest of the plan."""


def is_finished(task: Task) -> bool:
    """Whether the task's result file is there; it is written last, and whole.

    Raises:
      InputError: if the run was made with other flags or by another version.
    """
    if not task.folder.is_run():
        return False
    _check_flags(task)
    finished = task.folder.metrics.is_file()
    if finished:
        _check_versions(task)
    return finished


def _check_flags(task: Task) -> None:
    stored = stored_settings(task.folder)
    if differing := task.settings.differing_flags(stored):
        _refuse(task, "run", *differing)


_versions_here = functools.cache(versions)  # which looks every package up on the disk


def _check_versions(task: Task) -> None:
    stored, wanted = stored_versions(task), _versions_here()
    differing = [name for name in DECISIVE if stored.get(name) != wanted[name]]
    if differing:
        expected, received = (" ".join(f"{name} {each.get(name)}" for name in differing) for each in (wanted, stored))
        _refuse(task, "result", expected, received)


def _refuse(task: Task, what: str, expected: str, received: str) -> None:
    mend = "remove it or choose another --runs_dir"
    raise InputError(
        f"{task.folder.path} holds a {what} of another kind, {mend}; expected {expected}; received {received}"
    )


def stored_versions(task: Task) -> dict[str, str]:
    """The versions that made the task's run."""
    return task.folder.read_json(task.folder.versions, "train --overwrite")
