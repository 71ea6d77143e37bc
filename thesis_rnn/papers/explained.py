"""The heatmaps that a run has left behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from thesis_rnn.attribution import method_spec
from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.errors import InputError
from thesis_rnn.papers.material import UnexplainedError
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.run_report import varied_samples
from thesis_rnn.runs.stored import read_heatmaps

SHOWN = {"mnist_maj": (1, 9), "fashion_mnist_maj": (5, 1)}
"""The classes of majority sequences that the thesis speaks of: digits 1 and 9, sandals, trousers."""


@dataclass(frozen=True)
class Explained:
    """Samples explained by one method.

    Attributes:
      images: ``[n, rows, width]``, all steps side by side; of series ``[n, steps, features]``.
      relevance: the same shape.
      y: the true classes, ``[n]``.
      wrong: ``[n]``, whether the model predicts another class.
      evidence: as the problem has it; None without any.
    """

    images: np.ndarray
    relevance: np.ndarray
    y: np.ndarray
    wrong: np.ndarray
    evidence: np.ndarray | None


def explained(task: Task, methods: Sequence[str]) -> dict[str, Explained]:
    """Method -> the task's samples explained by it, in the order of ``methods``.

    Raises:
      UnexplainedError: a method that the run was not explained by.
      InputError: damaged files.
    """
    stored, names = read_heatmaps(task.folder), {method: method_spec(method).file_name for method in methods}
    absent = [method for method, name in names.items() if name not in stored]
    if absent:
        make = f"python -m thesis_rnn explain --run_dir={task.folder.path} --methods='{'; '.join(absent)}'"
        raise UnexplainedError(f"{task.name} has no heatmaps by {'; '.join(absent)}; make them with {make}")
    return {method: _explained(stored[name]) for method, name in names.items()}


def _explained(arrays: dict[str, np.ndarray]) -> Explained:
    return Explained(
        *(_pictures(arrays[name]) for name in ("x", "relevance")),
        arrays["y"],
        arrays["logits"].argmax(axis=1) != arrays["y"],
        arrays.get("evidence"),
    )


def _pictures(array: np.ndarray) -> np.ndarray:
    return join_steps(array) if array.ndim == 4 else array


def check_same_samples(labelled: Iterable[tuple[str, Explained]]) -> None:
    """Refuses explanations, each with the label of its model, of other samples than the first explains.

    Raises:
      InputError: naming the label.
    """
    first = None
    for label, own in labelled:
        first = own if first is None else first
        if not np.array_equal(own.images, first.images):
            raise InputError(f"a figure needs heatmaps of the same samples, explain again; received others of {label}")


def of_classes(dataset: str, y: np.ndarray, count: int) -> np.ndarray:
    """``count`` samples: the first of each class that the thesis speaks of, then others, as different as possible."""
    wanted = [np.flatnonzero(y == label)[0] for label in SHOWN.get(dataset, ()) if (y == label).any()]
    others = [sample for sample in varied_samples(y, len(y)) if sample not in wanted and y[sample] not in y[wanted]]
    return np.array([*wanted, *others][:count], dtype=int)
