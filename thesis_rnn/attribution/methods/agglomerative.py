"""Agglomerative contextual decomposition: neighbouring phrases are joined, the strongest interaction first."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.methods.contextual import TOLERANCE, common_steps, parts_of_phrases, shared_by_cells
from thesis_rnn.attribution.methods.host import Attributed, OnHost
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError

TIE = {"float32": 1e-5, "float64": 1e-9}
"""Interactions that differ by less, as a part of the largest score, are equal."""


@METHODS.register("agglomerative_decomposition")
@dataclass(frozen=True)
class AgglomerativeDecomposition(Method):
    """R_t = CD(t) + the equal shares of step t in CD(a b) - CD(a) - CD(b) of all phrases a b of a tree that have it.

    CD is the score of ``contextual_decomposition``. In each round the two neighbouring phrases of largest |CD(a b) -
    CD(a) - CD(b)|, their interaction, become one, until one is left; of equals (always among the last three) the first.
    R sums to its score, f(x) - biases. Ours: one pair in a round, where Singh et al. let every word join whose score
    beside a phrase is in a percentile, and R itself; they draw the tree alone.

    ``details`` have the tree, as SciPy tells one: step t is node t, and the join of round r is node steps + r.
    ``joins`` [n, steps - 1, 2] are the nodes that became one, ``interactions`` [n, steps - 1], ``spans`` [n, nodes, 2]
    the first step of a node and that behind its last, ``scores`` [n, nodes]. Masked steps are no nodes: -1 and NaN.
    """

    source: ClassVar[str] = "Singh et al. (2019), section 3.3"
    needs: ClassVar[tuple[str, ...]] = ("propagation",)
    host: ClassVar[bool] = True
    dtype: ClassVar[str] = "float64"
    exact: ClassVar[bool] = True
    of_states: ClassVar[bool] = False
    sums_to: ClassVar[str] = "f(x) - biases"

    def attribute(self, explained: OnHost) -> Attributed:
        n, steps = len(explained.selection), common_steps(explained.x)
        values, own = explained.value(), _own_steps(explained)
        singles, pairs = np.stack([np.arange(steps), np.arange(steps) + 1], axis=1), np.arange(n * steps)
        found = parts_of_phrases(explained, pairs // steps, singles[pairs % steps], values)

        def score(of, spans):
            return parts_of_phrases(explained, of, spans, values)["relevant"]

        forest = Forest(own, found["relevant"].reshape(n, steps), TIE[explained.dtype])
        for _ in explained.progress(range(own.sum(axis=1).max() - 1), "rounds"):
            forest.score_neighbours(score)
            forest.join()
        expected = values - found["bias"].reshape(n, steps)[:, 0]
        _check_padding(forest.relevance.sum(axis=1) - expected, values, explained.dtype)
        return Attributed(shared_by_cells(explained, forest.relevance), forest.details, expected)


class Forest:
    """The phrases of n samples, which grow together.

    Args:
      own: which steps may be part of a phrase [n, steps].
      scores: of each step alone [n, steps].
      tie: see ``TIE``.
    """

    def __init__(self, own: np.ndarray, scores: np.ndarray, tie: float):
        n, steps = own.shape
        self.own, self.tie, self.round = own, tie, 0
        self.joins = np.full((n, steps - 1, 2), -1)
        self.interactions = np.full((n, steps - 1), np.nan, scores.dtype)
        self.spans = np.full((n, 2 * steps - 1, 2), -1)
        self.scores = np.full((n, 2 * steps - 1), np.nan, scores.dtype)
        self.spans[:, :steps] = np.where(own[..., np.newaxis], np.arange(steps)[:, np.newaxis] + [0, 1], -1)
        self.scores[:, :steps] = np.where(own, scores, np.nan)
        self.relevance = np.where(own, scores, 0)
        self.left = own.sum(axis=1)
        # The phrases of a sample from left to right, by their nodes, and behind them what is none.
        self.nodes = np.argsort(~own, axis=1, kind="stable")
        self.joint = np.full((n, steps - 1), np.nan, scores.dtype)  # the score of a phrase and its right neighbour

    @property
    def details(self) -> dict[str, np.ndarray]:
        """The trees."""
        return {name: getattr(self, name) for name in ("joins", "interactions", "spans", "scores")}

    def score_neighbours(self, score) -> None:
        """Asks ``score(of, spans)`` for all neighbours that it was not asked for yet, of all samples together."""
        of, place = np.nonzero(np.isnan(self.joint) & self._are_phrases)
        first, second = (self.spans[of, self.nodes[of, place + k]] for k in (0, 1))
        self.joint[of, place] = score(of, np.stack([first[:, 0], second[:, 1]], axis=1))

    @property
    def _are_phrases(self) -> np.ndarray:
        """At which places a phrase has a right neighbour [n, places]."""
        return np.arange(self.joint.shape[1]) < self.left[:, np.newaxis] - 1

    def join(self) -> None:
        """One pair of neighbours of every sample that has two phrases or more."""
        rows = np.flatnonzero(self.left > 1)
        apart = np.take_along_axis(self.scores, self.nodes, axis=1)
        interactions = self.joint - apart[:, :-1] - apart[:, 1:]
        place = self._strongest(interactions)
        new = self.own.shape[1] + self.round
        pair = np.stack([self.nodes[rows, place[rows]], self.nodes[rows, place[rows] + 1]], axis=1)
        self.joins[rows, self.round] = pair
        self.interactions[rows, self.round] = interactions[rows, place[rows]]
        self.scores[rows, new] = self.joint[rows, place[rows]]
        self.spans[rows, new] = np.stack([self.spans[rows, pair[:, 0], 0], self.spans[rows, pair[:, 1], 1]], axis=1)
        self._share(rows, new)
        self.nodes[rows, place[rows]] = new
        self.nodes, self.joint = _without(self.nodes, place + 1), _without(self.joint, place)
        self._forget(place)
        self.left[rows] -= 1
        self.round += 1

    def _strongest(self, interactions: np.ndarray) -> np.ndarray:
        """The place of the largest |interaction| of each sample [n], the first of equals."""
        size = np.where(self._are_phrases, np.abs(interactions), -1)
        near = self.tie * np.nanmax(np.abs(self.scores), axis=1, initial=0, keepdims=True)
        return (size >= size.max(axis=1, keepdims=True) - near).argmax(axis=1)

    def _share(self, rows: np.ndarray, node: int) -> None:
        """Shares the interaction of a new node equally by its steps."""
        steps, (first, stop) = np.arange(self.own.shape[1]), self.spans[rows, node].T[..., np.newaxis]
        members = self.own[rows] & (steps >= first) & (steps < stop)
        self.relevance[rows] += members * (self.interactions[rows, self.round] / members.sum(axis=1))[:, np.newaxis]

    def _forget(self, place: np.ndarray) -> None:
        """The scores beside the new phrase, which stands at ``place``, are not those of its parts."""
        places = np.arange(self.joint.shape[1])
        self.joint[(places == place[:, np.newaxis]) | (places == place[:, np.newaxis] - 1)] = np.nan


def _without(rows: np.ndarray, place: np.ndarray) -> np.ndarray:
    """``rows`` [n, k] without one place of each: [n, k - 1]."""
    places = np.arange(rows.shape[1] - 1)
    return np.take_along_axis(rows, places + (places >= place[:, np.newaxis]), axis=1)


def _check_padding(gap: np.ndarray, values: np.ndarray, dtype: str) -> None:
    """All steps that are seen make all of f(x) but its biases, or the model reads what it masks."""
    if not np.abs(gap).max() <= TOLERANCE[dtype] * max(1.0, np.abs(values).max()):
        raise InputError(
            "agglomerative_decomposition needs a model whose layers leave out what it masks; use "
            f"contextual_decomposition; received padding that makes {np.abs(gap).max():.3g} of the output"
        )


def _own_steps(explained: OnHost) -> np.ndarray:
    """Which steps masks let through, of any input [n, steps]."""
    leaves = tree.flatten(explained.seen)
    return np.any([leaf.any(axis=tuple(range(2, leaf.ndim))) for leaf in leaves], axis=0)
