"""Scores and shares of relevance as curves over time: where a box starts, and step by step."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.scores.points import Mark
from thesis_rnn.reporting.style import GREY, LIGHT_GREY, LINES, TEXT, plain_axis
from thesis_rnn.statistics import Interval

LEAST_SHARE = 1e-9
"""The foot of the axis of shares, seven orders of magnitude below an even share of 100 steps."""


def draw_score_over(
    axis: Axes,
    places: Sequence[float],
    scores: Mapping[str, Sequence[Interval]],
    marks: Mapping[str, Mark],
    references: Mapping[str, Sequence[float]],
) -> None:
    """Draws a score against a place in time, a line for each model, its interval as whiskers, and grey references.

    Args:
      axis: where to draw; the legend is the caller's.
      places: where the scores were taken.
      scores: label -> an interval for each place; those of one value have no whisker.
      marks: label -> colour and marker.
      references: name -> a score for each place, such as chance's.

    Raises:
      InputError: not one score for each place.
    """
    for label, own in [*scores.items(), *references.items()]:
        if len(own) != len(places):
            raise InputError(f"{label!r} needs a score at each of {len(places)} places; received {len(own)}")
    for label, own in scores.items():
        means, lows, highs = (np.array([getattr(each, end) for each in own]) for end in ("mean", "low", "high"))
        spans = (np.nan_to_num(means - lows), np.nan_to_num(highs - means))
        color, marker = marks[label]
        axis.errorbar(places, means, yerr=spans, label=label, color=color, marker=marker, markersize=5, capsize=3)
    looks = zip(references.items(), LINES, (3.0, 1.2), strict=False)  # the first shows on both sides of the second
    for (name, own), line, width in looks:
        color, style = (LIGHT_GREY, "-") if width > 2 else (GREY, line)
        axis.plot(places, own, label=name, color=color, linestyle=style, linewidth=width, zorder=1.5)
    axis.set_xticks(places)
    plain_axis(axis)


def draw_shares_by_step(
    axis: Axes, shares: Mapping[str, ArrayLike], colors: Mapping[str, str], evidence: ArrayLike
) -> None:
    """Draws the share of relevance on each time step on a logarithmic scale, a curve for each model.

    A dotted line marks what an even map has on each step. Shares below ``LEAST_SHARE``, zero among them, are not shown.

    Args:
      axis: where to draw; the legend is the caller's.
      shares: label -> ``[steps]``, fractions of 1.
      colors: label -> colour.
      evidence: ``[steps]``, whether a step has evidence: shaded.

    Raises:
      InputError: curves of another length than the evidence.
    """
    steps = np.arange(1, len(evidence) + 1)
    for label, own in shares.items():
        if len(own) != len(steps):
            raise InputError(f"{label!r} must have a share for each of {len(steps)} steps; received {len(own)}")
        shown = np.where(np.asarray(own) > 0, own, np.nan)  # a logarithm has no zero
        axis.plot(steps, shown, label=label, color=colors[label], linewidth=1.5)
    axis.axhline(1 / len(steps), color=GREY, linestyle=":", linewidth=1.2, label="evenly")
    axis.fill_between(
        steps, 0, 1, where=np.asarray(evidence, bool), step="mid", color=LIGHT_GREY, alpha=0.6, linewidth=0,
        transform=axis.get_xaxis_transform(), label="steps with evidence", zorder=0,
    )  # fmt: skip
    axis.set_ylim(LEAST_SHARE, 1)
    axis.set_yscale("log")
    axis.set_xlabel("time step", fontsize=TEXT)
    plain_axis(axis)
