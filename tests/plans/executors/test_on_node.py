"""A task on a node, without a cluster: its process, its uploads, and what it sends back."""

import functools
import json
import os
import sys

import pytest

from tests.helpers import planned
from thesis_rnn.plans.executors import on_ray
from thesis_rnn.plans.executors.on_ray import run_on_node
from thesis_rnn.plans.executors.snapshots import epochs_uploaded
from thesis_rnn.support.storage import folder_of

# Leaves a checkpoint, a history of one epoch and, if it is to succeed, the result file, as a training does.
STAND_IN = """
import pathlib, sys, time
folder, checkpoint, status = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
checkpoint.parent.mkdir(parents=True, exist_ok=True)
checkpoint.write_bytes(b"weights")
(folder / "history.csv").write_text("epoch\\n0\\n")
time.sleep(0.5)
print("the reason" if status else "done", flush=True)
if not status:
    (folder / "metrics.json").write_text("{}")
sys.exit(status)
"""


def stand_in(task, status=0):
    if not task.folder.is_run():
        task.folder.start(task.settings.as_flagfile())
    places = str(task.folder.path), str(task.folder.last_checkpoint)
    return [sys.executable, "-c", STAND_IN, *places, str(status)]


@pytest.fixture
def task(tmp_path, monkeypatch):
    monkeypatch.setattr(on_ray, "LOOK", 0.05)
    return planned.task(tmp_path, dataset="digits", arch="deep", epochs=1)


def test_a_run_is_uploaded_and_comes_back(tmp_path, task):
    contents, log, reason = run_on_node(task, {}, str(tmp_path / "storage"), {}, stand_in)
    assert (log, reason) == ("done\n", "")
    assert json.loads(contents["metrics.json"]) == {}
    assert epochs_uploaded(folder_of(tmp_path / "storage"), task.name) == 1
    assert not task.folder.path.exists()  # it ran in a folder of the node's own
    again = run_on_node(task, {}, str(tmp_path / "storage"), {}, lambda task: ["false"])  # nothing is left to run
    assert again == (contents, "", "")


def test_a_training_whose_storage_is_full_goes_on_and_its_result_comes_back(tmp_path, task, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(on_ray, "upload", full)
    contents, log, reason = run_on_node(task, {}, str(tmp_path / "storage"), {}, stand_in)
    assert reason == ""
    assert "metrics.json" in contents
    assert log.splitlines()[-1] == "not uploaded: [Errno 28] No space left on device"


def test_a_storage_that_cannot_be_read_is_named_before_anything_is_run(tmp_path, task):
    (tmp_path / "file").touch()
    contents, log, reason = run_on_node(task, {}, str(tmp_path / "file/below"), {}, stand_in)
    assert (contents, log) == ({}, "")
    assert reason.startswith("[Errno 20] Not a directory: ")
    assert reason.endswith(f" (node {os.uname().nodename})")


def test_a_failure_names_the_node_and_the_last_line(tmp_path, task):
    contents, log, reason = run_on_node(task, {}, "", {}, functools.partial(stand_in, status=3))
    node = os.uname().nodename
    assert (contents, log, reason) == ({}, "the reason\n", f"exit status 3 on node {node}: the reason")
    _, _, reason = run_on_node(task, {}, "", {"keras": "2.0"}, stand_in)
    assert reason.startswith("every node must have keras 2.0; install it there; received keras 3")
