"""Executor of shards on a Ray cluster: actors that load the model once, on nodes that need share no folder."""

import os
import pathlib
import tempfile
from collections import deque
from collections.abc import Sequence

from thesis_rnn.errors import InputError
from thesis_rnn.shards.work import Job, ShardTask, Work, reason_of, run_task
from thesis_rnn.support.ray_cluster import check_fits, check_versions, connected, reason_of_loss
from thesis_rnn.support.storage import Folder, LocalFolder, folder_of

ATTEMPTS = 3
"""How often a shard is begun, and in a row an actor: nodes come and go."""
MOMENT = 0.5
"""Seconds that ``ended`` waits for the first shard."""


class Explainer:
    """The actor: a model that is loaded once, and explains what it is sent.

    Args:
      model: the content of the model's file.
      imports: the content of Python files that register its layers.
      job: what is asked.
    """

    def __init__(self, model: bytes, imports: Sequence[bytes], job: Job):
        self._refusal = ""
        try:
            self._work = Work(_model_from(model, imports, job), job)
        except InputError as error:
            self._refusal = str(error)

    def ready(self) -> tuple[int, str]:
        """The number of its process, and why it cannot start."""
        return os.getpid(), self._refusal

    def explain(self, task: ShardTask, content: bytes | None, source: str, target: str | None):
        """Explains a shard that is sent, or read behind a URL.

        Returns:
          Its file and record, where there is no ``target`` that every node reaches, and the reason if it failed.
        """
        with tempfile.TemporaryDirectory() as scratch:
            sent, made = (LocalFolder(pathlib.Path(scratch, name)) for name in ("sent", "made"))
            if content is not None:
                sent.write(task.name, content)
            there = folder_of(source) if content is None else sent
            reason = run_task(self._work, task, there, made if target is None else folder_of(target))
            if reason or target is not None:
                return None, None, reason
            return made.read(task.output), made.read(task.record), ""


def _model_from(content: bytes, imports: Sequence[bytes], job: Job):
    from thesis_rnn.shards.models import model_from
    from thesis_rnn.training.run_folder import versions

    check_versions(versions(), dict(job.versions))
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "model.keras").write_bytes(content)
        for number, code in enumerate(imports):
            (place / f"own_code_{number}.py").write_bytes(code)
        return model_from(place / "model.keras", sorted(place.glob("own_code_*.py")), job.model)


class Actors:
    """An executor of ``workers`` actors of one core each.

    Local shards are sent through Ray's object store, and their explanations come back through it; behind a URL, nodes
    read and write by themselves. A shard whose actor ends, or whose node is gone, is begun again elsewhere.

    Raises:
      InputError: for a cluster that cannot be reached; from ``ended``, if no actor can start.
    """

    def __init__(
        self, workers: int, address: str | None, model: bytes, job: Job, source: Folder, target: Folder, imports
    ):
        self._ray, self._own = connected(address)
        check_fits(self._ray, CPU=1)
        self.places = workers
        self.processes: dict = {}
        self._source, self._target = source, target
        variables = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
        variables |= {name: os.environ[name] for name in ("TF_ENABLE_ONEDNN_OPTS",) if name in os.environ}
        actor = self._ray.remote(num_cpus=1, runtime_env={"env_vars": variables})(Explainer)
        code = [pathlib.Path(file).read_bytes() for file in imports]
        self._arguments = self._ray.put(model), code, job
        self._new = actor.remote
        self._failed_starts = 0
        self._waiting: deque[tuple[ShardTask, int]] = deque()
        self._starting: dict = {}
        self._idle: list = []
        self._busy: dict = {}
        self._ended: list[tuple[ShardTask, str]] = []

    def submit(self, task: ShardTask) -> bool:
        self._waiting.append((task, 1))
        self._fill()
        return True

    def ended(self) -> list[tuple[ShardTask, str]]:
        refs = [*self._starting, *self._busy]
        if refs and not self._ended:
            first, _ = self._ray.wait(refs, timeout=MOMENT)
            if first:
                for ref in self._ray.wait(refs, num_returns=len(refs), timeout=0)[0]:
                    self._heard(ref)
            self._fill()
        ended, self._ended = self._ended, []
        return ended

    def cancel(self) -> None:
        for actor in [*self._starting.values(), *self._idle, *(each[0] for each in self._busy.values())]:
            self._ray.kill(actor)
        self._starting, self._idle, self._busy = {}, [], {}
        if self._own:
            self._ray.shutdown()
            self._own = False

    def _fill(self) -> None:
        """Gives shards to actors that have none; starts as many more as there is work for."""
        while self._waiting and self._idle:
            actor, (task, attempt) = self._idle.pop(), self._waiting.popleft()
            target = None if self._target.is_local else str(self._target)
            try:
                content = self._source.read(task.name) if self._source.is_local else None
                ref = actor.explain.remote(task, content, str(self._source), target)
            except (OSError, self._ray.exceptions.RayError) as error:  # it cannot be read, or be held by Ray
                self._ended.append((task, reason_of(error)))
                self._idle.append(actor)
                continue
            self._busy[ref] = actor, task, attempt
        for _ in range(min(len(self._waiting), self.places - len(self._busy)) - len(self._starting)):
            actor = self._new(*self._arguments)
            self._starting[actor.ready.remote()] = actor

    def _heard(self, ref) -> None:
        if ref in self._starting:
            self._started(ref, self._starting.pop(ref))
            return
        actor, task, attempt = self._busy.pop(ref)
        try:
            written, record, reason = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:  # the actor or its node is gone
            self.processes.pop(actor, None)
            if attempt < ATTEMPTS:
                self._waiting.appendleft((task, attempt + 1))
            else:
                self._ended.append((task, f"its actor ended {ATTEMPTS} times: {reason_of_loss(error)}"))
            return
        self._idle.append(actor)
        if written is not None:
            try:
                self._target.write(task.output, written)
                self._target.write(task.record, record)  # with which it is done
            except OSError as error:
                reason = reason_of(error)
        self._ended.append((task, reason))

    def _started(self, ref, actor) -> None:
        try:
            process, refusal = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._failed_starts += 1
            if self._failed_starts < ATTEMPTS:
                return
            raise InputError(f"expected nodes on which actors start; received {reason_of_loss(error)}") from None
        if refusal:
            raise InputError(refusal)
        self._failed_starts = 0
        self.processes[actor] = process
        self._idle.append(actor)
