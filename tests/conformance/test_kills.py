"""SIGKILL at 200 random moments: what was killed again and again ends like what was not. Run with -m kills.

The moments follow from ``SEED``. THESIS_RNN_KILLS=0.1 kills a tenth as often.
"""

import os
import pathlib
import random
import signal
import time
from collections.abc import Callable

import keras
import numpy as np
import pytest

from tests.helpers.front_end_process import FrontEnd
from tests.helpers.tiny_run import learned, trained_state
from thesis_rnn.runs.verifying import verify_run
from thesis_rnn.support import files
from thesis_rnn.support.arrays import read_npz
from thesis_rnn.training.run_folder import RunFolder

pytestmark = pytest.mark.kills

SEED = 0
PATIENCE = 1200
"""Seconds: a plan starts processes that import TensorFlow, beside whatever else runs."""
SHARE = float(os.environ.get("THESIS_RNN_KILLS", "1"))
SETTINGS = {
    "arch": "shallow",
    "dataset": "digits_maj",
    "steps": 2,
    "sequences_per_epoch": 200,
    "epochs": 4,
    "samples": 4,
    "scored": 20,
    "methods": "sensitivity; lrp_epsilon",
    "measures": "cosine",
}
FLAGS = [f"--{name}={value}" for name, value in SETTINGS.items()]


def kill_again_and_again(times: int, start: Callable[[], FrontEnd], seconds: float, check: Callable[[], None]) -> None:
    """Kills ``times`` programs, or one of the processes that they started, and lets the last one end.

    Args:
      times: how often, to be multiplied by ``SHARE``.
      start: starts the program, which goes on where it was.
      seconds: how long a whole one takes, of which each moment is drawn.
      check: is called after each program that came to its end; clears what it left if it is to begin anew.
    """
    moments, killed = random.Random(SEED), 0
    while killed < max(1, round(times * SHARE)):
        program, end = start(), time.monotonic() + moments.uniform(0, seconds)
        while program.running and time.monotonic() < end:
            time.sleep(0.002)
        if program.running:
            os.kill(moments.choice(family(program.pid)), signal.SIGKILL)
            killed += 1
        if program.wait(PATIENCE).status == 0:
            check()
    for _ in range(3):  # the children of a killed program may still be at it
        done = start().wait(PATIENCE)
        if done.status == 0:
            break
    assert done.status == 0, done
    check()


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *map(int, children.read_text().split())] if children.is_file() else [pid]


def timed(start: Callable[[], FrontEnd]) -> float:
    """Runs a program to its end; the seconds that it took."""
    begun = time.monotonic()
    done = start().wait(PATIENCE)
    assert done.status == 0, done
    return time.monotonic() - begun


def content(run: RunFolder) -> dict:
    """All that must not depend on whether a run was killed."""
    heatmaps = {path.name: read_npz(path) for path in sorted(run.heatmaps.glob("*.npz"))}
    arrays = {(name, key): array.tobytes() for name, own in heatmaps.items() for key, array in own.items()}
    pictures = sorted(str(path.relative_to(run.path)) for path in run.path.rglob("*.png"))
    return {"history": learned(run), "metrics": run.metrics.read_bytes(), "pictures": pictures} | {
        "model": trained_state(run.model),
        "heatmaps": arrays,
    }


def check_same(run: RunFolder, whole: RunFolder) -> None:
    """Compares a run with one that was never killed, and removes it."""
    assert verify_run(run).faults == ()
    assert content(run) == content(whole)
    assert not [path for path in run.path.rglob(".*") if files.is_temporary(path)]
    assert not run.checkpoints.exists()
    run._remove_run()


def test_trainings(tmp_path):
    def start(name: str) -> FrontEnd:
        return FrontEnd("train", *FLAGS, f"--run_dir={name}", "--resume", cwd=tmp_path)

    seconds = timed(lambda: start("whole"))
    whole, run = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "run")
    kill_again_and_again(100, lambda: start("run"), seconds, lambda: check_same(run, whole))


def test_plans(tmp_path):
    own = "".join(f"{flag}\n" for flag in FLAGS)
    files.write_text(tmp_path / "flags/chormai_2018/tiny.flags", f"{own}--seed=0,1\n")
    files.write_text(tmp_path / "flags/profiles/tiny.flags", "[tiny]\n")

    def start(name: str) -> FrontEnd:
        folders = ("--flags_dir=flags", f"--runs_dir={name}")
        return FrontEnd("reproduce", "--profile=tiny", "--jobs=2", *folders, cwd=tmp_path)

    seconds = timed(lambda: start("whole"))
    runs = [path.parent.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("metrics.json")]
    tables = sorted(path.name for path in (tmp_path / "whole/figures").rglob("*.*"))
    assert len(runs) == 2

    def check() -> None:
        assert sorted(path.name for path in (tmp_path / "runs/figures").rglob("*.*")) == tables
        for run in runs:
            check_same(RunFolder(tmp_path / "runs" / run), RunFolder(tmp_path / "whole" / run))

    kill_again_and_again(60, lambda: start("runs"), seconds, check)


@pytest.mark.parametrize(("workers", "times"), [(1, 25), (2, 15)])
def test_shards(tmp_path, workers, times):
    rng = np.random.default_rng(SEED)
    (tmp_path / "in").mkdir()
    for name in range(6):
        np.savez(tmp_path / f"in/{name}.npz", x=rng.normal(size=(50, 4, 3)).astype(np.float32))
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input((4, 3)), keras.layers.LSTM(3), keras.layers.Dense(2)])
    model.save(tmp_path / "my.keras")

    def start(output: str) -> FrontEnd:
        given = ("--model=my.keras", "--input=in/*.npz", f"--output={output}", f"--workers={workers}")
        return FrontEnd("explain", *given, "--methods=lrp_epsilon", "--target=0", cwd=tmp_path)

    def written(output: str) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (tmp_path / output).glob("*.npz")}

    def check() -> None:
        assert written("out") == written("whole")
        assert not [path for path in (tmp_path / "out").rglob(".*") if files.is_temporary(path)]
        for path in (tmp_path / "out").rglob("*.*"):
            path.unlink()

    seconds = timed(lambda: start("whole"))
    assert len(written("whole")) == 6
    kill_again_and_again(times, lambda: start("out"), seconds, check)
