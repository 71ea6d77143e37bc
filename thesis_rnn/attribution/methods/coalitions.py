"""Which coalitions are asked for, and how what they are given becomes Shapley values: linear maps, the same for all.

A game is v(S), of coalitions S of p players. Its Shapley value is linear in v, and so is every estimate from a fixed
set of coalitions: one matrix [p, coalitions] serves all samples.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb, factorial

import numpy as np


def all_coalitions(p: int) -> np.ndarray:
    """The 2^p coalitions of p players, from the empty one to all [2^p, p]."""
    return (np.arange(2**p)[:, np.newaxis] >> np.arange(p)) % 2 == 1


def shapley_map(coalitions: np.ndarray) -> np.ndarray:
    """M with phi = M v for ``all_coalitions``: phi_j = sum_{S without j} |S|! (p-|S|-1)!/p! (v(S+j) - v(S))."""
    p, size = coalitions.shape[1], coalitions.sum(axis=1)
    weight = np.array([factorial(s) * factorial(p - s - 1) / factorial(p) for s in range(p)] + [0.0])
    return np.where(coalitions, weight[size - 1, np.newaxis], -weight[size, np.newaxis]).T


@dataclass(frozen=True)
class KernelSample:
    """Coalitions of p players, neither empty nor full, for the regression of KernelSHAP.

    The smallest and largest coalitions, which weigh most, are all there; pairs of a coalition and its complement are
    drawn from the others.

    Attributes:
      coalitions: [m, p], the drawn pairs last, one after the other.
      weights: [m], those of the kernel.
      drawn: how many were drawn; 0 where all coalitions are there, and the regression is exact.
    """

    coalitions: np.ndarray
    weights: np.ndarray
    drawn: int

    @property
    def fixed(self) -> int:
        """How many coalitions are there for sure."""
        return len(self.coalitions) - self.drawn

    def first(self, drawn: int) -> "KernelSample":
        """The sample with only the first ``drawn`` of the coalitions that were drawn, which weigh more for it."""
        stop = self.fixed + drawn
        weights = self.weights[:stop].copy()
        weights[self.fixed :] *= self.drawn / max(drawn, 1)
        return KernelSample(self.coalitions[:stop], weights, drawn)


def kernel_sample(p: int, samples: int, rng: np.random.Generator) -> KernelSample:
    """About ``samples`` coalitions of p players, at least the 2 p of one player or all but one.

    The kernel gives the coalitions of s players together the weight (p - 1)/(s (p - s)).
    """
    share = {s: (p - 1) / (s * (p - s)) for s in range(1, p)}
    fixed, weights, s, left = [], [], 1, samples
    while 2 * s <= p:
        sizes = {s, p - s}
        rest = sum(share[size] for size in range(s, p - s + 1))
        count = comb(p, s) * len(sizes)
        if s > 1 and count > left * sum(share[size] for size in sizes) / rest:
            break
        for size in sizes:
            fixed += [np.isin(np.arange(p), members) for members in combinations(range(p), size)]
            weights += [share[size] / comb(p, size)] * comb(p, size)
        s, left = s + 1, left - count
    sizes = np.arange(s, p - s + 1)
    pairs = max(left // 2, 1) if len(sizes) else 0
    if pairs:
        chances = np.array([share[size] for size in sizes])
        size = rng.choice(sizes, pairs, p=chances / chances.sum())
        drawn = rng.random((pairs, p)).argsort(axis=1).argsort(axis=1) < size[:, np.newaxis]
        fixed += list(np.stack([drawn, ~drawn], axis=1).reshape(-1, p))
        weights += [chances.sum() / (2 * pairs)] * (2 * pairs)
    return KernelSample(np.array(fixed).reshape(-1, p), np.array(weights), 2 * pairs)


def kernel_values(sample: KernelSample, values: np.ndarray, empty: np.ndarray, full: np.ndarray):
    """phi = argmin sum_S w_S (v(S) - v(0) - sum_{j in S} phi_j)^2 with sum_j phi_j = v(all) - v(0).

    Args:
      sample: the coalitions S.
      values: v(S) [n, m], of n games.
      empty, full: v(0) and v(all) [n].

    Returns:
      The estimates [n, p], and their standard errors: the scatter of what the drawn pairs add to the solution.
    """
    z = sample.coalitions.astype(np.float64)
    inverse = np.linalg.inv(z.T @ (sample.weights[:, np.newaxis] * z))
    of_sum = inverse.sum(axis=1) / inverse.sum()
    solution = (inverse - np.outer(of_sum, inverse.sum(axis=0))) @ (z * sample.weights[:, np.newaxis]).T
    gains = values - empty[:, np.newaxis]
    phi = gains @ solution.T + np.outer(full - empty, of_sum)
    if not sample.drawn:
        return phi, np.zeros_like(phi)
    leverages = np.einsum("kp,pk->k", z, solution)
    residuals = gains - phi @ z.T
    return phi, _jackknife(*(part[..., sample.fixed :] for part in (solution, residuals, leverages)))


def _jackknife(solution: np.ndarray, residuals: np.ndarray, leverages: np.ndarray) -> np.ndarray:
    """The standard error of the sum of what the pairs add, each without its pull on the solution (its leverage).

    With few pairs it is too large by up to a half rather than too small, as residuals that were fitted would be.
    """
    pull = np.minimum(leverages[::2] + leverages[1::2], 0.99)
    a, b = solution[:, ::2].T, solution[:, 1::2].T
    e, f = residuals[:, ::2] / (1 - pull), residuals[:, 1::2] / (1 - pull)
    pairs = len(pull)
    squares = e**2 @ a**2 + f**2 @ b**2 + 2 * (e * f) @ (a * b)
    scatter = np.maximum(squares - (e @ a + f @ b) ** 2 / pairs, 0)
    return np.sqrt(scatter * pairs / max(pairs - 1, 1))


def chains(orders: np.ndarray) -> np.ndarray:
    """The coalitions of the first 1, ..., p - 1 players of each order, and of its reverse [orders, 2, p - 1, p]."""
    p = orders.shape[1]
    place = orders.argsort(axis=1)  # of each player in its order
    places = np.stack([place, p - 1 - place], axis=1)
    return places[:, :, np.newaxis] < np.arange(1, p)[:, np.newaxis]


def chain_values(orders: np.ndarray, values: np.ndarray, empty: np.ndarray, full: np.ndarray) -> np.ndarray:
    """What each player adds where it joins, the mean of an order and its reverse [n, orders, p].

    Args:
      orders: [orders, p].
      values: v of the coalitions of ``chains`` [n, orders, 2, p - 1].
      empty, full: v(0) and v(all) [n].
    """
    ends = (*values.shape[:-1], 1)
    ladder = np.concatenate(
        [np.broadcast_to(empty[:, None, None, None], ends), values, np.broadcast_to(full[:, None, None, None], ends)],
        -1,
    )
    added = np.diff(ladder)  # by place in the order
    place, p = orders.argsort(axis=1), orders.shape[1]
    forth = np.take_along_axis(added[:, :, 0], np.broadcast_to(place, added[:, :, 0].shape), axis=-1)
    back = np.take_along_axis(added[:, :, 1], np.broadcast_to(p - 1 - place, added[:, :, 1].shape), axis=-1)
    return (forth + back) / 2
