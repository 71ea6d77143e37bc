"""Running a plan: what is not finished yet, under a progress bar of epochs, whatever runs the tasks."""

import sys
import time
from collections import deque
from collections.abc import Collection, Sequence

from tqdm import tqdm

from thesis_rnn.plans.executors.executor import TaskExecutor
from thesis_rnn.plans.outcomes import is_finished
from thesis_rnn.plans.tasks import Task
from thesis_rnn.support import progress

PAUSE = 0.5
"""Seconds between two looks at the running tasks."""


def run_plan(tasks: Sequence[Task], executor: TaskExecutor) -> list[str]:
    """Runs what is not finished yet.

    A task that another process is at is left to that process. One that fails does not keep the others from running.
    When this process is interrupted its tasks are ended; each goes on from its last epoch the next time.

    Args:
      tasks: in the order in which they are to start.
      executor: what runs them.

    Returns:
      A line for each task that failed: its name, and the reason.

    Raises:
      InputError: results that are not this plan's, before anything is run.
    """
    waiting, running, failed = deque(task for task in tasks if not is_finished(task)), {}, []
    total = sum(task.epochs for task in tasks)
    left = {task.name: task.epochs_left for task in waiting}
    with progress.bar(None, "", "epoch", total, log=True, initial=total - sum(left.values())) as bar:
        try:
            while waiting or running:
                _submit(waiting, running, executor)
                behind = _behind(waiting, running.values(), left, executor)
                _show(bar, f"{len(waiting) + len(running)} of {len(tasks)} tasks left", total - behind)
                time.sleep(PAUSE)
                for task, reason in executor.ended():
                    del running[task.name]
                    failed += [f"{task.name}: {reason}"] if reason else []
        finally:
            executor.cancel()
    return failed


def _submit(waiting: deque[Task], running: dict[str, Task], executor: TaskExecutor) -> None:
    """Fills the free places with tasks that nobody is at."""
    for _ in range(len(waiting)):
        if len(running) >= executor.places:
            return
        task = waiting.popleft()
        if executor.submit(task):
            running[task.name] = task
        else:
            waiting.append(task)


def _show(bar: tqdm, tasks_left: str, epochs: int) -> None:
    """Redraws the bar: at every look at a terminal, where its clock is seen to run; else, in a log, at what is new."""
    new = (f"{tasks_left}: ", epochs) != (bar.desc, bar.n)
    bar.set_description(tasks_left, refresh=False)
    bar.n = epochs
    if new or sys.stderr.isatty():
        bar.refresh()


def _behind(waiting: Collection[Task], running: Collection[Task], left: dict[str, int], executor: TaskExecutor) -> int:
    return sum(left[task.name] for task in waiting) + sum(map(executor.epochs_left, running))
