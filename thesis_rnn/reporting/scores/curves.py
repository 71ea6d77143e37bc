"""Scores as bars and distributions as curves: finished numbers, drawn on an axis."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import (
    BLACK,
    LIGHT_GREY,
    LINES,
    MARKERS,
    SERIES,
    SKY_BLUE,
    TEXT,
    legend_above,
    plain_axis,
)


def draw_step_distribution(axis: Axes, shares: Mapping[str, ArrayLike], pixel_mass: ArrayLike) -> None:
    """Draws the share of relevance on each time step, a curve per label, before bars of the pixel mass (figure 3.7).

    Args:
      axis: where to draw; the legend stands above it.
      shares: label -> ``[steps]``, fractions of 1.
      pixel_mass: ``[steps]``, fractions of 1.

    Raises:
      InputError: curves of another length than the pixel mass.
    """
    steps = np.arange(1, len(pixel_mass) + 1)
    axis.bar(steps, pixel_mass, color=LIGHT_GREY, label="pixel mass")
    for (label, share), color, marker in zip(shares.items(), cycle(SERIES), cycle(MARKERS), strict=False):
        if len(share) != len(steps):
            raise InputError(f"{label!r} must have a share for each of {len(steps)} steps; received {len(share)}")
        axis.plot(steps, share, label=label, color=color, marker=marker, markersize=5, linewidth=1.6)
    axis.set_xticks(steps)
    axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axis.set_xlabel("time step", fontsize=TEXT)
    axis.set_ylabel("share of relevance", fontsize=TEXT)
    plain_axis(axis)
    legend_above(axis)


def draw_learning(axis: Axes, accuracy_axis: Axes, scores: Mapping[str, ArrayLike], accuracy: ArrayLike) -> None:
    """Draws a score of each method after every epoch, and the accuracy on an axis of its own, as a dashed line.

    Args:
      axis: where to draw the scores; its legend is the caller's.
      accuracy_axis: where to draw the accuracy.
      scores: label -> ``[epochs]``.
      accuracy: ``[epochs]``, fractions of 1.

    Raises:
      InputError: curves of another length than the accuracy.
    """
    epochs = np.arange(1, len(accuracy) + 1)
    for (label, score), color, marker in zip(scores.items(), cycle(SERIES), cycle(MARKERS), strict=False):
        if len(score) != len(epochs):
            raise InputError(f"{label!r} must have a score for each of {len(epochs)} epochs; received {len(score)}")
        axis.plot(epochs, score, label=label, color=color, marker=marker, markersize=4, linewidth=1.4)
    accuracy_axis.plot(epochs, accuracy, label="accuracy", color=BLACK, linestyle="--", linewidth=1.2)
    accuracy_axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    for each in (axis, accuracy_axis):
        each.xaxis.set_major_locator(MaxNLocator(integer=True))
        plain_axis(each)


def draw_scores(
    axis: Axes,
    labels: Sequence[str],
    means: ArrayLike,
    lows: ArrayLike,
    highs: ArrayLike,
    references: Mapping[str, float],
) -> None:
    """Draws a bar per label with its interval as a whisker, and a line across for each reference score.

    The mean stands in figures under its label. What is scored, and in which unit, is the caller's to write beside the
    axis (``axis.set_ylabel``).

    Args:
      axis: where to draw; the legend of the references stands above it.
      labels: what was scored.
      means: the scores, one per label.
      lows: the lower ends of their intervals. NaN, as the interval of a single value has it, draws no whisker.
      highs: the upper ends.
      references: name -> score, such as the baselines' mean cosines.

    Raises:
      InputError: not one mean, low and high per label.
    """
    means, lows, highs = (np.asarray(numbers, dtype=np.float64) for numbers in (means, lows, highs))
    if not means.shape == lows.shape == highs.shape == (len(labels),):
        shapes = f"{means.shape}, {lows.shape} and {highs.shape}"
        raise InputError(f"each of {len(labels)} labels needs a mean, a low and a high; received shapes {shapes}")
    positions = np.arange(len(labels))
    axis.bar(positions, means, width=0.6, color=SKY_BLUE)
    axis.errorbar(positions, means, yerr=(means - lows, highs - means), fmt="none", color=BLACK, capsize=4)
    for (name, score), line in zip(references.items(), cycle(LINES), strict=False):
        axis.axhline(score, color=BLACK, linestyle=line, linewidth=1.1, label=f"{name} {score:.3f}")
    axis.set_xticks(positions, [f"{label}\n{mean:.3f}" for label, mean in zip(labels, means, strict=True)])
    plain_axis(axis)
    if references:
        legend_above(axis)
