"""Cosine similarities of architectures: figures 3.12, 3.18 and 3.21, and beyond the thesis, beside their accuracy."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from thesis_rnn.papers.chormai_2018.published import METHODS
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import ORIGINAL, in_order, over_splits, title_of, where, wide
from thesis_rnn.papers.wording import dataset_title, mark_of, method_title
from thesis_rnn.reporting.scores.points import draw_point, draw_scores_by_group, legend_over
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT, WIDTH, legend_over_figure, plain_axis
from thesis_rnn.statistics import Interval

UNIFORM = "(uniform)"
BASELINES = (UNIFORM, "(pixel mass)", "(last step)")
REFERENCE = {"color": GREY, "linestyle": ":", "linewidth": 1.1, "zorder": 1}
NOTE = "Filled: mean over folds with its 95% t interval. Hollow: one run, whose spread is not known."


def cosine_figure(material: Material, architectures: Sequence[str], baselines: Sequence[str]) -> Figure:
    """A panel for each data set on which all ``architectures`` were scored, a group of points for each method."""
    rows = wide(material.results["cross_validation"], "cosine")
    rows = rows[rows.architecture.isin(architectures)]
    names = _complete(rows, architectures)
    figure = Figure(figsize=(WIDTH, 3.5 * len(names) + 0.2), layout="constrained")
    for axis, name in zip(figure.subplots(len(names), sharey=True, squeeze=False)[:, 0], names, strict=True):
        own = where(rows, dataset=name)
        by_architecture = {arch: where(own, architecture=arch) for arch in architectures}
        labels = {arch: _label(arch, by_architecture[arch]) for arch in architectures}
        draw_scores_by_group(
            axis,
            [method_title(method) for method in METHODS],
            {labels[arch]: _cosines(by_architecture[arch]) for arch in architectures},
            {labels[arch]: mark_of(arch) for arch in architectures},
            [labels[arch] for arch in baselines],
            {name.strip("()"): over_splits(where(own, method=name), "cosine").mean for name in BASELINES},
        )
        legend_over(axis, columns=4)
        axis.set_ylabel(f"{dataset_title(name)}\ncosine similarity", fontsize=TEXT)
    figure.supxlabel(NOTE, fontsize=SMALL_TEXT, color=GREY)
    return figure


def accuracy_figure(material: Material) -> Figure:
    """Is a better classifier better explained? A panel for each data set and method, a point for each architecture."""
    scores = wide(material.results["cross_validation"], "cosine")
    rows = material.results.beside_facts(scores, "accuracy")
    names = _complete(rows, ())
    figure = Figure(figsize=(WIDTH, 2.7 * len(names) + 1.0), layout="constrained")
    axes = figure.subplots(len(names), len(METHODS), sharex="row", sharey="row", squeeze=False)
    drawn = in_order(rows.architecture)
    for line, name in zip(axes, names, strict=True):
        for axis, method in zip(line, METHODS, strict=True):
            for arch in drawn:
                own = where(rows, dataset=name, architecture=arch, method=method)
                if len(own):
                    draw_point(axis, mark_of(arch), over_splits(own, "accuracy", scale=100), over_splits(own, "cosine"))
            axis.axhline(over_splits(where(rows, dataset=name, method=UNIFORM), "cosine").mean, **REFERENCE)
            plain_axis(axis)
            axis.set_title(method_title(method), fontsize=TEXT, loc="left")
        line[0].set_ylabel(f"{dataset_title(name)}\ncosine similarity", fontsize=TEXT)
    _legend(figure, drawn)
    figure.supxlabel(f"accuracy in percent\n{NOTE} Dotted: a uniform heatmap.", fontsize=SMALL_TEXT, color=GREY)
    return figure


def _complete(rows: pd.DataFrame, architectures: Sequence[str]) -> list[str]:
    """The data sets on which all ``architectures`` were scored by all methods, and the baselines with them."""
    pairs = {(arch, method) for arch in architectures for method in (*METHODS, *BASELINES)}
    there = {name: where(rows, dataset=name) for name in in_order(rows.dataset)}
    names = [name for name, own in there.items() if pairs <= set(zip(own.architecture, own.method, strict=True))]
    if not names:
        raise MissingError(f"no data set has scores of {', '.join(architectures) or 'anything'}")
    return names


def _cosines(rows: pd.DataFrame) -> list[Interval]:
    return [over_splits(where(rows, method=method), "cosine") for method in METHODS]


def _label(architecture: str, rows: pd.DataFrame) -> str:
    folds = len(rows[rows.fold != ORIGINAL][["fold", "folds"]].drop_duplicates())
    return f"{title_of(architecture)} ({'original split' if not folds else f'{folds} fold' + 's' * (folds > 1)})"


def _legend(figure: Figure, architectures: Sequence[str]) -> None:
    handles = [
        figure.axes[0].plot([], [], linestyle="none", marker=mark_of(arch).marker, color=mark_of(arch).color)[0]
        for arch in architectures
    ]
    labels = [title_of(arch) for arch in architectures]
    legend_over_figure(figure, handles, labels, columns=5)
