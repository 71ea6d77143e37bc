"""A text of one sample: every word on the colour of its relevance, phrases with the sum of theirs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import OffsetFrom

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.cells import class_name
from thesis_rnn.attribution.inputs.axes import Axes as AxisNames
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.tokens import ink_on, token_colours
from thesis_rnn.reporting.plots.units import checked_sample, units_of
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT, WIDTH

# Points.
LETTER, LINE = 0.6 * TEXT, 2.2 * TEXT
PHRASE = 0.95 * TEXT  # below a word
LETTERS = int(0.77 * WIDTH * 72 / LETTER)
"""Of a line of a figure of its own."""


def draw_text(
    ax: Axes,
    explanation: Explanation,
    sample: int = 0,
    words: Sequence[str] | None = None,
    phrases: Sequence[tuple[int, int]] = (),
) -> None:
    """The words of one sample, red for what is explained, blue against it, by the largest |R| of the text.

    Args:
      ax: where to draw; words go on in a new line at its right end.
      explanation: of tokens, or of steps that have words.
      sample: its number.
      words: of the steps; by default the names of the steps, or the tokens. "" is padding and left out.
      phrases: (first, end) of runs of words, as of a slice: a line below them tells the sum of their relevance.

    Raises:
      InputError: no such sample, no words, or phrases that are none.
    """
    sample = checked_sample(explanation, sample)
    relevance = units_of(explanation, "steps", sample).relevance[0]
    relevance = relevance[~np.isnan(relevance)]
    words = words_of(explanation, sample, len(relevance)) if words is None else [str(word) for word in words]
    if len(words) != len(relevance):
        raise InputError(f"each of {len(relevance)} steps needs a word; received {len(words)}")
    _check(phrases, len(words))
    width = ax.get_window_extent().width * 72 / ax.figure.dpi
    places = word_places([len(word) for word in words], int(width / LETTER))
    for word, (line, left), colour in zip(words, places, token_colours(relevance), strict=True):
        if word:
            box = {"facecolor": tuple(colour), "edgecolor": "none", "boxstyle": "square,pad=0.15"}
            look = {"family": "monospace", "fontsize": TEXT, "color": ink_on(colour), "bbox": box}
            _write(ax, left * LETTER, -LINE * (line + 0.6), word, look)
    for first, end in phrases:
        _underline(ax, places[first:end], words[first:end], float(relevance[first:end].sum()))
    ax.set_axis_off()
    name = class_name(explanation, explanation.target[sample])
    title = f"sample {sample}, class {name}, {explanation.method}: sum {relevance.sum():.3g}"
    ax.set_title(title, fontsize=TEXT, loc="left")


def word_places(lengths: Sequence[int], letters: int) -> list[tuple[int, int]]:
    """(line, letters to its left) of each word, a space between two; a word that does not fit begins a line.

    Example:
      >>> word_places([3, 4, 2], letters=8)
      [(0, 0), (0, 4), (1, 0)]
    """
    line = left = 0
    places = []
    for length in lengths:
        if left and left + length > letters:
            line, left = line + 1, 0
        places.append((line, left))
        left += length + 1 if length else 0
    return places


def text_height(explanation: Explanation, sample: int = 0, words=None, phrases=()) -> float:
    """Inches that the text of a sample takes as a figure of its own."""
    count = units_of(explanation, "steps", checked_sample(explanation, sample)).relevance.shape[1]
    words = words_of(explanation, sample, count) if words is None else words
    lines = 1 + max((line for line, _ in word_places([len(str(word)) for word in words], LETTERS)), default=0)
    return 0.6 + LINE / 72 * (lines + bool(phrases) / 2)


def _write(ax: Axes, right: float, up: float, text: str, look: dict) -> None:
    """``text`` so many points from the upper left corner, whatever size the axis gets later."""
    place = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "center", "annotation_clip": False}
    ax.annotate(text, (0, 1), (right, up), **place, parse_math=False, **look).set_in_layout(False)


def _underline(ax: Axes, places: Sequence[tuple[int, int]], words: Sequence[str], total: float) -> None:
    """A line below the words of a phrase, in each line of text that it runs through, the sum below the first."""
    corner, arrow = (
        OffsetFrom(ax, (0, 1), unit="points"),
        {"arrowstyle": "-", "color": GREY, "shrinkA": 0, "shrinkB": 0},
    )
    for line in dict.fromkeys(line for line, _ in places):
        ends = [(left, left + len(word)) for (own, left), word in zip(places, words, strict=True) if own == line]
        start, stop, up = ends[0][0] * LETTER, ends[-1][1] * LETTER, -LINE * (line + 0.6) - PHRASE
        points = {"xycoords": corner, "textcoords": corner, "annotation_clip": False, "arrowprops": arrow}
        ax.annotate("", (stop, up), (start, up), **points).set_in_layout(False)
        if line == places[0][0]:
            _write(ax, start, up - 0.75 * SMALL_TEXT, f"{total:.3g}", {"fontsize": SMALL_TEXT - 1, "color": GREY})


def words_of(explanation: Explanation, sample: int, count: int) -> list[str]:
    """The names of the ``count`` steps of a sample, or its tokens.

    Raises:
      InputError: an explanation that has neither.
    """
    names = explanation.axes[0] if explanation.axes else AxisNames()
    if names.steps:
        return [str(names.step(sample, step)) for step in range(count)]
    if names.tokens and explanation.x is not None:
        return [str(token) for token in np.asarray(explanation.x[sample]).ravel()]
    raise InputError("a text is drawn of words; give words=, or step_names= when explaining; received none")


def _check(phrases: Sequence[tuple[int, int]], count: int) -> None:
    for phrase in phrases:
        if len(phrase) != 2 or not 0 <= phrase[0] < phrase[1] <= count:
            raise InputError(f"a phrase is (first, end) with 0 <= first < end <= {count}; received {phrase}")
