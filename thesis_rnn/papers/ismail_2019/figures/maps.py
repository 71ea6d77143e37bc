"""Saliency maps on series with planted evidence: figures 3, 6 with 11, and 10 of Ismail et al. (2019)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.data import class_names
from thesis_rnn.papers.explained import check_same_samples, explained
from thesis_rnn.papers.ismail_2019.figures.stored import evidence_of, mean_map
from thesis_rnn.papers.ismail_2019.published import DATA, TABLE_1
from thesis_rnn.papers.ismail_2019.scores import COMPARED
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import title_of
from thesis_rnn.papers.wording import dataset_title
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.heatmaps.grid import grid_figure
from thesis_rnn.reporting.heatmaps.panel import HeatmapRow, Panel
from thesis_rnn.reporting.heatmaps.series_maps import maps_figure

NOTE = (
    "Mean saliency of the probability over the test set, one run each:\n"
    "scaled in each sample, and each mean by its own maximum."
)
ROWS = ("mnist_rows", "digits_rows")
OF_EACH_CLASS = 2
ROW_MODELS = ("lstm", "lstm_ica")
ROWS_NOTE = "Saliency of the probability; time runs downwards. Framed: misclassified."


class Shown(NamedTuple):
    """A row of maps: what it is called, and whose they are."""

    title: str
    arch: str
    variant: str = ""


def _short_title(architecture: str) -> str:
    """The title on up to three lines, for narrow places."""
    return title_of(architecture).replace(", ", ",\n").replace("-cell ", "-cell\n")


STATIC = tuple(Shown(_short_title(arch), arch) for arch in TABLE_1)
PARTIAL = (
    Shown("LSTM", "lstm"),
    Shown("input-cell\nattention,\nlast 10 steps", "lstm_ica", "attend_last_steps=10"),
    Shown("input-cell\nattention,\nlast 10 inputs", "lstm_ica", "attention_window=10"),
    Shown("input-cell\nattention,\nall steps", "lstm_ica"),
)
NEEDED = (PARTIAL[0], PARTIAL[1], PARTIAL[-1])


def static_figure(material: Material) -> Figure:
    """Figure 3, of the test set's mean: models below each other, data sets side by side; what there is of them."""
    return _mean_maps(material, STATIC, DATA)


def partial_figure(material: Material) -> Figure:
    """Figure 10: attention at the last steps only (and to the last inputs only, if it was run) between none and all.

    Raises:
      MissingError: without a run of each.
    """
    complete = [data for data in DATA if all(_find(material, data, shown) for shown in NEEDED)]
    if not complete:
        raise MissingError("no data set has runs with none, partial and full input-cell attention")
    return _mean_maps(material, PARTIAL, complete)


def _mean_maps(material: Material, wanted: Sequence[Shown], data_sets: Sequence[str]) -> Figure:
    tasks = {shown: [_find(material, data, shown) for data in data_sets] for shown in wanted}
    tasks = {shown: own for shown, own in tasks.items() if any(own)}
    there = [place for place in range(len(data_sets)) if any(own[place] for own in tasks.values())]
    if not there:
        raise MissingError("no runs on box data")
    maps = {shown.title: [own[place] and mean_map(own[place]) for place in there] for shown, own in tasks.items()}
    some = [next(own[place] for own in tasks.values() if own[place]) for place in there]
    evidence = [np.unique(evidence_of(task.dataset), axis=0) for task in some]
    return maps_figure(maps, [dataset_title(data_sets[place]) for place in there], evidence, NOTE)


def _find(material: Material, dataset: str, shown: Shown) -> Task | None:
    return material.find(dataset, shown.arch, variant=shown.variant)


def rows_figure(material: Material) -> Figure:
    """Figures 6 and 11: images of 1, 6 and 7 read row by row, time runs downwards; MNIST, or else embedded digits."""
    for dataset in ROWS:
        tasks = {arch: material.find(dataset, arch) for arch in ROW_MODELS}
        if all(tasks.values()):
            return grid_figure([_panel(dataset, tasks)], ROWS_NOTE)
    raise MissingError(f"no data set of rows has runs of {', '.join(ROW_MODELS)}")


def _panel(dataset: str, tasks: dict[str, Task]) -> Panel:
    """The first samples of each class, explained."""
    by_model = {arch: explained(task, [COMPARED])[COMPARED] for arch, task in tasks.items()}
    check_same_samples((title_of(arch), own) for arch, own in by_model.items())
    first = by_model[ROW_MODELS[0]]
    chosen = np.concatenate([np.flatnonzero(first.y == label)[:OF_EACH_CLASS] for label in np.unique(first.y)])
    heatmaps = [
        HeatmapRow(_short_title(arch), own.relevance[chosen], own.wrong[chosen]) for arch, own in by_model.items()
    ]
    captions = [class_names(dataset)[label] for label in first.y[chosen]]
    return Panel(dataset_title(dataset), first.images[chosen], captions, {"": heatmaps})
