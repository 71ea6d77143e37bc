"""Expected gradients and GradientSHAP: integrated gradients from a distribution of baselines, by sampling."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method, freeze
from thesis_rnn.attribution.methods.host import Attributed, OnHost, named, references_like
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError

ROUND = 32
"""Draws between two looks at the standard errors."""


@METHODS.register("expected_gradients")
@dataclass(frozen=True)
class ExpectedGradients(Method):
    """R_i = E (x_i - b_i) df/dx_i at b + a (x - b), over b of the background and a uniform in [0, 1].

    The relevance sums to f(x) minus the mean of f over the background, up to the error of sampling:
    ``details["errors"]`` has the standard error of each cell. Draws are the same for all samples.

    Args:
      background: b: a number, an array that broadcasts to one sample, or data [k, ...]; None is what "removed" means
        for the problem, its background, or 0 without a problem. Of tokens, whose ways are between embeddings, whole
        numbers: the token of a mask, or data.
      samples: draws at most, at least 2.
      tolerance: the standard error at which to stop before that; 0 asks for all of them.
      seed: seeds the draws.
    """

    source: ClassVar[str] = "Erion et al. (2021), equation 3"
    host: ClassVar[bool] = True
    sums_to: ClassVar[str] = "f(x) - mean_b f(b), on average"
    removed_by: ClassVar[str] = "background"
    background: Any = None
    samples: int = 128
    tolerance: float = 0.0
    seed: int = 0

    def __post_init__(self):
        object.__setattr__(self, "background", freeze(self.background))
        if self.samples < 2:
            raise InputError(f"samples must be at least 2, for their standard error; received {self.samples}")
        if not self.tolerance >= 0:
            raise InputError(f"tolerance must be at least 0; received {self.tolerance:g}")

    def attribute(self, explained: OnHost) -> Attributed:
        x, rng = explained.x, np.random.default_rng(self.seed)
        background = explained.background if self.background is None else self.background
        _check_tokens(background, x)
        references = references_like(background, x)
        k, n = (len(tree.flatten(leaves)[0]) for leaves in (references, x))
        turns = np.concatenate([rng.permutation(k) for _ in range(-(-self.samples // k))])[: self.samples]
        places, moments = rng.random(self.samples), Moments(x)
        together = min(max(explained.batch_size // n, 1), ROUND)
        for start in explained.progress(range(0, self.samples, together), "draws"):
            draws = np.arange(start, min(start + together, self.samples))
            bases = [leaf[turns[draws], np.newaxis] for leaf in tree.flatten(references)]
            for drawn in zip(*self.drawn(explained, draws, bases, places[draws]), strict=True):
                moments.add(drawn)
            if self.tolerance and moments.count > 1 and moments.largest_error <= self.tolerance:
                break
        return Attributed(moments.mean(explained.dtype), named("errors", moments.error(explained.dtype)))

    def drawn(self, explained: OnHost, draws: np.ndarray, bases: list, places: np.ndarray) -> list[np.ndarray]:
        """What baselines [r, 1, ...], each with a place on the way from it, give: [r, n, ...] for each leaf."""
        n, r = len(tree.flatten(explained.x)[0]), len(draws)
        if any(leaf.dtype.kind in "iu" for leaf in tree.flatten(explained.x)):
            tiled = [np.repeat(np.broadcast_to(base, (r, 1, *base.shape[2:])), n, axis=1) for base in bases]
            points = tree.pack_sequence_as(explained.x, [one.reshape(-1, *one.shape[2:]) for one in tiled])
            explained.check(points)
            given = explained.on_the_way(points, np.tile(np.arange(n), r), np.repeat(places, n))
            return [one.reshape(r, n, *one.shape[1:]) for one in tree.flatten(given)]
        leaves = self.moved(explained, draws)
        apart = [leaf - base for leaf, base in zip(leaves, bases, strict=True)]
        points = [
            (base + places.reshape(-1, *[1] * (gap.ndim - 1)) * gap).astype(base.dtype).reshape(-1, *gap.shape[2:])
            for base, gap in zip(bases, apart, strict=True)
        ]
        packed = tree.pack_sequence_as(explained.x, points)
        signal = tree.flatten(explained.gradient(packed, np.tile(np.arange(n), len(draws))).signal)
        return [gap * one.reshape(gap.shape) for gap, one in zip(apart, signal, strict=True)]

    def moved(self, explained: OnHost, draws: np.ndarray) -> list[np.ndarray]:
        """Where the ways end, [1 or r, n, ...] for each leaf: at the samples."""
        return [leaf[np.newaxis] for leaf in tree.flatten(explained.x)]


def _check_tokens(background, x) -> None:
    """Refuses baselines of tokens that are none."""
    if all(leaf.dtype.kind == "f" for leaf in tree.flatten(x)):
        return
    numbers = np.concatenate([np.ravel(one) for one in tree.flatten(background)])
    if (numbers != np.round(numbers)).any():
        received = numbers[numbers != np.round(numbers)][0]
        raise InputError(f"background must be tokens, one such as that of a mask, or data; received {received:g}")


@METHODS.register("gradient_shap")
@dataclass(frozen=True)
class GradientShap(ExpectedGradients):
    """R_i = E (z_i - b_i) df/dx_i at b + a (z - b), over noisy copies z of x, b of the background, a uniform in [0, 1].

    Expected gradients, smoothed. ``details["errors"]`` has the standard error of each cell.

    Args:
      background: b: a number, an array that broadcasts to one sample, or data [k, ...]; None is what "removed" means
        for the problem, its background, or 0 without a problem.
      samples: draws at most, at least 2.
      tolerance: the standard error at which to stop before that; 0 asks for all of them.
      seed: seeds the draws.
      noise: the standard deviation of z - x as a part of each sample's range.
    """

    takes: ClassVar[tuple[str, ...]] = ("pixels", "real")
    source: ClassVar[str] = "Lundberg and Lee (2017), as GradientExplainer; Captum's GradientShap"
    sums_to: ClassVar[str] = "mean_z f(z) - mean_b f(b), on average"
    noise: float = 0.1

    def __post_init__(self):
        super().__post_init__()
        if not self.noise >= 0:
            raise InputError(f"noise must be at least 0; received {self.noise:g}")

    def moved(self, explained, draws):
        """Noisy copies of the samples; one noise for all samples, so that none depends on its neighbours."""
        pairs = zip(tree.flatten(explained.x), tree.flatten(explained.seen), strict=True)
        return [self._noisy(leaf, seen, draws, place) for place, (leaf, seen) in enumerate(pairs)]

    def _noisy(self, x, seen, draws, place):
        axes = tuple(range(1, x.ndim))
        highest = np.where(seen, x, -np.inf).max(axes, keepdims=True)
        extent = np.maximum(highest - np.where(seen, x, np.inf).min(axes, keepdims=True), 0)
        noise = [np.random.default_rng((self.seed, place, draw)).normal(size=x.shape[1:]) for draw in draws]
        return (x + self.noise * extent * np.stack(noise)[:, np.newaxis]).astype(x.dtype)


class Moments:
    """The running mean and scatter of trees of arrays (Welford)."""

    def __init__(self, like):
        self.count = 0
        self._mean = [np.zeros(leaf.shape) for leaf in tree.flatten(like)]
        self._squares = [np.zeros(leaf.shape) for leaf in tree.flatten(like)]
        self._like = like

    def add(self, drawn: list) -> None:
        """One more draw, an array for each leaf."""
        self.count += 1
        for mean, squares, leaf in zip(self._mean, self._squares, drawn, strict=True):
            apart = leaf - mean
            mean += apart / self.count
            squares += apart * (leaf - mean)

    def mean(self, dtype: str):
        return tree.pack_sequence_as(self._like, [mean.astype(dtype) for mean in self._mean])

    def error(self, dtype: str):
        """The standard error of each mean."""
        freedom = self.count * (self.count - 1)
        return tree.pack_sequence_as(self._like, [np.sqrt(one / freedom).astype(dtype) for one in self._squares])

    @property
    def largest_error(self) -> float:
        return max(float(np.sqrt(one.max() / (self.count * (self.count - 1)))) for one in self._squares)
