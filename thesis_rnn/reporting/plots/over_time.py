"""Relevance over time: the mean over samples with its 95% interval, of all of them or by class."""

from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.cells import class_name
from thesis_rnn.attribution.inputs.axes import Axes as AxisNames
from thesis_rnn.attribution.inputs.structure import leaves_of
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.series import NAMED_FEATURES
from thesis_rnn.reporting.plots.units import units_of
from thesis_rnn.reporting.style import GREY, LINES, SERIES, SMALL_TEXT, TEXT, legend_above, plain_axis
from thesis_rnn.statistics import Interval, mean_interval


def draw_over_time(
    ax: Axes, explanation: Explanation, by_class: bool = False, absolute: bool = False, feature=None
) -> None:
    """The mean relevance of each step over the samples, with Student's 95% interval of the mean.

    Args:
      ax: where to draw.
      explanation: of one class for each sample, of one input.
      by_class: a curve for each explained class.
      absolute: of |R|, so that evidence for and against does not cancel.
      feature: the number or name of the only feature to draw; by default relevance is summed over features.

    Raises:
      InputError: inputs without steps, several inputs, or no such feature.
    """
    relevance, names = _steps(explanation, absolute, feature)
    steps = np.arange(relevance.shape[1])
    curves = curves_over_time(relevance, explanation.target if by_class else None)
    for (target, intervals), colour, line in zip(curves.items(), cycle(SERIES), cycle(("-", *LINES)), strict=False):
        mean, low, high, _ = np.transpose(intervals)
        label = "all samples" if target is None else f"class {class_name(explanation, target)}"
        ax.plot(steps, mean, color=colour, linestyle=line, label=label, marker="o" if len(steps) == 1 else None)
        ax.fill_between(steps, low, high, color=colour, alpha=0.2, linewidth=0)
    ax.axhline(0, color=GREY, linewidth=0.8, zorder=0)
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    if names and len(names) <= NAMED_FEATURES:
        ax.set_xticks(steps, names, rotation=60, ha="right")
    plain_axis(ax)
    if by_class:
        legend_above(ax)
    n = len(relevance)
    said = f"band: 95% interval of the mean of {n} samples" if n > 1 else "one sample: no interval"
    ax.set_title(explanation.method, fontsize=TEXT, loc="left", pad=24 if by_class else 6)
    ax.set_xlabel(f"time step; {said}", fontsize=SMALL_TEXT)
    ax.set_ylabel("mean |relevance|" if absolute else "mean relevance", fontsize=SMALL_TEXT)


def curves_over_time(relevance: np.ndarray, groups: np.ndarray | None = None) -> dict[int | None, list[Interval]]:
    """Group -> the mean of each step with its interval, over the samples that have the step; NaN where one has.

    Args:
      relevance: [n, steps], NaN where a sample has no such step.
      groups: what samples are told apart by [n]; None is the one group of all.
    """
    chosen = {None: slice(None)} if groups is None else {int(one): groups == one for one in np.unique(groups)}
    return {group: [_interval(step) for step in relevance[own].T] for group, own in chosen.items()}


def _interval(values: np.ndarray) -> Interval:
    known = values[~np.isnan(values)]
    return mean_interval(known) if len(known) else Interval(np.nan, np.nan, np.nan, 0)


def _steps(explanation: Explanation, absolute: bool, feature) -> tuple[np.ndarray, list[str]]:
    """Relevance [n, steps], and the steps' names where all samples share them."""
    leaf, *others = leaves_of(explanation.relevance)
    if others:
        raise InputError("relevance over time is of one input; received several")
    shape, axes = np.shape(leaf[0]), explanation.axes[0] if explanation.axes else AxisNames()
    if len(shape) == 1 and axes.features and not axes.steps:
        raise InputError("relevance over time needs steps; received the features of a table")
    if feature is not None and len(shape) != 2:
        raise InputError(f"features are of series [n, steps, features]; received samples of shape {shape}")
    shared = axes.steps and not isinstance(axes.steps[0], tuple)
    names = [str(name) for name in axes.steps] if shared else []
    steps = units_of(explanation, "steps").relevance
    if feature is None and not absolute:
        return steps, names
    cells = units_of(explanation, "cells").relevance
    cells = cells.reshape(*steps.shape, -1)
    if feature is not None:
        cells = cells[..., [_place(explanation, feature, cells.shape[2])]]
    cells = np.abs(cells) if absolute else cells
    return np.where(np.isnan(cells).all(axis=2), np.nan, np.nansum(cells, axis=2)), names


def _place(explanation: Explanation, feature, count: int) -> int:
    names = list(explanation.axes[0].features) if explanation.axes else []
    if isinstance(feature, str) and feature in names:
        return names.index(feature)
    if isinstance(feature, int) and not isinstance(feature, bool) and 0 <= feature < count:
        return feature
    known = ", ".join(names[:8]) if names else f"0 to {count - 1}"
    raise InputError(f"feature must be one of {known}; received {feature!r}")
