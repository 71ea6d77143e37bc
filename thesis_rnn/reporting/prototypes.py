"""Prototypes as figures: each beside where its search started and the sample of the data that is nearest to it."""

import os
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.errors import InputError
from thesis_rnn.prototypes import Prototypes
from thesis_rnn.reporting.heatmaps.tokens import tokens_figure
from thesis_rnn.reporting.saving import save_figure
from thesis_rnn.reporting.style import (
    GREY,
    LIGHT_GREY,
    MARKERS,
    SERIES,
    SMALL_TEXT,
    TEXT,
    WIDTH,
    plain_axis,
)
from thesis_rnn.support.checks import check_kind, checked

SHOWN = {"images": 10, "series": 6, "tokens": 6}
"""Prototypes that stay readable on one page, from the first."""
ROWS = ("start", "prototype", "nearest sample")
LINES = 4
"""Series of at most so many features are drawn as lines, others as pictures."""
CHANNELS = (1, 3)

# Inches.
LABEL_WIDTH, IMAGE, CAPTION, PANEL = 1.15, 1.35, 0.62, 1.5


@checked
def plot_prototypes(
    found: Prototypes,
    path: str | os.PathLike | None = None,
    class_names: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    words: Sequence[str] | None = None,
) -> Figure:
    """Draws the first prototypes, as many as stay readable: 6 to 10.

    Args:
      found: of ``thesis_rnn.prototype``.
      path: where to save the figure, as .png or .pdf.
      class_names: what to call the classes.
      feature_names: what to call the features of series.
      words: the word of each token.

    Returns:
      The figure.

    Raises:
      InputError: inputs of another shape than images, series or tokens, or names that do not fit.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((4, 2)), keras.layers.GRU(2), keras.layers.Dense(2)])
      >>> data = np.random.default_rng(0).normal(size=(20, 4, 2))
      >>> len(plot_prototypes(prototype(model, target=1, data=data, steps=2)).axes)
      3
    """
    check_kind("found", found, Prototypes, "what thesis_rnn.prototype gave")
    captions = _captions(found, class_names)
    if found.x.dtype.kind in "iu":
        figure = _texts(found, captions, words)
    elif found.x.ndim in (4, 5):
        figure = _images(found, captions)
    elif found.x.ndim in (2, 3):
        figure = _series(found, captions, feature_names)
    else:
        raise InputError(f"prototypes are drawn of images, series or tokens; received shape {list(found.x.shape)}")
    if path is not None:
        save_figure(figure, path)
    return figure


def _captions(found: Prototypes, class_names) -> list[str]:
    """What is said above each prototype: of what it is, p, and its density among the data."""
    captions = []
    for target, value, p, denser in zip(found.target, found.value, found.p, found.denser, strict=True):
        name = found.unit or (f"class {target}" if class_names is None else str(class_names[target]))
        told = f"activation {value:.3g}" if found.unit else f"value {value:.3g}" if np.isnan(p) else f"p = {p:.3f}"
        more = "" if np.isnan(denser) else f"\ndenser than {denser:.0%}"
        captions.append(f"{name}\n{told}{more}")
    return captions


# ---- images


def _images(found: Prototypes, captions: list[str]) -> Figure:
    shown = slice(SHOWN["images"])
    rows = [_flat(x[shown]) for x in (found.start, found.x, found.neighbour)]
    n, height, width = rows[0].shape
    side = min(IMAGE, (WIDTH - LABEL_WIDTH) / n)
    tall = side * height / width
    figure = Figure(figsize=(LABEL_WIDTH + side * n, CAPTION + 3 * (tall + 0.06) + 0.05), layout="constrained")
    axes = figure.subplots(3, n, squeeze=False)
    limits = Normalize(float(rows[2].min()), float(rows[2].max()) or 1.0)
    for line, images, name in zip(axes, rows, ROWS, strict=True):
        for axis, image in zip(line, images, strict=True):
            axis.imshow(image, cmap="gray_r", norm=limits, interpolation="nearest")
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set(color=LIGHT_GREY, linewidth=0.6)
        line[0].set_ylabel(name, fontsize=TEXT, rotation=0, ha="right", va="center", labelpad=6)
    for axis, caption in zip(axes[0], captions[shown], strict=True):
        axis.set_title(caption, fontsize=SMALL_TEXT if side > 1 else SMALL_TEXT - 2, pad=3)
    return figure


def _flat(x: np.ndarray) -> np.ndarray:
    """Images [n, rows, columns]: channels are averaged, steps stand side by side."""
    if x.shape[-1] in CHANNELS and x.ndim == 4:
        return x.mean(axis=-1)
    return join_steps(x.mean(axis=-1) if x.ndim == 5 else x)


# ---- series


def _series(found: Prototypes, captions: list[str], names: Sequence[str] | None) -> Figure:
    n = min(len(found.x), SHOWN["series"])
    arrays = [x[:n, :, np.newaxis] if x.ndim == 2 else x[:n] for x in (found.start, found.x, found.neighbour)]
    count = arrays[0].shape[2]
    if names is not None and len(names) != count:
        raise InputError(f"feature_names must name each of {count} features; received {len(names)}")
    figure = Figure(figsize=(WIDTH, 0.35 + (PANEL + 0.15) * n), layout="constrained")
    axes = figure.subplots(n, 3, squeeze=False, sharex=True, sharey="row" if count <= LINES else True)
    for place, line in enumerate(axes):
        own: list = [found.lengths, found.lengths, found.neighbour_lengths] if found.x.ndim == 3 else [[None] * n] * 3
        for axis, x, lengths in zip(line, arrays, own, strict=True):
            series = x[place, : lengths[place]]
            _lines(axis, series) if count <= LINES else _picture(axis, series, np.abs(arrays[2]).max() or 1.0, names)
        line[0].set_ylabel(captions[place], fontsize=SMALL_TEXT)
    for axis, name in zip(axes[0], ROWS, strict=True):
        axis.set_title(name, fontsize=TEXT, pad=4)
    for axis in axes[-1]:
        axis.set_xlabel("time step" if found.x.ndim == 3 else "feature", fontsize=SMALL_TEXT)
    if count <= LINES and count > 1:
        axes[0, -1].legend(names or [f"feature {k}" for k in range(count)], fontsize=SMALL_TEXT - 2, frameon=False)
    return figure


def _lines(axis: Axes, series: np.ndarray) -> None:
    for values, color, marker in zip(series.T, SERIES, MARKERS, strict=False):
        axis.plot(values, color=color, marker=marker, markersize=2.5, linewidth=1.2)
    plain_axis(axis)


def _picture(axis: Axes, series: np.ndarray, limit: float, names: Sequence[str] | None) -> None:
    axis.imshow(series.T, cmap="PuOr_r", norm=Normalize(-limit, limit), aspect="auto", interpolation="nearest")
    axis.tick_params(labelsize=SMALL_TEXT - 2, color=GREY)
    axis.spines[:].set_color(LIGHT_GREY)
    if names is not None and series.shape[1] <= 14:
        axis.set_yticks(range(series.shape[1]), names)


# ---- texts


def _texts(found: Prototypes, captions: list[str], words: Sequence[str] | None) -> Figure:
    n = min(len(found.x), SHOWN["tokens"])
    texts, titles = [], []
    for place in range(n):
        caption = ", ".join(captions[place].split("\n"))
        beside = f" (embedded {found.p_embedded[place]:.3f})" if not np.isnan(found.p_embedded[place]) else ""
        texts += [_words(tokens[place], words) for tokens in (found.x, found.start, found.neighbour)]
        titles += [f"{caption}{beside}", "where the search started", "nearest sample"]
    return tokens_figure(texts, [np.zeros(len(text)) for text in texts], titles)


def _words(tokens: np.ndarray, words: Sequence[str] | None) -> list[str]:
    if words is None:
        return [str(token) if token else "" for token in tokens]
    if tokens.max(initial=0) >= len(words):
        raise InputError(f"words must have one for each token up to {tokens.max()}; received {len(words)}")
    return [words[token] for token in tokens]
