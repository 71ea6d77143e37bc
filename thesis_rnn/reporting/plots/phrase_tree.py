"""The tree of phrases of one sample: its steps below, above them the phrases that they were joined to."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.cells import class_name
from thesis_rnn.attribution.inputs.axes import Axes as AxisNames
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.tokens import ink_on, token_colours
from thesis_rnn.reporting.plots.texts import words_of
from thesis_rnn.reporting.plots.units import checked_sample
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT

LETTER = 0.6 * SMALL_TEXT
"""Points."""
LEVEL, HIGHEST = 0.42, 8.0
"""Inches of a level, and of all of them together."""


class Box(NamedTuple):
    """A phrase.

    Attributes:
      start, stop: its place among the steps that are no padding.
      low, high: the level it was joined at, and that of what it became part of.
      score: that of the phrase.
      interaction: how much of it is of none of its two parts; None of a single step.
    """

    start: int
    stop: int
    low: int
    high: int
    score: float
    interaction: float | None


def draw_tree(ax: Axes, explanation: Explanation, sample: int = 0, words: Sequence[str] | None = None) -> None:
    """The phrases of one sample on the colour of their score, each above its two parts; + and - tell the interaction.

    Args:
      ax: where to draw.
      explanation: by ``agglomerative_decomposition``.
      sample: its number.
      words: of the steps; by default the names of the steps, or the tokens, or numbers.

    Raises:
      InputError: another method's explanation, no such sample, or not one word for each step.
    """
    sample = checked_sample(explanation, sample)
    steps, boxes = boxes_of(explanation, sample)
    words, levels = _words(explanation, sample, steps, words), max(box.high for box in boxes)
    letters, lines = _room(ax, len(steps), levels)
    colours = token_colours(np.array([box.score for box in boxes]))
    for box, colour in zip(boxes, colours, strict=True):
        place = (box.start, box.low), box.stop - box.start, box.high - box.low
        ax.add_patch(Rectangle(*place, facecolor=tuple(colour), edgecolor="white", linewidth=min(1, lines)))
        middle = (box.start + box.stop) / 2, (box.low + box.high) / 2
        look = {"ha": "center", "va": "center", "fontsize": SMALL_TEXT, "color": ink_on(colour)}
        if lines * (box.high - box.low) >= 1:
            ax.text(*middle, _said(box, letters * (box.stop - box.start)), **look)
    steep = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
    crowded = max(map(len, words)) + 1 > letters
    shown = slice(None, None, math.ceil(2 / letters) if crowded else 1)  # a steep word is as wide as two letters
    ax.set_xticks(np.arange(len(steps))[shown] + 0.5, words[shown], parse_math=False, **steep if crowded else {})
    ax.set(xlim=(0, len(steps)), ylim=(0, levels), yticks=[])
    ax.spines[:].set_visible(False)
    ax.tick_params(color=GREY, labelsize=SMALL_TEXT, length=0)
    name = class_name(explanation, explanation.target[sample])
    title = f"sample {sample}, class {name}: score of phrases, interaction of their two parts in brackets"
    ax.set_title(title, fontsize=TEXT, loc="left")


def boxes_of(explanation: Explanation, sample: int) -> tuple[np.ndarray, list[Box]]:
    """The steps of a sample that are no padding, and the boxes of its tree.

    Raises:
      InputError: an explanation without one.
    """
    if "joins" not in explanation.details:
        raise InputError(
            "a tree is drawn of method='agglomerative_decomposition', of samples of one length; received "
            f"{explanation.method} without one"
        )
    joins, spans, scores, interactions = (
        explanation.details[name][sample] for name in ("joins", "spans", "scores", "interactions")
    )
    steps = np.flatnonzero(spans[: len(joins) + 1, 0] >= 0)
    low, high = _levels(joins)
    nodes = np.flatnonzero(spans[:, 0] >= 0)
    starts, stops = np.searchsorted(steps, spans[nodes].T)
    of_joins = [None if node <= len(joins) else float(interactions[node - len(joins) - 1]) for node in nodes]
    rows = zip(starts, stops, low[nodes], high[nodes], scores[nodes], of_joins, strict=True)
    return steps, [Box(*map(int, row[:4]), float(row[4]), row[5]) for row in rows]


def _levels(joins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The level of each node, one above the higher of its parts; and that of the node above it."""
    count = len(joins) + 1
    low = np.zeros(2 * count - 1, int)
    for node, (a, b) in enumerate(joins, start=count):
        if a >= 0:
            low[node] = 1 + max(low[a], low[b])
    high = low + 1
    for node, (a, b) in enumerate(joins, start=count):
        if a >= 0:
            high[[a, b]] = low[node]
    return low, high


def tree_height(explanation: Explanation, sample: int = 0, words=None) -> float:
    """Inches that the tree of a sample takes."""
    _, boxes = boxes_of(explanation, checked_sample(explanation, sample))
    return 1.2 + min(HIGHEST, LEVEL * max(box.high for box in boxes))


def _room(ax: Axes, steps: int, levels: int) -> tuple[float, float]:
    """Letters that stand beside each other on a step, and lines above each other in a level."""
    extent, inch = ax.get_window_extent(), ax.figure.dpi
    return extent.width / inch * 72 / LETTER / steps, extent.height / inch * 72 / (1.2 * SMALL_TEXT) / levels


def _said(box: Box, room: float) -> str:
    """The score, and the interaction of two parts below it, as far as there is room."""
    score = f"{box.score:.2g}"
    both = score if box.interaction is None else f"{score} ({box.interaction:+.2g})"
    return next((said for said in (both, score) if len(said) < room), "")


def _words(explanation: Explanation, sample: int, steps: np.ndarray, words: Sequence[str] | None) -> list[str]:
    """The words of the ``steps``; words may be given for padding, too."""
    count, names = (
        len(explanation.details["joins"][sample]) + 1,
        explanation.axes[0] if explanation.axes else AxisNames(),
    )
    if words is None and not names.steps and not (names.tokens and explanation.x is not None):
        words = [str(step) for step in range(count)]
    words = words_of(explanation, sample, count) if words is None else [str(word) for word in words]
    if len(words) not in (count, len(steps)):
        raise InputError(f"each of {len(steps)} steps needs a word; received {len(words)}")
    return words if len(words) == len(steps) else [words[step] for step in steps]
