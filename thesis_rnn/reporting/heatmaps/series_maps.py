"""Heatmaps of series by model and data set: time runs to the right, features downwards, the evidence is outlined."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.images import draw_heatmap
from thesis_rnn.reporting.style import EVIDENCE, GREY, SMALL_TEXT, TEXT, WIDTH

# Inches.
SIDE = 1.25  # of one heatmap, its gap included
LABELS = 1.2  # left of the heatmaps
LEAST_WIDTH = 4.5  # room for the note


def maps_figure(
    maps: Mapping[str, Sequence[ArrayLike | None]],
    columns: Sequence[str],
    evidence: Sequence[ArrayLike],
    note: str = "",
) -> Figure:
    """A row of heatmaps for each label, each on a scale of its own from white, 0, to red, its maximum.

    Args:
      maps: label -> a heatmap ``[steps, features]``, not negative, for each column; None leaves the place empty.
      columns: what stands above each column.
      evidence: ``[steps, features]`` of 0 and 1 for each column, or ``[k, steps, features]`` where samples differ in
        their evidence; each of the k is outlined, in green with a white rim that is seen on every colour.
      note: a line below.

    Raises:
      InputError: no rows, or not one heatmap and one evidence for each column.
    """
    if not maps:
        raise InputError("a figure needs heatmaps; received none")
    for label, own in [*maps.items(), ("evidence", evidence)]:
        if len(own) != len(columns):
            raise InputError(f"{label!r} needs a heatmap for each of {len(columns)} columns; received {len(own)}")
    width = min(WIDTH, max(LEAST_WIDTH, SIDE * len(columns) + LABELS))
    side = min(SIDE, (width - LABELS) / len(columns))
    figure = Figure(figsize=(width, side * len(maps) + 1.0), layout="constrained")
    axes = figure.subplots(len(maps), len(columns), squeeze=False)
    for line, (label, own) in zip(axes, maps.items(), strict=True):
        for axis, heatmap, marks in zip(line, own, evidence, strict=True):
            _draw(axis, heatmap, np.asarray(marks))
        line[0].set_ylabel(label, fontsize=SMALL_TEXT, rotation=0, ha="right", va="center")
    for axis, title in zip(axes[0], columns, strict=True):
        axis.set_title(title, fontsize=TEXT, pad=4)
    figure.supxlabel(f"time runs to the right, features downwards\n{note}", fontsize=SMALL_TEXT, color=GREY)
    return figure


def _draw(axis: Axes, heatmap: ArrayLike | None, evidence: np.ndarray) -> None:
    if heatmap is None:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        return
    draw_heatmap(axis, np.transpose(heatmap))
    limits = axis.axis()
    for one in evidence.reshape(-1, *evidence.shape[-2:]):
        _outline(axis, one.T > 0)
    axis.axis(limits)


def _outline(axis: Axes, marks: np.ndarray) -> None:
    marks = np.pad(marks, 1)  # a box at the rim is to be closed there
    columns, rows = (np.arange(size) - 1 for size in reversed(marks.shape))
    for color, width in (("white", 2.6), (EVIDENCE, 1.1)):
        axis.contour(columns, rows, marks, levels=[0.5], colors=[color], linewidths=width)
