"""What became of all shards: the manifest, and means that were joined from their records."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from thesis_rnn.shards.work import Job, ShardTask
from thesis_rnn.statistics.intervals import Interval
from thesis_rnn.statistics.streaming import Moments
from thesis_rnn.support.storage import Folder

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class ShardSummary:
    """What ``explain_shards`` did.

    Attributes:
      folder: of the explanations, with ``manifest.json``.
      samples: how many were explained, now and before.
      shards: how many of the shards are done.
      skipped: how many of these were done before.
      means: mean and interval over all samples of the account (value, explained, received, absorbed,
        convergence_delta, negative_share) and of the measures.
      failed: the name of each shard that failed -> the reason.
      peak_memory_mib: the most that a worker has had; None where the system does not say.
      seconds: of workers, all together.
      damaged: files of before that were other than their records say, and were made again.

    Example:
      >>> ShardSummary("out", 20, 2, 0, {}, {"c.npy": "damaged"}, 310, 1.5)
      20 samples in 2 shards in out, 0 of them from before; 1.5 worker seconds, at most 310 MiB
      failed: c.npy: damaged
    """

    folder: str
    samples: int
    shards: int
    skipped: int
    means: Mapping[str, Interval]
    failed: Mapping[str, str]
    peak_memory_mib: int | None
    seconds: float
    damaged: tuple[str, ...] = ()

    def __repr__(self) -> str:
        memory = "" if self.peak_memory_mib is None else f", at most {self.peak_memory_mib} MiB"
        head = f"{self.samples} samples in {self.shards} shards in {self.folder}, {self.skipped} of them from before"
        means = [f"{name}: {m.mean:.6g} ({m.low:.6g} to {m.high:.6g})" for name, m in self.means.items()]
        damaged = [f"damaged, and made again: {name}" for name in self.damaged]
        failed = [f"failed: {name}: {reason}" for name, reason in self.failed.items()]
        return "\n".join([f"{head}; {self.seconds:.1f} worker seconds{memory}", *means, *damaged, *failed])


def summarised(
    target: Folder,
    job: Job,
    tasks: list[ShardTask],
    skipped: int,
    failed: Mapping[str, str],
    damaged: Sequence[str] = (),
) -> ShardSummary:
    """Joins the records of what is done, in the order of the shards, and writes the manifest."""
    records = list(_records(target, tasks, failed))
    failed = {task.name: failed[task.name] for task in tasks if task.name in failed}
    moments: dict[str, Moments] = {}
    for record in records:
        for name, numbers in record["account"].items():
            moments[name] = moments.get(name, Moments()).joined(Moments(*numbers))
    means = {name: each.interval() for name, each in moments.items()}
    memory = [record["peak_memory_mib"] for record in records if record["peak_memory_mib"] is not None]
    summary = ShardSummary(
        folder=str(target),
        samples=sum(record["samples"] for record in records),
        shards=len(records),
        skipped=skipped,
        means=means,
        failed=failed,
        peak_memory_mib=max(memory, default=None),
        seconds=round(sum(record["seconds"] for record in records), 3),
        damaged=tuple(damaged),
    )
    manifest = {
        "job": job.as_json(),
        "samples": summary.samples,
        "account": {name: _described(each, means[name]) for name, each in moments.items()},
        "unexplained": sum(record["unexplained"] for record in records),
        "shards": records,
        "failed": failed,
        "damaged": list(damaged),
    }
    target.write(MANIFEST, f"{json.dumps(manifest, indent=1)}\n".encode())
    return summary


def _records(target: Folder, tasks: list[ShardTask], failed: Mapping[str, str]) -> Iterator[dict]:
    for task in tasks:
        if task.name not in failed:
            yield json.loads(target.read(task.record))


def _described(moments: Moments, interval: Interval) -> dict:
    """A mean with its interval, which JSON cannot hold of one sample."""
    known = moments.n > 1
    ends = {"low": interval.low if known else None, "high": interval.high if known else None}
    return {"mean": moments.mean, **ends, "n": moments.n, "least": moments.least, "greatest": moments.greatest}
