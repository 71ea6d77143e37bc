"""The methods of the review on the same sample, and their selectivity beside chance."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from thesis_rnn.papers.explained import explained
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import in_order, label_of, over_seeds, title_of, where
from thesis_rnn.papers.shickel_2020.families import FAMILIES
from thesis_rnn.papers.shickel_2020.scores import RELATIVE, comparison_scores, of_methods
from thesis_rnn.papers.wording import dataset_title, mark_of
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.style import (
    GREY,
    LIGHT_GREY,
    RELEVANCE,
    SMALL_TEXT,
    TEXT,
    WIDTH,
    legend_over_figure,
    plain_axis,
)
from thesis_rnn.runs.stored import read_heatmaps

ORDER = tuple(method for family in FAMILIES for method in family.methods)
ROW, TITLE = 0.5, 1.2  # inches
NOTE = 120  # letters in a line


def sample_figure(material: Material, dataset: str) -> Figure:
    """A row for each method and a column for each architecture: the first sample that all models get right."""
    tasks = {name: material.find(dataset, name) for name in in_order(_architectures(material, dataset))}
    tasks = {name: task for name, task in tasks.items() if task}
    if not tasks:
        raise MissingError(f"no run on {dataset}")
    maps = {name: explained(task, _methods(task)) for name, task in tasks.items()}
    shown = [method for method in ORDER if any(method in own for own in maps.values())]
    right = ~np.any([next(iter(own.values())).wrong for own in maps.values()], axis=0)
    sample = int(np.argmax(right))
    words = _words(next(iter(tasks.values())), sample)
    figure = Figure(figsize=(WIDTH, TITLE + ROW * len(shown)), layout="constrained")
    axes = figure.subplots(len(shown), len(tasks), squeeze=False)
    for line, method in zip(axes, shown, strict=True):
        for axis, own in zip(line, maps.values(), strict=True):
            _draw(axis, own[method].relevance[sample] if method in own else None, words)
        line[0].set_ylabel(_two_lines(method), fontsize=SMALL_TEXT - 1, rotation=0, ha="right", va="center", labelpad=6)
    for axis, name in zip(axes[0], tasks, strict=True):
        axis.set_title(title_of(name), fontsize=SMALL_TEXT)
    figure.suptitle(f"{dataset_title(dataset)}: one sample by a method of each family", fontsize=TEXT)
    what = f"words: {' '.join(words)}" if words else "time runs to the right, features downwards"
    note = textwrap.fill(f"each map on its own scale, red speaks for the class; {what}", NOTE)
    figure.supxlabel(note, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _two_lines(method: str) -> str:
    return label_of(method).replace("(", "\n(", 1)


def _architectures(material: Material, dataset: str) -> set[str]:
    return {task.architecture for task in material.finished if task.dataset == dataset}


def _methods(task: Task) -> list[str]:
    """The methods that the run's samples were explained by."""
    return [str(arrays["method"]) for arrays in read_heatmaps(task.folder).values()]


def _words(task: Task, sample: int) -> list[str]:
    """The words of the sample; none where it has numbers."""
    words = next(iter(read_heatmaps(task.folder).values())).get("words")
    return [] if words is None else [str(word) for word in words[sample] if word]


def _draw(axis: Axes, relevance: np.ndarray | None, words: Sequence[str]) -> None:
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(color=LIGHT_GREY, linewidth=0.6)
    if relevance is None:
        axis.text(
            0.5,
            0.5,
            "not defined or not run",
            transform=axis.transAxes,
            ha="center",
            va="center",
            color=GREY,
            fontsize=SMALL_TEXT - 2,
        )
        return
    picture = relevance[None, : len(words)] if words else relevance.T
    limit = np.abs(picture).max() or 1.0
    axis.imshow(picture, cmap=RELEVANCE, norm=Normalize(-limit, limit), aspect="auto", interpolation="nearest")


def selectivity_figure(material: Material) -> Figure:
    """A panel for each problem: each method's gain over chance in selectivity, as a share of erasure's."""
    rows = of_methods(comparison_scores(material.results)).dropna(subset=RELATIVE)
    if not len(rows):
        raise MissingError("no run of the comparison")
    datasets, methods = in_order(rows.dataset), [name for name in ORDER if name in set(rows.method)]
    figure = Figure(figsize=(WIDTH, 1.2 + 0.34 * len(methods)), layout="constrained")
    axes = figure.subplots(1, len(datasets), sharey=True, squeeze=False)[0]
    names = in_order(rows.architecture)
    for axis, dataset in zip(axes, datasets, strict=True):
        plain_axis(axis)
        for place, name in enumerate(names):
            own = where(rows, dataset=dataset, architecture=name)
            _draw_points(axis, own, methods, name, 0.5 * (place - (len(names) - 1) / 2) / len(names))
        axis.axvline(0, color=GREY, linewidth=0.8)
        axis.axvline(1, color=LIGHT_GREY, linewidth=0.8)
        axis.set_title(dataset_title(dataset), fontsize=SMALL_TEXT)
    axes[0].set_yticks(range(len(methods)), [_two_lines(method) for method in methods], fontsize=SMALL_TEXT)
    axes[0].invert_yaxis()
    marks = {
        name: axes[0].plot(
            [], [], linestyle="", marker=mark_of(name, "series").marker, color=mark_of(name, "series").color
        )[0]
        for name in names
    }
    legend_over_figure(figure, list(marks.values()), [title_of(name) for name in names], columns=len(names))
    figure.supxlabel(
        "selectivity above chance, as a share of erasure's: 0 is noise; mean over seeds, 95% t interval",
        fontsize=SMALL_TEXT,
        color=GREY,
    )
    return figure


def _draw_points(axis: Axes, rows, methods: Sequence[str], name: str, shift: float) -> None:
    mark = mark_of(name, "series")
    for place, method in enumerate(methods):
        gained = over_seeds(where(rows, method=method), RELATIVE)
        if gained is not None:
            axis.plot(gained.mean, place + shift, marker=mark.marker, color=mark.color, markersize=4, linestyle="")
            if gained.n > 1:
                axis.hlines(place + shift, gained.low, gained.high, color=mark.color, linewidth=1)


FIGURES: Mapping[str, Callable[[Material], Figure]] = {
    "review_selectivity": selectivity_figure,
    "review_japanese_vowels": partial(sample_figure, dataset="japanese_vowels"),
    "review_movie_sentences": partial(sample_figure, dataset="movie_sentences"),
    "review_box_latter": partial(sample_figure, dataset="box_latter"),
}
"""The figures by name. A new one is a function of ``Material``, and a line here."""
