"""Methods that average gradients over several inputs: integrated gradients and SmoothGrad."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from thesis_rnn.attribution.methods.base import Method, freeze
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one


@dataclass(frozen=True)
class IntegratedGradients(Method):
    """R_i = (x_i - b_i) * mean over k of df/dx_i at b + (k - 1/2)/m (x - b), k = 1..m: the midpoint rule.

    The relevance sums to f(x) - f(b) up to the error of the rule, which shrinks with m.

    Args:
      baseline: b, a number or an array that broadcasts to one sample.
      points: m, the number of gradients.
    """

    source: ClassVar[str] = "Sundararajan et al. (2017), equation 1"
    tokens: ClassVar[bool] = False
    baseline: Any = 0.0
    points: int = 32

    def __post_init__(self):
        object.__setattr__(self, "baseline", freeze(self.baseline))
        at_least_one(points=self.points)

    def attribute(self, differentiate, x):
        baseline = tf.zeros_like(x) + tf.constant(self.baseline, x.dtype)

        def gradient(k):
            share = (tf.cast(k, x.dtype) + 0.5) / self.points
            return differentiate(baseline + share * (x - baseline)).signal

        return (x - baseline) * sum_over(gradient, self.points, x) / self.points, differentiate(x)


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
    tokens: ClassVar[bool] = False
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

    def attribute(self, differentiate, x):
        axes = tuple(range(1, x.shape.rank))
        extent = tf.reduce_max(x, axes, keepdims=True) - tf.reduce_min(x, axes, keepdims=True)

        def moments(k):
            noise = tf.random.stateless_normal(tf.shape(x), (self.seed, k), dtype=x.dtype)
            signal = differentiate(x + self.noise * extent * noise).signal
            return tf.stack([signal, tf.square(signal)])

        mean, squared = tf.unstack(sum_over(moments, self.copies, tf.stack([x, x])) / self.copies)
        relevance = {"mean": mean, "squared": squared, "variance": squared - tf.square(mean)}[self.statistic]
        return relevance, differentiate(x)


def sum_over(function, count: int, like):
    """The sum of ``function(k)`` for k = 0, ..., count - 1, in a loop that holds one of them at a time."""
    _, total = tf.while_loop(
        lambda k, total: k < count,
        lambda k, total: (k + 1, total + function(k)),
        (tf.constant(0), tf.zeros_like(like)),
    )
    return total
