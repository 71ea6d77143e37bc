"""What a second worker is worth, to shards that are explained and to trainings, and what each worker costs."""

import json
import os
import subprocess
import sys
import time

import keras
import numpy as np

from benchmarks.measuring import Findings, Setup, say
from benchmarks.process import ROOT
from benchmarks.simulation import seconds_of
from thesis_rnn.plans.executors.processes import thread_variables
from thesis_rnn.reporting.tables import markdown_table
from thesis_rnn.support import files
from thesis_rnn.training.checkpoints import read_history
from thesis_rnn.training.run_folder import RunFolder

TITLE = "Two workers of one thread each beside one worker of one thread"
REPEATS = 5
"""At most: each starts programs."""
METHOD = "lrp_epsilon"
WORKERS = (1, 10, 100, 1000)
"""Of the simulated job."""
SEQUENCES = 10**9


def measure(setup: Setup) -> Findings:
    findings = Findings()
    repeats = setup.sized(min(REPEATS, setup.repeats), 1)
    say("  shards")
    findings.rows += _shards(setup, repeats)
    say("  trainings")
    findings.rows += _trainings(setup, repeats)
    return findings


def _shards(setup: Setup, repeats: int) -> list[dict]:
    """Walls of few and of many shards: what is between them is free of the start of programs."""
    samples, few, many = setup.sized(2000, 20), 2, setup.sized(22, 4)
    model = keras.Sequential([keras.Input((100, 16)), keras.layers.LSTM(64), keras.layers.Dense(5, "softmax")])
    model.save(setup.scratch / "model.keras")
    x = np.random.default_rng(0).normal(size=(samples, 100, 16)).astype(np.float32)
    for count in (few, many):
        for number in range(count):
            files.write_arrays(setup.scratch / f"shards_{count}/{number:02d}.npz", {"x": x})
    rows = []
    for repeat in range(repeats):
        for workers in (1, 2):
            walls, manifest = {}, {}
            for count in (few, many):
                output = setup.scratch / f"out_{repeat}_{workers}_{count}"
                walls[count] = _wall(
                    "explain",
                    f"--model={setup.scratch / 'model.keras'}",
                    f"--input={setup.scratch / f'shards_{count}/*.npz'}",
                    f"--output={output}",
                    f"--methods={METHOD}",
                    "--target=0",
                    f"--workers={workers}",
                )
                manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
            each = (walls[many] - walls[few]) / (many - few)
            own = float(np.median([shard["seconds"] for shard in manifest["shards"]]))
            memory = max(shard["peak_memory_mib"] or 0 for shard in manifest["shards"])
            row = {"what": "shard", "workers": workers, "samples": samples, "seconds": each, "worker_seconds": own}
            rows.append(row | {"start_up": walls[few] - few * each, "memory_mib": memory})
    return rows


def _trainings(setup: Setup, repeats: int) -> list[dict]:
    """Seconds of an epoch, beside nothing and beside another training; the first, which is traced, is left out."""
    flags = ["--arch=rlstm_sd", "--dataset=digits_maj", f"--epochs={setup.sized(6, 2)}", "--methods=sensitivity"]
    flags += ["--samples=1", f"--sequences_per_epoch={setup.sized(5000, 100)}"]
    rows = []
    for repeat in range(repeats):
        for workers in (1, 2):
            folders = [setup.scratch / f"run_{repeat}_{workers}_{number}" for number in range(workers)]
            processes = [_started("train", *flags, f"--run_dir={folder}") for folder in folders]
            if any(process.wait() for process in processes):
                raise RuntimeError(f"a training failed: {flags}")
            epochs = [float(row["seconds"]) for folder in folders for row in read_history(RunFolder(folder))[1:]]
            rows.append({"what": "epoch", "workers": workers, "seconds": float(np.median(epochs)) / workers})
    return rows


def _started(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "thesis_rnn", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | thread_variables(1), stdout=subprocess.DEVNULL)


def _wall(*arguments: str) -> float:
    start = time.perf_counter()
    if _started(*arguments).wait():
        raise RuntimeError(f"the program failed: {arguments}")
    return time.perf_counter() - start


def tables(record: dict) -> str:
    rows = record["rows"]
    body = []
    for what in ("shard", "epoch"):
        one, two = (_median(rows, what, workers, "seconds") for workers in (1, 2))
        body.append([f"seconds for each {what}", f"{one:.3f}", f"{two:.3f}", f"{one / two:.2f}"])
    for name, title in (("start_up", "start-up, s"), ("memory_mib", "most memory of a worker, MiB")):
        body.append([title, *(f"{_median(rows, 'shard', workers, name):.3g}" for workers in (1, 2)), ""])
    samples = next(row["samples"] for row in rows if row["what"] == "shard")
    text = f"Shards of {samples} series of LSTM(64), 100 steps of 16 features, {METHOD}; epochs of rlstm_sd."
    head = markdown_table(["", "one worker", "two workers", "ratio"], body)
    return f"{text}\n\n{head}\n\n{_simulated(rows, samples)}"


def _simulated(rows: list[dict], samples: int) -> str:
    """Hours of a large job, by what a shard and the driver were seen to take."""
    each = _median(rows, "shard", 1, "worker_seconds")
    serial = max(0.0, _median(rows, "shard", 1, "seconds") - each)
    start = _median(rows, "shard", 1, "start_up")
    hours = [seconds_of(SEQUENCES // samples, workers, each, serial, start) / 3600 for workers in WORKERS]
    body = [[str(workers), f"{time_:.1f}"] for workers, time_ in zip(WORKERS, hours, strict=True)]
    text = (
        f"Simulated: {SEQUENCES:.0e} series, {serial * 1e3:.0f} ms of the driver and {each:.2f} s of a worker a shard."
    )
    return f"{text}\n\n{markdown_table(['workers', 'hours'], body)}"


def _median(rows: list[dict], what: str, workers: int, name: str) -> float:
    return float(np.median([row[name] for row in rows if row["what"] == what and row["workers"] == workers]))
