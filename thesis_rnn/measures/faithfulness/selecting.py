"""Selectivity: whether the output falls fast when what is relevant goes first, and stays when it goes last.

Montavon et al. (2018), section 7, selectivity; Samek et al. (2017). Comprehensiveness and sufficiency (DeYoung et al.,
2020) and the drop of the log-probability (Shrikumar et al., 2017, in time_interpret "log odds") are points of the same
curves.
"""

from typing import Any, NamedTuple

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.fills import Fill, fill_of
from thesis_rnn.measures.faithfulness.regions import unit_regions
from thesis_rnn.measures.faithfulness.removing import (
    Units,
    log_probabilities,
    outputs_without,
    ranks_of,
    target_of,
    unit_relevance,
    units_of,
)
from thesis_rnn.measures.measure import Scored

POINTS = 10
SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Of DeYoung et al. (2020), section 4.2."""
ORDERS = ("most", "least", "both")


class SelectivityCurve(NamedTuple):
    """The explained output while units are removed.

    Attributes:
      shares: how much of each sample's units is removed [k + 1], from 0 to 1.
      outputs: [n, k + 1].

    Example:
      >>> curve = SelectivityCurve(np.array([0.0, 0.5, 1.0]), np.array([[4.0, 1.0, 1.0]]))
      >>> curve.auc.tolist(), curve.aopc.tolist()
      ([2.0], [2.0])
    """

    shares: np.ndarray
    outputs: np.ndarray

    @property
    def auc(self) -> np.ndarray:
        """The mean of each sample's curve [n]: low is good, where the most relevant units go first."""
        return self.outputs.mean(axis=1)

    @property
    def aopc(self) -> np.ndarray:
        """f_0 minus the mean of the curve [n]: how far, on average, the output has fallen."""
        return (self.outputs[:, :1] - self.outputs).mean(axis=1)


def selectivity_curve(
    scored: Scored,
    unit: str = "",
    size: int = 4,
    fill: str = "background",
    order: str = "most",
    points: int = POINTS,
    re_explained: bool = False,
) -> SelectivityCurve:
    """f after the first round(j K_i / k) of sample i's K_i units are removed, j = 0..k.

    Args:
      scored: heatmaps, samples and the model; ``explain`` too where it is asked again.
      unit: see ``unit_regions``; "" is patches or squares for images, tokens for tokens, and cells for series.
      size: of windows, patches and squares.
      fill: a name in ``FILLS``.
      order: "most" or "least" relevant first, by the sum of signed relevance; equal ones in an order of chance.
      points: k, at most; there are no more than the most units of a sample.
      re_explained: explain what is left after each removal, and go on by the new relevance.

    Returns:
      The curve of each sample.

    Raises:
      InputError: for a unit, fill or order that is not known or does not fit, or outputs that are not finite.

    Example:
      >>> x = np.array([[[1.0], [3.0]]])
      >>> scored = Scored(x, x, np.array([0]), predict=lambda x: x.sum(axis=(1, 2))[:, None])
      >>> curve = selectivity_curve(scored)
      >>> curve.shares.tolist(), curve.outputs.tolist(), curve.auc.round(3).tolist()
      ([0.0, 0.5, 1.0], [[4.0, 1.0, 0.0]], [1.667])
    """
    if order not in ("most", "least"):
        raise InputError(f"order must be most or least; received {order!r}")
    if points < 1:
        raise InputError(f"points must be at least 1; received {points}")
    sign = 1 if order == "most" else -1
    units, hide = _units(scored, unit, size), fill_of(fill, scored)
    points = min(points, int(units.counts.max()))
    shares = np.arange(points + 1) / points
    counts = np.round(shares * units.counts[:, None]).astype(int)
    if re_explained:
        ranks = _ranks_step_by_step(scored, units, counts, hide, sign)
    else:
        ranks = _ranks(scored, scored.relevance, units, sign)
    outputs = outputs_without(scored, points + 1, _first(ranks, counts, units), hide)
    return SelectivityCurve(shares, target_of(scored, outputs))


def selectivity(
    scored: Scored,
    unit: str = "",
    size: int = 4,
    fill: str = "background",
    order: str = "both",
    points: int = POINTS,
    re_explained: bool = False,
) -> np.ndarray:
    """How far the output falls, [n], with the most relevant units first, or stays with the least relevant ones first.

    "most": f_0 - AUC, which is the AOPC; "least": AUC - f_0; "both": their sum, the area between the two curves. In
    the output's units; higher is better for all three; an order of chance gives 0 for "both", on average. The other
    arguments are those of ``selectivity_curve``.
    """
    if order not in ORDERS:
        raise InputError(f"order must be one of {', '.join(ORDERS)}; received {order!r}")
    chosen = ("most", "least") if order == "both" else (order,)
    curves = [selectivity_curve(scored, unit, size, fill, one, points, re_explained) for one in chosen]
    signed = [curve.aopc if one == "most" else -curve.aopc for one, curve in zip(chosen, curves, strict=True)]
    return np.sum(signed, axis=0)


def comprehensiveness(
    scored: Scored, shares: Any = SHARES, unit: str = "", size: int = 4, fill: str = "background"
) -> np.ndarray:
    """p(x) - p(x without its most relevant units), mean over ``shares`` of removed units, [n]; higher is better.

    At least one unit is removed. For a regression, the output in the place of p.
    """
    return _fall(scored, _probabilities, shares, unit, size, fill, keep=False)


def sufficiency(
    scored: Scored, shares: Any = SHARES, unit: str = "", size: int = 4, fill: str = "background"
) -> np.ndarray:
    """p(x) - p(the most relevant units alone), mean over ``shares`` of units that are kept, [n]; lower is better."""
    return _fall(scored, _probabilities, shares, unit, size, fill, keep=True)


def log_odds_drop(
    scored: Scored, shares: Any = SHARES, unit: str = "", size: int = 4, fill: str = "background"
) -> np.ndarray:
    """log p(x) - log p(x without its most relevant units), mean over ``shares``, [n]; higher is better.

    time_interpret's "log odds" has the opposite sign.
    """
    return _fall(scored, log_probabilities, shares, unit, size, fill, keep=False)


def _fall(scored: Scored, amount, shares, unit: str, size: int, fill: str, keep: bool) -> np.ndarray:
    units, hide = _units(scored, unit, size), fill_of(fill, scored)
    counts = np.maximum(1, np.round(_checked_shares(shares) * units.counts[:, None])).astype(int)
    counts = np.concatenate([np.zeros((len(counts), 1), int), counts], axis=1)
    removed = _first(_ranks(scored, scored.relevance, units), counts, units)

    def others(sample, point):
        return ~removed(sample, point) & (point > 0).reshape(-1, *[1] * (scored.x.ndim - 1))

    outputs = outputs_without(scored, counts.shape[1], others if keep else removed, hide)
    amounts = target_of(scored, amount(scored, outputs))
    return (amounts[:, :1] - amounts[:, 1:]).mean(axis=1)


def _probabilities(scored: Scored, outputs: np.ndarray) -> np.ndarray:
    if scored.activation in ("linear", "probabilities") or outputs.shape[-1] == 1:
        return outputs
    return np.exp(log_probabilities(scored, outputs))


def _units(scored: Scored, unit: str, size: int) -> Units:
    usual = {4: "squares" if scored.channels_last else "patches", 2: "tokens"}.get(scored.x.ndim, "cells")
    return units_of(scored, unit_regions(scored.x.shape[1:], unit or usual, size))


def _checked_shares(shares) -> np.ndarray:
    shares = np.atleast_1d(np.asarray(shares, float))
    if shares.ndim != 1 or not len(shares) or not ((shares > 0) & (shares <= 1)).all():
        raise InputError(f"shares must be numbers above 0, up to 1; received {shares.tolist()}")
    return shares


def _ranks(scored: Scored, relevance: np.ndarray, units: Units, sign: int = 1) -> np.ndarray:
    amounts = unit_relevance(scored, relevance, units)
    return ranks_of(np.where(units.present, sign * amounts, -np.inf), scored.seed)


def _first(ranks: np.ndarray, counts: np.ndarray, units: Units):
    """Removes the first ``counts`` [n, points] units of ``ranks`` [n, units]."""
    return lambda sample, point: (ranks[sample] < counts[sample, point][:, None])[:, units.regions]


def _ranks_step_by_step(scored: Scored, units: Units, counts: np.ndarray, hide: Fill, sign: int) -> np.ndarray:
    """The ranks of units, those between two points of the curve by the relevance of what is left before them."""
    if scored.explain is None:
        raise InputError("re_explained=true needs the method; give explain=; received none")
    ranks, everyone = np.full(units.present.shape, units.present.shape[1]), np.arange(len(scored.x))
    for before, after in zip(counts.T[:-1], counts.T[1:], strict=True):
        mask = (ranks < before[:, None])[:, units.regions] & scored.own_cells
        left = np.where(mask, hide(everyone, mask), scored.x)
        amounts = sign * unit_relevance(scored, scored.explain(left, scored.target), units)
        free = units.present & (ranks >= before[:, None])
        order = ranks_of(np.where(free, amounts, -np.inf), scored.seed)
        ranks = np.where(free & (order < (after - before)[:, None]), before[:, None] + order, ranks)
    return ranks
