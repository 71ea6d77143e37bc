"""Executors of shards on this machine: in this process, or in worker processes that each load the model once."""

import contextlib
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence

from thesis_rnn.errors import InputError
from thesis_rnn.plans.executors.processes import threads_of_each
from thesis_rnn.shards.work import ShardTask, Work, run_task
from thesis_rnn.support.storage import Folder

ATTEMPTS = 2
"""How often a shard is begun: a worker that ends during it may have been killed for another reason."""
MOMENT = 0.5
"""Seconds that ``ended`` waits for the first shard."""


class InThisProcess:
    """An executor that explains a shard where it is submitted."""

    places = 1

    def __init__(self, work: Work | None, source: Folder, target: Folder):
        self._where = work, source, target
        self._ended: list[tuple[ShardTask, str]] = []

    def submit(self, task: ShardTask) -> bool:
        work, source, target = self._where
        self._ended.append((task, run_task(work, task, source, target)))
        return True

    def ended(self) -> list[tuple[ShardTask, str]]:
        ended, self._ended = self._ended, []
        return ended

    def cancel(self) -> None:
        """Nothing runs between two calls."""


def worker_command(order: pathlib.Path) -> list[str]:
    """The program of a worker; ``order`` says what it does."""
    return [sys.executable, "-m", "thesis_rnn.shards.worker", str(order)]


class WorkerProcesses:
    """An executor of ``workers`` processes, which share the cores; one that ends is replaced.

    Args:
      workers: how many processes.
      command: the program that explains the shards of which it is told; see ``worker.py``.

    Raises:
      InputError: from ``ended``, if a worker cannot start: not a shard is wrong, but the model or the machine.
    """

    def __init__(self, workers: int, command: Sequence[str]):
        self.places = workers
        self._command = command
        self._events: queue.Queue = queue.Queue()
        self._idle: list[_Worker] = []
        self._busy: dict[_Worker, tuple[ShardTask, int]] = {}

    def submit(self, task: ShardTask) -> bool:
        self._begin(task, 1)
        return True

    def ended(self) -> list[tuple[ShardTask, str]]:
        ended, wait = [], MOMENT
        while True:
            try:
                worker, line = self._events.get(timeout=wait)
            except queue.Empty:
                return ended
            ended += self._heard(worker, line)
            wait = 1e-3 if ended else MOMENT

    def cancel(self) -> None:
        for worker in [*self._idle, *self._busy]:
            worker.end()
        self._idle, self._busy = [], {}

    def _begin(self, task: ShardTask, attempt: int) -> None:
        worker = self._idle.pop() if self._idle else _Worker(self._command, self.places, self._events)
        self._busy[worker] = task, attempt
        worker.tell(task)

    def _heard(self, worker: "_Worker", line: str | None) -> Sequence[tuple[ShardTask, str]]:
        """What a line of a worker says; None is its end."""
        if worker not in self._busy:  # it ended while it had nothing to do
            self._idle = [each for each in self._idle if each is not worker]
            return ()
        task, attempt = self._busy.pop(worker)
        if line is not None:
            answer = json.loads(line)
            if "cannot start" in answer:
                raise InputError(answer["cannot start"])
            self._idle.append(worker)
            return [(task, answer["reason"])]
        status = worker.end()
        if attempt < ATTEMPTS:
            self._begin(task, attempt + 1)
            return ()
        return [(task, f"its worker ended {ATTEMPTS} times, exit status {status}, as where memory is short")]


class _Worker:
    """A process that explains the shards of which it is told; its answers become events."""

    def __init__(self, command: Sequence[str], places: int, events: queue.Queue):
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | threads_of_each(places) | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        threading.Thread(target=self._listen, args=(events,), daemon=True).start()

    def tell(self, task: ShardTask) -> None:
        with contextlib.suppress(BrokenPipeError):  # it has ended, which is an event
            self._process.stdin.write(f"{json.dumps(task)}\n")
            self._process.stdin.flush()

    def end(self) -> int:
        """Ends the process, which may be in the middle of a shard: files are whole or not there."""
        self._process.kill()
        with contextlib.suppress(BrokenPipeError):  # of a shard that it was not told any more
            self._process.stdin.close()
        return self._process.wait()

    def _listen(self, events: queue.Queue) -> None:
        with self._process.stdout as answers:
            for line in answers:
                events.put((self, line))
        events.put((self, None))
