"""A beeswarm over a data set: a row for each of the largest parts, a dot for each sample."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from numpy.typing import ArrayLike

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.inputs.axes import Axes as AxisNames
from thesis_rnn.reporting.plots.units import units_of
from thesis_rnn.reporting.style import BLUE, GREY, SMALL_TEXT, TEXT, plain_axis
from thesis_rnn.support.checks import at_least_one

BINS = 80
"""Places beside each other in which dots of a row meet."""
WIDEST = 0.4
"""How far a dot lies from the middle of its row, at most."""
COLOURS = "viridis"
"""Of values: read by colour-blind readers and in grey, and not those of relevance."""


def draw_beeswarm(ax: Axes, explanation: Explanation, top: int = 10, by: str = "") -> None:
    """Relevance of every sample in rows: the parts of largest mean |R|, the largest on top; colour is their value.

    Args:
      ax: where to draw.
      explanation: of one class for each sample.
      top: how many rows.
      by: "features", whose relevance is summed over steps and whose value is the mean over steps; "steps" or "cells".
        By default features where there are several, else steps.

    Raises:
      InputError: no such parts.
    """
    at_least_one(top=top)
    by = by or _default(explanation)
    units = units_of(explanation, by)
    known = ~np.isnan(units.relevance)
    size = np.nansum(np.abs(units.relevance), axis=0) / np.maximum(known.sum(axis=0), 1)
    rows = np.argsort(-size, kind="stable")[:top][::-1]
    limits = np.nanmin(units.relevance[:, rows]), np.nanmax(units.relevance[:, rows])
    coloured = not np.isnan(units.values[:, rows]).all()
    for place, unit in enumerate(rows):
        own = known[:, unit]
        relevance = units.relevance[own, unit]
        heights = place + swarm(relevance, *limits)
        look = {"color": BLUE}
        if coloured:
            look = {
                "c": _ranked(units.values[own, unit]),
                "cmap": COLOURS,
                "norm": Normalize(0, 1),
                "plotnonfinite": True,
            }
        ax.scatter(relevance, heights, s=12, linewidths=0, **look)
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(rows)), [units.names[unit] for unit in rows])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    plain_axis(ax)
    if coloured:
        bar = ax.figure.colorbar(ax.collections[-1], ax=ax, ticks=[0, 1], pad=0.02, aspect=40)
        bar.ax.set_yticklabels(["lowest", "highest"], fontsize=SMALL_TEXT)
        bar.outline.set_visible(False)
        bar.set_label(
            "mean value over steps" if by == "features" and _has_steps(explanation) else "value", labelpad=-20
        )
    ax.set_title(f"{len(explanation.target)} samples, {explanation.method}", fontsize=TEXT, loc="left")
    ax.set_xlabel(f"relevance of {by}", fontsize=SMALL_TEXT)


def swarm(values: ArrayLike, low: float, high: float) -> np.ndarray:
    """How far each dot lies from the middle of its row, so that dots of about the same value lie beside each other.

    The values between ``low`` and ``high`` fall into ``BINS`` bins. In each, dots go in turn below and above the
    middle: 0, -1, 1, -2, 2, ... times a distance with which the fullest bin is ``WIDEST`` wide on each side, at most a
    tenth.
    """
    values = np.asarray(values, np.float64)
    span = high - low or 1.0
    bins = np.minimum((BINS * (values - low) / span).astype(int), BINS - 1)
    order = np.argsort(bins, kind="stable")
    counts = np.bincount(bins, minlength=BINS)
    rank = np.empty(len(values), int)
    rank[order] = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
    steps = np.where(rank % 2, -1, 1) * ((rank + 1) // 2)
    return steps * min(0.1, WIDEST / max(1, int(np.abs(steps).max(initial=0))))


def _ranked(values: np.ndarray) -> np.ndarray:
    """From 0, the least, to 1, the greatest; one half where all are equal."""
    low, high = (np.nanmin(values), np.nanmax(values)) if not np.isnan(values).all() else (0.0, 0.0)
    return (values - low) / (high - low) if high > low else np.where(np.isnan(values), np.nan, 0.5)


def _default(explanation: Explanation) -> str:
    axes = explanation.axes or (AxisNames(),)
    relevance = explanation.relevance
    shape = relevance.shape[1:] if isinstance(relevance, np.ndarray) else ()
    images_or_words = len(shape) > 2 or any(one.tokens or (one.steps and len(shape) == 1) for one in axes)
    return "steps" if images_or_words or (len(shape) == 2 and shape[1] == 1) else "features"


def _has_steps(explanation: Explanation) -> bool:
    return not isinstance(explanation.relevance, np.ndarray) or explanation.relevance.ndim > 2
