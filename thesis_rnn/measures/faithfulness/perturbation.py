"""Pixel flipping: the explained output while regions are removed in the order of their relevance.

After Samek et al., "Evaluating the visualization of what a deep neural network has learned" (2017), who perturb one
region of the input after another; Montavon et al., "Methods for interpreting and understanding deep neural networks"
(2018), section 7, call it pixel-flipping. An order of removal is an array ``[n, regions]``: each sample's regions, the
first to go first.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.regions import checked_regions, region_relevance
from thesis_rnn.support.checks import check_pixels, finite_array


def most_relevant_first(relevance: ArrayLike, regions: np.ndarray, seed: int = 0) -> np.ndarray:
    """The regions of each sample by falling relevance, ``[n, regions]``; equal ones in an order of chance.

    Were equal ones removed in the order of their numbers, heatmaps that are zero almost everywhere would be scored by
    where their samples begin.

    Args:
      relevance: ``[n, steps, ...]``.
      regions: ``[steps, ...]``, the number of each cell's region.
      seed: of the order of equals, each sample's own.

    Returns:
      An order of removal.

    Raises:
      InputError: as :func:`~thesis_rnn.measures.faithfulness.regions.region_relevance`.

    Example:
      >>> most_relevant_first([[0.1, 0.9, 0.5]], step_regions((3,))).tolist()
      [[1, 2, 0]]
    """
    return _ascending(-region_relevance(relevance, regions), seed)


def least_relevant_first(relevance: ArrayLike, regions: np.ndarray, seed: int = 0) -> np.ndarray:
    """The regions of each sample by rising relevance, ``[n, regions]``; as :func:`most_relevant_first`.

    Returns:
      An order of removal.

    Example:
      >>> least_relevant_first([[0.1, 0.9, 0.5]], step_regions((3,))).tolist()
      [[0, 2, 1]]
    """
    return _ascending(region_relevance(relevance, regions), seed)


def random_order(n: int, regions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The regions of each of ``n`` samples in an order of chance, each sample its own: ``[n, regions]``.

    Args:
      n: the number of samples.
      regions: ``[steps, ...]``, the number of each cell's region.
      rng: what orders are drawn from.

    Returns:
      An order of removal.

    Example:
      >>> order = random_order(1, step_regions((3,)), np.random.default_rng(0))
      >>> sorted(order[0].tolist())
      [0, 1, 2]
    """
    return rng.permuted(np.tile(np.arange(np.max(regions) + 1), (n, 1)), axis=1)


def perturbation_curve(
    predict: Callable[[np.ndarray], ArrayLike],
    x: ArrayLike,
    target: ArrayLike,
    regions: np.ndarray,
    order: np.ndarray,
    background: float = -1.0,
    batch_size: int = 500,
    own: ArrayLike | None = None,
) -> np.ndarray:
    """The explained output after k = 0, 1, 2, ... regions were replaced: ``[n, k + 1]``.

    ``predict`` is called (k + 1) n / batch_size times; no more than one batch of perturbed inputs is in memory.

    Args:
      predict: a batch of inputs ``[m, steps, ...]`` -> its logits or probabilities ``[m, classes]``, such as
        ``model.predict_on_batch``; with a method ``at(points, samples)``, that is asked.
      x: the explained inputs, ``[n, steps, rows, columns]``, ``[n, steps, features]`` or tokens ``[n, steps]``.
      target: the explained class of each sample, ``[n]``, or one class for all.
      regions: in the shape of a sample, as ``step_regions`` or ``patch_regions`` give it.
      order: ``[n, k]``, the regions to replace, the first one first: :func:`most_relevant_first`, or one of the
        orders of chance, :func:`random_order` and :func:`least_relevant_first`. ``order[:, :20]`` stops after 20.
      background: what the cells of a replaced region become: the problem's own, -1 for pixels.
      batch_size: inputs that are predicted at once, at most.
      own: bool in the shape of x, the cells that are replaced; by default all. Padding stays as it is.

    Returns:
      The outputs, ``[n, k + 1]``; the first column is that of the whole inputs.

    Raises:
      InputError: shapes that do not fit, numbers that are not finite, a class that ``predict`` does not give, an order
        with an unknown or a repeated region.

    Example:
      >>> def predict(x):
      ...     return x.sum(axis=1, keepdims=True)  # a model whose one output is the sum
      ...
      >>> x = np.array([[1.0, 3.0, 2.0]])
      >>> regions = step_regions((3,))
      >>> perturbation_curve(predict, x, 0, regions, most_relevant_first(x, regions), background=0.0).tolist()
      [[6.0, 3.0, 1.0, 0.0]]
    """
    x = check_pixels(np.asarray(x))
    if x.ndim < 2:
        raise InputError(f"x must be [n, steps, ...]; received shape {x.shape}")
    if batch_size < 1:
        raise InputError(f"batch_size must be at least 1; received {batch_size}")
    if not np.isfinite(background):
        raise InputError(f"background must be finite; received {background}")
    regions = checked_regions(regions, x.shape[1:])
    target, ranks = _checked_target(target, len(x)), _ranks(order, len(x), regions.max() + 1)
    tokens = x.ndim == 2 and np.issubdtype(x.dtype, np.integer)
    value = (x.dtype if tokens else np.result_type(x, np.float32)).type(background)
    own = np.broadcast_to(True, x.shape) if own is None else np.asarray(own, bool)
    if own.shape != x.shape:
        raise InputError(f"own must have the shape of x, {x.shape}; received {own.shape}")
    outputs = np.empty((len(x), np.shape(order)[1] + 1))
    for start in range(0, len(x), batch_size):
        batch = slice(start, start + batch_size)
        pixel_ranks = ranks[batch][:, regions]
        for removed in range(outputs.shape[1]):
            perturbed = np.where((pixel_ranks < removed) & own[batch], value, x[batch])
            outputs[batch, removed] = _explained(predict_at(predict, perturbed, x[batch]), target[batch])
    return outputs


def predict_at(predict: Callable, points: np.ndarray, samples: np.ndarray) -> ArrayLike:
    """What ``predict`` gives at ``points``, with the masks of ``samples`` where it knows any."""
    at = getattr(predict, "at", None)
    return predict(points) if at is None else at(points, samples)


def area_over_curve(curve: ArrayLike) -> np.ndarray:
    """(1 / (K + 1)) sum_{k = 0}^K (f_0 - f_k) of each sample, ``[n]``: how far, on average, the output has fallen.

    Averaged over the samples this is Samek et al.'s AOPC. In the output's units; 0 for a curve that never moves,
    negative for one that rises. Removing the most relevant regions first should give more than an order of chance.

    Args:
      curve: f, ``[n, K + 1]``, as :func:`perturbation_curve` gives it.

    Returns:
      The area of each sample, ``[n]``.

    Raises:
      InputError: an array of another rank, without columns, or not finite.

    Example:
      >>> area_over_curve([[4.0, 3.0, 2.0], [1.0, 1.0, 1.0]]).tolist()
      [1.0, 0.0]
    """
    curve = finite_array("curve [n, K + 1]", curve, axes=2)
    if not curve.shape[1]:
        raise InputError(f"curve must have at least one column; received shape {curve.shape}")
    return (curve[:, :1] - curve).mean(axis=1)


def _ascending(values: np.ndarray, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed).random(values.shape)
    return np.lexsort((chance, values), axis=1)


def _explained(outputs: ArrayLike, target: np.ndarray) -> np.ndarray:
    """Of each sample the output of its target."""
    outputs = finite_array("outputs of predict [m, classes]", outputs, axes=2)
    m, classes = outputs.shape
    if m != len(target):
        raise InputError(f"predict must give one row for each of {len(target)} inputs; received {m}")
    if target.max() >= classes:
        raise InputError(f"target must lie in 0..{classes - 1}, the outputs of predict; received {target.max()}")
    return outputs[np.arange(m), target]


def _checked_target(target: ArrayLike, n: int) -> np.ndarray:
    target = np.asarray(target)
    if target.shape not in ((), (n,)) or not np.issubdtype(target.dtype, np.integer) or (target < 0).any():
        described = f"{target.dtype} of shape {target.shape}, {target.ravel()[:10].tolist()}"
        raise InputError(f"target must be one class or one for each of {n} samples, from 0 on; received {described}")
    return np.broadcast_to(target, n)


def _ranks(order: ArrayLike, n: int, count: int) -> np.ndarray:
    """When each region goes, ``[n, regions]``: its place in the order, or the order's length if it stays."""
    order = np.asarray(order)
    if order.ndim != 2 or len(order) != n or not np.issubdtype(order.dtype, np.integer):
        raise InputError(f"order must be integers [{n}, k]; received {order.dtype} of shape {order.shape}")
    rows = np.sort(order, axis=1)
    unfit = (rows[:, 1:] == rows[:, :-1]).any(axis=1) | ((rows < 0) | (rows >= count)).any(axis=1)
    for row in order[unfit]:
        raise InputError(f"order must name regions 0..{count - 1}, each once at most; received {row.tolist()}")
    ranks = np.full((n, count), order.shape[1])
    np.put_along_axis(ranks, order, np.arange(order.shape[1])[None], axis=1)
    return ranks
