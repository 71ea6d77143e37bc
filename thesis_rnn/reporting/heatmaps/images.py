"""Heatmaps over inputs: blue speaks against the explained class, white says nothing, red speaks for it."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation
from numpy.typing import ArrayLike

from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import EVIDENCE, GREY, LIGHT_GREY, MISTAKE, RELEVANCE, SMALL_TEXT, TEXT, WIDTH
from thesis_rnn.support.checks import finite_array

LABEL_LETTERS = 17  # a longer row label is broken between words

# Inches.
LABEL_WIDTH = 1.45  # left of the images
GAP = 0.08  # between images
EVIDENCE_GAP = 0.12  # under the input, where the evidence is marked
TITLE_LINE = 0.19
MAX_HEIGHT = 1.2  # of one image: few samples make a narrower figure, not coarser images

FADED = 0.35  # the opacity of a heatmap that explains a mistake


def draw_heatmap(axis: Axes, relevance: ArrayLike, faded: bool = False) -> None:
    """Draws relevance ``[rows, columns]`` on a scale of its own, from -max|R| (blue) over 0 (white) to max|R| (red).

    Relevance that is zero everywhere is drawn white. ``faded`` draws it pale, as the thesis does where the model is
    wrong, and frames it, so that a pale heatmap is not taken for one of little relevance.
    """
    relevance = finite_array("relevance [rows, columns]", relevance, axes=2)
    limit = np.abs(relevance).max() or 1.0
    alpha = FADED if faded else 1.0
    axis.imshow(relevance, cmap=RELEVANCE, norm=Normalize(-limit, limit), interpolation="nearest", alpha=alpha)
    _frame(axis, *((MISTAKE, 1.6) if faded else (LIGHT_GREY, 0.6)))


def draw_scale(axis: Axes) -> None:
    """Draws the scale of every heatmap: -1 is the blue of -max|R|, 0 white, 1 the red of max|R|."""
    axis.imshow(np.linspace(-1, 1, RELEVANCE.N)[None], cmap=RELEVANCE, aspect="auto", extent=(-1, 1, 0, 1))
    axis.set(xticks=(-1, 0, 1), xticklabels=("-1", "0", "1"), yticks=[])
    axis.tick_params(labelsize=SMALL_TEXT, length=2, pad=1, color=GREY, labelcolor=GREY)
    axis.spines[:].set(color=LIGHT_GREY, linewidth=0.6)


def draw_input(axis: Axes, image: ArrayLike) -> None:
    """Draws pixels ``[rows, columns]`` in [-1, 1], ink dark on white, so that background looks like zero relevance."""
    image = finite_array("image [rows, columns]", image, axes=2)
    axis.imshow(image, cmap="gray_r", norm=Normalize(-1, 1), interpolation="nearest")
    _frame(axis, LIGHT_GREY, 0.6)


def heatmap_figure(
    x: ArrayLike,
    relevance: Mapping[str, ArrayLike],
    y: ArrayLike,
    predicted: ArrayLike,
    class_names: Sequence[str] | None = None,
    evidence: ArrayLike | None = None,
) -> Figure:
    """The inputs in the first row, below them one row of heatmaps per method; one column per sample.

    Above each input stands its class; where the model is wrong, also what it took it for, and the input is framed.
    Up to about 8 images or 4 majority sequences stay readable.

    Args:
      x: ``[n, steps, rows, columns]``, pixels in [-1, 1].
      relevance: row label -> ``[n, steps, rows, columns]``.
      y: the true classes, ``[n]``.
      predicted: the model's, ``[n]``.
      class_names: what to call the classes instead of their numbers.
      evidence: ``[n, blocks]`` of 0 and 1; marked blocks get a bar under the input.

    Raises:
      InputError: no samples or no methods, or arrays that do not belong to the same samples.
    """
    images, y, predicted = join_steps(np.asarray(x)), np.asarray(y), np.asarray(predicted)
    _check_samples(np.shape(x), relevance, y, predicted, evidence)
    if class_names is not None and max(y.max(), predicted.max()) >= len(class_names):
        raise InputError(f"class {max(y.max(), predicted.max())} needs a name; received {len(class_names)} names")
    heatmaps = {label: join_steps(np.asarray(sequences)) for label, sequences in relevance.items()}
    titles = [_title(true, guess, class_names) for true, guess in zip(y, predicted, strict=True)]

    figure, axes = _grid(len(heatmaps), images.shape, max(title.count("\n") + 1 for title in titles))
    for sample, axis in enumerate(axes[0]):
        draw_input(axis, images[sample])
        _caption(axis, titles[sample], wrong=y[sample] != predicted[sample])
        if evidence is not None:
            mark_evidence(axis, np.asarray(evidence)[sample], images.shape[2])
    for row, maps in zip(axes[1:], heatmaps.values(), strict=True):
        for axis, heatmap in zip(row, maps, strict=True):
            draw_heatmap(axis, heatmap)
    for axis, label in zip(axes[:, 0], ["input", *heatmaps], strict=True):
        lines = textwrap.wrap(label, LABEL_LETTERS, break_long_words=False, break_on_hyphens=False)
        axis.set_ylabel("\n".join(lines), rotation=0, ha="right", va="center", fontsize=TEXT, labelpad=8)
    return figure


def _grid(methods: int, shape: tuple[int, int, int], title_lines: int) -> tuple[Figure, np.ndarray]:
    """A figure at most as wide as the house style has it, and its axes ``[1 + methods, n]``."""
    n, rows, columns = shape
    width = min((WIDTH - LABEL_WIDTH) / n - GAP, MAX_HEIGHT * columns / rows)
    height = width * rows / columns
    lefts = LABEL_WIDTH + np.arange(n) * (width + GAP)
    tops = GAP + TITLE_LINE * title_lines + np.arange(1 + methods) * (height + GAP)
    tops[1:] += EVIDENCE_GAP
    full_width, full_height = lefts[-1] + width + GAP, tops[-1] + height + GAP
    figure = Figure(figsize=(full_width, full_height))
    size = (width / full_width, height / full_height)

    def place(left: float, top: float) -> Axes:
        return figure.add_axes((left / full_width, 1 - top / full_height - size[1], *size))

    return figure, np.array([[place(left, top) for left in lefts] for top in tops])


def _title(true: int, predicted: int, class_names: Sequence[str] | None) -> str:
    if class_names is None:
        return str(true) if true == predicted else f"{true} → {predicted}"
    name = class_names[true]
    return name if true == predicted else f"{name}\n→ {class_names[predicted]}"  # names seldom fit on one line


def _caption(axis: Axes, title: str, wrong: bool) -> None:
    axis.set_title(title, fontsize=TEXT, pad=3)
    if wrong:
        axis.title.set_color(MISTAKE)
        _frame(axis, MISTAKE, 2.0)


def mark_evidence(axis: Axes, marks: np.ndarray, width: int) -> None:
    """Draws a bar under each block of an image, ``width`` pixels wide, whose mark is 1."""
    edges = np.linspace(-0.5, width - 0.5, len(marks) + 1)  # pixel centres are whole numbers
    margin = width / 60
    below = axis.get_xaxis_transform() + ScaledTranslation(0, -0.06, axis.figure.dpi_scale_trans)
    for block in np.flatnonzero(marks):
        ends = (edges[block] + margin, edges[block + 1] - margin)
        axis.plot(ends, (0, 0), color=EVIDENCE, linewidth=3, solid_capstyle="butt", transform=below, clip_on=False)


def _frame(axis: Axes, color: str, linewidth: float) -> None:
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(color=color, linewidth=linewidth)


def _check_samples(
    shape: tuple[int, ...],
    relevance: Mapping[str, ArrayLike],
    y: np.ndarray,
    predicted: np.ndarray,
    evidence: ArrayLike | None,
) -> None:
    """Raises InputError unless all arrays speak of the same samples, and there is something to draw."""
    n = shape[0]
    if not n or not relevance:
        raise InputError(f"a figure needs samples and methods; received {n} samples and {len(relevance)} methods")
    for label, sequences in relevance.items():
        if np.shape(sequences) != shape:
            raise InputError(f"relevance of {label!r} must have x's shape {shape}; received {np.shape(sequences)}")
    for name, labels in (("y", y), ("predicted", predicted)):
        if labels.shape != (n,):
            raise InputError(f"{name} must have one class per sample, shape ({n},); received {labels.shape}")
    if evidence is not None and (np.ndim(evidence) != 2 or len(evidence) != n):
        raise InputError(f"evidence must have one row per sample, shape ({n}, blocks); received {np.shape(evidence)}")
