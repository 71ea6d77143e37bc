"""The majority problem in pictures: what is asked (figure 3.8), and how an answer's explanation is scored (3.10)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.reporting.heatmaps.images import draw_heatmap, draw_input, mark_evidence
from thesis_rnn.reporting.style import EVIDENCE, GREY, LIGHT_GREY, SMALL_TEXT, TEXT, WIDTH

PROBLEM_HEIGHT, SCORED_HEIGHT = 2.5, 1.8  # inches of a row of figure 3.8 and of figure 3.10
LEFT, PROBLEM_WIDTH, RIGHT = 1.7, 5.4, 1.9  # what stands left of its sequence, the sequence, and right of it
NOTE = "Under each heatmap: the share of its positive relevance that falls on each block."


@dataclass(frozen=True)
class Scored:
    """Explanations and what the two measures make of them; for a single sample, all without the first axis.

    Attributes:
      relevance: ``[n, rows, width]``.
      blocks: the positive relevance of each block, ``[n, blocks]``.
      percentage: the share of it on the evidence, 0 to 100, ``[n]``.
      cosine: its similarity with the evidence, ``[n]``.
    """

    relevance: np.ndarray
    blocks: np.ndarray
    percentage: np.ndarray
    cosine: np.ndarray

    def of(self, sample: int) -> "Scored":
        """A single sample's."""
        return Scored(self.relevance[sample], self.blocks[sample], self.percentage[sample], self.cosine[sample])


def problem_rows(examples: Mapping[str, tuple[ArrayLike, ArrayLike, str]], steps: int) -> Figure:
    """A row for each example: the sequence cut into its steps, the evidence m, and the class that is asked for.

    Args:
      examples: title -> image ``[rows, width]`` with pixels in [-1, 1], evidence ``[blocks]``, class in words.
      steps: into how many steps a sequence is cut.
    """
    total = PROBLEM_HEIGHT * len(examples)
    width = LEFT + PROBLEM_WIDTH + RIGHT
    figure = Figure(figsize=(width, total))
    for row, (title, (image, evidence, name)) in enumerate(examples.items()):
        middle = 1 - (row + 0.5) / len(examples)
        rows, columns = np.shape(image)
        height = PROBLEM_WIDTH * rows / columns / total
        axis = figure.add_axes((LEFT / width, middle - height / 2, PROBLEM_WIDTH / width, height))
        draw_input(axis, image)
        _draw_steps(axis, columns, steps)
        mark_evidence(axis, np.asarray(evidence), columns)
        _write_below(axis, [_block_text(mark, name) for mark in evidence], evidence)
        figure.text(0.01, middle, title, fontsize=TEXT, fontweight="bold", va="center")
        figure.text((LEFT + PROBLEM_WIDTH + 0.15) / width, middle, f"→  RNN  →  {name}", fontsize=TEXT, va="center")
    return figure


def disagreement_rows(examples: Mapping[str, tuple[ArrayLike, ArrayLike, Mapping[str, Scored]]]) -> Figure:
    """A row for each example: the sequence, then its explanations with each block's share and both measures.

    Args:
      examples: title -> image ``[rows, width]``, evidence ``[blocks]``, and label -> a single sample's ``Scored``; the
        same number of explanations in each.
    """
    figure = Figure(figsize=(WIDTH, SCORED_HEIGHT * len(examples) + 0.25), layout="constrained")
    columns = 1 + max(len(scored) for _, _, scored in examples.values())
    axes = figure.subplots(len(examples), columns, squeeze=False)
    for line, (title, (image, evidence, explanations)) in zip(axes, examples.items(), strict=True):
        draw_input(line[0], image)
        mark_evidence(line[0], np.asarray(evidence), np.shape(image)[1])
        line[0].set_title(f"{title}\n", fontsize=TEXT, fontweight="bold")
        _write_below(line[0], [f"m = {mark}" for mark in evidence], evidence)
        for axis, (label, scored) in zip(line[1:], explanations.items(), strict=True):
            draw_heatmap(axis, scored.relevance)
            numbers = f"{scored.percentage:.1f} % right, cosine {scored.cosine:.2f}"
            axis.set_title(f"{label}\n{numbers}", fontsize=TEXT)
            shares = np.asarray(scored.blocks) / np.sum(scored.blocks)
            _write_below(axis, [f"{100 * share:.1f} %" for share in shares], evidence)
            _draw_lines(axis, np.shape(scored.relevance)[1], len(shares), GREY)
    figure.supxlabel(NOTE, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _draw_lines(axis: Axes, width: int, parts: int, color: str) -> None:
    """Lines between equal parts of an image; pixel centres are whole numbers."""
    for part in range(1, parts):
        axis.axvline(part * width / parts - 0.5, color=color, linewidth=0.8)


def _draw_steps(axis: Axes, width: int, steps: int) -> None:
    """Lines between the steps, and their numbers above."""
    _draw_lines(axis, width, steps, LIGHT_GREY)
    for step in range(steps):
        place = ((step + 0.5) * width / steps - 0.5, 1.04)
        axis.text(*place, f"$x_{{{step + 1}}}$", transform=axis.get_xaxis_transform(), ha="center", fontsize=SMALL_TEXT)


def _block_text(mark: int, name: str) -> str:
    return f"{name}, m = 1" if mark else "another, m = 0"


def _write_below(axis: Axes, texts: list[str], evidence: ArrayLike) -> None:
    """A text under each block, green under the evidence."""
    left, right = axis.get_xlim()
    width = (right - left) / len(texts)
    for block, (text, mark) in enumerate(zip(texts, evidence, strict=True)):
        color = EVIDENCE if mark else GREY
        axis.annotate(
            text,
            (left + (block + 0.5) * width, 0),
            (0, -9),
            xycoords=axis.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=SMALL_TEXT,
            color=color,
        )
