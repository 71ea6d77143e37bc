"""Which frequencies units follow: correlations with band power, beside those of shuffled weights."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.analysis.panels import panels
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import RELEVANCE, SMALL_TEXT
from thesis_rnn.support.checks import at_least_one, finite_array

SHUFFLES = 3
"""Networks of shuffled weights; their mean |r| is what structure alone gives."""
SHOWN = 40


def band_power(x: ArrayLike, width: int = 16, count: int = 4) -> np.ndarray:
    """p_tbf: the mean power of x[t - width + 1 .. t] in the b-th of ``count`` bands, for t = width - 1, ...

    |FFT|^2 / width of the window without its mean; the bands share the frequencies above 0 up to half the rate.

    Args:
      x: [n, steps, features].
      width: steps of a window, at least 4.
      count: bands, at most width // 2.

    Returns:
      [n, steps - width + 1, count, features].

    Raises:
      InputError: a window longer than the series, or more bands than frequencies.

    Example:
      >>> fast = np.tile([1.0, -1.0], 8).reshape(1, 16, 1)  # at half the rate: the last band
      >>> band_power(fast, width=8, count=2)[0, 0, :, 0].tolist()
      [0.0, 4.0]
    """
    x = finite_array("x [n, steps, features]", x, axes=3)
    at_least_one(width=width, count=count)
    if not 4 <= width <= x.shape[1] or count > width // 2:
        limit = f"width must lie in 4..{x.shape[1]}, the steps, and count be at most width / 2"
        raise InputError(f"{limit}; received width {width} and count {count}")
    windows = np.lib.stride_tricks.sliding_window_view(x, width, axis=1)  # [n, windows, features, width]
    centred = windows - windows.mean(axis=-1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, axis=-1)[..., 1:]) ** 2 / width
    bands_of = np.array_split(power, count, axis=-1)
    return np.stack([band.mean(axis=-1) for band in bands_of], axis=2)


def correlations(states: ArrayLike, features: ArrayLike) -> np.ndarray:
    """Pearson's r of each column of one with each column of the other [units, features]; 0 for one that is constant.

    Example:
      >>> correlations([[1.0], [2.0], [3.0]], [[2.0, 0.0], [4.0, 0.0], [6.0, 0.0]]).round(6).tolist()
      [[1.0, 0.0]]
    """
    unit = [_standardised(np.asarray(one, np.float64)) for one in (states, features)]
    return unit[0].T @ unit[1] / len(unit[0])


def _standardised(columns: np.ndarray) -> np.ndarray:
    centred = columns - columns.mean(axis=0)
    deviation = centred.std(axis=0)
    varies = deviation > 1e-12 * np.maximum(1, np.abs(columns).max(axis=0, initial=0))
    return np.where(varies, centred / np.where(varies, deviation, 1), 0)


def bands(studied: Studied, width: int = 16, count: int = 4) -> Finding:
    """|r| of each unit with the power of each feature in each band, minus the mean |r| under shuffled weights."""
    x = studied.series
    width = min(width, x.shape[1])
    power = band_power(x, width, min(count, width // 2))
    if studied.twin is None:
        raise InputError("this analysis compares with shuffled weights; received a model that Keras does not copy")
    own, twins = studied.states, [studied.states_in(studied.twin(studied.seed + k)) for k in range(SHUFFLES)]
    rows, drawn = [], {}
    for name, states in own.items():
        if states.hidden.shape[1] != x.shape[1]:
            continue
        found = _of(states, power, width)
        chance = np.mean([np.abs(_of(twin[name], power, width)) for twin in twins], axis=0)
        drawn[name] = (np.abs(found) - chance).reshape(len(found), -1)
        rows += [
            (name, unit, _band(band, power.shape[2], studied.rate), studied.feature_name(feature), float(r),
             float(chance[unit, band, feature]), float(abs(r) - chance[unit, band, feature]))
            for (unit, band, feature), r in np.ndenumerate(found)
        ]  # fmt: skip
    if not rows:
        raise InputError("this analysis is of layers that have a state for each step of the series; received none")
    rows.sort(key=lambda row: -row[-1])
    best = rows[0]
    said = f"{best[0]}:{best[1]} follows {best[3]} at {best[2]} most: r = {best[4]:.2f}, {best[5]:.2f} when shuffled."
    header = ("layer", "unit", "frequencies", "feature", "r", "|r| shuffled", "|r| more than shuffled")
    return Finding(said, header, rows, lambda: _draw(drawn, power.shape[2:]))


def _of(states, power: np.ndarray, width: int) -> np.ndarray:
    """r [units, bands, features] over the samples' own steps."""
    seen = states.own[:, width - 1 :] & states.own[:, : states.own.shape[1] - width + 1]
    if not seen.any():
        raise InputError(f"windows must fit into the samples' own steps; received width {width}")
    r = correlations(states.hidden[:, width - 1 :][seen], power[seen].reshape(int(seen.sum()), -1))
    return r.reshape(-1, *power.shape[2:])


def _band(band: int, count: int, rate: float) -> str:
    return f"{band / count * rate / 2:.3g}-{(band + 1) / count * rate / 2:.3g}"


def _draw(drawn: dict, shape: tuple[int, int]) -> Figure:
    limit = max(np.abs(more).max() for more in drawn.values()) or 1.0
    figure, each = panels(drawn, height=2.6)
    for axis, name, more in each:
        image = axis.imshow(more[:, :SHOWN], aspect="auto", cmap=RELEVANCE, vmin=-limit, vmax=limit)
        axis.set_xlabel(f"bands by features, {shape[0]} x {shape[1]}", fontsize=SMALL_TEXT)
        axis.set_ylabel(f"unit of {name}", fontsize=SMALL_TEXT)
        figure.colorbar(image, ax=axis, label="|r| more than shuffled")
    return figure
