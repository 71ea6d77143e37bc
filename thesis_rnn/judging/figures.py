"""The figures of a judgement: ranks with their uncertainty, and the output while units are removed."""

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.judging.ranking import Ranking
from thesis_rnn.reporting import style

SHOWN = 4
"""Methods whose curves are drawn, from the best on."""


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
