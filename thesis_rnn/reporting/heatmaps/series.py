"""Relevance of series as pictures: time runs to the right, every feature is a row."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import GREY, RELEVANCE, SMALL_TEXT, TEXT, WIDTH
from thesis_rnn.support.checks import finite_array

NAMED_FEATURES = 24  # of more features than this, names would overlap

# Inches.
FEATURE_HEIGHT = 0.22
LEAST_HEIGHT, MOST_HEIGHT = 0.5, 3.0  # of a picture
FRAME = 0.75  # its title and axis labels


def series_figure(
    relevance: ArrayLike,
    titles: Sequence[str],
    x: ArrayLike | None = None,
    features: Sequence[str] | None = None,
) -> Figure:
    """One line for each sample: the series on the left, if it is given, and its relevance on the right.

    Each sample's relevance has a scale of its own, from -max|R| (blue) over 0 (white) to max|R| (red), which a colour
    bar tells. In the series each feature is scaled on its own: white is its least value over all samples, black its
    greatest.

    Args:
      relevance: ``[n, steps, features]``; up to about 4 samples fit on a page.
      titles: what stands above each sample's relevance, ``n`` of them.
      x: the series, ``[n, steps, features]``.
      features: the features' names; numbers from 0 if there are none.

    Raises:
      InputError: no samples, numbers that are not finite, or arrays and names that do not fit each other.
    """
    relevance = finite_array("relevance [n, steps, features]", relevance, axes=3)
    n, _, count = relevance.shape
    x = None if x is None else finite_array("x [n, steps, features]", x, axes=3)
    _check(relevance, titles, x, features)
    height = FRAME + float(np.clip(FEATURE_HEIGHT * count, LEAST_HEIGHT, MOST_HEIGHT))
    figure = Figure(figsize=(WIDTH, height * n + 0.2), layout="constrained")
    axes = figure.subplots(n, 1 if x is None else 2, sharex=True, sharey=True, squeeze=False)
    for row, heatmap, title in zip(axes, relevance, titles, strict=True):
        image = _draw(row[-1], heatmap, f"{title}: relevance", RELEVANCE, np.abs(heatmap).max() or 1.0)
        bar = figure.colorbar(image, ax=row[-1], pad=0.02)
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=SMALL_TEXT, color=GREY)
    for row, series in zip(axes, [] if x is None else _scaled(x), strict=x is not None):
        _draw(row[0], series, "input", "gray_r", 1.0)
    for axis in axes[:, 0]:
        axis.set_ylabel("feature", fontsize=SMALL_TEXT)
    for axis in axes[-1]:
        axis.set_xlabel("time step", fontsize=SMALL_TEXT)
    _name_features(axes[0, 0], count, features)
    return figure


def _draw(axis: Axes, series: np.ndarray, title: str, colours, limit: float):
    """Draws [steps, features] with time to the right, on a scale from -limit to limit."""
    axis.set_title(title, fontsize=TEXT, loc="left", pad=4)
    axis.tick_params(labelsize=SMALL_TEXT, color=GREY)
    axis.spines[:].set_color(GREY)
    axis.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    return axis.imshow(series.T, cmap=colours, norm=Normalize(-limit, limit), aspect="auto", interpolation="nearest")


def _scaled(x: np.ndarray) -> np.ndarray:
    """Each feature from -1, its least value, to 1, its greatest; -1 where it never changes."""
    least, greatest = x.min(axis=(0, 1)), x.max(axis=(0, 1))
    return 2 * (x - least) / np.where(greatest > least, greatest - least, 1) - 1


def _name_features(axis: Axes, count: int, features: Sequence[str] | None) -> None:
    if count > NAMED_FEATURES:
        axis.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    else:
        axis.set_yticks(range(count), features or [str(feature) for feature in range(count)])


def _check(relevance, titles, x, features) -> None:
    n, _, count = relevance.shape
    if not n or len(titles) != n:
        raise InputError(f"a figure needs samples, and a title for each; received {n} and {len(titles)} titles")
    if x is not None and x.shape != relevance.shape:
        raise InputError(f"x must have relevance's shape {relevance.shape}; received {x.shape}")
    if features is not None and len(features) != count:
        raise InputError(f"features must name each of the {count} features; received {len(features)} names")
