"""How often gates are shut or open: Karpathy et al. (2015), section 4.2."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.analysis.states import own_steps
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import SERIES, SMALL_TEXT, WIDTH, plain_axis
from thesis_rnn.support.checks import finite_array

COLUMNS = 3


def gate_saturation(
    gate: ArrayLike, own: ArrayLike | None = None, low: float = 0.1, high: float = 0.9
) -> tuple[np.ndarray, np.ndarray]:
    """The shares of steps at which each unit's gate is below ``low``, and above ``high``: [units] each.

    A forget gate that is always open counts; one that is always shut makes its unit one of a feed-forward network.

    Args:
      gate: values in [0, 1], [n, steps, units].
      own: which steps are the samples' own, bool [n, steps]; all by default.
      low, high: 0 <= low < high <= 1.

    Returns:
      The share shut and the share open, each in [0, 1].

    Raises:
      InputError: values that no gate has, another shape of ``own``, or none of its steps.

    Example:
      >>> [share.tolist() for share in gate_saturation([[[0.05], [0.5], [0.95], [0.99]]])]
      [[0.25], [0.5]]
    """
    gate = finite_array("gate [n, steps, units]", gate, axes=3)
    if gate.size and not -1e-6 <= gate.min() <= gate.max() <= 1 + 1e-6:
        raise InputError(f"gates must lie in 0..1; received {gate.min():.3g}..{gate.max():.3g}")
    if not 0 <= low < high <= 1:
        raise InputError(f"low and high must be 0 <= low < high <= 1; received {low} and {high}")
    own = own_steps(own, gate.shape[:2])
    if not own.any():
        raise InputError(f"own must mark some of the steps {gate.shape[:2]}; received none marked")
    values = gate[own]
    return (values < low).mean(axis=0), (values > high).mean(axis=0)


def saturation(studied: Studied, low: float = 0.1, high: float = 0.9) -> Finding:
    """The share of steps at which each gate of each unit is shut (below 0.1), and open (above 0.9)."""
    found = {
        (name, gate): gate_saturation(values, states.own, low, high)
        for name, states in studied.states.items()
        for gate, values in states.gates.items()
    }
    if not found:
        raise InputError("this analysis is of gates; received layers without any that tell theirs")
    rows = [
        (name, gate, unit, float(shut[unit]), float(opened[unit]))
        for (name, gate), (shut, opened) in found.items()
        for unit in range(len(shut))
    ]
    rows.sort(key=lambda row: -max(row[3:]))
    means = "; ".join(
        f"{name} {gate} {shut.mean():.0%} shut, {opened.mean():.0%} open"
        for (name, gate), (shut, opened) in found.items()
    )
    header = ("layer", "gate", "unit", f"share below {low:g}", f"share above {high:g}")
    return Finding(f"Mean over units and steps: {means}.", header, rows, lambda: _draw(found))


def _draw(found: dict) -> Figure:
    rows = -(-len(found) // COLUMNS)
    figure = Figure(figsize=(WIDTH, 3.0 * rows), layout="constrained")
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axis, ((name, gate), (shut, opened)) in zip(axes, found.items(), strict=False):
        axis.plot([0, 1], [1, 0], color="#D9D9D9", linewidth=0.8)  # no unit is shut and open at once
        axis.plot(opened, shut, "o", color=SERIES[0], alpha=0.6, markersize=4)
        axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        axis.set_title(f"{name} {gate}", fontsize=SMALL_TEXT)
        plain_axis(axis)
    for axis in axes[len(found) :]:
        axis.set_visible(False)
    figure.supxlabel("share of steps at which a unit's gate is open", fontsize=SMALL_TEXT)
    figure.supylabel("shut", fontsize=SMALL_TEXT)
    return figure
