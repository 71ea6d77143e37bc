"""Tasks of a plan on a Ray cluster, whose nodes need share no disk and may be lost at any moment."""

import dataclasses
import os
import pathlib
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import IO

from thesis_rnn.errors import InputError
from thesis_rnn.plans.executors.processes import last_line, locked, log_file, thread_variables, train_command
from thesis_rnn.plans.executors.snapshots import download, epochs_uploaded, files_of, upload, write_run
from thesis_rnn.plans.outcomes import DECISIVE, is_finished
from thesis_rnn.plans.tasks import Task
from thesis_rnn.support.ray_cluster import check_fits, check_versions, connected, reason_of_loss
from thesis_rnn.support.storage import Folder, check_writable, folder_of
from thesis_rnn.training.manifest import NAME as MANIFEST
from thesis_rnn.training.run_folder import versions

ATTEMPTS = 4
"""How often a task is begun where its node or process is lost."""
LOOK = 1.0
"""Seconds between two looks at the checkpoint of a training, and at its uploaded epochs."""


def node_command(task: Task) -> list[str]:
    """``train_command`` in a process that ends with the one of Ray's that started it."""
    program, _, _, *arguments = train_command(task)
    return [program, "-m", "thesis_rnn.support.with_parent", *arguments]


class RayTasks:
    """An executor on a cluster: each task is a process of a node, and its run folder comes back as a whole.

    Args:
      jobs: how many are at the cluster at once; 0 for one on each of its cores.
      address: see ``ray_cluster.connected``.
      storage: the folder or URL that run folders are uploaded to after each epoch; "" for none: a task that is lost
        then begins anew.
      command: the program that finishes a task in its folder.

    Raises:
      InputError: for a cluster that cannot be reached, or a storage that cannot be written.
    """

    def __init__(
        self,
        jobs: int = 0,
        address: str | None = None,
        storage: str = "",
        command: Callable[[Task], list[str]] = node_command,
    ):
        if storage:
            check_writable(folder_of(storage), "storage")
        self._ray, self._own = connected(address)
        self._jobs, self._cores = jobs, (-LOOK, 1)
        self._storage = str(folder_of(storage)) if storage else ""
        self._command = command
        self._remote = self._ray.remote(run_on_node)
        self._made_by = {name: version for name, version in versions().items() if name in DECISIVE}
        self._running: dict = {}
        self._ended: list[tuple[Task, str]] = []
        self._seen: dict[str, tuple[float, int]] = {}

    @property
    def places(self) -> int:
        """How many are at the cluster at once; without ``jobs`` it grows and shrinks with the cluster."""
        looked, cores = self._cores
        if not self._jobs and time.monotonic() - looked > LOOK:
            cores = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
            self._cores = time.monotonic(), cores
        return self._jobs or cores

    def submit(self, task: Task) -> bool:
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
            return True
        try:
            ref = self._begin(task)
        except (InputError, OSError, self._ray.exceptions.RayError) as error:
            lock.close()
            self._ended.append((task, reason_of_loss(error)))
        else:
            self._running[ref] = task, lock
        return True

    def _begin(self, task: Task):
        wanted = task.resources.of_ray()
        check_fits(self._ray, **wanted)
        options = {"num_cpus": wanted["CPU"], "num_gpus": wanted.get("GPU", 0), "memory": wanted.get("memory")}
        started = files_of(task.folder.path) if task.folder.is_run() else {}
        return self._remote.options(max_retries=ATTEMPTS - 1, name=task.name, **options).remote(
            task, started, self._storage, self._made_by, self._command
        )

    def ended(self) -> list[tuple[Task, str]]:
        if self._running:
            for ref in self._ray.wait(list(self._running), num_returns=len(self._running), timeout=0)[0]:
                task, lock = self._running.pop(ref)
                self._ended.append((task, self._result(ref, task)))
                lock.close()
        ended, self._ended = self._ended, []
        return ended

    def _result(self, ref, task: Task) -> str:
        """Brings the run folder here; the reason if there is none, or it cannot be written."""
        try:
            contents, log, reason = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            return reason_of_loss(error)
        try:
            log_file(task).write_text(log, encoding="utf-8")
            if not reason:
                write_run(task.folder.path, contents, task.folder.metrics.name)
                reason = "" if is_finished(task) else "the node left no result"
        except (InputError, OSError) as error:
            return str(error)
        return reason

    def epochs_left(self, task: Task) -> int:
        """By the last upload; without a storage nobody knows before the end."""
        if not self._storage:
            return task.epochs_left
        looked, epochs = self._seen.get(task.name, (0.0, 0))
        if time.monotonic() - looked > LOOK:
            epochs = epochs_uploaded(folder_of(self._storage), task.name)
            self._seen[task.name] = time.monotonic(), epochs
        return max(0, task.epochs - epochs)

    def cancel(self) -> None:
        for ref, (_, lock) in self._running.items():
            self._ray.cancel(ref, force=True)
            lock.close()
        self._running = {}
        if self._own:
            self._ray.shutdown()
            self._own = False


def run_on_node(
    task: Task, started: dict[str, bytes], storage: str, made_by: dict[str, str], command: Callable[[Task], list[str]]
) -> tuple[dict[str, bytes], str, str]:
    """Finishes a task on the node where this is called.

    Args:
      task: what to run.
      started: the files of a run folder that was begun where the plan is.
      storage: where run folders are uploaded to; a later one than ``started`` may lie there.
      made_by: the versions that the plan asks for.
      command: see ``RayTasks``.

    Returns:
      The files of the run folder, the output of its process, and the reason if it failed.
    """
    try:
        check_versions(versions(), made_by)
        with tempfile.TemporaryDirectory() as place:
            return _run(dataclasses.replace(task, runs=pathlib.Path(place)), started, storage, command)
    except (InputError, OSError) as error:
        return {}, "", f"{error} (node {platform.node()})"[:400]


def _run(task: Task, started, storage: str, command) -> tuple[dict[str, bytes], str, str]:
    folder = folder_of(storage) if storage else None
    run = task.folder.path
    if not (folder and download(run, folder, task.name)):
        write_run(run, started, MANIFEST)
    if not is_finished(task):
        status = _run_process(task, command(task), folder)
        log = log_file(task).read_text(encoding="utf-8", errors="replace")
        if status or not is_finished(task):
            return {}, log, f"exit status {status} on node {platform.node()}: {last_line(log)}"
    if folder:
        with log_file(task).open("a", encoding="utf-8") as log:
            _uploaded(task, folder, log)
    return files_of(run), log_file(task).read_text(encoding="utf-8") if log_file(task).is_file() else "", ""


def _run_process(task: Task, command: list[str], folder) -> int:
    """Runs a task's process to its end, uploading each checkpoint; it ends with this process, however that ends."""
    log_file(task).parent.mkdir(parents=True, exist_ok=True)
    variables = os.environ | thread_variables(max(1, int(task.resources.cpus)))
    uploaded = None
    with log_file(task).open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, env=variables)
        try:
            while process.poll() is None:
                time.sleep(LOOK)
                changed = _changed(task.folder.last_checkpoint)
                if folder and changed and changed != uploaded and _uploaded(task, folder, log):
                    uploaded = changed
        finally:
            process.kill()
            process.stdin.close()
            process.wait()
    return process.returncode


def _uploaded(task: Task, folder: Folder, log: IO) -> bool:
    """Uploads what is there of a run; where that fails, the training goes on: its result comes back without storage."""
    try:
        upload(task.folder.path, folder, task.name, task.epochs - task.epochs_left)
    except OSError as error:
        log.write(f"not uploaded: {error}\n")
        log.flush()
        return False
    return True


def _changed(path: pathlib.Path) -> int | None:
    return path.stat().st_mtime_ns if path.is_file() else None
