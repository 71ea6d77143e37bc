"""The work on one shard, the same in every worker: its file in, the file of its explanation and a record out."""

import dataclasses
import hashlib
import json
import pathlib
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

import keras
import numpy as np
from keras import tree

from thesis_rnn.attribution import Explanation, explain, method_spec
from thesis_rnn.attribution.stock.tokens import present_steps
from thesis_rnn.attribution.tape.network import fixed_batch_size
from thesis_rnn.errors import InputError
from thesis_rnn.measures.measure import Scored
from thesis_rnn.measures.specs import measure_specs
from thesis_rnn.shards.content import ID, Shard, open_shard
from thesis_rnn.shards.readers import Input
from thesis_rnn.shards.writers import WRITERS, OtherTypes
from thesis_rnn.statistics.streaming import Moments
from thesis_rnn.support import files
from thesis_rnn.support.storage import Folder

BATCH = 500
"""Samples that ``explain`` takes at once, unless it is told otherwise."""
BLOCK = 2**25
"""Bytes of inputs that are held at once: 32 MiB, or one batch of samples that are larger."""
RECORDS = "records"
"""The folder of the records, one for each shard that is done."""


class ShardTask(NamedTuple):
    """A shard that is to be explained.

    Attributes:
      name: of its file.
      size, changed: of its file, so that a later call sees whether it is still the same.
      output: the name of the file of its explanation.
    """

    name: str
    size: int
    changed: float
    output: str

    @property
    def record(self) -> str:
        """The name of its record, which is written after its explanation: with it the shard is done."""
        return f"{RECORDS}/{self.output}.json"


@dataclass(frozen=True)
class Job:
    """What is asked of every shard, as JSON can say it.

    Attributes:
      model: the digest of the model.
      method: its text.
      target: a class, the name of the array of classes, or None for the predicted class.
      options: further arguments of ``explain``.
      measures: of relevance and evidence, as text.
      evidence: the name of the array of evidence; None for none.
      versions: of what computes.
    """

    model: str
    method: str
    target: int | str | None
    options: Mapping[str, Any]
    measures: str
    evidence: str | None
    versions: Mapping[str, str]

    def as_json(self) -> dict:
        return dataclasses.asdict(self)


class Work:
    """Explains shard after shard by one model, which is compiled once.

    Args:
      model: a Keras model.
      job: what is asked.
    """

    def __init__(self, model: keras.Model, job: Job):
        self.model = model
        self.job = job
        self.inputs = inputs_of(model)
        self.measures = measure_specs(job.measures) if job.measures else []
        self.positive_only = method_spec(job.method).positive_only if job.measures else False

    def __call__(self, task: ShardTask, file: IO[bytes], written: pathlib.Path) -> dict:
        """Writes the shard's explanation.

        Args:
          task: the shard.
          file: its content, of which one block of samples is read and explained after the other.
          written: where its explanation goes.

        Returns:
          Its record.

        Raises:
          InputError: for a shard that cannot be read or explained.
        """
        start = time.perf_counter()
        shard = open_shard(file, task.name, self.inputs, self._column, self.job.evidence)
        try:
            account = self._written(task, shard, written)
        except OtherTypes:  # a method made a later block anew in float64, as it does with all samples of one call
            account = self._written(task, shard, written, dtype="float64")
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = written.stat().st_size
        return {
            "shard": task.name,
            "input": {"bytes": task.size, "changed": task.changed, "sha256": digest},
            "output": {"name": task.output, "bytes": size, "sha256": files.sha256(written)},
            "samples": shard.count,
            **account,
            "seconds": round(time.perf_counter() - start, 3),
            "peak_memory_mib": peak_memory(),
        }

    def _written(self, task: ShardTask, shard: Shard, written: pathlib.Path, **options) -> dict:
        """Writes what is found of each block, and gives the account of all."""
        moments: dict[str, Moments] = {}
        unexplained = 0
        about = {"shard": task.name} | self.job.as_json()
        with WRITERS[f".{task.output.rpartition('.')[2]}"](written) as writer:
            for rows, x, evidence in shard.blocks(self._rows_of(shard)):
                target = shard.target[rows] if self._column else self.job.target
                explanation = explain(self.model, x, target, self.job.method, verbose=0, **self.job.options | options)
                writer.add(_arrays(shard.ids_of(rows), explanation), about | _parameters(explanation))
                for name, values in (_amounts(explanation) | self._scores(x, evidence, explanation)).items():
                    moments[name] = moments.get(name, Moments()).joined(Moments.of(values))
                unexplained += int(explanation.unexplained.sum())
        account = {name: list(each) for name, each in moments.items() if each.n}
        return {"account": account, "unexplained": unexplained}

    @property
    def _column(self) -> str | None:
        return self.job.target if isinstance(self.job.target, str) else None

    def _rows_of(self, shard: Shard) -> int:
        """The samples of a block: whole batches, so that they are those of the shard explained at once."""
        batch = fixed_batch_size(self.model, 0) if self.inputs else None
        batch = batch or self.job.options.get("batch_size", BATCH)
        return batch * max(1, BLOCK // (batch * shard.bytes_each()))

    def _scores(self, x, evidence: np.ndarray | None, explanation: Explanation) -> dict[str, np.ndarray]:
        if not self.measures:
            return {}
        if isinstance(x, dict):
            raise InputError(f"measures are of one input; received {len(x)}")
        present = present_steps(self.model, x) if self.inputs else None
        scored = Scored(
            explanation.relevance,
            x,
            explanation.target,
            evidence,
            explanation=explanation,
            present=present,
            positive_only=self.positive_only,
        )
        return {spec.text: spec.measure.function(scored, **spec.parameters) for spec in self.measures}


def run_task(work: Work, task: ShardTask, source: Folder, target: Folder) -> str:
    """Explains a shard from folder to folder; the reason where that failed, else nothing.

    The record comes last, and both files are whole or not there.
    """
    try:
        with source.here(task.name) as file, target.replacing(task.output) as written:
            record = work(task, file, written)
        target.write(task.record, f"{json.dumps(record, indent=1)}\n".encode())
    except Exception as error:  # whatever is wrong with this shard, the others go on
        return reason_of(error)
    return ""


def reason_of(error: BaseException) -> str:
    """An error in one line."""
    lines = str(error).strip().splitlines() or [""]
    kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
    return f"{kind}{lines[0]}"[:400]


def inputs_of(model: keras.Model) -> tuple[Input, ...]:
    """The inputs of a model; none where it does not tell before it is called."""
    tensors = tree.flatten(getattr(model, "inputs", None) or [])
    return tuple(Input(tensor.name, tuple(tensor.shape[1:])) for tensor in tensors)


def digest_of(model: keras.Model) -> str:
    """A digest of what a model computes: its class, its configuration, and its weights to the bit."""
    digest = hashlib.sha256(type(model).__name__.encode())
    try:
        digest.update(json.dumps(model.get_config(), sort_keys=True, default=str).encode())
    except NotImplementedError:  # a subclassed model without one
        digest.update(b"no configuration")
    for weight in model.weights:
        value = np.asarray(weight)
        digest.update(f"{value.dtype}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()


def _arrays(ids: np.ndarray, explanation: Explanation) -> dict[str, np.ndarray]:
    """What is kept of every sample, in the order of the shard."""
    relevance = explanation.relevance
    parts = relevance if isinstance(relevance, dict) else None
    named = {f"relevance/{name}": part for name, part in parts.items()} if parts else {"relevance": relevance}
    arrays = {ID: ids} | {name: getattr(explanation, name) for name in ("target", "logits", "value", "explained")}
    details = {f"details/{name}": found for name, found in explanation.details.items()}
    return arrays | {name: np.asarray(part) for name, part in (named | details).items()}


def _parameters(explanation: Explanation) -> dict:
    return {"parameters": json.loads(json.dumps(explanation.parameters, default=str))}


def _amounts(explanation: Explanation) -> dict[str, np.ndarray]:
    """The account of conservation: what was shared out, what arrived, what was absorbed or missed."""
    names = ("value", "explained", "received", "absorbed", "convergence_delta", "negative_share")
    return {name: getattr(explanation, name) for name in names}


def peak_memory() -> int | None:
    """The most memory that this process has had, in MiB; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))
