"""Scores on series with planted evidence: figures 5 and 7 of Ismail et al. (2019), the bridge."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.papers.ismail_2019.bridge import DATA as BRIDGE_DATA
from thesis_rnn.papers.ismail_2019.bridge import MAPS, bridge_rows
from thesis_rnn.papers.ismail_2019.bridge import MODELS as BRIDGE_MODELS
from thesis_rnn.papers.ismail_2019.published import DATA, TABLE_1
from thesis_rnn.papers.ismail_2019.selection import (
    COMPARED,
    chance_mean,
    data_sets,
    maps,
    model_title,
    models,
    over_seeds,
    whole_rows,
)
from thesis_rnn.papers.ismail_2019.wording import data_title, mark_of
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import fitting
from thesis_rnn.plans.results import Row
from thesis_rnn.reporting.scores.points import draw_scores_by_group, legend_over
from thesis_rnn.reporting.scores.score_curves import draw_score_over
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT, WIDTH, legend_over_figure
from thesis_rnn.statistics import Interval

NOTE = "Mean over seeds with its 95% t interval, which ends where the score does. Hollow: one seed."
MOVING = {"weighted_jaccard": "weighted Jaccard", "euclidean": "Euclidean distance", "roc_auc": "ROC-AUC"}
CHANCE_LINES = {"uniform": "uniform noise", "half_normal": "half-normal noise"}
MASKED = {COMPARED: "its most salient tenth", "(random)": "a random tenth", "(evidence)": "as many cells of the box"}


def moving_figure(material: Material) -> Figure:
    """Figure 5: scores of the saliency against the first step of the box, beside noise."""
    rows = [row for row in material.results["boxes"] if row["data"].startswith("moving_")]
    names = data_sets(rows)
    compared = fitting(whole_rows(rows), map=COMPARED)
    complete = [name for name in models(compared) if data_sets(fitting(compared, model=name)) == names]
    if not complete:
        raise MissingError("no model was run with the box at every start")
    figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    axes = figure.subplots(1, len(MOVING))
    for axis, (score, words) in zip(axes, MOVING.items(), strict=True):
        scores = {
            model_title(name): [over_seeds(fitting(compared, model=name, data=data), score) for data in names]
            for name in complete
        }
        marks = {model_title(name): mark_of(name) for name in complete}
        chance = {
            title: [chance_mean(rows, data, name, score) for data in names] for name, title in CHANCE_LINES.items()
        }
        draw_score_over(axis, [int(data.removeprefix("moving_")) for data in names], scores, marks, chance)
        axis.set_title(words, fontsize=TEXT, loc="left")
    legend_over_figure(figure, *axes[0].get_legend_handles_labels(), columns=4)
    words = "first step of the box (of 60 steps)\nMean over seeds with its 95% t interval."
    figure.supxlabel(words, fontsize=SMALL_TEXT, color=GREY)
    return figure


def masking_figure(material: Material) -> Figure:
    """Figure 7 on box data: the accuracy without a tenth of the cells, chosen by saliency, at random, or in the box."""
    rows = [row for row in whole_rows(material.results["boxes"]) if row["model"] in TABLE_1 and row["data"] in DATA]
    names, shown = data_sets(rows), [name for name in TABLE_1 if name in models(rows)]
    if not shown:
        raise MissingError("no run on box data")
    figure = Figure(figsize=(WIDTH, 2.5 * len(MASKED) + 0.6), layout="constrained")
    axes = figure.subplots(len(MASKED), sharex=True, sharey=True)
    for axis, (name, words) in zip(axes, MASKED.items(), strict=True):
        own = fitting(rows, map=name)
        scores = {model_title(model): _masked(fitting(own, model=model), names) for model in shown}
        marks = {model_title(model): mark_of(model) for model in shown}
        draw_scores_by_group(axis, [data_title(data) for data in names], scores, marks, (), {"a guess": 0.5})
        axis.set_ylabel(f"without\n{words}", fontsize=SMALL_TEXT)
    legend_over(axes[0], columns=5)
    figure.supylabel("accuracy", fontsize=TEXT)
    figure.supxlabel(NOTE, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _masked(rows: Sequence[Row], names: Sequence[str]) -> list[Interval]:
    return [_share(over_seeds(fitting(rows, data=data), "masked_accuracy")) for data in names]


def _share(interval: Interval | None) -> Interval:
    """An interval of a score from 0 to 1, cut there; one that draws nothing for a model that was not run."""
    if interval is None:
        return Interval(np.nan, np.nan, np.nan, 0)
    return interval._replace(low=np.maximum(interval.low, 0), high=np.minimum(interval.high, 1))


def bridge_figure(material: Material) -> Figure:
    """ROC-AUC of every method on every model of the bridge, a panel for each data set."""
    rows = bridge_rows(material.results)
    names = [data for data in BRIDGE_DATA if data in data_sets(rows)]
    if not names:
        raise MissingError("no run of the bridge")
    present = [name for name in MAPS if name in maps(rows)]
    figure = Figure(figsize=(WIDTH, 2.8 * len(names) + 0.6), layout="constrained")
    axes = figure.subplots(len(names), sharex=True, sharey=True, squeeze=False)[:, 0]
    for axis, data in zip(axes, names, strict=True):
        own = fitting(rows, data=data)
        shown = [model for model in BRIDGE_MODELS if model in models(rows)]
        scores = {
            model_title(model): [_share(over_seeds(fitting(own, model=model, map=name), "roc_auc")) for name in present]
            for model in shown
        }
        marks = {model_title(model): mark_of(model) for model in shown}
        groups = [MAPS[name].replace(" x ", "\nx ").replace(", ", ",\n") for name in present]
        draw_scores_by_group(axis, groups, scores, marks, (), {"chance": 0.5})
        axis.set_ylabel(f"{data_title(data)}\nROC-AUC", fontsize=TEXT)
    legend_over(axes[0], columns=5)
    figure.supxlabel(NOTE, fontsize=SMALL_TEXT, color=GREY)
    return figure
