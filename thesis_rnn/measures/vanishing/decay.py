"""How fast relevance and influence vanish with the distance from the last step: arrays in, arrays out.

Ismail et al. (2019), section 4: what x_t adds to the gradient of an output passes the product of dh_i / dh_{i-1} over
all later steps i, which for an LSTM comes down to the product of its forget gates.
"""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array, shares


def relevance_by_step(relevance: ArrayLike) -> np.ndarray:
    """The share of each sample's |relevance| that falls on each time step, ``[n, steps]``.

    Signs are left out: evidence against a class is relevance too. (``step_share`` counts positive relevance
    only.) Rows sum to 1, or to 0 where there is no relevance.

    Args:
      relevance: ``[n, steps, ...]``.

    Returns:
      The shares, ``[n, steps]``.

    Raises:
      InputError: fewer than two axes, or a cell that is not finite.

    Example:
      >>> relevance_by_step([[[1.0, -1.0], [2.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]).tolist()
      [[0.5, 0.5], [0.0, 0.0]]
    """
    axes = max(2, np.ndim(relevance))
    relevance = np.abs(finite_array("relevance [n, steps, ...]", relevance, axes))
    return shares(relevance.sum(axis=tuple(range(2, axes))))


def half_life(mass: ArrayLike) -> np.ndarray:
    """How many of the last steps together hold half of the mass, ``[n]``; within a step the mass counts as even.

    For mass that falls by a factor q with every step back, it is the time in which it halves, ln 2 / -ln q, if the
    series is long; for even mass it is half the series. NaN for a sample without mass, of which nothing halves.

    Args:
      mass: ``[n, steps]``, at least 0, for instance of :func:`relevance_by_step` or norms of Jacobians.

    Returns:
      Numbers of steps, ``[n]``.

    Raises:
      InputError: no steps, negative mass or mass that is not finite.

    Example:
      >>> half_life([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0, 0.0]]).tolist()
      [2.0, 0.5, nan]
    """
    mass = finite_array("mass [n, steps]", mass, axes=2)
    if not mass.shape[1] or (mass < 0).any():
        raise InputError(f"mass must have steps and be at least 0; received {mass.min(initial=0):g} in {mass.shape}")
    held = np.cumsum(mass[:, ::-1] / np.maximum(mass.max(axis=1, keepdims=True), np.finfo(float).tiny), axis=1)
    half = held[:, -1:] / 2
    place = np.argmax(held >= half, axis=1)[:, None]  # the step, counted from the end, in which half is reached
    reached, before = (np.take_along_axis(np.pad(held, ((0, 0), (1, 0))), place + k, axis=1) for k in (1, 0))
    inside = (half - before) / np.where(reached > before, reached - before, 1)
    return np.where(half > 0, place + inside, np.nan)[:, 0]


def products_after(gates: ArrayLike) -> np.ndarray:
    """prod_{i > t} g_i for every step t, ``[n, steps, units]``; 1 at the last step.

    Of forget gates: how much of the cell state at t is left in the last one.

    Args:
      gates: ``[n, steps, units]`` in [0, 1].

    Returns:
      The products, ``[n, steps, units]``.

    Raises:
      InputError: a gate outside [0, 1].

    Example:
      >>> products_after([[[0.9], [0.5], [0.2]]]).round(3).tolist()
      [[[0.1], [0.2], [1.0]]]
    """
    gates = finite_array("gates [n, steps, units]", gates, axes=3)
    if gates.size and not 0 <= gates.min() <= gates.max() <= 1:
        raise InputError(f"gates must lie in [0, 1]; received values from {gates.min():g} to {gates.max():g}")
    later = np.concatenate([gates[:, 1:], np.ones_like(gates[:, :1])], axis=1)
    return np.cumprod(later[:, ::-1], axis=1)[:, ::-1]
