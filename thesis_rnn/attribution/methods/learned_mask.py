"""Masks that are learned for each sample: which few cells are enough for the output, or which few undo it."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods.base import Method, freeze, freeze_reference
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one

PERTURBATIONS = ("blur", "fade", "constant")
MODES = ("preserve", "delete")
DILATION = 100.0
"""By how much the weight of the area grows while a mask is learned, as in Dynamask."""
FLAT = 0.01
DECAY, SQUARE_DECAY = 0.9, 0.95
"""Of the running mean of slopes and of their squares."""


class OfMasks(Method):
    """What methods that learn masks share; "removed" means something to them where the perturbation is constant."""

    removed_by: ClassVar[str] = "baseline"

    def filled(self, background: float) -> dict:
        return super().filled(background) if self.perturbation == "constant" else {}


@METHODS.register("learned_mask")
@dataclass(frozen=True)
class LearnedMask(OfMasks):
    """R = argmin_m loss(f(x~)) + area_weight |sort(m) - r|^2/N + smoothness mean|m_t - m_t-1|, x~ = m x + (1 - m) p(x).

    r has ``area`` of its N entries at 1 and the others at 0: so many cells are to be seen. To preserve, the loss is
    ((f(x) - f(x~))/d)^2, d = f(x) - f(p(x)); to delete, m marks what is perturbed and the loss is f(x~)/|d|. Steps
    like Adam's move m, which is cut to [0, 1]; all samples of a batch are optimised at once, and none depends on
    another. Masked steps have R = 0.

    Args:
      area: the share of cells that the mask is to have.
      perturbation: p(x): "constant", the baseline; "blur" (Gaussian, on all axes but the last); or "fade" to a moving
        average. Where it leaves f as it is, there is nothing to learn.
      width: the standard deviation of the blur, or the steps on either side of the moving average.
      mode: "preserve" or "delete".
      area_weight, smoothness: the weights of the terms.
      updates: how many steps.
      rate: the length of the first; later ones are shorter.
      baseline: of "constant": a number or an array that broadcasts to one sample; None is what "removed" means for the
        problem, its background, or 0 without a problem. Of tokens, whose embedding has one mask, None is an embedding
        of zeros, whole numbers are tokens, "mean" is the mean of the vocabulary, other numbers are embeddings.
      seed: of the small noise, around 1/2, at which masks start.
    """

    source: ClassVar[str] = "Fong and Vedaldi (2017), equation 3; Crabbe and van der Schaar (2021), Dynamask"
    area: float = 0.1
    perturbation: str = "constant"
    width: float = 2.0
    mode: str = "preserve"
    area_weight: float = 1.0
    smoothness: float = 0.1
    updates: int = 200
    rate: float = 0.1
    baseline: Any = None
    seed: int = 0

    def __post_init__(self):
        object.__setattr__(self, "baseline", freeze_reference(self.baseline))
        _check(self)
        if not 0 < self.area < 1:
            raise InputError(f"area must lie between 0 and 1; received {self.area:g}")
        if self.mode not in MODES:
            raise InputError(f"mode must be one of {', '.join(MODES)}; received {self.mode!r}")

    def attribute(self, explained):
        preserve = self.mode == "preserve"

        def slope(value, whole, perturbed):
            span = _span(whole - perturbed)
            return 2 * (value - whole) / span**2 if preserve else 1 / span

        return learn_mask(self, explained, self.area, slope, preserve)

    def gradients(self, shape: tuple[int, ...]) -> float:
        return self.updates


@METHODS.register("extremal_mask")
@dataclass(frozen=True)
class ExtremalMask(OfMasks):
    """R = the mean over areas a of argmax_m f(x~)/|d| - area_weight |sort(m) - r_a|^2/N - smoothness mean|m_t - m_t-1|.

    x~ = m x + (1 - m) p(x) and d = f(x) - f(p(x)): for each area, where a mask of that size keeps f highest. Masks are
    learned as those of ``learned_mask``.

    Args:
      areas: the shares of cells that masks are to have.
      perturbation: p(x): "constant", the baseline; "blur" (Gaussian, on all axes but the last); or "fade" to a moving
        average. Where it leaves f as it is, there is nothing to learn.
      width: the standard deviation of the blur, or the steps on either side of the moving average.
      area_weight, smoothness: the weights of the terms.
      updates: how many steps.
      rate: the length of the first; later ones are shorter.
      baseline: of "constant": a number or an array that broadcasts to one sample; None is what "removed" means for the
        problem, its background, or 0 without a problem. Of tokens, whose embedding has one mask, None is an embedding
        of zeros, whole numbers are tokens, "mean" is the mean of the vocabulary, other numbers are embeddings.
      seed: of the small noise, around 1/2, at which masks start.
    """

    source: ClassVar[str] = "Fong et al. (2019), equation 2, relaxed as in Dynamask"
    areas: Any = (0.05, 0.1, 0.2, 0.4)
    perturbation: str = "constant"
    width: float = 2.0
    area_weight: float = 100.0
    smoothness: float = 0.1
    updates: int = 200
    rate: float = 0.1
    baseline: Any = None
    seed: int = 0

    def __post_init__(self):
        object.__setattr__(self, "baseline", freeze_reference(self.baseline))
        object.__setattr__(self, "areas", freeze(self.areas))
        _check(self)
        areas = np.asarray(self.areas)
        if areas.ndim != 1 or not len(areas) or areas.dtype.kind != "f" or not ((areas > 0) & (areas < 1)).all():
            raise InputError(f"areas must be numbers between 0 and 1; received {self.areas!r}")

    def attribute(self, explained):
        def slope(value, whole, perturbed):
            return -1 / _span(whole - perturbed)

        def learned(area):
            return learn_mask(self, explained, area, slope, preserve=True)

        like = tree.map_structure(lambda leaf: leaf.dtype, explained.varied)
        areas = tf.constant(self.areas, tree.flatten(explained.varied)[0].dtype)
        masks = tf.map_fn(learned, areas, fn_output_signature=like, parallel_iterations=1)
        return tree.map_structure(lambda mask: tf.reduce_mean(mask, axis=0), masks)

    def gradients(self, shape: tuple[int, ...]) -> float:
        return self.updates * len(self.areas)


def learn_mask(method, explained, area, slope, preserve: bool):
    """The masks of all samples, a tree like ``explained.x``; a token has one, [n, steps, 1], for all of its embedding.

    Args:
      method: its perturbation, weights, updates, rate and seed.
      explained: the network.
      area: the share of cells, a number or a scalar tensor.
      slope: (f(x~), f(x), f(p(x))) -> the derivative of the loss by f(x~), each [n].
      preserve: whether the mask marks what is seen; what is perturbed otherwise.
    """
    x, seen = tree.flatten(explained.varied), tree.flatten(explained.varied_seen)
    embedded = [leaf is not one for leaf, one in zip(x, tree.flatten(explained.x), strict=True)]
    other = perturbed(method, explained)
    whole = explained.value()
    none = explained.value(tree.pack_sequence_as(explained.x, other))

    def gradients(masks, progress):
        kept = masks if preserve else [1 - mask for mask in masks]
        points = [keep * leaf + (1 - keep) * far for keep, leaf, far in zip(kept, x, other, strict=True)]
        done = explained.forward(tree.pack_sequence_as(explained.x, points), ForwardSemantics())
        value = tf.reduce_sum(explained.selection * done.outputs, axis=-1)
        seeds = explained.selection * slope(value, whole, none)[:, tf.newaxis]
        signals = tree.flatten(done.walk_back(done.leaf, seeds))
        sign, weight = (1 if preserve else -1), method.area_weight * DILATION ** (progress - 1)
        return [
            sign * _of_cells(signal * (leaf - far), mask)
            + weight * area_slope(mask, area, one)
            + method.smoothness * variation_slope(mask)
            for signal, leaf, far, mask, one in zip(signals, x, other, masks, seen, strict=True)
        ]

    cells = [leaf[..., :1] if one else leaf for leaf, one in zip(x, embedded, strict=True)]
    start = [_start(leaf, method.seed + place) for place, leaf in enumerate(cells)]
    masks = descended(start, gradients, method.updates, method.rate)
    cut = [tf.where(one, mask, tf.zeros_like(mask)) for mask, one in zip(masks, seen, strict=True)]
    return tree.pack_sequence_as(explained.x, cut)


def _of_cells(slopes, mask):
    """The slopes of a mask that all of an embedding shares are summed over it."""
    return tf.reduce_sum(slopes, axis=-1, keepdims=True) if mask.shape[-1] == 1 else slopes


def descended(start: list, gradients, updates: int, rate: float) -> list:
    """``updates`` steps down from ``start``, in a loop; every number stays in [0, 1].

    A step is Adam's, but a cell whose slope is below ``FLAT`` of the sample's steepest moves in proportion to it: cells
    on which nothing depends would else move as fast as those that decide. Steps shrink to 0.

    Args:
      start: tensors.
      gradients: (tensors, progress in [0, 1]) -> the gradient of each.
      updates: how many.
      rate: of the first step.
    """
    zeros = [tf.zeros_like(one) for one in start]

    def update(k, values, means, squares):
        number = tf.cast(k + 1, start[0].dtype)
        slopes = gradients(values, number / updates)
        means = [_decayed(DECAY, *pair) for pair in zip(means, slopes, strict=True)]
        squares = [_decayed(SQUARE_DECAY, square, slope**2) for square, slope in zip(squares, slopes, strict=True)]
        unbiased = [tf.sqrt(square / (1 - SQUARE_DECAY**number)) for square in squares]
        steepest = _steepest(unbiased)
        length = rate * (1 - number / updates) / (1 - DECAY**number)
        moved = [
            value - length * tf.math.divide_no_nan(mean, own + FLAT * _beside(steepest, mean))
            for value, mean, own in zip(values, means, unbiased, strict=True)
        ]
        return k + 1, [tf.clip_by_value(one, 0, 1) for one in moved], means, squares

    state = (tf.constant(0), start, zeros, zeros)
    return tf.while_loop(lambda k, *_: k < updates, update, state, parallel_iterations=1)[1]


def _decayed(decay: float, before, now):
    return decay * before + (1 - decay) * now


def _steepest(slopes: list):
    """The largest number of each sample [n]."""
    return tf.reduce_max([tf.reduce_max(one, tuple(range(1, one.shape.rank))) for one in slopes], axis=0)


def _beside(scale, like):
    return tf.reshape(scale, [-1] + [1] * (like.shape.rank - 1))


def area_slope(mask, area, seen):
    """The derivative of |sort(m) - r|^2/N over the N cells of each sample that are ``seen``; r has area N ones."""
    n, shape = tf.shape(mask)[0], tf.shape(mask)
    flat, counted = tf.reshape(mask, (n, -1)), tf.reshape(seen, (n, -1))
    size = tf.reduce_sum(tf.cast(counted, mask.dtype), axis=1, keepdims=True)
    hidden = tf.where(counted, flat, -tf.ones_like(flat))  # come first, and are not moved
    rank = tf.argsort(tf.argsort(hidden, axis=1, stable=True), axis=1)
    from_top = tf.cast(tf.shape(flat)[1] - 1 - rank, mask.dtype)
    ones = tf.maximum(tf.round(tf.convert_to_tensor(area, mask.dtype) * size), 1)
    target = tf.cast(from_top < ones, mask.dtype)
    return tf.reshape(tf.where(counted, 2 * (flat - target) / tf.maximum(size, 1), tf.zeros_like(flat)), shape)


def variation_slope(mask):
    """The derivative of mean |m_t - m_t-1| over every axis but those of samples and features."""
    total = tf.zeros_like(mask)
    size = tf.cast(tf.size(mask) // tf.shape(mask)[0], mask.dtype)
    for axis in _axes(mask):
        ahead = tf.sign(tf.roll(mask, -1, axis) - mask) * _but_last(mask, axis)
        total += tf.roll(ahead, 1, axis) - ahead
    return total / size


def perturbed(method, explained) -> list:
    """p(x) for each leaf, in which masked cells have no part."""
    if method.perturbation == "constant":
        return tree.flatten(explained.point(method.baseline))
    pairs = zip(tree.flatten(explained.varied), tree.flatten(explained.varied_seen), strict=True)
    return [_smoothed(leaf, tf.cast(seen, leaf.dtype), method.perturbation, method.width) for leaf, seen in pairs]


def _smoothed(x, seen, kind: str, width: float):
    """The weighted mean of the cells around each, over every axis but the last, without those not ``seen``."""
    total, counted = x * seen, seen
    for axis in _axes(x):
        places = tf.range(tf.shape(x)[axis])
        apart = tf.cast(tf.abs(places[:, tf.newaxis] - places), x.dtype)
        weights = tf.exp(-((apart / width) ** 2) / 2) if kind == "blur" else tf.cast(apart <= width, x.dtype)
        total, counted = (_along(weights, one, axis) for one in (total, counted))
    return tf.math.divide_no_nan(total, counted)


def _along(weights, x, axis: int):
    order = [place for place in range(x.shape.rank) if place != axis] + [axis]
    moved = tf.transpose(x, order) @ weights
    return tf.transpose(moved, np.argsort(order))


def _axes(x) -> range:
    return range(1, max(2, x.shape.rank - 1))


def _but_last(x, axis: int):
    """1 for all places along an axis but the last, in a shape that broadcasts to ``x``."""
    length = tf.shape(x)[axis]
    return tf.reshape(tf.cast(tf.range(length) < length - 1, x.dtype), [-1] + [1] * (x.shape.rank - 1 - axis))


def _start(x, seed: int):
    noise = tf.random.stateless_uniform(tf.shape(x)[1:], (seed, 0), -0.01, 0.01, dtype=x.dtype)
    return tf.zeros_like(x) + 0.5 + noise  # the same for all samples: it breaks ties of equal cells


def _span(difference):
    """|f(x) - f(p(x))| [n], or 1 where the perturbation does nothing."""
    return tf.where(tf.abs(difference) > 1e-6, tf.abs(difference), tf.ones_like(difference))


def _check(method) -> None:
    at_least_one(updates=method.updates)
    if method.perturbation not in PERTURBATIONS:
        raise InputError(f"perturbation must be one of {', '.join(PERTURBATIONS)}; received {method.perturbation!r}")
    for name in ("width", "rate"):
        if not getattr(method, name) > 0:
            raise InputError(f"{name} must be more than 0; received {getattr(method, name):g}")
    for name in ("area_weight", "smoothness"):
        if not getattr(method, name) >= 0:
            raise InputError(f"{name} must be at least 0; received {getattr(method, name):g}")
