"""Running a plan: interrupted, beside another process, with failing tasks. A small program stands in for training."""

import fcntl
import functools
import multiprocessing
import os
import pathlib
import signal
import sys
import threading
import time

import pytest

from tests.helpers import planned
from thesis_rnn.errors import InputError
from thesis_rnn.plans import running
from thesis_rnn.plans.executors.processes import Processes, jobs_of_this_machine, log_file
from thesis_rnn.plans.outcomes import is_finished
from thesis_rnn.plans.running import run_plan
from thesis_rnn.plans.tasks import Task
from thesis_rnn.support import files
from thesis_rnn.training.run_folder import versions

# Adds a line to runs.txt, takes its time, and leaves the result file last, as a training does.
STAND_IN = """
import pathlib, sys, time
folder, seconds, status = pathlib.Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
with open(folder.parent.parent.parent / "runs.txt", "a") as runs:
    print(folder.name, file=runs)
(folder / "history.csv").write_text("epoch\\n0\\n")
time.sleep(seconds)
print("the reason" if status else "done")
if not status:
    (folder / "metrics.json").write_text("{}")
sys.exit(status)
"""


def stand_in(task: Task, seconds=0.0, failing=()) -> list[str]:
    if not task.folder.is_run():
        task.folder.start(task.settings.as_flagfile())
    status = 3 if task.seed in failing else 0
    return [sys.executable, "-c", STAND_IN, str(task.folder.path), str(seconds), str(status)]


def of_seed(folder, seed, **flags):
    return planned.task(folder, dataset="digits", arch="deep", seed=seed, **flags)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(running, "PAUSE", 0.02)


@pytest.fixture
def tasks(tmp_path):
    return [of_seed(tmp_path, seed) for seed in range(4)]


def runs_of(tmp_path: pathlib.Path) -> list[str]:
    return (tmp_path / "runs.txt").read_text().split()


def test_every_task_is_run_once_and_not_again(tmp_path, tasks):
    assert run_plan(tasks, Processes(2, stand_in)) == []
    assert sorted(runs_of(tmp_path)) == [f"original-{seed}" for seed in range(4)]
    assert all(map(is_finished, tasks))
    run_plan(tasks, Processes(2, stand_in))
    assert len(runs_of(tmp_path)) == 4


def test_a_log_gets_a_line_of_the_bar_where_something_is_new(tmp_path, tasks, capsys):
    # A task of 0.4 s is looked at 20 times. New are: the bar, "1 of 1", at most the end of the task, and of the bar.
    run_plan(tasks[:1], Processes(1, functools.partial(stand_in, seconds=0.4)))
    assert capsys.readouterr().err.count("epoch/s") <= 4


def test_a_failure_is_reported_at_the_end_with_its_last_line(tmp_path, tasks):
    failed = run_plan(tasks, Processes(1, functools.partial(stand_in, failing=(1,))))
    assert failed == ["digits/deep-4/original-1: exit status 3: the reason"]
    assert [is_finished(task) for task in tasks] == [True, False, True, True]
    assert log_file(tasks[1]).read_text() == "the reason\n"
    run_plan(tasks, Processes(1, stand_in))
    assert runs_of(tmp_path).count("original-1") == 2


def test_two_processes_share_a_plan(tmp_path, tasks):
    command = functools.partial(stand_in, seconds=0.3)
    others = [threading.Thread(target=run_plan, args=(tasks, Processes(2, command))) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert sorted(runs_of(tmp_path)) == [f"original-{seed}" for seed in range(4)]


def test_a_task_that_another_process_is_at_is_waited_for(tmp_path, tasks):
    task, lock_path = tasks[0], tasks[0].folder.path.with_suffix(".lock")
    lock_path.parent.mkdir(parents=True)
    with lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(target=run_plan, args=([task], Processes(1, stand_in)))
        waiting.start()
        time.sleep(0.3)
        assert waiting.is_alive()
        assert not (tmp_path / "runs.txt").exists()
        task.folder.start(task.settings.as_flagfile())
        files.write_json(task.folder.metrics, {})  # the other process finishes it
    waiting.join()
    assert not (tmp_path / "runs.txt").exists()


def test_a_killed_plan_leaves_its_task_to_itself(tmp_path, tasks):
    # The task outlives the process that started it, and keeps others away from its folder until it is done.
    command = functools.partial(stand_in, seconds=1.5)
    plan = multiprocessing.get_context("fork").Process(target=run_plan, args=(tasks[:1], Processes(1, command)))
    plan.start()
    while not (tmp_path / "runs.txt").exists():
        time.sleep(0.02)
    os.kill(plan.pid, signal.SIGKILL)
    plan.join()
    assert not is_finished(tasks[0])
    run_plan(tasks, Processes(1, functools.partial(stand_in)))
    assert sorted(runs_of(tmp_path)) == [f"original-{seed}" for seed in range(4)]


def test_a_task_whose_folder_cannot_be_made_is_named_and_the_rest_goes_on(tmp_path, tasks):
    other = planned.task(tmp_path, dataset="digits_maj", arch="deep")
    (tmp_path / "digits_maj").touch()  # where its folder would be
    [line] = run_plan([other, *tasks], Processes(2, stand_in))
    assert line.startswith("digits_maj/deep-12/original-0: [Errno ")
    assert all(map(is_finished, tasks))


def test_a_system_without_locks_is_told_what_to_do(monkeypatch, tasks):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(InputError, match=r"^plans need locks that a process inherits, .*; received linux$"):
        Processes(1, stand_in).submit(tasks[0])


def test_results_with_other_flags_are_refused_before_anything_is_run(tmp_path, tasks):
    tasks[3].folder.start(of_seed(tmp_path, 3, epochs=99).settings.as_flagfile())
    with pytest.raises(InputError) as refusal:
        run_plan(tasks, Processes(1, stand_in))
    assert str(refusal.value) == (
        f"{tasks[3].folder.path} holds a run of another kind, remove it or choose another --runs_dir; "
        "expected --epochs=10; received --epochs=99"
    )
    assert not (tmp_path / "runs.txt").exists()


def test_the_data_may_have_moved(tmp_path, tasks):
    tasks[0].folder.start(of_seed(tmp_path, 0, data_dir="/elsewhere").settings.as_flagfile())
    assert not is_finished(tasks[0])


def test_results_of_another_version_are_refused(tasks):
    run_plan(tasks[:1], Processes(1, stand_in))
    files.write_json(tasks[0].folder.versions, versions() | {"keras": "2.0"})
    with pytest.raises(InputError, match=r"holds a result of another kind, .* received keras 2.0$"):
        is_finished(tasks[0])


@pytest.mark.parametrize(("cores", "gibibytes", "jobs"), [(2, 24, 2), (16, 12, 4), (4, 2, 1)])
def test_jobs_by_cores_and_memory(monkeypatch, cores, gibibytes, jobs):
    # A job for each 3 GiB: 12 GiB take 4, and less than 3 take 1.
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": gibibytes * 2**18}.get)
    assert jobs_of_this_machine() == jobs
