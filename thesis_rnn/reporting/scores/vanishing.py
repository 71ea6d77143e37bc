"""Vanishing saliency as a figure and a table, from finished numbers."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from thesis_rnn.measures.vanishing.decay import half_life
from thesis_rnn.reporting.style import GREY, TEXT, plain_axis
from thesis_rnn.reporting.tables import markdown_table
from thesis_rnn.support.checks import finite_array

FLOOR = 1e-12  # of the logarithmic axis: what lies below has vanished


def draw_decay(axis: Axes, curves: Mapping[str, ArrayLike], colors: Mapping[str, str]) -> None:
    """Draws what is left of something at each time step, on a logarithmic axis: a median per label, the last step = 1.

    Each sample is divided by its value at the last step; a sample that is zero there is left out. Medians below
    ``FLOOR`` are drawn on a dashed line, the floor: what lies there has vanished. The spread stands in ``decay_table``.

    Args:
      axis: where to draw; the legend and the vertical axis' label are the caller's.
      curves: label -> ``[n, steps]``, at least 0: shares of relevance, norms of Jacobians, products of gates.
      colors: label -> colour.

    Raises:
      InputError: a curve of another shape, or one that is not finite.
    """
    for label, values in curves.items():
        values = finite_array(f"{label} [n, steps]", values, axes=2)
        values = values[values[:, -1] > 0]
        if len(values):
            median = np.maximum(np.median(values / values[:, -1:], axis=0), FLOOR)
            axis.plot(np.arange(1, len(median) + 1), median, color=colors[label], label=label, linewidth=1.6)
    axis.axhline(FLOOR, color=GREY, linestyle="--", linewidth=0.9, label="vanished: the floor of the axis", zorder=0)
    axis.set_yscale("log")
    axis.set_xlabel("time step", fontsize=TEXT)
    plain_axis(axis)


def decay_table(curves: Mapping[str, ArrayLike]) -> str:
    """A row for each label: the half-life in steps, its median and middle half over the samples, and what is left.

    What is left at the start, the last column, is the median of the first step's value over the last step's.

    Args:
      curves: as for :func:`draw_decay`; samples without mass are counted and left out.
    """
    rows = []
    for label, values in curves.items():
        values = finite_array(f"{label} [n, steps]", values, axes=2)
        lives = half_life(values)
        lives = lives[~np.isnan(lives)]
        low, median, high = np.percentile(lives, (25, 50, 75)) if len(lives) else (np.nan,) * 3
        alive = values[values[:, -1] > 0]
        left = np.median(alive[:, 0] / alive[:, -1]) if len(alive) else np.nan
        rows.append([label, f"{median:.1f}", f"{low:.1f} - {high:.1f}", str(len(values) - len(lives)), f"{left:.2g}"])
    return markdown_table(["", "half-life, steps", "middle half", "without mass", "first / last step"], rows)
