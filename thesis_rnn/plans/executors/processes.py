"""Running a plan: each task in a process of its own, some side by side, and any of them may be killed at any moment."""

import fcntl
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from tqdm import tqdm

from thesis_rnn.plans.outcomes import is_finished
from thesis_rnn.plans.tasks import Task

MEMORY_PER_JOB = 3 * 2**30
"""Bytes: more than the largest task was seen to use."""
PAUSE = 0.5
"""Seconds between two looks at the running tasks."""


def jobs_of_this_machine() -> int:
    """One for each core, if memory allows: small products gain more from tasks side by side than from threads."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory // MEMORY_PER_JOB))


def train_command(task: Task) -> list[str]:
    """What is run for a task: training, or what is left of it, then all later stages."""
    flags = task.settings.as_flagfile().splitlines()
    return [sys.executable, "-m", "thesis_rnn", task.program, f"--run_dir={task.folder.path}", "--resume", *flags]


def run_plan(tasks: Sequence[Task], jobs: int, command: Callable[[Task], list[str]] = train_command) -> list[str]:
    """Runs what is not finished yet, ``jobs`` tasks at a time, under a progress bar of epochs.

    A task that another process is at is left to that process. One that fails does not keep the others from running.
    When this process is interrupted its tasks are ended; each goes on from its last epoch the next time.

    Args:
      tasks: in the order in which they are to start.
      jobs: how many run side by side; they share the cores.
      command: the program that finishes a task and leaves its result file.

    Returns:
      A line for each task that failed: its name, its exit status, and the last line that it wrote.

    Raises:
      InputError: results that are not this plan's, before anything is run.
    """
    waiting = deque(task for task in tasks if not is_finished(task))
    running: list[_Running] = []
    failed: list[str] = []
    total = sum(task.settings.epochs for task in tasks)
    left = {task.name: epochs_left(task) for task in waiting}
    with tqdm(total=total, initial=total - sum(left.values()), unit="epoch") as bar:
        try:
            while waiting or running:
                _start(waiting, running, jobs, command)
                bar.set_description(f"{len(waiting) + len(running)} of {len(tasks)} tasks left", refresh=False)
                behind = [left[task.name] for task in waiting] + [epochs_left(each.task) for each in running]
                bar.n = total - sum(behind)
                bar.refresh()
                time.sleep(PAUSE)
                ended = [each for each in running if each.process.poll() is not None]
                running = [each for each in running if each not in ended]
                failed += [line for each in ended for line in each.end()]
        finally:
            for each in running:
                each.process.terminate()
                each.process.wait()
    return failed


def epochs_left(task: Task) -> int:
    """Epochs that are not in the task's history yet."""
    history = task.folder.history
    rows = len(history.read_text(encoding="utf-8").splitlines()) - 1 if history.is_file() else 0
    return task.settings.epochs - max(0, rows)


@dataclass(eq=False)
class _Running:
    """A task's process, the lock that it inherits, and its log."""

    task: Task
    process: subprocess.Popen
    lock: IO
    log: IO

    def end(self) -> list[str]:
        """Closes what belongs to the process; the reason if it failed."""
        self.log.close()
        self.lock.close()
        if self.process.returncode == 0 and is_finished(self.task):
            return []
        lines = log_file(self.task).read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["no output"]
        return [f"{self.task.name}: exit status {self.process.returncode}: {lines[-1]}"]


def _start(waiting: deque[Task], running: list[_Running], jobs: int, command) -> None:
    """Fills the free places with tasks that nobody is at."""
    for _ in range(len(waiting)):
        if len(running) >= jobs:
            return
        task = waiting.popleft()
        lock = _locked(task)
        if lock is None:
            waiting.append(task)
        elif is_finished(task):  # by another process, since the plan was made
            lock.close()
        else:
            running.append(_launch(task, lock, jobs, command(task)))


def _locked(task: Task) -> IO | None:
    """The open lock file of a task, or None if another process holds it. The kernel frees it with its last holder."""
    task.folder.path.parent.mkdir(parents=True, exist_ok=True)
    lock = task.folder.path.with_suffix(".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _launch(task: Task, lock: IO, jobs: int, command: list[str]) -> _Running:
    threads = str(max(1, (os.cpu_count() or 1) // jobs))
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    log = log_file(task).open("w", encoding="utf-8")
    # The task keeps the lock when this process is killed: nobody starts a second one beside it.
    process = subprocess.Popen(
        command,
        stdout=log,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        pass_fds=[lock.fileno()],
        env=os.environ | dict.fromkeys(names, threads),
    )
    return _Running(task, process, lock, log)


def log_file(task: Task):
    """Where the output of the task's process goes."""
    return task.folder.path.with_suffix(".log")
