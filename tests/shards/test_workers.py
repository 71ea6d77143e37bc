"""Workers in processes: killed, unable to start, left alone. A small program stands in; slow tests have the real."""

import json
import os
import signal
import subprocess
import sys
from collections import deque

import pytest

from tests.shards.test_entry import content, explained, write
from thesis_rnn.errors import InputError
from thesis_rnn.plans.executors.processes import threads_of_each
from thesis_rnn.shards import workers
from thesis_rnn.shards.work import ShardTask
from thesis_rnn.shards.workers import WorkerProcesses

# Answers for each shard what its name asks for: a reason, its own death once or always, or nothing.
STAND_IN = """
import json, os, pathlib, sys
for line in sys.stdin:
    name = json.loads(line)[0]
    died = pathlib.Path(sys.argv[1], name)
    if name == "always" or (name == "once" and not died.exists()):
        died.touch()
        os.kill(os.getpid(), 9)
    answer = {"cannot start": "no model"} if name == "none" else {"reason": "bad" * (name == "bad")}
    print(json.dumps(answer), flush=True)
"""


def shard(name):
    return ShardTask(name, 1, 0.0, f"{name}.npz")


def run(executor, names):
    """Name -> reason, as ``explain_shards`` runs them."""
    waiting, ended, running = deque(map(shard, names)), {}, 0
    try:
        while waiting or running:
            while waiting and running < executor.places:
                executor.submit(waiting.popleft())
                running += 1
            for task, reason in executor.ended():
                running -= 1
                assert task.name not in ended
                ended[task.name] = reason
    finally:
        executor.cancel()
    return ended


@pytest.fixture
def executor(tmp_path):
    return WorkerProcesses(2, [sys.executable, "-c", STAND_IN, str(tmp_path)])


def test_every_shard_ends_once_whatever_becomes_of_its_worker(executor):
    ended = run(executor, ["a", "once", "b", "always", "bad", "c"])
    killed = "its worker ended 2 times, exit status -9, as where memory is short"
    assert ended == {"a": "", "once": "", "b": "", "always": killed, "bad": "bad", "c": ""}


def test_a_worker_that_cannot_start_stops_the_call(executor):
    with pytest.raises(InputError, match=r"^no model$"):
        run(executor, ["a", "none", "b"])


def test_cancelled_workers_are_gone(executor):
    executor.submit(shard("a"))
    executor.submit(shard("b"))
    processes = [worker._process for worker in executor._busy]
    executor.cancel()
    assert all(process.poll() is not None for process in processes)


def test_cores_are_shared(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert set(threads_of_each(3).values()) == {"2"}


@pytest.mark.slow  # five processes that import TensorFlow
def test_two_workers_one_of_them_killed_write_the_same_bytes_as_one_process(tmp_path, monkeypatch):
    begin, killed = WorkerProcesses._begin, []

    def killing(self, task, attempt):
        begin(self, task, attempt)
        if not killed:
            killed.extend(worker._process.pid for worker in self._busy)
            os.kill(killed[0], signal.SIGKILL)

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "in")
    monkeypatch.setattr(WorkerProcesses, "_begin", killing)
    done = explained(tmp_path / "two", workers=2)
    assert (done.samples, done.failed, len(killed)) == (10, {}, 1)
    assert done.peak_memory_mib > 100
    explained(tmp_path / "one")
    assert content(tmp_path / "two/out") == content(tmp_path / "one/out")


@pytest.mark.slow
def test_a_worker_ends_with_the_one_who_started_it(tmp_path):
    order = tmp_path / "order.json"
    order.write_text(json.dumps({"model": "", "imports": [], "job": {"model": ""}}))
    with subprocess.Popen(workers.worker_command(order), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        worker.stdin.close()
        assert worker.wait(timeout=120) == 0
        assert worker.stdout.read() == b""
