"""Texts as web pages and figures: every token on the colour of its relevance."""

import html
import os
import pathlib
from collections.abc import Sequence

import numpy as np
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import RELEVANCE, SMALL_TEXT, TEXT, WIDTH
from thesis_rnn.support.checks import finite_array

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.9 system-ui, sans-serif; color: #000; background: #fff; max-width: 60em; margin: 2em auto;
  padding: 0 1em; }}
h2 {{ font-size: 1em; margin: 1.5em 0 0.3em; }}
.token {{ padding: 0.15em 0.25em; border-radius: 0.2em; white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>Red speaks for what is explained, blue against it, white says nothing. Each text has a scale of its own; the number
appears when the pointer rests on a token.</p>
{texts}
</body>
</html>
"""


def token_page(
    tokens: ArrayLike,
    relevance: ArrayLike,
    titles: Sequence[str],
    vocabulary: Sequence[str] | None = None,
    title: str = "Relevance of tokens",
) -> str:
    """A page of HTML that needs nothing else, in ASCII: a paragraph for each text, each token on its colour.

    The colours run from -max|R| (blue) over 0 (white) to max|R| (red) of each text.

    Args:
      tokens: integers ``[n, steps]``.
      relevance: ``[n, steps]``.
      titles: what stands above each text, ``n`` of them.
      vocabulary: token -> word; without it, tokens appear as numbers.
      title: the page's.

    Raises:
      InputError: arrays that do not fit each other, or a token without a word.
    """
    tokens, relevance = np.asarray(tokens), finite_array("relevance [n, steps]", relevance, axes=2)
    if tokens.shape != relevance.shape or tokens.dtype.kind not in "iu" or len(titles) != len(tokens):
        raise InputError(
            f"tokens must be integers of relevance's shape {relevance.shape}, with a title for each text; received "
            f"{tokens.dtype} of shape {tokens.shape} and {len(titles)} titles"
        )
    texts = [
        f"<h2>{html.escape(heading)}</h2>\n<p>{_text(_words(text, vocabulary), heatmap)}</p>"
        for text, heatmap, heading in zip(tokens, relevance, titles, strict=True)
    ]
    page = PAGE.format(title=html.escape(title), texts="\n".join(texts))
    return page.encode("ascii", "xmlcharrefreplace").decode()  # reads the same whatever the file's encoding is


# Inches.
LETTER, LINE, TITLE, MARGIN = 0.6 * SMALL_TEXT / 72, 0.22, 0.3, 0.15


def tokens_figure(
    words: Sequence[Sequence[str]], relevance: Sequence[ArrayLike], titles: Sequence[str], note: str = ""
) -> Figure:
    """A paragraph for each text, each word on the colour of its relevance; each text has a scale of its own.

    Args:
      words: the words of each text; "" is padding and left out.
      relevance: a number for each word, for each text.
      titles: what stands above each text.
      note: a line below.

    Raises:
      InputError: no texts, or not one title and one number for each word.
    """
    if not len(words) or not len(words) == len(relevance) == len(titles):
        received = f"{len(words)} texts, {len(relevance)} heatmaps and {len(titles)} titles"
        raise InputError(f"a figure needs texts, each with its relevance and a title; received {received}")
    placed = [_placed(*text) for text in zip(words, relevance, strict=True)]
    lines = [1 + max((line for line, *_ in own), default=0) for own in placed]
    height = 2 * MARGIN + sum(TITLE + LINE * count for count in lines) + (LINE if note else 0)
    figure, top = Figure(figsize=(WIDTH, height)), MARGIN
    for own, count, title in zip(placed, lines, titles, strict=True):
        figure.text(MARGIN / WIDTH, 1 - (top + TITLE / 2) / height, title, fontsize=TEXT, va="center")
        for line, left, word, colour in own:
            box = {"facecolor": colour, "edgecolor": "none", "boxstyle": "square,pad=0.15"}
            place = (MARGIN + left * LETTER) / WIDTH, 1 - (top + TITLE + LINE * (line + 0.5)) / height
            look = {"fontsize": SMALL_TEXT, "family": "monospace", "color": ink_on(np.asarray(colour))}
            figure.text(*place, word, va="center", bbox=box, parse_math=False, **look)
        top += TITLE + LINE * count
    figure.text(MARGIN / WIDTH, MARGIN / height, note, fontsize=SMALL_TEXT, va="center")
    return figure


def _placed(words: Sequence[str], relevance: ArrayLike) -> list[tuple[int, int, str, tuple]]:
    """(line, letters to its left, word, colour) of each word that is no padding."""
    relevance = np.asarray(relevance, float)
    if relevance.shape != (len(words),) or not np.isfinite(relevance).all():
        received = f"shape {list(relevance.shape)} for {len(words)} words"
        raise InputError(f"each word needs a finite number as its relevance; received {received}")
    colours = token_colours(relevance)
    line = left = 0
    places = []
    for word, colour in zip(map(str, words), colours, strict=True):
        if left + len(word) > LETTERS and left:
            line, left = line + 1, 0
        if word:
            places.append((line, left, word, tuple(colour)))
            left += len(word) + 1
    return places


LETTERS = int((WIDTH - 2 * MARGIN) / LETTER)
"""Of a line."""


def read_vocabulary(path: str | os.PathLike) -> list[str]:
    """The words of a UTF-8 text file, one on each line; the first line is the word of token 0.

    Raises:
      InputError: if the file cannot be read.
    """
    try:
        return pathlib.Path(path).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"expected a vocabulary, one word on each line; received {path}: {error}") from None


def _words(text: np.ndarray, vocabulary: Sequence[str] | None) -> list[str]:
    if vocabulary is None:
        return [str(token) for token in text]
    if text.size and not 0 <= text.min() <= text.max() < len(vocabulary):
        received = f"{text.min()}..{text.max()}"
        raise InputError(
            f"the vocabulary must have a word for each token, it has {len(vocabulary)}; received {received}"
        )
    return [vocabulary[token] for token in text]


def _text(words: list[str], relevance: np.ndarray) -> str:
    colours = token_colours(relevance)
    return "\n".join(
        f'<span class="token" style="background:{to_hex(colour)};color:{ink_on(colour)}" title="{value:.4g}">'
        f"{html.escape(word)}</span>"
        for word, value, colour in zip(words, relevance, colours, strict=True)
    )


def token_colours(relevance: np.ndarray) -> np.ndarray:
    """The colours [steps, 4] of the words of a text, from -max|R| (blue) over 0 (white) to max|R| (red)."""
    limit = np.abs(relevance).max(initial=0.0) or 1.0
    return RELEVANCE(Normalize(-limit, limit)(relevance))


def ink_on(colour: np.ndarray) -> str:
    """Black or white, whichever is easier to read on ``colour`` (relative luminance of WCAG 2.1)."""
    red, green, blue = np.where(colour[:3] <= 0.04045, colour[:3] / 12.92, ((colour[:3] + 0.055) / 1.055) ** 2.4)
    return "black" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "white"
