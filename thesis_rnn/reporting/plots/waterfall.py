"""A waterfall of one sample: from the base to the explained output, a bar for each of the largest parts."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.cells import class_name
from thesis_rnn.reporting.plots.units import Units, checked_sample, units_of
from thesis_rnn.reporting.style import BLUE, GREY, LIGHT_GREY, SMALL_TEXT, TEXT, VERMILLION, plain_axis
from thesis_rnn.support.checks import at_least_one

ROUNDING = 1e-5
"""The share of the sum of |R| that a difference must exceed to be more than rounding."""


class Account(NamedTuple):
    """What a waterfall shows.

    Attributes:
      base: where it begins.
      parts: name and amount of each bar, from the base to the end.
      end: base plus all parts.
      words: what the base, the end, and the whole are.
    """

    base: float
    parts: list[tuple[str, float]]
    end: float
    words: tuple[str, str, str]


def draw_waterfall(ax: Axes, explanation: Explanation, sample: int = 0, top: int = 10, by: str = "cells") -> None:
    """The largest parts of one sample, from the base to the explained output.

    Args:
      ax: where to draw.
      explanation: of one class for each sample.
      sample: its number.
      top: how many parts have a bar of their own; the others share one.
      by: "cells", "steps" or "features".

    Raises:
      InputError: no such sample, or no such parts.
    """
    account = account_of_sample(explanation, sample, top, by)
    amounts = np.array([amount for _, amount in account.parts])
    ends = account.base + np.cumsum(amounts)
    places = np.arange(len(amounts))
    colours = [VERMILLION if amount > 0 else BLUE for amount in amounts]
    ax.barh(places, amounts, left=ends - amounts, color=colours, height=0.7)
    for place, amount, end in zip(places, amounts, ends, strict=True):
        ax.plot([end, end], [place - 0.35, place + 1.35], color=GREY, linewidth=0.7, clip_on=True)
        side, shift = ("left", 4) if amount >= 0 else ("right", -4)
        look = {"ha": side, "va": "center", "fontsize": SMALL_TEXT}
        ax.annotate(f"{amount:+.3g}", (end, place), (shift, 0), textcoords="offset points", **look)
    ax.set_yticks(places, [name for name, _ in account.parts])
    _mark(ax, account.base, account.words[0], edge=0, shift=-27)
    _mark(ax, account.end, account.words[1], edge=1, shift=3)
    ax.use_sticky_edges = False  # of bars, which would leave no room for their numbers
    ax.margins(x=0.2)
    ax.set_ylim(-0.6, len(amounts) - 0.4)
    plain_axis(ax)
    ax.grid(visible=False)
    name = f"class {class_name(explanation, explanation.target[sample])}"
    ax.set_title(f"sample {sample}, {name}, {explanation.method}", fontsize=TEXT, loc="left", pad=20)
    ax.set_xlabel(account.words[2], fontsize=SMALL_TEXT, labelpad=18)


def _mark(ax: Axes, place: float, word: str, edge: int, shift: int) -> None:
    """A line across at ``place``, with its name below (edge 0) or above (edge 1)."""
    ax.axvline(place, color=LIGHT_GREY, linewidth=1, zorder=0)
    look = {"ha": "center", "fontsize": SMALL_TEXT, "color": GREY, "textcoords": "offset points"}
    ax.annotate(f"{word} = {place:.3g}", (place, edge), (0, shift), xycoords=("data", "axes fraction"), **look)


def account_of_sample(explanation: Explanation, sample: int = 0, top: int = 10, by: str = "cells") -> Account:
    """The bars of a waterfall, the largest last, and what they add up to.

    A method that conserves begins at 0 and ends at the output that it shares out; what did not reach the input is a
    bar. One that is complete begins at f(baseline) and ends at f(x); what it misses is a bar. Any other ends at its own
    sum.

    Raises:
      InputError: no such sample, or no such parts.
    """
    sample = checked_sample(explanation, sample)
    at_least_one(top=top)
    units = units_of(explanation, by, sample)
    value, explained = float(explanation.value[sample]), float(explanation.explained[sample])
    expected = np.nan if explanation.expected is None else float(explanation.expected[sample])
    parts, total = _largest(units, top)
    rounding = ROUNDING * float(np.nansum(np.abs(units.relevance)))
    if explanation.conserves:
        base, end, left = 0.0, explained, ("did not reach the input", explained - total)
        of = "f(x)" if explained == value else f"the positive part of f(x) = {value:.3g}"
        words = ("base", "output", f"relevance: with what did not reach the input it sums to {of}")
    elif not np.isnan(expected):
        base, end, left = value - expected, value, ("missed by the method", expected - total)
        words = ("f(baseline)", "f(x)", "relevance: sums to f(x) - f(baseline)")
    else:
        base, end, left = 0.0, total, ("", 0.0)
        words = ("base", "sum", f"relevance: does not sum to f(x) = {value:.3g}, as this method does not conserve it")
    return Account(base, ([left] if abs(left[1]) > rounding else []) + parts, end, words)


def _largest(units: Units, top: int) -> tuple[list[tuple[str, float]], float]:
    """The ``top`` largest with the sum of the others before them, the largest last; and the sum of all."""
    relevance, values = units.relevance[0], units.values[0]
    order = [unit for unit in np.argsort(-np.abs(relevance), kind="stable") if not np.isnan(relevance[unit])]
    shown, others = order[:top], order[top:]
    parts = [(_named(units.names[unit], values[unit]), float(relevance[unit])) for unit in reversed(shown)]
    if others:
        parts.insert(0, (f"{len(others)} others", float(relevance[others].sum())))
    return parts, float(relevance[order].sum())


def _named(name: str, value: float) -> str:
    return name if np.isnan(value) else f"{name} = {value:.3g}"
