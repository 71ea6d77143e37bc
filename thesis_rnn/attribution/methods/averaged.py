"""Methods that average gradients over several inputs: integrated gradients and SmoothGrad."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods.base import Method, freeze_reference
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one
from thesis_rnn.support.scalars import count, number

FEWEST, MOST = 16, 2048
"""With ``points="auto"``, the number of points is doubled from the first to the second."""


@METHODS.register("integrated_gradients")
@dataclass(frozen=True)
class IntegratedGradients(Method):
    """R_i = (x_i - b_i) * mean over k of df/dx_i at b + (k - 1/2)/m (x - b), k = 1..m: the midpoint rule.

    The relevance sums to f(x) - f(b) up to the error of the rule, which shrinks with m; the record keeps the error of
    every sample, ``Explanation.convergence_delta``. Masks are those of x, at b as well.

    Args:
      baseline: b, a number or an array that broadcasts to one sample; None is what "removed" means for the problem, its
        background, or 0 without a problem. Tokens vary as embeddings: None is an embedding of zeros, whole numbers are
        tokens, such as that of a mask, "mean" is the mean of the vocabulary, other numbers are embeddings.
      points: m, the number of gradients; "auto" doubles it from 16 to at most 2,048, for each sample until its error is
        within the tolerance.
      rule: "midpoint", or "gauss_legendre", which needs far fewer points where f is smooth: no ReLU, no maximum.
      tolerance: the error that "auto" allows, as a part of |f(x) - f(b)|.
    """

    source: ClassVar[str] = "Sundararajan et al. (2017), equation 1"
    sums_to: ClassVar[str] = "f(x) - f(baseline)"
    closer: ClassVar[str] = "take more points, or points='auto'"
    removed_by: ClassVar[str] = "baseline"
    baseline: Any = None
    points: Any = count(32)
    rule: str = "midpoint"
    tolerance: float = number(0.01)

    def __post_init__(self):
        object.__setattr__(self, "baseline", freeze_reference(self.baseline))
        if isinstance(self.points, str) and self.points != "auto":
            raise InputError(f"points must be a whole number or 'auto'; received {self.points!r}")
        if self.points != "auto":
            at_least_one(points=self.points)
        if self.rule not in RULES:
            raise InputError(f"rule must be one of {', '.join(RULES)}; received {self.rule!r}")
        if not self.tolerance > 0:
            raise InputError(f"tolerance must be above 0; received {self.tolerance:g}")

    @property
    def computation(self):
        """Points of Gauss and Legendre are found before anything is compiled: another number of them, another graph."""
        return self, self.points if self.rule == "gauss_legendre" else None

    def computing(self, computation):
        method, points = computation
        if points is not None:
            object.__setattr__(method, "points", points)
        return method

    def attribute(self, explained):
        if isinstance(self.points, str):
            return self._refined(explained)
        on_path = partial(_midpoint, self.points) if self.rule == "midpoint" else _table(*RULES[self.rule](self.points))
        return self._integral(explained, on_path, 0, self.points)

    def _refined(self, explained):
        """With twice as many points for the samples whose error is above the tolerance, and so on."""
        counts = doubled(FEWEST, MOST)
        on_path = _table(*map(np.concatenate, zip(*(RULES[self.rule](count) for count in counts), strict=True)))
        starts = tf.constant(np.cumsum([0, *counts]), tf.int32)
        expected, x = self.expected(explained), explained.varied
        allowed = self.tolerance * tf.abs(expected) + ROUNDING * (tf.abs(explained.value()) + tf.abs(expected))

        def refine(level, done, relevance):
            new = self._integral(explained, on_path, starts[level], starts[level + 1])
            relevance = tree.map_structure(lambda old, new: tf.where(_like(done, new), old, new), relevance, new)
            return level + 1, done | (tf.abs(sum_of(new) - expected) <= allowed), relevance

        _, _, relevance = tf.while_loop(
            lambda level, done, _: (level < len(counts)) & ~tf.reduce_all(done),
            refine,
            (tf.constant(0), tf.zeros_like(expected, bool), tree.map_structure(tf.zeros_like, x)),
        )
        return relevance

    def expected(self, explained):
        """f(x) - f(b)."""
        return explained.value() - explained.value(explained.point(self.baseline))

    def gradients(self, shape: tuple[int, ...]) -> float:
        return 2 * MOST if self.points == "auto" else self.points  # at most: every doubling begins anew

    def _integral(self, explained, on_path: Callable, start, stop):
        """(x - b) times the sum of weighted gradients at the points of the path of number ``start`` to ``stop``.

        ``on_path`` gives the place and the weight of the points of numbers [k], in a floating-point type.
        """
        x, baseline = explained.varied, explained.point(self.baseline)

        def points(ks):
            def between(x, baseline):
                return baseline + _along(on_path(ks, x.dtype)[0], x) * (x - baseline)

            return tree.map_structure(between, x, baseline)

        def weighed(ks, signal):
            def of_leaf(one):
                return _along(on_path(ks, one.dtype)[1], one[0]) * one

            return tree.map_structure(of_leaf, signal)

        total = sum_over_points(explained, points, weighed, x, start, stop)
        return tree.map_structure(lambda x, baseline, total: (x - baseline) * total, x, baseline, total)


def midpoints(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The midpoints of ``count`` equal parts of [0, 1], and their weights."""
    return (np.arange(count) + 0.5) / count, np.full(count, 1 / count)


def gauss_legendre(count: int) -> tuple[np.ndarray, np.ndarray]:
    """``count`` points in [0, 1] and their weights, exact for polynomials of degree 2 count - 1.

    Multiples of 32 points are those of equal parts of 32 each: roots of polynomials of high degree take long to find.
    """
    parts = count // 32 if count % 32 == 0 else 1
    roots, weights = np.polynomial.legendre.leggauss(count // parts)
    places = (np.arange(parts)[:, None] + (roots + 1) / 2) / parts
    return places.ravel(), np.tile(weights / (2 * parts), parts)


def _midpoint(count, numbers, dtype) -> tuple[tf.Tensor, tf.Tensor]:
    """The midpoints of these ``numbers``, of ``count``, a scalar of the graph, and their weights."""
    count, numbers = tf.cast(count, dtype), tf.cast(numbers, dtype)
    return (numbers + 0.5) / count, tf.ones_like(numbers) / count


def _table(places: np.ndarray, weights: np.ndarray) -> Callable:
    """The same of points that are known beforehand."""
    return lambda numbers, dtype: tuple(tf.gather(tf.constant(one, dtype), numbers) for one in (places, weights))


RULES = {"midpoint": midpoints, "gauss_legendre": gauss_legendre}
"""The rules of integration by name: number of points -> places on the path, weights."""

ROUNDING = 1e-6
"""What is rounding, as a part of the values whose difference is explained."""


@METHODS.register("smoothgrad")
@dataclass(frozen=True)
class SmoothGrad(Method):
    """The mean over m noisy copies x + N(0, (noise * (max x - min x))^2) of df/dx_i, or another statistic of it.

    All samples get the same noise, each in its own range, whatever samples are beside it. Tokens have noise in their
    embeddings.

    Args:
      statistic: "mean" (Smilkov et al.), "squared" (the mean of squares) or "variance".
      noise: the noise's standard deviation as a part of each sample's range.
      copies: m.
      seed: seeds the noise, the same for the same seed.
    """

    source: ClassVar[str] = "Smilkov et al. (2017); Hooker et al. (2019); Adebayo et al. (2018)"
    statistic: str = "mean"
    noise: float = number(0.15)
    copies: int = count(32)
    seed: int = count(0)

    def __post_init__(self):
        if self.statistic not in ("mean", "squared", "variance"):
            raise InputError(f"statistic must be mean, squared or variance; received {self.statistic!r}")
        if not self.noise >= 0:
            raise InputError(f"noise must be at least 0; received {self.noise:g}")
        at_least_one(copies=self.copies)

    def attribute(self, explained):
        x = explained.varied
        leaves = tree.flatten(x)
        extents = [self._extent(*pair) for pair in zip(leaves, tree.flatten(explained.varied_seen), strict=True)]

        def points(ks):
            # The copies of another leaf have other numbers, so that no two leaves have the same noise.
            noisy = [
                self._noisy(leaf, extent, ks + place * self.copies)
                for place, (leaf, extent) in enumerate(zip(leaves, extents, strict=True))
            ]
            return tree.pack_sequence_as(x, noisy)

        def moments(ks, signals):
            return tree.map_structure(lambda signal: tf.stack([signal, tf.square(signal)], axis=1), signals)

        pairs = tree.map_structure(lambda leaf: tf.stack([leaf, leaf]), x)
        totals = sum_over_points(explained, points, moments, pairs, 0, self.copies)
        return tree.map_structure(self._statistic, totals)

    def gradients(self, shape: tuple[int, ...]) -> float:
        return self.copies

    def _extent(self, x, seen):
        """The range of each sample, without its padding: that is marked by a value far from the others."""
        axes = tuple(range(1, x.shape.rank))
        highest = tf.reduce_max(tf.where(seen, x, x.dtype.min), axes, keepdims=True)
        lowest = tf.reduce_min(tf.where(seen, x, x.dtype.max), axes, keepdims=True)
        return tf.maximum(highest - lowest, 0)

    def _noisy(self, x, extent, numbers):
        # One draw for all samples: a sample's relevance depends on no other, nor on how samples are put in batches.
        one = (1, *tf.unstack(tf.shape(x))[1:])
        noise = tf.map_fn(
            lambda number: tf.random.stateless_normal(one, (self.seed, number), dtype=x.dtype),
            numbers,
            fn_output_signature=tf.TensorSpec((1, *x.shape[1:]), x.dtype),
        )
        return x + tf.cast(self.noise, x.dtype) * extent * noise

    def _statistic(self, total):
        mean, squared = tf.unstack(total / tf.cast(self.copies, total.dtype))
        return {"mean": mean, "squared": squared, "variance": squared - tf.square(mean)}[self.statistic]


def doubled(first: int, last: int) -> list[int]:
    """``first``, twice as many, and so on to ``last``."""
    return [first, *doubled(2 * first, last)] if first <= last else []


def sum_of(relevance) -> tf.Tensor:
    """The sum of each sample's relevance, over all its inputs [n]."""
    return tf.add_n([tf.reduce_sum(leaf, tuple(range(1, leaf.shape.rank))) for leaf in tree.flatten(relevance)])


def _like(samples, leaf):
    """A number for each sample [n], as one that broadcasts to ``leaf`` [n, ...]."""
    return tf.reshape(samples, [-1] + [1] * (leaf.shape.rank - 1))


def sum_over_points(explained, points, of_gradients, like, start: int, stop: int):
    """The sum over k = start, ..., stop - 1 of what becomes of the gradients at the points of number k.

    As many points go through the network together as ``explained.together`` allows, in equal parts: never fewer than
    one of each sample, never more than the batch holds.

    Args:
      points: numbers [k] -> a tree of points [k, n, ...].
      of_gradients: numbers [k], a tree of gradients [k, n, ...] -> a tree of what is summed, [k, ...] each.
      like: a tree in the shapes of the sum.
      start, stop: the numbers.
    """
    one_by_one = isinstance(explained.together, int)  # 1: nothing may depend on how many there are
    rounds = tf.maximum(-(-(stop - start) // explained.together), 1)
    together = -(-(stop - start) // rounds)

    def one_round(k, total):
        ks = k[tf.newaxis] if one_by_one else tf.range(k, tf.minimum(k + together, stop))
        times = 1 if one_by_one else tf.size(ks)
        behind = tree.map_structure(_behind, points(ks))
        signal = explained.gradient(behind, times).signal
        apart = tree.map_structure(lambda one: _apart(one, times), signal)
        found = of_gradients(ks, apart)
        return k + together, tree.map_structure(lambda total, one: total + tf.reduce_sum(one, axis=0), total, found)

    zeros = tree.map_structure(tf.zeros_like, like)
    _, total = tf.while_loop(lambda k, total: k < stop, one_round, (tf.constant(0) + start, zeros))
    return total


def _along(numbers, leaf):
    """Numbers [k] as what broadcasts over points [k, n, ...]."""
    return tf.reshape(numbers, [-1] + [1] * leaf.shape.rank)


def _behind(points):
    """Points [k, n, ...] as [k n, ...], one batch behind the other."""
    return tf.ensure_shape(tf.reshape(points, tf.concat([[-1], tf.shape(points)[2:]], 0)), (None, *points.shape[2:]))


def _apart(signal, times):
    """[k n, ...] as [k, n, ...]."""
    return tf.ensure_shape(tf.reshape(signal, tf.concat([[times, -1], tf.shape(signal)[1:]], 0)), (None, *signal.shape))
