"""The figures of a judgement: ranks with their uncertainty, and the output while units are removed."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.judging.ranking import Ranking
from thesis_rnn.reporting import style

SHOWN = 4
"""Methods whose curves are drawn, from the best on."""
MOST = 16
"""Methods whose scores are drawn."""


def draw_ranking(ranking: Ranking) -> Figure:
    """Each method's mean rank, with the range of 95% of the resamples."""
    count = len(ranking.methods)
    figure = Figure(figsize=(style.WIDTH, 0.8 + 0.3 * count), layout="constrained")
    axis = figure.subplots()
    places = np.arange(count)
    widths = np.abs([ranking.rank - ranking.low, ranking.high - ranking.rank])
    axis.errorbar(ranking.rank, places, xerr=widths, fmt="o", color=style.BLUE, capsize=3)
    axis.set_yticks(places, ranking.methods)
    axis.invert_yaxis()
    axis.set_xlabel(f"mean rank by {', '.join(ranking.measures)} (1 is best)", fontsize=style.SMALL_TEXT)
    style.plain_axis(axis)
    return figure


def draw_measures(rows: Sequence[Mapping], ranking: Ranking) -> Figure:
    """A panel for each measure: the mean of each method with its 95% interval, and what a random map gets (broken)."""
    measures = list(dict.fromkeys(row["measure"] for row in rows))
    names = [name for name in ranking.methods if any(row["method"] == name for row in rows)][:MOST]
    columns = min(3, len(measures))
    lines = -(-len(measures) // columns)
    figure = Figure(figsize=(style.WIDTH, lines * (0.9 + 0.22 * len(names))), layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False, sharey=True)
    for axis, measure in zip(axes.flat, measures, strict=False):
        _draw_measure(axis, [row for row in rows if row["measure"] == measure], names)
    for axis in axes.flat[len(measures) :]:
        axis.set_visible(False)
    return figure


def _draw_measure(axis, rows: Sequence[Mapping], names: Sequence[str]) -> None:
    found = {row["method"]: row for row in rows}
    known = [(place, found[name]) for place, name in enumerate(names) if name in found]
    values, lows, highs = (np.array([row[key] for _, row in known], float) for key in ("value", "low", "high"))
    places = [place for place, _ in known]
    widths = np.nan_to_num(np.abs([values - lows, highs - values]))
    axis.errorbar(values, places, xerr=widths, fmt="o", color=style.BLUE, markersize=4, capsize=2)
    if not np.isnan(rows[0]["chance"]):
        axis.axvline(rows[0]["chance"], color=style.GREY, linestyle="--", linewidth=1)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    better = {"higher": " (higher is better)", "lower": " (lower is better)"}.get(rows[0]["better"], "")
    axis.set_title(f"{rows[0]['measure']}{better}", fontsize=style.SMALL_TEXT, loc="left")
    style.plain_axis(axis)


def draw_curves(curves: dict[str, tuple[np.ndarray, np.ndarray]], ranking: Ranking) -> Figure:
    """The mean output while the most relevant units go first (drawn through), and the least relevant (broken)."""
    figure = Figure(figsize=(style.WIDTH, 4.0), layout="constrained")
    axis = figure.subplots()
    names = [name for name in ranking.methods if name in curves][:SHOWN]
    for name, colour in zip(names, style.SERIES, strict=False):
        _draw(axis, curves[name], name, colour)
    if "(random)" in curves:
        _draw(axis, curves["(random)"], "(random)", style.GREY)
    axis.set_xlabel("share of units removed: most relevant first, or (broken) least", fontsize=style.SMALL_TEXT)
    axis.set_ylabel("explained output", fontsize=style.SMALL_TEXT)
    style.plain_axis(axis)
    style.legend_above(axis)
    return figure


def _draw(axis, curves: tuple[np.ndarray, np.ndarray], name: str, colour: str) -> None:
    shares = np.linspace(0, 1, len(curves[0]))
    axis.plot(shares, curves[0], color=colour, label=name)
    axis.plot(shares, curves[1], color=colour, linestyle="--")
