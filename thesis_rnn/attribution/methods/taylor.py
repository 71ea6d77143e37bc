"""Simple Taylor decomposition at a root that was looked for, and what is left of the output there."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.methods.host import Attributed, OnHost, named
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one


@METHODS.register("taylor_at_root")
@dataclass(frozen=True)
class TaylorAtRoot(Method):
    """R_i = (x_i - r_i) df/dx_i at r, a root f(r) = 0 near x that Newton's steps along the gradient look for.

    r goes from x by f(r) / ||df/dr||^2 df/dr, halved for a sample as long as that does not bring |f(r)| down. Samples
    end at the step with the smallest |f(r)|; not every output has a root. ``Explanation.details`` has "root", r;
    "root_value", f(r); "remainder", f(x) - f(r) - sum R, what the first order leaves; "distance", ||x - r||. Masked
    cells stay as they are.

    Args:
      steps: Newton's steps, at most.
      tolerance: the part of |f(x)| at which |f(r)| counts as 0.
    """

    source: ClassVar[str] = "Montavon et al. (2018), section 4, simple Taylor decomposition; thesis, equation 2.36"
    label: ClassVar[str] = "Taylor at a root"
    takes: ClassVar[tuple[str, ...]] = ("pixels", "real")
    host: ClassVar[bool] = True
    steps: int = 15
    tolerance: float = 1e-3

    def __post_init__(self):
        at_least_one(steps=self.steps)
        if not self.tolerance > 0:
            raise InputError(f"tolerance must be above 0; received {self.tolerance:g}")

    def gradients(self, shape: tuple[int, ...]) -> float:
        return self.steps + 1.0

    def attribute(self, explained: OnHost) -> Attributed:
        of = np.arange(len(tree.flatten(explained.x)[0]))
        f = explained.value()
        root = self._root(explained, of, f)
        value, slope = explained.value(root, of), explained.gradient(root, of).signal
        relevance = tree.map_structure(lambda x, r, g: ((x - r) * g).astype(explained.dtype), explained.x, root, slope)
        away = tree.map_structure(np.subtract, explained.x, root)
        found = {"root_value": value, "remainder": f - value - _sum(relevance), "distance": np.sqrt(_squares(away))}
        return Attributed(relevance, named("root", root) | found)

    def _root(self, explained: OnHost, of: np.ndarray, f: np.ndarray):
        """The points with the smallest |f| on the way."""
        point, value, size = explained.x, f, np.ones(len(of))
        for _ in explained.progress(range(self.steps), "searching roots", self.steps):
            if (np.abs(value) <= self.tolerance * np.abs(f)).all():
                break
            slope = tree.map_structure(lambda g, seen: np.where(seen, g, 0), explained.gradient(point, of).signal,
                                       explained.seen)  # fmt: skip
            squares = _squares(slope)
            step = size * np.divide(value, squares, out=np.zeros(len(of)), where=squares > 0)
            tried = tree.map_structure(lambda p, g: (p - _as(step, p) * g).astype(p.dtype), point, slope)  # noqa: B023
            reached = explained.value(tried, of)
            closer = np.abs(reached) < np.abs(value)
            point = tree.map_structure(lambda new, old: np.where(_as(closer, old), new, old), tried, point)  # noqa: B023
            value, size = np.where(closer, reached, value), np.where(closer, 1.0, size / 2)
        return point


def _as(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    return values.reshape(-1, *[1] * (like.ndim - 1))


def _sum(arrays) -> np.ndarray:
    """Over the cells of all inputs, [n] in float64."""
    return sum(leaf.reshape(len(leaf), -1).sum(axis=1, dtype=np.float64) for leaf in tree.flatten(arrays))


def _squares(arrays) -> np.ndarray:
    return _sum(tree.map_structure(lambda leaf: leaf.astype(np.float64) ** 2, arrays))
