"""Methods that average gradients over several inputs: integrated gradients and SmoothGrad."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods.base import Method, freeze, points_like
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one


@METHODS.register("integrated_gradients")
@dataclass(frozen=True)
class IntegratedGradients(Method):
    """R_i = (x_i - b_i) * mean over k of df/dx_i at b + (k - 1/2)/m (x - b), k = 1..m: the midpoint rule.

    The relevance sums to f(x) - f(b) up to the error of the rule, which shrinks with m.

    Args:
      baseline: b, a number or an array that broadcasts to one sample; None is what "removed" means for the problem, its
        background, or 0 without a problem.
      points: m, the number of gradients.
    """

    source: ClassVar[str] = "Sundararajan et al. (2017), equation 1"
    takes: ClassVar[tuple[str, ...]] = ("pixels", "real")
    baseline: Any = None
    points: int = 32

    def __post_init__(self):
        object.__setattr__(self, "baseline", freeze(self.baseline))
        at_least_one(points=self.points)

    def attribute(self, explained):
        x = explained.x
        baseline = points_like(explained.background if self.baseline is None else self.baseline, x)

        def gradient(k):
            def between(x, baseline):
                return baseline + (tf.cast(k, x.dtype) + 0.5) / self.points * (x - baseline)

            return explained.gradient(tree.map_structure(between, x, baseline)).signal

        return tree.map_structure(
            lambda x, baseline, total: (x - baseline) * total / self.points,
            x,
            baseline,
            sum_over(gradient, self.points, x),
        )

    def gradients(self, shape: tuple[int, ...]) -> float:
        return self.points

    def filled(self, background: float) -> dict:
        return {"baseline": background} if self.baseline is None else {}


@METHODS.register("smoothgrad")
@dataclass(frozen=True)
class SmoothGrad(Method):
    """The mean over m noisy copies x + N(0, (noise * (max x - min x))^2) of df/dx_i, or another statistic of it.

    Args:
      statistic: "mean" (Smilkov et al.), "squared" (the mean of squares) or "variance".
      noise: the noise's standard deviation as a part of each sample's range.
      copies: m.
      seed: seeds the noise, the same for the same seed.
    """

    source: ClassVar[str] = "Smilkov et al. (2017); Hooker et al. (2019); Adebayo et al. (2018)"
    takes: ClassVar[tuple[str, ...]] = ("pixels", "real")
    statistic: str = "mean"
    noise: float = 0.15
    copies: int = 32
    seed: int = 0

    def __post_init__(self):
        if self.statistic not in ("mean", "squared", "variance"):
            raise InputError(f"statistic must be mean, squared or variance; received {self.statistic!r}")
        if not self.noise >= 0:
            raise InputError(f"noise must be at least 0; received {self.noise:g}")
        at_least_one(copies=self.copies)

    def attribute(self, explained):
        x = explained.x
        leaves = tree.flatten(x)

        def moments(k):
            # The copies of another leaf have other numbers, so that no two leaves have the same noise.
            noisy = [self._noisy(leaf, k + place * self.copies) for place, leaf in enumerate(leaves)]
            signals = explained.gradient(tree.pack_sequence_as(x, noisy)).signal
            return tree.map_structure(lambda signal: tf.stack([signal, tf.square(signal)]), signals)

        totals = sum_over(moments, self.copies, tree.map_structure(lambda leaf: tf.stack([leaf, leaf]), x))
        return tree.map_structure(self._statistic, totals)

    def gradients(self, shape: tuple[int, ...]) -> float:
        return self.copies

    def _noisy(self, x, number):
        axes = tuple(range(1, x.shape.rank))
        extent = tf.reduce_max(x, axes, keepdims=True) - tf.reduce_min(x, axes, keepdims=True)
        noise = tf.random.stateless_normal(tf.shape(x), (self.seed, number), dtype=x.dtype)
        return x + self.noise * extent * noise

    def _statistic(self, total):
        mean, squared = tf.unstack(total / self.copies)
        return {"mean": mean, "squared": squared, "variance": squared - tf.square(mean)}[self.statistic]


def sum_over(function, count: int, like):
    """The sum of ``function(k)`` for k = 0, ..., count - 1, in a loop that holds one of them at a time."""
    _, total = tf.while_loop(
        lambda k, total: k < count,
        lambda k, total: (k + 1, tree.map_structure(tf.add, total, function(k))),
        (tf.constant(0), tree.map_structure(tf.zeros_like, like)),
    )
    return total
