"""When states begin to tell classes apart: the share of each unit's variance that lies between classes, by step."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.analysis.panels import panels
from thesis_rnn.analysis.states import own_steps
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import GREY, SERIES, SMALL_TEXT, legend_above, plain_axis
from thesis_rnn.support.checks import finite_array


def class_selectivity(hidden: ArrayLike, y: ArrayLike, own: ArrayLike | None = None) -> tuple[np.ndarray, np.ndarray]:
    """eta^2_tk = sum_c n_c (m_c - m)^2 / sum_n (h_ntk - m)^2, and its mean over all orders of the labels.

    eta^2 is 0 where the means of all classes are equal, 1 where a unit knows nothing but the class. Labels that say
    nothing have (C - 1) / (N - 1) on average, exactly, with C classes among the N samples that have the step.

    Args:
      hidden: [n, steps, units].
      y: classes [n].
      own: which steps are the samples' own, bool [n, steps]; all by default.

    Returns:
      eta^2 [steps, units], NaN for a unit that does not vary at that step, and chance [steps], NaN where fewer than two
      classes or no more samples than classes have the step.

    Raises:
      InputError: shapes that do not fit each other, or fewer than two classes.

    Example:
      >>> eta, chance = class_selectivity([[[0.0]], [[0.0]], [[1.0]], [[3.0]]], y=[0, 0, 1, 1])
      >>> round(eta[0, 0], 3), round(chance[0], 3)
      (0.667, 0.333)
    """
    hidden, y = finite_array("hidden [n, steps, units]", hidden, axes=3), np.asarray(y)
    own = own_steps(own, hidden.shape[:2])
    if y.shape != (len(hidden),):
        raise InputError(f"y must fit hidden {hidden.shape}; received shape {y.shape}")
    if len(np.unique(y)) < 2:
        raise InputError(f"selectivity needs two classes; received only class {y[0] if len(y) else 'none'}")
    here = (y[:, None] == np.unique(y)).astype(float)[:, None, :] * own[..., None]  # [n, steps, classes]
    counts = here.sum(axis=0)
    n, classes = counts.sum(axis=1), (counts > 0).sum(axis=1)
    told = (classes > 1) & (n > classes)
    mean = (hidden * own[..., None]).sum(axis=0) / np.maximum(n, 1)[:, None]
    centred = (hidden - mean) * own[..., None]  # first, so that nothing cancels
    of_class = np.einsum("ntc,ntk->tck", here, centred) / np.maximum(counts, 1)[..., None]
    between = (counts[..., None] * of_class**2).sum(axis=1)
    whole = (centred**2).sum(axis=0)
    varies = whole > 1e-12 * np.maximum(1e-12, (hidden * own[..., None]).__abs__().max(initial=0) ** 2)
    eta = np.where(varies & told[:, None], between / np.where(varies, whole, 1), np.nan)
    return eta, np.where(told, (classes - 1) / np.maximum(n - 1, 1), np.nan)


def selectivity(studied: Studied) -> Finding:
    """The share of each unit's variance that lies between classes, step by step, beside chance."""
    rows, drawn, said = [], {}, []
    for name, states in studied.states.items():
        eta, chance = class_selectivity(states.hidden, studied.classes, states.own)
        drawn[name] = eta, chance
        told = [step for step in range(len(eta)) if not np.isnan(eta[step]).all()]
        for step in told:
            best = int(np.nanargmax(eta[step]))
            rows.append((name, step, float(np.nanmean(eta[step])), float(eta[step, best]), best, float(chance[step])))
        if told:
            peak = max(told, key=lambda step: np.nanmean(eta[step]))
            said.append(f"{name} tells classes best at step {peak} (mean {np.nanmean(eta[peak]):.2f})")
    if not rows:
        raise InputError("selectivity needs steps that samples of two classes have; received none")
    header = ("layer", "step", "mean of units", "best unit's", "best unit", "chance")
    return Finding(f"{'; '.join(said)}.", header, rows, lambda: _draw(drawn))


def _draw(drawn: dict) -> Figure:
    figure, each = panels(drawn, height=3.2)
    for axis, name, (eta, chance) in each:
        told = ~np.isnan(eta).all(axis=1)
        steps = np.flatnonzero(told)
        axis.plot(steps, eta[told], color=GREY, linewidth=0.4, alpha=0.6)
        axis.plot(steps, np.nanmean(eta[told], axis=1), color=SERIES[0], label="mean of units")
        axis.plot(steps, np.nanmax(eta[told], axis=1), color=SERIES[1], label="best unit")
        axis.plot(np.arange(len(chance)), chance, color="black", linestyle=":", label="chance")
        axis.set(ylim=(0, 1))
        axis.set_xlabel(f"step ({name})", fontsize=SMALL_TEXT)
        axis.set_ylabel("share of variance between classes", fontsize=SMALL_TEXT)
        plain_axis(axis)
        legend_above(axis)
    return figure
