"""Shapley values of players: exact, by weighted regression (KernelSHAP, TimeSHAP), and by permutations."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.coalitions import (
    all_coalitions,
    chain_values,
    chains,
    kernel_sample,
    kernel_values,
    shapley_map,
)
from thesis_rnn.attribution.methods.host import OnHost, difference_from
from thesis_rnn.attribution.methods.players import NOBODY, OfPlayers, Players, coalition_values
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one

ENUMERABLE = 12
"""Players whose coalitions are all asked for: 4,096."""
SOLVABLE = 2048
"""Players of a regression, whose matrix is inverted."""
ROUND = 256
"""Coalitions between two looks at the standard errors."""


@dataclass(frozen=True)
class ShapleyValues(OfPlayers):
    """What the players add on average over the orders in which they come; all of them add f(x) - mean_b f(b)."""

    sums_to: ClassVar[str] = "f(x) - mean_b f(b)"
    closer: ClassVar[str] = "use dtype='float64'"

    def expected(self, explained: OnHost) -> np.ndarray:
        return difference_from(explained, self.references(explained))


@METHODS.register("shapley")
@dataclass(frozen=True)
class Shapley(ShapleyValues):
    """phi_j = sum over S without j of |S|! (p-|S|-1)!/p! (f(x_S+j) - f(x_S)), exact; x_S is x where S is, else b.

    All coalitions of at most 12 players are asked for: 2^p values of f for each sample and each b. Masked steps do not
    play.

    Args:
      players: "steps" (``size`` together), "features", "cells", "blocks", or "segments": ``size`` parts of the steps.
      size: see ``players``.
      background: b: a number, an array that broadcasts to one sample, or data [k, ...], over whose samples f is
        averaged; None is what "removed" means for the problem, its background, or 0 without a problem.
    """

    source: ClassVar[str] = "Shapley (1953); Lundberg and Lee (2017), equation 4"

    def values(self, explained, players):
        if players.count > ENUMERABLE:
            raise InputError(
                f"shapley asks for the coalitions of at most {ENUMERABLE} players; use kernel_shap, permutation_shap, "
                f"or fewer, such as players='segments', size={ENUMERABLE}; received {players.count}"
            )
        coalitions = all_coalitions(players.count)
        return {"relevance": coalition_values(explained, players, coalitions) @ shapley_map(coalitions).T}


@METHODS.register("kernel_shap")
@dataclass(frozen=True)
class KernelShap(ShapleyValues):
    """phi = argmin sum_S w_S (f(x_S) - f(b) - sum_{j in S} phi_j)^2, sum_j phi_j = f(x) - f(b): KernelSHAP, TimeSHAP.

    Coalitions S weigh (p - 1)/(C(p, s) s (p - s)). The smallest and largest are all asked for, of the others pairs of a
    coalition and its complement are drawn, the same for all samples; where all are there, the values are exact and
    their errors 0. ``details["errors"]`` has standard errors. Masked steps do not play.

    Args:
      players: "steps" (``size`` together), "features", "cells", "blocks", or "segments": ``size`` parts of the steps.
      size: see ``players``.
      background: b: a number, an array that broadcasts to one sample, or data [k, ...], over whose samples f is
        averaged; None is what "removed" means for the problem, its background, or 0 without a problem.
      samples: coalitions, at least twice the players; None is twice the players and 512.
      tolerance: the standard error at which to stop before that; 0 asks for all samples.
      prune: from the last step back, the past is one player as soon as its Shapley value beside the steps since is not
        larger (TimeSHAP, section 4.2); it shares its value equally. 0 prunes nothing.
      seed: seeds the coalitions.
    """

    source: ClassVar[str] = "Lundberg and Lee (2017), theorem 2; Bento et al. (2021), TimeSHAP"
    samples: int | None = None
    tolerance: float = 0.0
    prune: float = 0.0
    seed: int = 0

    def __post_init__(self):
        super().__post_init__()
        at_least_one(samples=1 if self.samples is None else self.samples)
        for name in ("tolerance", "prune"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} must be at least 0; received {getattr(self, name):g}")

    def split(self, explained, players):
        if not self.prune:
            return super().split(explained, players)
        past = pruned_steps(explained, players, self.prune)
        return [(np.flatnonzero(past == step), players.merged_before(step)) for step in np.unique(past)]

    def values(self, explained, players):
        p = players.count
        empty, full = coalition_values(explained, players, all_coalitions(1).repeat(p, axis=1)).T
        if p == 1:
            return {"relevance": (full - empty)[:, np.newaxis], "errors": np.zeros((len(full), 1))}
        if p > SOLVABLE:
            raise InputError(
                f"kernel_shap solves for at most {SOLVABLE} players; use steps, features or segments; received {p}"
            )
        samples = 2 * p + 512 if self.samples is None else self.samples
        if samples < min(2 * p, 2**p - 2):
            raise InputError(f"samples must be at least twice the {p} players; received {samples}")
        sample = kernel_sample(p, samples, np.random.default_rng(self.seed))
        values = coalition_values(explained, players, sample.coalitions[: sample.fixed], "kernel_shap")
        asked = 0
        while asked < sample.drawn:
            chosen = sample.coalitions[sample.fixed :][asked : asked + ROUND]
            asked += len(chosen)
            values = np.concatenate([values, coalition_values(explained, players, chosen, "kernel_shap")], axis=1)
            if self.tolerance and kernel_values(sample.first(asked), values, empty, full)[1].max() <= self.tolerance:
                break
        found, errors = kernel_values(sample.first(asked), values, empty, full)
        return {"relevance": found, "errors": errors}


@METHODS.register("permutation_shap")
@dataclass(frozen=True)
class PermutationShap(ShapleyValues):
    """phi_j = the mean over orders of players of f(x_S+j) - f(x_S), S the players before j: unbiased.

    Each order is taken with its reverse, 2 (p - 1) values of f; orders are the same for all samples.
    ``details["errors"]`` has standard errors. Masked steps do not play.

    Args:
      players: "steps" (``size`` together), "features", "cells", "blocks", or "segments": ``size`` parts of the steps.
      size: see ``players``.
      background: b: a number, an array that broadcasts to one sample, or data [k, ...], over whose samples f is
        averaged; None is what "removed" means for the problem, its background, or 0 without a problem.
      orders: how many orders at most, at least 2.
      tolerance: the standard error at which to stop before that; 0 asks for all orders.
      seed: seeds the orders.
    """

    source: ClassVar[str] = "Castro et al. (2009); Mitchell et al. (2022), antithetic sampling"
    orders: int = 16
    tolerance: float = 0.0
    seed: int = 0

    def __post_init__(self):
        super().__post_init__()
        if self.orders < 2:
            raise InputError(f"orders must be at least 2, for their standard error; received {self.orders}")
        if not self.tolerance >= 0:
            raise InputError(f"tolerance must be at least 0; received {self.tolerance:g}")

    def values(self, explained, players):
        p, rng = players.count, np.random.default_rng(self.seed)
        empty, full = coalition_values(explained, players, all_coalitions(1).repeat(p, axis=1)).T
        n, parts = len(full), np.empty((len(full), 0, p))
        together = max(1, min(explained.batch_size // max(n * 2 * (p - 1), 1), ROUND // p))
        while parts.shape[1] < self.orders:
            orders = rng.permuted(np.tile(np.arange(p), (min(together, self.orders - parts.shape[1]), 1)), axis=1)
            asked = chains(orders)
            values = coalition_values(explained, players, asked.reshape(-1, p), "permutation_shap")
            added = chain_values(orders, values.reshape(n, *asked.shape[:-1]), empty, full)
            parts = np.concatenate([parts, added], axis=1)
            count = parts.shape[1]
            errors = parts.std(axis=1, ddof=1) / np.sqrt(count) if count > 1 else np.full((n, p), np.inf)
            if errors.max() <= self.tolerance:
                break
        return {"relevance": parts.mean(axis=1), "errors": errors}


def pruned_steps(explained: OnHost, players: Players, tolerance: float) -> np.ndarray:
    """How many steps of each sample [n] are past: the most whose Shapley value beside the others is small enough.

    Two play, the past before step t and the steps from t on: the past's value is
    (f(past) - f(b) + f(x) - f(steps since)) / 2.
    """
    leaves = tree.flatten(players.numbers)
    steps = {len(leaf) for leaf in leaves}
    if len(steps) > 1:
        raise InputError(f"prune needs inputs with the same steps; received {sorted(steps)}")
    [steps] = steps
    by_step = tree.map_structure(
        lambda leaf: np.where(leaf == NOBODY, NOBODY, np.indices(leaf.shape)[0]), players.numbers
    )
    past = np.tril(np.ones((steps + 1, steps), bool), -1)  # row t: the steps before t
    values = coalition_values(explained, Players(by_step, players.references), np.concatenate([past, ~past]), "pruning")
    before, since = values[:, : steps + 1], values[:, steps + 1 :]
    value = (before - before[:, :1] + since[:, :1] - since) / 2
    small = np.abs(value[:, :steps]) <= tolerance
    return steps - 1 - small[:, ::-1].argmax(axis=1)
