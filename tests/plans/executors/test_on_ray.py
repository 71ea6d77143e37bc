"""A real plan of tiny trainings on two nodes: one process is killed, one node removed, and nothing is lost."""

import os
import re
import signal

import pytest

from tests.helpers import planned, two_nodes
from thesis_rnn.errors import InputError
from thesis_rnn.plans.executors.on_ray import RayTasks
from thesis_rnn.plans.executors.processes import Processes, log_file
from thesis_rnn.plans.executors.snapshots import epochs_uploaded
from thesis_rnn.plans.running import run_plan
from thesis_rnn.support.storage import folder_of
from thesis_rnn.training.models import load_model

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]
FLAGS = {"dataset": "digits_maj", "arch": "shallow", "steps": 2, "sequences_per_epoch": 200, "epochs": 40}
FLAGS |= {"samples": 4, "methods": "sensitivity"}


def tasks_in(folder, **more):
    return [planned.task(folder, seed=seed, **FLAGS | more) for seed in range(3)]


def lossy(executor, cluster, node, storage, lost):
    """Kills the process of one task and removes a node, each while epochs are done that need not be repeated."""
    ended = executor.ended

    def losing():
        for task, _ in executor._running.values():
            epochs = epochs_uploaded(storage, task.name)
            children = two_nodes.processes("with_parent train", f"--seed={task.seed}")
            if not 2 <= epochs < 40 or not children:
                continue
            if not lost:
                lost["process"] = task
                [(_, parent)] = children
                os.kill(parent, signal.SIGKILL)
            elif "node" not in lost and task != lost["process"]:
                lost["node"] = task
                cluster.remove_node(node)
        return ended()

    executor.ended = losing
    return executor


def test_a_plan_survives_the_loss_of_a_process_and_of_a_node(tmp_path):
    tasks, storage, lost = tasks_in(tmp_path / "ray"), folder_of(tmp_path / "storage"), {}
    with two_nodes.cluster() as (cluster, node):
        executor = RayTasks(2, cluster.address, str(storage))
        assert run_plan(tasks, lossy(executor, cluster, node, storage, lost)) == []
    assert set(lost) == {"process", "node"}
    assert two_nodes.processes("with_parent train") == []
    first = [int(re.search(r"Epoch (\d+)/40", log_file(task).read_text())[1]) for task in tasks]
    assert first[tasks.index(lost["process"])] > 1  # it went on where it was, in the log of its last process

    local = tasks_in(tmp_path / "local")
    assert run_plan(local, Processes(2)) == []
    for there, here in zip(tasks, local, strict=True):
        weights = [load_model(task.folder.path).get_weights() for task in (there, here)]
        assert all((a == b).all() for a, b in zip(*weights, strict=True))
        assert there.folder.read_metrics() == here.folder.read_metrics()
        assert len(there.folder.history.read_text().splitlines()) == 1 + 40  # each epoch once


def test_what_goes_wrong_is_a_line_and_the_rest_goes_on(tmp_path):
    good = tasks_in(tmp_path, epochs=1)[0]
    blind = planned.task(tmp_path, seed=1, **FLAGS | {"dataset": "mnist_maj", "data_dir": "/nowhere"})
    large = planned.task(tmp_path, seed=2, **FLAGS | {"cpus": 64})
    unwritable = planned.task(tmp_path, seed=3, **FLAGS | {"dataset": "digits", "steps": 4, "epochs": 1})
    old = planned.task(tmp_path, seed=4, **FLAGS | {"epochs": 1})
    (tmp_path / "digits").touch()  # where the folder of its runs would be
    with two_nodes.cluster() as (cluster, _):
        with pytest.raises(InputError, match=r"^storage must be a folder that can be written; received /dev/null/x: "):
            RayTasks(2, cluster.address, "/dev/null/x")
        failed = run_plan([blind, large, unwritable, good], RayTasks(2, cluster.address))
        asked = RayTasks(1, cluster.address)
        asked._made_by |= {"keras": "2.0"}
        [refused] = run_plan([old], asked)
    node = os.uname().nodename
    assert {re.sub(r"exit status \d+", "exit status", line) for line in failed if "digits/" not in line} == {
        f"{blind.name}: exit status on node {node}: error: data_dir must be an existing folder; received '/nowhere'",
        f"{large.name}: a task fits onto one node, and the largest of each kind has CPU 1; received CPU 64",
    }
    assert any(line.startswith(f"{unwritable.name}: [Errno ") for line in failed)
    assert good.folder.metrics.is_file()
    assert refused.startswith(f"{old.name}: every node must have keras 2.0; install it there; received keras 3")
    assert not old.folder.path.exists()
