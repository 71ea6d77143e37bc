"""Scores of many models as points with intervals: the thesis' figures 3.12, 3.18 and 3.21, and scores over accuracy."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.patheffects import withStroke

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import GREY, LINES, SMALL_TEXT, TEXT, plain_axis
from thesis_rnn.statistics import Interval

SPREAD = 0.7  # of the points of one group, whose neighbour is 1 away


class Mark(NamedTuple):
    """How one model is drawn in every figure."""

    color: str
    marker: str


def draw_scores_by_group(
    axis: Axes,
    groups: Sequence[str],
    scores: Mapping[str, Sequence[Interval]],
    marks: Mapping[str, Mark],
    baselines: Sequence[str],
    references: Mapping[str, float],
) -> None:
    """Draws, in each group, one point for each model with its interval and its mean in figures.

    A point without an interval, the score of a single run, is hollow. A dashed line runs through each group at the
    score of each baseline, a grey one through all of them at each reference.

    Args:
      axis: where to draw; the legend stands above it.
      groups: names along the axis, such as methods.
      scores: model -> an interval for each group.
      marks: model -> its colour and marker.
      baselines: the models that the others are compared with.
      references: name -> score.

    Raises:
      InputError: a model without one interval for each group.
    """
    shifts = np.linspace(-SPREAD / 2, SPREAD / 2, len(scores)) if len(scores) > 1 else [0.0]
    for (label, intervals), shift in zip(scores.items(), shifts, strict=True):
        if len(intervals) != len(groups):
            raise InputError(f"{label!r} needs a score in each of {len(groups)} groups; received {len(intervals)}")
        for group, interval in enumerate(intervals):
            draw_point(axis, marks[label], x=Interval(group + shift, np.nan, np.nan, 1), y=interval)
            _write_mean(axis, group + shift, interval)
            if label in baselines:
                ends = (group - SPREAD / 2 - 0.08, group + SPREAD / 2 + 0.08)
                axis.plot(ends, (interval.mean, interval.mean), color=marks[label].color, linestyle="--", linewidth=1)
        _legend_entry(axis, label, marks[label], any(interval.n > 1 for interval in intervals))
    for label in baselines:
        axis.plot([], [], color=marks[label].color, linestyle="--", linewidth=1, label=f"at {label.partition(' (')[0]}")
    for (name, score), line in zip(references.items(), cycle(LINES[1:]), strict=False):
        axis.axhline(score, color=GREY, linestyle=line, linewidth=1.1, label=f"{name} {score:.3f}", zorder=1)
    axis.set_xticks(range(len(groups)), groups, fontsize=TEXT)
    axis.set_xlim(-0.5, len(groups) - 0.5)
    axis.margins(y=0.12)
    plain_axis(axis)
    axis.tick_params(axis="x", labelsize=TEXT)


def draw_point(axis: Axes, mark: Mark, x: Interval, y: Interval) -> ErrorbarContainer:
    """Draws the means of two intervals as a point, and what there is of the intervals as whiskers.

    The point is hollow if ``y`` is the score of a single run.
    """
    spans = {
        f"{name}err": [[own.mean - own.low], [own.high - own.mean]]
        for name, own in (("x", x), ("y", y))
        if np.isfinite([own.low, own.high]).all()
    }
    look = {"markersize": 6, "elinewidth": 1.6, "linestyle": "none"}
    return axis.errorbar([x.mean], [y.mean], **spans, **look, **_look(mark, y.n > 1))


def draw_scores_in_rows(
    axis: Axes,
    groups: Sequence[str],
    scores: Mapping[str, Sequence[Interval]],
    marks: Mapping[str, Mark],
    chance: Mapping[str, float],
) -> None:
    """Draws a row for each model and in it a point for each group, whose place is told by the axis, beside chance.

    Args:
      axis: where to draw; models stand on the left, the first on top.
      groups: names of the methods, each with a colour and a marker of its own.
      scores: model -> an interval for each group.
      marks: group -> its colour and marker.
      chance: model -> the score of what knows nothing, a grey stroke.
    """
    for row, (label, intervals) in enumerate(scores.items()):
        axis.plot([chance[label]] * 2, (row - 0.35, row + 0.35), color=GREY, linewidth=2, zorder=1)
        for group, interval in zip(groups, intervals, strict=True):
            draw_point(axis, marks[group], x=interval, y=Interval(row, np.nan, np.nan, interval.n))
    for group in groups:
        _legend_entry(axis, group, marks[group], filled=False)
    axis.plot([], [], color=GREY, linewidth=2, label="chance")
    axis.set_yticks(range(len(scores)), list(scores))
    axis.set_ylim(len(scores) - 0.5, -0.5)
    plain_axis(axis)


def legend_over(axis: Axes, columns: int) -> None:
    """A legend above the axis in ``columns`` columns."""
    look = {"frameon": False, "fontsize": SMALL_TEXT, "columnspacing": 1.4, "handletextpad": 0.5}
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, **look)


def _look(mark: Mark, filled: bool) -> dict:
    face = mark.color if filled else "white"
    return {"color": mark.color, "marker": mark.marker, "markerfacecolor": face, "markeredgewidth": 1.5}


def _write_mean(axis: Axes, x: float, interval: Interval) -> None:
    top = interval.high if np.isfinite(interval.high) else interval.mean
    number = f"{interval.mean:.2f}".replace("0.", ".", 1) if abs(interval.mean) < 1 else f"{interval.mean:.1f}"
    halo = [withStroke(linewidth=2, foreground="white")]  # figures stay legible on lines, which stay whole beside them
    text = axis.annotate(number, (x, top), (0, 6), textcoords="offset points", ha="center", fontsize=SMALL_TEXT)
    text.set_path_effects(halo)


def _legend_entry(axis: Axes, label: str, mark: Mark, filled: bool) -> None:
    axis.plot([], [], linestyle="none", markersize=6, label=label, **_look(mark, filled))
