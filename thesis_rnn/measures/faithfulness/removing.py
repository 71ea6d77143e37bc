"""The explained output while more and more of each sample's units are removed, of any kind of data.

Samples differ in length: a unit without own cells is never removed, and points of the curve are shares of a sample's
own units, so that curves of short and long series can be averaged. Perturbed inputs of all points and samples are
predicted together, ``batch_size`` at a time.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.fills import Fill
from thesis_rnn.measures.faithfulness.perturbation import predict_at
from thesis_rnn.measures.faithfulness.regions import checked_regions
from thesis_rnn.measures.measure import Scored, checked_heatmaps

LEAST = 1e-12
"""The least probability of which a logarithm is taken, where no logits are at hand."""


class Units(NamedTuple):
    """The units of samples.

    Attributes:
      regions: the number of each cell's unit, in the shape of a sample.
      present: whether a unit has own cells, bool [n, units].
    """

    regions: np.ndarray
    present: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """How many units each sample has [n]."""
        return self.present.sum(axis=1)


def units_of(scored: Scored, regions: np.ndarray) -> Units:
    """The units with own cells of each sample."""
    regions = checked_regions(regions, scored.x.shape[1:])
    return Units(regions, _by_unit(scored.own_cells, regions) > 0)


def unit_relevance(scored: Scored, relevance: np.ndarray, units: Units) -> np.ndarray:
    """The sum of relevance over the own cells of each unit, [n, units]; -inf for units without own cells."""
    relevance = checked_heatmaps("relevance", relevance, scored.x.shape)
    total = _by_unit(np.where(scored.own_cells, relevance, 0), units.regions)
    return np.where(units.present, total, -np.inf)


def ranks_of(amounts: np.ndarray, seed: int) -> np.ndarray:
    """The place of each unit when the largest goes first, [n, units]; equal ones in an order of chance."""
    chance = np.random.default_rng(seed).random(amounts.shape)
    return np.argsort(np.lexsort((chance, -amounts), axis=1), axis=1)


def outputs_at(scored: Scored, points: int, inputs: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """What ``predict`` gives [n, points, classes] for ``points`` inputs of each sample.

    Args:
      scored: the samples and the model.
      points: how many inputs there are of each sample.
      inputs: (places of samples [m], numbers of points [m]) -> inputs [m, ...].

    Raises:
      InputError: for outputs of another shape, or not finite.
    """
    n, found = len(scored.x), []
    for start in range(0, n * points, scored.batch_size):
        sample, point = np.divmod(np.arange(start, min(start + scored.batch_size, n * points)), points)
        found.append(np.asarray(predict_at(scored.predict, inputs(sample, point), scored.x[sample]), np.float64))
        if found[-1].ndim != 2 or len(found[-1]) != len(sample) or not np.isfinite(found[-1]).all():
            shape = found[-1].shape
            raise InputError(f"predict must give finite outputs [{len(sample)}, classes]; received shape {shape}")
    return np.concatenate(found).reshape(n, points, -1)


def outputs_without(
    scored: Scored, points: int, removed: Callable[[np.ndarray, np.ndarray], np.ndarray], fill: Fill
) -> np.ndarray:
    """:func:`outputs_at` samples of which ``removed(samples, points)``, bool [m, ...], is replaced by ``fill``.

    Only own cells are replaced.
    """
    own = scored.own_cells

    def inputs(sample: np.ndarray, point: np.ndarray) -> np.ndarray:
        mask = removed(sample, point) & own[sample]
        return np.where(mask, fill(sample, mask), scored.x[sample]).astype(scored.x.dtype, copy=False)

    return outputs_at(scored, points, inputs)


def target_of(scored: Scored, outputs: np.ndarray) -> np.ndarray:
    """Of outputs [n, points, classes] those of each sample's target, [n, points]."""
    target = np.asarray(scored.target)
    if target.shape != (len(outputs),) or target.dtype.kind not in "iu":
        received = f"{target.dtype} of shape {target.shape}"
        raise InputError(f"target must be one class for each of {len(outputs)} samples; received {received}")
    if target.max() >= outputs.shape[2] or target.min() < 0:
        raise InputError(f"target must lie in 0..{outputs.shape[2] - 1}; received {target.min()}..{target.max()}")
    return np.take_along_axis(outputs, target[:, None, None], axis=2)[..., 0]


def log_probabilities(scored: Scored, logits: np.ndarray) -> np.ndarray:
    """log p of every class, for logits of any size; of probabilities their own, those below 1e-12 as if they were that.

    Raises:
      InputError: for a model without probabilities.
    """
    if scored.activation == "probabilities":
        return np.log(np.maximum(logits, LEAST))
    if scored.activation == "linear" or logits.shape[-1] == 1:
        raise InputError("a regression has no probabilities; use selectivity or comprehensiveness; received one output")
    if scored.activation == "sigmoid":
        return -np.logaddexp(0, -logits)
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def _by_unit(amounts: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Sums [n, units], each in the same order of cells: units of equal cells have equal sums, to the last bit."""
    by_unit = np.argsort(regions, axis=None, kind="stable")
    starts = np.searchsorted(regions.ravel()[by_unit], np.arange(regions.max() + 1))
    return np.add.reduceat(amounts.reshape(len(amounts), -1)[:, by_unit].astype(float), starts, axis=1)
