"""What runs on series have left behind for figures, and the evidence of their problems."""

import functools

import numpy as np

from thesis_rnn.data import load
from thesis_rnn.papers.ismail_2019.scores import COMPARED
from thesis_rnn.plans.tasks import Task
from thesis_rnn.support.arrays import read_npz


@functools.cache
def evidence_of(dataset: str) -> np.ndarray:
    """The evidence of the test set, [n, steps, features]."""
    return load(dataset, "test").evidence


def mean_map(task: Task) -> np.ndarray:
    """The mean saliency over the test set, scaled in each sample, [steps, features]."""
    return read_npz(task.folder.path / "maps.npz")[COMPARED]


def shares_by_step(task: Task) -> list[float]:
    """The saliency's mean share of each time step."""
    rows = task.folder.read_metrics()["scores"]
    rows = [row for row in rows if (row["method"], row["measure"]) == (COMPARED, "step_share") and row["class"] == ""]
    return [row["value"] for row in sorted(rows, key=lambda row: int(row["step"]))]


def state_decay(task: Task) -> dict[str, np.ndarray]:
    """What states and forget gates let pass to the last step, [samples, steps] each."""
    return read_npz(task.folder.path / "states.npz")
