"""Heatmaps of an explanation, chosen by the shape of what was explained."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.cells import class_name
from thesis_rnn.attribution.inputs.axes import Axes as AxisNames
from thesis_rnn.attribution.inputs.structure import leaves_of
from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.images import draw_heatmap, heatmap_figure
from thesis_rnn.reporting.heatmaps.series import NAMED_FEATURES, series_figure
from thesis_rnn.reporting.style import RELEVANCE, SMALL_TEXT, TEXT, WIDTH

NARROW_IMAGES, WIDE_IMAGES, SERIES = 8, 4, 4
"""Samples that stay readable on one page."""


def samples_figure(explanation: Explanation, x: ArrayLike | None = None, channels_last: bool = False) -> Figure:
    """The first samples, as many as stay readable: 4 to 8; see ``thesis_rnn.plot``.

    Raises:
      InputError: another shape, or inputs of another shape than the relevance.
    """
    if not isinstance(explanation.relevance, np.ndarray) or any(names.tokens for names in explanation.axes):
        return _of_each_input(explanation)
    relevance, x = explanation.relevance, None if x is None else np.asarray(x)
    if x is not None and x.shape != relevance.shape:
        raise InputError(f"x must have relevance's shape {relevance.shape}; received {x.shape}")
    if channels_last and relevance.ndim == 4:  # an image of one step
        relevance, x = relevance[:, np.newaxis], None if x is None else x[:, np.newaxis]
    if relevance.ndim == 5:
        relevance, x = relevance.sum(axis=-1), None if x is None else x.mean(axis=-1)
    return _FIGURES.get(relevance.ndim, _refuse)(explanation, relevance, x)


def draw_sample(ax: Axes, explanation: Explanation, sample: int = 0, place: int = 0) -> None:
    """Draws the relevance of one sample in the input at ``place``: steps to the right, features or words by name."""
    relevance = np.asarray(leaves_of(explanation.relevance)[place][sample], np.float64)
    names = explanation.axes[place] if explanation.axes else AxisNames()
    if relevance.ndim > 3:
        relevance = relevance.sum(axis=-1)
    picture = join_steps(relevance[np.newaxis])[0] if relevance.ndim == 3 else np.atleast_2d(relevance.T)
    limit = np.abs(picture).max(initial=0.0) or 1.0
    aspect = "equal" if relevance.ndim == 3 else "auto"
    ax.imshow(picture, cmap=RELEVANCE, norm=Normalize(-limit, limit), aspect=aspect, interpolation="nearest")
    ax.set_title(f"{names.input}: {sample_titles(explanation)[sample]}".removeprefix(": "), fontsize=TEXT, loc="left")
    ax.tick_params(labelsize=SMALL_TEXT)
    columns = [names.step(sample, step) for step in range(picture.shape[1])] if names.steps else names.features
    if relevance.ndim == 1 and 0 < len(columns) == picture.shape[1] <= NAMED_FEATURES:
        ax.set_xticks(range(len(columns)), columns, rotation=60, ha="right")
    if relevance.ndim == 2 and names.features and len(names.features) <= NAMED_FEATURES:
        ax.set_yticks(range(len(names.features)), names.features)
    elif relevance.ndim == 1:
        ax.set_yticks([])


def _of_each_input(explanation: Explanation) -> Figure:
    """The first samples, a column for each input."""
    inputs, samples = len(leaves_of(explanation.relevance)), min(SERIES, len(explanation.target))
    figure = Figure(figsize=(WIDTH, 1.6 * samples + 0.2), layout="constrained")
    for sample, row in enumerate(figure.subplots(samples, inputs, squeeze=False)):
        for place, axis in enumerate(row):
            draw_sample(axis, explanation, sample, place)
    return figure


def sample_titles(explanation: Explanation) -> list[str]:
    """What was explained of each sample, in words."""
    return [
        f"sample {number}, {_class(explanation, target)} ({value:.3g})"
        for number, (target, value) in enumerate(zip(explanation.target, explanation.value, strict=True))
    ]


def _class(explanation: Explanation, target: int) -> str:
    return class_name(explanation, target) if explanation.class_names else f"class {target}"


def _images(explanation: Explanation, relevance: np.ndarray, x: np.ndarray | None) -> Figure:
    _, steps, rows, columns = relevance.shape
    shown = slice(NARROW_IMAGES if steps * columns <= 1.5 * rows else WIDE_IMAGES)
    relevance, target = relevance[shown], explanation.target[shown]
    if x is None:
        return _heatmaps(join_steps(relevance), target)
    names = [f"class {index}" for index in range(target.max() + 1)]
    return heatmap_figure(_scaled(x[shown]), {explanation.method: relevance}, target, target, names)


def _heatmaps(relevance: np.ndarray, target: np.ndarray) -> Figure:
    n, rows, width = relevance.shape
    figure = Figure(figsize=(WIDTH, 0.4 + WIDTH / n * rows / width), layout="constrained")
    for axis, heatmap, index in zip(figure.subplots(1, n, squeeze=False)[0], relevance, target, strict=True):
        draw_heatmap(axis, heatmap)
        axis.set_title(f"class {index}", fontsize=TEXT, pad=3)
    return figure


def _scaled(x: np.ndarray) -> np.ndarray:
    """From -1, the least value, to 1, the greatest; -1 where all are equal."""
    x = x.astype(np.float64)
    return 2 * (x - x.min()) / (np.ptp(x) or 1.0) - 1


def _series(explanation: Explanation, relevance: np.ndarray, x: np.ndarray | None) -> Figure:
    titles = sample_titles(explanation)[:SERIES]
    names = explanation.axes[0].features if explanation.axes else ()
    features = names if len(names) == relevance.shape[-1] else None
    return series_figure(relevance[:SERIES], titles, None if x is None else x[:SERIES], features)


def _one_feature(explanation: Explanation, relevance: np.ndarray, x: np.ndarray | None) -> Figure:
    return _series(explanation, relevance[..., np.newaxis], None if x is None else x[..., np.newaxis])


def _refuse(explanation: Explanation, relevance: np.ndarray, x: np.ndarray | None) -> Figure:
    shapes = "[n, steps, rows, columns], with or without channels, [n, steps, features] or [n, steps]"
    raise InputError(f"figures are drawn of relevance {shapes}; received {list(relevance.shape)}")


_FIGURES = {2: _one_feature, 3: _series, 4: _images}
