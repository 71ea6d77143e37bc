"""Saliency maps on series with planted evidence: figures 3, 6 with 11, and 10 of Ismail et al. (2019)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.data.images.rows import DIGITS
from thesis_rnn.papers.ismail_2019.published import DATA, TABLE_1
from thesis_rnn.papers.ismail_2019.selection import COMPARED
from thesis_rnn.papers.ismail_2019.wording import data_title, short_title
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.heatmaps.grid import grid_figure
from thesis_rnn.reporting.heatmaps.panel import HeatmapRow, Panel
from thesis_rnn.reporting.heatmaps.series_maps import maps_figure
from thesis_rnn.runs.box_training import load_series
from thesis_rnn.support import files

NOTE = (
    "Mean saliency of the probability over the test set, one run each:\n"
    "scaled in each sample, and each mean by its own maximum."
)
ROWS = {"mnist_rows": "MNIST", "digits_rows": "Digits"}
ROW_MODELS = ("lstm", "lstm_ica")
ROWS_NOTE = "Saliency of the probability; time runs downwards. Faded: misclassified."


class Shown(NamedTuple):
    """A row of maps: what it is called, and whose they are."""

    title: str
    arch: str
    last_steps: int = 0


STATIC = tuple(Shown(short_title(arch), arch) for arch in TABLE_1)
PARTIAL = (
    Shown("LSTM", "lstm"),
    Shown("input-cell\nattention,\nlast 10 steps", "lstm_ica", 10),
    Shown("input-cell\nattention,\nall steps", "lstm_ica"),
)


def static_figure(material: Material) -> Figure:
    """Figure 3, of the test set's mean: models below each other, data sets side by side; what there is of them."""
    return _mean_maps(material, STATIC, DATA)


def partial_figure(material: Material) -> Figure:
    """Figure 10: attention at the last steps only, between none and all.

    Raises:
      MissingError: without a run of each.
    """
    complete = [data for data in DATA if all(material.box_task(data, *shown[1:]) for shown in PARTIAL)]
    if not complete:
        raise MissingError("no data set has runs with none, partial and full input-cell attention")
    return _mean_maps(material, PARTIAL, complete)


def _mean_maps(material: Material, wanted: Sequence[Shown], data_sets: Sequence[str]) -> Figure:
    tasks = {shown: [material.box_task(data, shown.arch, shown.last_steps) for data in data_sets] for shown in wanted}
    tasks = {shown: own for shown, own in tasks.items() if any(own)}
    there = [place for place in range(len(data_sets)) if any(own[place] for own in tasks.values())]
    if not there:
        raise MissingError("no runs on box data")
    maps = {shown.title: [_mean_map(own[place]) for place in there] for shown, own in tasks.items()}
    some = [next(own[place] for own in tasks.values() if own[place]) for place in there]
    evidence = [load_series(task.settings, "test").evidence.mean(axis=0) for task in some]
    return maps_figure(maps, [data_title(data_sets[place]) for place in there], evidence, NOTE)


def _mean_map(task: Task | None) -> np.ndarray | None:
    return None if task is None else files.read_arrays(task.folder.path / "maps.npz")[COMPARED]


def rows_figure(material: Material) -> Figure:
    """Figures 6 and 11: images of 1, 6 and 7 read row by row, time runs downwards; MNIST, or else embedded digits."""
    for data, title in ROWS.items():
        tasks = {arch: material.box_task(data, arch) for arch in ROW_MODELS}
        if all(tasks.values()):
            return grid_figure([_panel(title, tasks)], ROWS_NOTE)
    raise MissingError(f"no data set of rows has runs of {', '.join(ROW_MODELS)}")


def _panel(title: str, tasks: dict[str, Task]) -> Panel:
    samples = {arch: files.read_arrays(task.folder.path / "samples.npz") for arch, task in tasks.items()}
    first = samples[ROW_MODELS[0]]
    heatmaps = [
        HeatmapRow(short_title(arch), own[COMPARED], own["logits"].argmax(axis=1) != own["y"])
        for arch, own in samples.items()
    ]
    return Panel(f"{title}, read row by row", first["x"], [str(DIGITS[y]) for y in first["y"]], {"": heatmaps})
