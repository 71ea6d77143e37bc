"""Relevance of many samples taken together: by feature, step, class and word, in windows, and inside a mask."""

import collections
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.data import step_mask
from thesis_rnn.errors import InputError
from thesis_rnn.statistics import Interval, mean_interval
from thesis_rnn.support.checks import finite_array

AXES = ("sample", "step", "feature")


class Mean(NamedTuple):
    """The mean relevance of something, with its 95% interval over samples.

    Attributes:
      name: of a feature, step or word.
      group: the class; "" for all.
      interval: mean, low, high and the number of samples behind it.

    Example:
      >>> [mean.name for mean in mean_relevance([[[1.0, 2.0]]], names=["pressure", "pulse"])]
      ['pressure', 'pulse']
    """

    name: str
    group: str
    interval: Interval


def mean_relevance(
    relevance: ArrayLike,
    by: str = "feature",
    groups: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    absolute: bool = False,
) -> list[Mean]:
    """The mean over samples of R summed over all axes but one: of each feature, each step, or the whole sample.

    A step counts only samples that have it. One sample is one value: intervals are over samples, not cells.

    Args:
      relevance: [n, steps, ...]; the last axis is that of features.
      by: "feature", "step" or "sample".
      groups: what samples are told apart by, such as their class [n]; then there is a mean for each, and for all.
      lengths: own steps of each sample [n]; by default all are.
      names: what to call features or steps; numbers from 0 if there are none.
      absolute: of |R|, so that evidence for and against does not cancel.

    Returns:
      Means, those of all samples first, then by group.

    Raises:
      InputError: relevance that is not finite or has another shape, or arguments that do not fit it.

    Example:
      >>> means = mean_relevance([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 4.0], [0.0, 0.0]]])
      >>> [(mean.name, mean.interval.mean) for mean in means]
      [('0', 1.0), ('1', 2.0)]
    """
    relevance = finite_array("relevance [n, steps, ...]", relevance, axes=max(2, np.ndim(relevance)))
    relevance = np.abs(relevance) if absolute else relevance
    if by not in AXES:
        raise InputError(f"means are by {', '.join(AXES)}; received {by!r}")
    if by == "feature" and relevance.ndim < 3:
        raise InputError(f"features need relevance [n, steps, features]; received {list(relevance.shape)}")
    n, steps = relevance.shape[:2]
    own = np.ones((n, steps), bool) if lengths is None else step_mask(_checked(lengths, n, "lengths"), steps)
    relevance = np.where(own.reshape(n, steps, *[1] * (relevance.ndim - 2)), relevance, 0)
    axis = {"sample": 0, "step": 1, "feature": relevance.ndim - 1}[by]
    sums = relevance.sum(axis=tuple(one for one in range(1, relevance.ndim) if one != axis)).reshape(n, -1)
    counted = own if by == "step" else np.ones_like(sums, bool)
    names = [str(place) for place in range(sums.shape[1])] if names is None else list(names)
    if by == "sample":
        names = ["whole"]
    if len(names) != sums.shape[1]:
        raise InputError(f"names must be one for each of {sums.shape[1]} {by}s; received {len(names)}")
    return [
        Mean(name, group, mean_interval(values[chosen & seen]))
        for group, chosen in _groups(groups, n)
        for name, values, seen in zip(names, sums.T, counted.T, strict=True)
        if (chosen & seen).any()
    ]


def word_relevance(
    relevance: ArrayLike, words: ArrayLike, groups: ArrayLike | None = None, least: int = 5
) -> list[Mean]:
    """The mean relevance of each word, over the samples that have it, highest first.

    A word that a sample has twice counts once for it, by its mean there.

    Args:
      relevance: [n, steps].
      words: the word of each token [n, steps]; "" is padding.
      groups: what samples are told apart by, as for :func:`mean_relevance`.
      least: words of fewer samples are left out.

    Returns:
      Means, for all samples and then by group.

    Raises:
      InputError: two shapes, or relevance that is not finite.

    Example:
      >>> found = word_relevance([[2.0, -1.0], [4.0, 0.0]], [["good", "bad"], ["good", ""]], least=1)
      >>> [(mean.name, mean.interval.mean, mean.interval.n) for mean in found]
      [('good', 3.0, 2), ('bad', -1.0, 1)]
    """
    relevance, words = finite_array("relevance [n, steps]", relevance, axes=2), np.asarray(words)
    if words.shape != relevance.shape:
        raise InputError(f"words must have relevance's shape {list(relevance.shape)}; received {list(words.shape)}")
    means = []
    for group, chosen in _groups(groups, len(words)):
        values: dict[str, list[float]] = collections.defaultdict(list)
        for own, amounts in zip(words[chosen], relevance[chosen], strict=True):
            for word in set(own.tolist()) - {""}:
                values[word].append(float(amounts[own == word].mean()))
        found = [Mean(word, group, mean_interval(each)) for word, each in values.items() if len(each) >= least]
        means += sorted(found, key=lambda mean: (-mean.interval.mean, mean.name))
    return means


class Window(NamedTuple):
    """Steps start..stop-1 of a sample, and the relevance in them."""

    sample: int
    start: int
    stop: int
    relevance: float


def top_windows(relevance: ArrayLike, width: int, count: int = 10, lengths: ArrayLike | None = None) -> list[Window]:
    """The windows of ``width`` steps with the most relevance, at most one of each sample, highest first.

    Args:
      relevance: [n, steps, ...].
      width: steps of a window.
      count: how many, at most.
      lengths: own steps of each sample [n]; windows lie within them. By default all are.

    Returns:
      Windows.

    Raises:
      InputError: a width that no sample has, or relevance that is not finite.

    Example:
      >>> top_windows([[0.0, 1.0, 2.0], [5.0, 0.0, 0.0]], width=2, count=1)
      [Window(sample=1, start=0, stop=2, relevance=5.0)]
    """
    relevance = finite_array("relevance [n, steps, ...]", relevance, axes=max(2, np.ndim(relevance)))
    n, steps = relevance.shape[:2]
    lengths = np.full(n, steps) if lengths is None else _checked(lengths, n, "lengths")
    if not 1 <= width <= lengths.max():
        raise InputError(f"width must lie in 1..{lengths.max()}, the steps of samples; received {width}")
    by_step = relevance.reshape(n, steps, -1).sum(axis=2)
    sums = np.lib.stride_tricks.sliding_window_view(by_step, width, axis=1).sum(axis=2)
    inside = np.arange(sums.shape[1]) + width <= lengths[:, np.newaxis]
    sums = np.where(inside, sums, -np.inf)
    starts = sums.argmax(axis=1)
    best = sums[np.arange(n), starts]
    order = [sample for sample in np.argsort(-best, kind="stable") if np.isfinite(best[sample])][:count]
    return [Window(int(s), int(starts[s]), int(starts[s]) + width, float(best[s])) for s in order]


def share_in_mask(relevance: ArrayLike, mask: ArrayLike, lengths: ArrayLike | None = None) -> tuple[np.ndarray, float]:
    """The share of each sample's |R| that lies in a mask, and the share that even relevance would have there.

    A mask over what no sample needs (a corner, a padding symbol, a leaking feature) is a detector of shortcuts: shares
    far above the chance value say that the model looks there.

    Args:
      relevance: [n, ...].
      mask: 0 or 1, in the shape of a sample, or of all samples.
      lengths: own steps of each sample [n]; by default all are.

    Returns:
      Shares [n], NaN for a sample without relevance, and the chance value.

    Raises:
      InputError: a mask of another shape or of other values, one that marks nothing or everything.

    Example:
      >>> shares, chance = share_in_mask([[[3.0, -1.0]], [[0.0, 2.0]]], mask=[[1, 0]])
      >>> shares.tolist(), chance
      ([0.75, 0.0], 0.5)
    """
    relevance = np.abs(finite_array("relevance [n, ...]", relevance, axes=max(2, np.ndim(relevance))))
    mask = np.asarray(mask)
    if mask.shape not in (relevance.shape, relevance.shape[1:]):
        shapes = f"{list(relevance.shape[1:])} of a sample or {list(relevance.shape)} of all"
        raise InputError(f"mask must have the shape {shapes}; received {list(mask.shape)}")
    if not np.isin(mask, (0, 1)).all():
        raise InputError(f"mask must be 0 or 1; received {mask[~np.isin(mask, (0, 1))][0]}")
    own = np.ones(relevance.shape, bool)
    if lengths is not None:
        n, steps = relevance.shape[:2]
        own &= step_mask(_checked(lengths, n, "lengths"), steps).reshape(n, steps, *[1] * (relevance.ndim - 2))
    marked = np.broadcast_to(mask.astype(bool), relevance.shape) & own
    if not marked.any() or marked.sum() == own.sum():
        raise InputError(f"mask must mark some cells and leave some out; received {marked.sum()} of {own.sum()}")
    axes = tuple(range(1, relevance.ndim))
    total = (relevance * own).sum(axis=axes)
    shares = np.divide((relevance * marked).sum(axis=axes), total, out=np.full(len(total), np.nan), where=total > 0)
    return shares, float((marked.sum(axis=axes) / own.sum(axis=axes)).mean())


def _groups(groups: ArrayLike | None, n: int) -> list[tuple[str, np.ndarray]]:
    """All samples, then those of each group."""
    everyone = [("", np.ones(n, bool))]
    if groups is None:
        return everyone
    groups = _checked(groups, n, "groups")
    return everyone + [(str(group), groups == group) for group in np.unique(groups)]


def _checked(values: ArrayLike, n: int, name: str) -> np.ndarray:
    values = np.asarray(values)
    if values.shape != (n,):
        raise InputError(f"{name} must be one for each of {n} samples; received shape {list(values.shape)}")
    return values
