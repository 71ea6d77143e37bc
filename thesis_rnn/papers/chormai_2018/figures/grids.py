"""Heatmaps of trained models side by side: figures 3.4, 3.5, 3.6, 3.11, 3.17, 3.19 and 3.20."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.data import class_names
from thesis_rnn.papers.chormai_2018.published import METHODS
from thesis_rnn.papers.explained import Explained, check_same_samples, explained, of_classes
from thesis_rnn.papers.material import Material, MissingError, Model
from thesis_rnn.papers.selection import title_of
from thesis_rnn.papers.wording import dataset_title, method_title
from thesis_rnn.reporting.heatmaps.grid import grid_figure
from thesis_rnn.reporting.heatmaps.panel import HeatmapRow, Panel

STEPS = 12
"""Of a majority sequence."""
SEQUENCES = 4
"""Majority sequences that stay readable side by side."""
FIRST, LAST = slice(0, 4), slice(-5, None)
"""Which of a run's heatmaps figures 3.4 and 3.5, and figure 3.6, show: the flagfiles name the thesis' test images."""

NOTE = (
    "Each heatmap is scaled by its own maximum: red speaks for the true class, blue against it. Framed: misclassified."
)
POSITIVE_NOTE = "Negative relevance is left out; each heatmap is scaled by its own maximum. Framed: misclassified."


def steps_figure(material: Material, dataset_names: Sequence[str]) -> Figure:
    """Shallow and Deep at 1, 4 and 7 steps, for the first of ``dataset_names`` that has them."""
    models = {arch: [(arch, steps) for steps in (1, 4, 7)] for arch in ("shallow", "deep")}
    complete = material.complete([model for own in models.values() for model in own], None)
    chosen = [name for name in dataset_names if name in complete]
    if not chosen:
        raise MissingError(f"none of {dataset_names}")
    return grid_figure(
        [
            _panel(material, chosen[0], {f"T = {steps}": (arch, steps) for _, steps in own}, METHODS, FIRST, arch)
            for arch, own in models.items()
        ],
        NOTE,
    )


def one_class_figure(material: Material) -> Figure:
    """Shallow-7 and Deep-7 by DTD and LRP, on images of one class each."""
    models = {f"{title_of(arch)}-7": (arch, 7) for arch in ("shallow", "deep")}
    names = material.complete(models.values(), None)
    return grid_figure([_panel(material, name, models, METHODS[2:], LAST) for name in names], NOTE)


def majority_figure(material: Material, architectures: Sequence[str]) -> Figure:
    """Architectures on the same majority sequences, by all methods."""
    return _majority_figure(material, architectures, METHODS, positive_only=False, note=NOTE)


def positive_figure(material: Material, architectures: Sequence[str]) -> Figure:
    """The positive relevance of LRP alone."""
    return _majority_figure(material, architectures, METHODS[3:], positive_only=True, note=POSITIVE_NOTE)


def _majority_figure(material, architectures, methods, positive_only: bool, note: str) -> Figure:
    models = {title_of(arch): (arch, STEPS) for arch in architectures}
    names = material.complete(models.values(), "blocks")
    panels = []
    for name in names:
        first = explained(material.task(name, next(iter(models.values()))), methods[:1])[methods[0]]
        samples = of_classes(name, first.y, SEQUENCES // min(len(names), 2))
        panels.append(_panel(material, name, models, methods, samples, positive_only=positive_only))
    return grid_figure(panels, note)


def _panel(
    material: Material,
    dataset: str,
    models: Mapping[str, Model],
    methods: Sequence[str],
    samples: slice | np.ndarray,
    architecture: str = "",
    positive_only: bool = False,
) -> Panel:
    """The samples of a data set with a group of rows for each method, a row for each model."""
    by_model = {label: explained(material.task(dataset, model), methods) for label, model in models.items()}
    first = next(iter(by_model.values()))[methods[0]]
    check_same_samples((label, own) for label, by_method in by_model.items() for own in by_method.values())
    names = class_names(dataset)
    return Panel(
        title=f"{dataset_title(dataset)}: {title_of(architecture)}" if architecture else dataset_title(dataset),
        images=first.images[samples],
        captions=[names[label] for label in first.y[samples]],
        groups={
            method_title(method): [_row(label, own[method], samples, positive_only) for label, own in by_model.items()]
            for method in methods
        },
        evidence=None if first.evidence is None else first.evidence[samples],
    )


def _row(label: str, own: Explained, samples: slice | np.ndarray, positive_only: bool) -> HeatmapRow:
    relevance = own.relevance[samples]
    return HeatmapRow(label, np.maximum(relevance, 0) if positive_only else relevance, own.wrong[samples])
