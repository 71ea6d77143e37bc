"""Vanishing saliency as a figure and a table, from finished numbers."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from thesis_rnn.measures.vanishing.decay import half_life
from thesis_rnn.reporting.style import TEXT, plain_axis
from thesis_rnn.reporting.tables import markdown_table
from thesis_rnn.support.checks import finite_array

FLOOR = 1e-12  # of the logarithmic axis: what lies below has vanished


def draw_decay(axis: Axes, curves: Mapping[str, ArrayLike], colors: Mapping[str, str]) -> None:
    """Draws how something decays with the steps back from the end, on a logarithmic axis: a median per label.

    Each sample is divided by its value at the last step; a sample that is zero there is left out. A band holds the
    middle half of the samples.

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
        back = np.arange(values.shape[1])[::-1]
        quarters = (
            np.maximum(np.percentile(values / values[:, -1:], (25, 50, 75), axis=0), FLOOR) if len(values) else ()
        )
        if len(quarters):
            axis.fill_between(back, quarters[0], quarters[2], color=colors[label], alpha=0.15, linewidth=0)
            axis.plot(back, quarters[1], color=colors[label], label=label, linewidth=1.6)
    axis.set_yscale("log")
    axis.invert_xaxis()
    axis.set_xlabel("steps before the last", fontsize=TEXT)
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
