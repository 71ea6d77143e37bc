"""Pixel flipping of a model: how far the explained logit falls when what is most relevant is taken away first."""

import keras
import numpy as np

from thesis_rnn.data import Split
from thesis_rnn.measures import (
    area_over_curve,
    most_relevant_first,
    patch_regions,
    perturbation_curve,
    random_order,
    step_regions,
)

SEQUENCES = 200
"""How many are perturbed."""
REMOVED = {"step": 6, "patch": 30}
"""Regions that are removed one after the other: half of 12 steps, a fifth of a majority sequence's 4x4 patches."""


def flipping_areas(model: keras.Model, sequences: Split, relevance: np.ndarray) -> dict[str, np.ndarray]:
    """The areas over the perturbation curves ``step_flipping`` and ``patch_flipping``, [n] each, in logits."""
    return _areas(model, sequences, lambda regions: most_relevant_first(relevance, regions))


def random_flipping_areas(model: keras.Model, sequences: Split) -> dict[str, np.ndarray]:
    """The same for regions in an order of chance, drawn with seed 0: what a heatmap must beat."""
    rng = np.random.default_rng(0)
    return _areas(model, sequences, lambda regions: random_order(len(sequences.y), regions, rng))


def _areas(model: keras.Model, sequences: Split, order) -> dict[str, np.ndarray]:
    shape = sequences.x.shape[1:]
    areas = {}
    for name, regions in {"step": step_regions(shape), "patch": patch_regions(shape)}.items():
        removed = order(regions)[:, : REMOVED[name]]
        curve = perturbation_curve(model.predict_on_batch, sequences.x, sequences.y, regions, removed)
        areas[f"{name}_flipping"] = area_over_curve(curve)
    return areas
