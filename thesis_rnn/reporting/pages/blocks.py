"""What a page is made of, and how it becomes one file of HTML that needs nothing else.

A block is finished: words, cells, a picture, numbers that are drawn when the page opens. Everything that is written is
escaped, whatever it came from.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import ClassVar

import numpy as np
from matplotlib.colors import to_hex
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.tokens import ink_on, token_colours
from thesis_rnn.reporting.style import BLUE, GREY, VERMILLION
from thesis_rnn.support.checks import finite_array

DIGITS = 3  # of numbers that a page carries
TICKS = 5  # named steps under a series
STRIP, TALLEST = 120, 1600  # pixels: of a single feature's strip, and of all


@dataclass(frozen=True)
class Heading:
    """A heading below the page's title."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; a ``note`` is written in grey."""

    kind: ClassVar[str] = "text"
    text: str
    note: bool = False


@dataclass(frozen=True)
class Code:
    """Lines to copy."""

    kind: ClassVar[str] = "code"
    text: str


@dataclass(frozen=True)
class Cells:
    """A table of finished cells."""

    kind: ClassVar[str] = "table"
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """A PNG file, with the words that stand for it."""

    kind: ClassVar[str] = "picture"
    file: bytes
    alt: str

    @property
    def png(self) -> str:
        """The bytes as a page holds them."""
        return base64.b64encode(self.file).decode("ascii")


@dataclass(frozen=True)
class Tokens:
    """A text, each token on the colour of its relevance, scaled by the largest of the text.

    Attributes:
      tokens: in words [steps].
      relevance: [steps].
    """

    kind: ClassVar[str] = "tokens"
    tokens: Sequence[str]
    relevance: ArrayLike

    @property
    def words(self) -> list[tuple[str, str, str, str]]:
        """Word, colour, colour of its letters, and relevance in figures."""
        relevance = finite_array("relevance [steps]", self.relevance, axes=1)
        shades = token_colours(relevance)
        inks = [ink_on(shade) for shade in shades]
        numbers = [f"{value:.{DIGITS}g}" for value in relevance]
        told = zip(map(str, self.tokens), map(to_hex, shades), inks, numbers, strict=True)
        return [word for word in told if word[0]]  # "" is padding


@dataclass(frozen=True)
class Flow:
    """Where relevance went: a bar for each share of the whole, in its sign's colour.

    Attributes:
      amounts: (name, how much), from the largest.
    """

    kind: ClassVar[str] = "flow"
    amounts: Sequence[tuple[str, float]]

    @property
    def rows(self) -> list[tuple[str, float, str, str]]:
        """Name, length in percent, colour and figure."""
        largest = max((abs(amount) for _, amount in self.amounts), default=0.0) or 1.0
        return [
            (name, round(100 * abs(amount) / largest, 2), VERMILLION if amount > 0 else BLUE if amount < 0 else GREY,
             f"{amount:.{DIGITS}g}")
            for name, amount in self.amounts
        ]  # fmt: skip


@dataclass(frozen=True)
class Series:
    """A series as strips, one a feature: relevance as colour, values as a line, both told where the pointer rests.

    Attributes:
      relevance: [steps, features].
      alt: the words that stand for it.
      values: [steps, features]; None where they are not at hand.
      features, steps: their names.
    """

    kind: ClassVar[str] = "series"
    relevance: ArrayLike
    alt: str
    values: ArrayLike | None = None
    features: Sequence[str] | None = None
    steps: Sequence[str] | None = None

    @property
    def height(self) -> int:
        """Of the drawing, in pixels: a strip for each feature, thinner where there are many."""
        features = np.shape(self.relevance)[1]
        return min(TALLEST, max(STRIP, 28 * features))

    @property
    def ticks(self) -> list[str]:
        """The names of a few steps, evenly apart, from the first to the last."""
        steps = np.shape(self.relevance)[0]
        names = names_or_numbers(self.steps, steps, "step")
        return [names[round(place)] for place in np.linspace(0, steps - 1, min(steps, TICKS))]

    @property
    def limit(self) -> str:
        """The largest |R|, at the ends of the scale."""
        return f"{np.abs(self.relevance).max(initial=0.0):.{DIGITS}g}"

    @property
    def data(self) -> str:
        """What the page draws, as JSON: numbers of three digits, null for values that are missing."""
        relevance = finite_array("relevance [steps, features]", self.relevance, axes=2)
        steps, features = relevance.shape
        if self.values is not None and np.shape(self.values) != relevance.shape:
            raise InputError(f"values must have relevance's shape {relevance.shape}; received {np.shape(self.values)}")
        return json.dumps(
            {
                "relevance": _rounded(relevance),
                "values": None if self.values is None else _rounded(np.asarray(self.values, np.float64)),
                "features": names_or_numbers(self.features, features, "feature"),
                "steps": names_or_numbers(self.steps, steps, "step"),
                "limit": float(np.abs(relevance).max(initial=0)) or 1.0,
            },
            separators=(",", ":"),
        )


Block = Heading | Text | Code | Cells | Picture | Tokens | Flow | Series


def page_of(title: str, blocks: Sequence[Block]) -> str:
    """One file of HTML: no server, no script, font or style from elsewhere.

    Args:
      title: the page's.
      blocks: from top to bottom.

    Returns:
      The page as text.

    Example:
      >>> "&lt;b&gt;" in page_of("Report", [Text("<b>")])  # whatever is written is escaped
      True
    """
    import jinja2  # only who writes a page needs it

    template = resources.files("thesis_rnn.reporting.pages").joinpath("page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(template).render(title=title, blocks=blocks)


def _rounded(values: np.ndarray) -> list[list[float | None]]:
    """[features][steps], of few digits; None where there is no number."""
    return [[float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in row] for row in values.T]


def names_or_numbers(names: Sequence[str] | None, count: int, word: str) -> list[str]:
    """``names`` where they are given, or "step 0", "step 1", ...

    Raises:
      InputError: not ``count`` names.
    """
    if names is None:
        return [f"{word} {number}" for number in range(count)]
    if len(names) != count:
        raise InputError(f"each of {count} {word}s needs a name; received {len(names)}")
    return list(map(str, names))
