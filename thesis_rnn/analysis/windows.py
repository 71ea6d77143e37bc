"""What excites a unit most: the windows of real samples that end where its state is highest."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.analysis.states import own_steps, principal_axes
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import RELEVANCE, SMALL_TEXT, WIDTH
from thesis_rnn.support.checks import at_least_one, finite_array

DRAWN, COLUMNS = 8, 4


class UnitWindow(NamedTuple):
    """Steps start..stop-1 of a sample, after the last of which a unit is at ``activation``.

    Example:
      >>> UnitWindow(unit=0, sample=3, start=1, stop=4, activation=0.9).stop
      4
    """

    unit: int
    sample: int
    start: int
    stop: int
    activation: float


def unit_windows(
    hidden: ArrayLike, width: int, count: int = 5, own: ArrayLike | None = None, lowest: bool = False
) -> list[UnitWindow]:
    """The samples and steps at which each unit is highest, at most one step of a sample, highest first.

    x[t - width + 1 .. t] for the t that maximise h_tk (Karpathy et al., 2015; Hermans and Schrauwen, 2013). Windows are
    cut off at the start of the series. Units are axes that the network was free to choose; directions that groups of
    units share may mean more than single ones do.

    Args:
      hidden: [n, steps, units].
      width: steps of a window.
      count: windows of each unit, at most.
      own: which steps are the samples' own, bool [n, steps]; all by default.
      lowest: where units are lowest instead.

    Returns:
      Windows, unit by unit.

    Raises:
      InputError: states that are not finite, or another shape of ``own``.

    Example:
      >>> unit_windows([[[0.0], [2.0], [1.0]], [[3.0], [0.0], [0.0]]], width=2, count=1)
      [UnitWindow(unit=0, sample=1, start=0, stop=1, activation=3.0)]
    """
    hidden = finite_array("hidden [n, steps, units]", hidden, axes=3)
    at_least_one(width=width, count=count)
    own = own_steps(own, hidden.shape[:2])
    signed = np.where(own[..., None], -hidden if lowest else hidden, -np.inf)
    steps = signed.argmax(axis=1)
    best = np.take_along_axis(signed, steps[:, None], axis=1)[:, 0]
    order = np.argsort(-best, axis=0, kind="stable")[:count]
    stops = steps + 1
    return [
        UnitWindow(k, int(s), max(0, int(stops[s, k]) - width), int(stops[s, k]), float(hidden[s, steps[s, k], k]))
        for k in range(hidden.shape[2])
        for s in order[:, k]
        if np.isfinite(best[s, k])
    ]


def top_windows(studied: Studied, width: int = 5, count: int = 5, of: str = "units") -> Finding:
    """Where each unit's state is highest; ``of=components``: each principal direction of the states."""
    if of not in ("units", "components"):
        raise InputError(f"of must be units or components; received {of!r}")
    rows, drawn = [], {}
    for name, states in studied.states.items():
        hidden = states.hidden if of == "units" else _components(states)
        windows = unit_windows(hidden, width, count, states.own)
        rows += [(name, *window, _content(studied, states, window)) for window in windows]
        drawn[name] = (states, windows, _by_spread(hidden[states.own]))
    said = (
        f"For each of the {of[:-1]}s the {count} samples in which it gets highest, and the {width} steps before that."
    )
    header = ("layer", of[:-1], "sample", "from step", "up to", "state", "words")
    has_words = studied.words is not None
    rows = rows if has_words else [row[:-1] for row in rows]
    series = studied.x.ndim == 3
    return Finding(said, header if has_words else header[:-1], rows, (lambda: _draw(drawn, width)) if series else None)


def _components(states) -> np.ndarray:
    """The states on their principal axes, the widest first; the sign is such that the largest entry is positive."""
    mean, axes = principal_axes(states.every)
    axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    return (states.hidden - mean) @ axes.T


def _by_spread(values: np.ndarray) -> np.ndarray:
    """Units by the spread of their states, the widest first."""
    return np.argsort(-values.std(axis=0), kind="stable")


def _content(studied: Studied, states, window: UnitWindow) -> str:
    if studied.words is None or states.hidden.shape[1] != studied.words.shape[1]:
        return ""
    return " ".join(filter(None, studied.words[window.sample, window.start : window.stop]))


def _draw(drawn: dict, width: int) -> Figure:
    """The mean of what the layer reads in the top windows of the units that vary most; time to the right."""
    shown = [
        (name, states, windows, unit) for name, (states, windows, order) in drawn.items() for unit in order[:DRAWN]
    ]
    rows = -(-len(shown) // COLUMNS)
    figure = Figure(figsize=(WIDTH, 1.9 * rows + 0.3), layout="constrained")
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axis, (name, states, windows, unit) in zip(axes, shown, strict=False):
        mean = _mean_window(states.inputs, [window for window in windows if window.unit == unit], width)
        limit = np.abs(mean).max() or 1.0
        axis.imshow(mean.T, aspect="auto", cmap=RELEVANCE, vmin=-limit, vmax=limit)
        axis.set_title(f"{name}:{unit}", fontsize=SMALL_TEXT)
        axis.set(xticks=[], yticks=[])
    for axis in axes[len(shown) :]:
        axis.set_visible(False)
    figure.supxlabel(
        f"what the layer reads before its units are highest: {width} steps, features downwards", fontsize=SMALL_TEXT
    )
    return figure


def _mean_window(inputs: np.ndarray, windows: Sequence[UnitWindow], width: int) -> np.ndarray:
    """The mean [width, features] over windows, those that were cut off filled with zeros in front."""
    cut = [inputs[one.sample, one.start : one.stop] for one in windows]
    return np.mean([np.pad(one, ((width - len(one), 0), (0, 0))) for one in cut], axis=0)
