"""Scores on series with planted evidence: figures 5 and 7 of Ismail et al. (2019), the bridge."""

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from thesis_rnn.papers.ismail_2019.bridge import DATA as BRIDGE_DATA
from thesis_rnn.papers.ismail_2019.bridge import METHODS, bridge_rows
from thesis_rnn.papers.ismail_2019.bridge import MODELS as BRIDGE_MODELS
from thesis_rnn.papers.ismail_2019.published import DATA, TABLE_1
from thesis_rnn.papers.ismail_2019.scores import (
    COMPARED,
    box_scores,
    chance_mean,
    models,
    of_models,
    present,
    problems,
)
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import over_seeds, title_of, where
from thesis_rnn.papers.wording import dataset_title, mark_of
from thesis_rnn.reporting.scores.points import draw_scores_by_group, legend_over
from thesis_rnn.reporting.scores.score_curves import draw_score_over
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT, WIDTH, legend_over_figure
from thesis_rnn.statistics import Interval

NOTE = "Mean over seeds with its 95% t interval, which ends where the score does. Hollow: one seed."
MOVING = {"weighted_jaccard": "weighted Jaccard", "euclidean": "Euclidean distance", "roc_auc": "ROC-AUC"}
CHANCE_LINES = {"(uniform)": "uniform noise", "(half_normal)": "half-normal noise"}
MOVING_BOX = "box_moving_"
MASKED_DATA = (*DATA, "box_graded")
MASKED = {COMPARED: "its most salient tenth", "(random)": "a random tenth", "(evidence)": "as many cells of the box"}


def moving_figure(material: Material) -> Figure:
    """Figure 5: scores of the saliency against the first step of the box, beside noise."""
    rows = box_scores(material.results)
    rows = rows[rows.dataset.str.startswith(MOVING_BOX)]
    names = problems(rows)
    compared = where(of_models(rows), method=COMPARED)
    complete = [name for name in models(compared) if problems(where(compared, architecture=name)) == names]
    if not complete:
        raise MissingError("no model was run with the box at every start")
    figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    axes = figure.subplots(1, len(MOVING))
    for axis, (score, words) in zip(axes, MOVING.items(), strict=True):
        scores = {
            title_of(name): [
                _from_zero(over_seeds(where(compared, architecture=name, dataset=data), score)) for data in names
            ]
            for name in complete
        }
        marks = {title_of(name): mark_of(name, "series") for name in complete}
        chance = {
            title: [chance_mean(rows, data, name, score) for data in names] for name, title in CHANCE_LINES.items()
        }
        draw_score_over(axis, [int(data.removeprefix(MOVING_BOX)) for data in names], scores, marks, chance)
        axis.set_title(words, fontsize=TEXT, loc="left")
    legend_over_figure(figure, *axes[0].get_legend_handles_labels(), columns=4)
    words = "first step of the box (of 60 steps)\nMean over seeds with its 95% t interval."
    figure.supxlabel(words, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _from_zero(interval: Interval) -> Interval:
    """An interval of a score that is at least 0, cut there."""
    return interval._replace(low=np.maximum(interval.low, 0))


def masking_figure(material: Material) -> Figure:
    """Figure 7 on box data: the accuracy without a tenth of the cells, chosen by saliency, at random, or in the box."""
    rows = of_models(box_scores(material.results))
    rows = rows[rows.architecture.isin(TABLE_1) & rows.dataset.isin(MASKED_DATA)]
    names, shown = problems(rows), [name for name in TABLE_1 if name in models(rows)]
    if not shown:
        raise MissingError("no run on box data")
    figure = Figure(figsize=(WIDTH, 2.5 * len(MASKED) + 0.6), layout="constrained")
    axes = figure.subplots(len(MASKED), sharex=True, sharey=True)
    for axis, (name, words) in zip(axes, MASKED.items(), strict=True):
        own = where(rows, method=name)
        scores = {title_of(model): _masked(where(own, architecture=model), names) for model in shown}
        marks = {title_of(model): mark_of(model, "series") for model in shown}
        titles = [textwrap.fill(dataset_title(data), 14) for data in names]
        draw_scores_by_group(axis, titles, scores, marks, (), {"a guess": 0.5})
        axis.set_ylabel(f"without\n{words}", fontsize=SMALL_TEXT)
    legend_over(axes[0], columns=5)
    figure.supylabel("accuracy", fontsize=TEXT)
    figure.supxlabel(NOTE, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _masked(rows: pd.DataFrame, names: Sequence[str]) -> list[Interval]:
    return [_share(over_seeds(where(rows, dataset=data), "masked_accuracy")) for data in names]


def _share(interval: Interval | None) -> Interval:
    """An interval of a score from 0 to 1, cut there; one that draws nothing for a model that was not run."""
    if interval is None:
        return Interval(np.nan, np.nan, np.nan, 0)
    return interval._replace(low=np.maximum(interval.low, 0), high=np.minimum(interval.high, 1))


def bridge_figure(material: Material) -> Figure:
    """ROC-AUC of every method on every model of the bridge, a panel for each data set."""
    rows = bridge_rows(material.results)
    names = [data for data in BRIDGE_DATA if data in problems(rows)]
    if not names:
        raise MissingError("no run of the bridge")
    methods = present(rows, METHODS)
    figure = Figure(figsize=(WIDTH, 2.8 * len(names) + 0.6), layout="constrained")
    axes = figure.subplots(len(names), sharex=True, sharey=True, squeeze=False)[:, 0]
    for axis, data in zip(axes, names, strict=True):
        own = where(rows, dataset=data)
        shown = [model for model in BRIDGE_MODELS if model in models(rows)]
        scores = {
            title_of(model): [
                _share(over_seeds(where(own, architecture=model, method=name), "roc_auc")) for name in methods
            ]
            for model in shown
        }
        marks = {title_of(model): mark_of(model, "series") for model in shown}
        groups = [METHODS[name].replace(" x ", "\nx ").replace(", ", ",\n") for name in methods]
        draw_scores_by_group(axis, groups, scores, marks, (), {"chance": 0.5})
        axis.set_ylabel(f"{dataset_title(data)}\nROC-AUC", fontsize=TEXT)
    legend_over(axes[0], columns=5)
    figure.supxlabel(NOTE, fontsize=SMALL_TEXT, color=GREY)
    return figure
