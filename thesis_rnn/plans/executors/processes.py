"""Tasks as processes of this machine, any of which may be killed at any moment."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from thesis_rnn.errors import InputError
from thesis_rnn.plans.outcomes import is_finished
from thesis_rnn.plans.tasks import Task

MEMORY_PER_JOB = 3 * 2**30
"""Bytes: more than the largest task was seen to use."""


def jobs_of_this_machine() -> int:
    """One for each core, if memory allows: small products gain more from tasks side by side than from threads."""
    cores = os.cpu_count() or 1
    if not hasattr(os, "sysconf"):  # Windows
        return cores
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(cores, memory // MEMORY_PER_JOB))


def train_command(task: Task) -> list[str]:
    """What is run for a task: training, or what is left of it, then all later stages."""
    flags = task.settings.as_flagfile().splitlines()
    return [sys.executable, "-m", "thesis_rnn", "train", f"--run_dir={task.folder.path}", "--resume", *flags]


def thread_variables(threads: int) -> dict[str, str]:
    """The variables by which a process of TensorFlow has so many threads."""
    return dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), str(threads))


def threads_of_each(jobs: int) -> dict[str, str]:
    """The variables by which ``jobs`` processes that run side by side share the cores."""
    return thread_variables(max(1, (os.cpu_count() or 1) // jobs))


class Processes:
    """An executor that starts a process for each task.

    Args:
      jobs: how many run side by side; they share the cores.
      command: the program that finishes a task and leaves its result file.
    """

    def __init__(self, jobs: int, command: Callable[[Task], list[str]] = train_command):
        self.places = jobs
        self.command = command
        self._running: list[_Running] = []
        self._ended: list[tuple[Task, str]] = []

    def submit(self, task: Task) -> bool:
        """Starts the task's process, unless another one holds its lock."""
        try:
            lock = locked(task)
        except OSError as error:  # a full disk, a missing permission
            self._ended.append((task, str(error)))
            return True
        if lock is None:
            return False
        if is_finished(task):  # by another process, since the plan was made
            lock.close()
            self._ended.append((task, ""))
        else:
            self._running.append(_launch(task, lock, self.places, self.command(task)))
        return True

    def ended(self) -> list[tuple[Task, str]]:
        """The tasks whose processes have ended, with the exit status and the last line of those that failed."""
        done = [each for each in self._running if each.process.poll() is not None]
        self._running = [each for each in self._running if each not in done]
        ended, self._ended = self._ended + [(each.task, each.end()) for each in done], []
        return ended

    def epochs_left(self, task: Task) -> int:
        """Those that are not in the history of its run folder."""
        return task.epochs_left

    def cancel(self) -> None:
        """Ends the processes and waits for them."""
        for each in self._running:
            each.process.terminate()
            each.process.wait()
            each.end()
        self._running = []


@dataclass(eq=False)
class _Running:
    """A task's process, the lock that it inherits, and its log."""

    task: Task
    process: subprocess.Popen
    lock: IO
    log: IO

    def end(self) -> str:
        """Closes what belongs to the process; the reason if it failed."""
        self.log.close()
        self.lock.close()
        if self.process.returncode == 0 and is_finished(self.task):
            return ""
        log = log_file(self.task).read_text(encoding="utf-8", errors="replace")
        return f"exit status {self.process.returncode}: {last_line(log)}"


def locked(task: Task) -> IO | None:
    """The open lock file of a task, or None if another process holds it. The kernel frees it with its last holder.

    The task's process inherits the open file and with it the lock. The library ``filelock`` hands out no open file: its
    lock is free as soon as this process is killed, while the task lives on.

    Raises:
      InputError: on a system that has no such locks.
      OSError: where the lock file cannot be written.
    """
    try:
        import fcntl
    except ImportError:
        expected = "plans need locks that a process inherits, which Linux and macOS have; use these, or WSL"
        raise InputError(f"{expected}; received {sys.platform}") from None
    task.folder.path.parent.mkdir(parents=True, exist_ok=True)
    lock = task.folder.path.with_suffix(".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _launch(task: Task, lock: IO, jobs: int, command: list[str]) -> _Running:
    log = log_file(task).open("w", encoding="utf-8")
    # The task keeps the lock when this process is killed: nobody starts a second one beside it.
    process = subprocess.Popen(
        command,
        stdout=log,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        pass_fds=[lock.fileno()],
        env=os.environ | threads_of_each(jobs),
    )
    return _Running(task, process, lock, log)


def last_line(log: str) -> str:
    """The reason why a program failed, which is the last thing that it says."""
    return (log.strip().splitlines() or ["no output"])[-1]


def log_file(task: Task):
    """Where the output of the task's process goes."""
    return task.folder.path.with_suffix(".log")
