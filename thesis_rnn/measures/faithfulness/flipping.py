"""Pixel flipping as a measure: how far the explained output falls while the most relevant regions are removed."""

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.perturbation import (
    area_over_curve,
    most_relevant_first,
    perturbation_curve,
    random_order,
)
from thesis_rnn.measures.faithfulness.regions import patch_regions, region_relevance, step_regions
from thesis_rnn.measures.measure import Scored

STEPS_REMOVED = 6
"""Half of 12 steps."""
PATCHES_REMOVED = 30
"""A fifth of a majority sequence's 4x4 patches."""


def flip_steps(scored: Scored, removed: int = STEPS_REMOVED) -> np.ndarray:
    """The area over the curve while up to ``removed`` time steps become background, [n], in logits."""
    return _area(scored, step_regions(scored.x.shape[1:]), removed)


def flip_patches(scored: Scored, removed: int = PATCHES_REMOVED, size: int = 4) -> np.ndarray:
    """The same of squares of the joined image."""
    return _area(scored, patch_regions(scored.x.shape[1:], size), removed)


def random_steps(scored: Scored, **_) -> np.ndarray:
    """Heatmaps whose steps are in an order of chance."""
    return _relevance_of(_random_orders(scored)[0], step_regions(scored.x.shape[1:]))


def random_patches(scored: Scored, size: int = 4, **_) -> np.ndarray:
    """Heatmaps whose patches are in an order of chance."""
    return _relevance_of(_random_orders(scored, size)[1], patch_regions(scored.x.shape[1:], size))


def _area(scored: Scored, regions: np.ndarray, removed: int) -> np.ndarray:
    if removed < 1:
        raise InputError(f"removed must be at least 1 region; received {removed}")
    order = most_relevant_first(_padding_last(scored, regions), regions, scored.seed)[:, :removed]
    curve = perturbation_curve(
        scored.predict, scored.x, scored.target, regions, order, scored.background, own=scored.own_cells
    )
    return area_over_curve(curve)


def _padding_last(scored: Scored, regions: np.ndarray) -> np.ndarray:
    """Relevance of own cells; regions without any lie below all others, so that nothing is wasted on padding."""
    own = scored.own_cells
    if own.all():
        return scored.relevance
    relevance = np.where(own, scored.relevance, 0.0)
    least = np.abs(relevance).reshape(len(own), -1).sum(axis=1).reshape(-1, *[1] * (own.ndim - 1))
    return np.where((region_relevance(own, regions) > 0)[:, regions], relevance, -1 - 2 * least)


def _random_orders(scored: Scored, size: int | None = None) -> list[np.ndarray]:
    """Of steps and, given their size, of patches: drawn one after the other, as all results so far were."""
    shape, rng = scored.x.shape[1:], np.random.default_rng(scored.seed)
    regions = [step_regions(shape), *([patch_regions(shape, size)] if size else [])]
    return [random_order(len(scored.x), each, rng) for each in regions]


def _relevance_of(order: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Heatmaps whose regions' sums fall in this order."""
    places = np.argsort(order, axis=1)
    return -(places / np.bincount(regions.ravel()))[:, regions]
