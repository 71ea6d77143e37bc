"""Heatmaps that know nothing of the model: every cosine similarity is read beside theirs."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.measures.localisation.blocks import block_relevance, cosine_similarity, pixel_intensity
from thesis_rnn.support.arrays import finite_array


def uniform(x: np.ndarray) -> np.ndarray:
    """The same relevance in every cell. Two right blocks of three: cosine 2 / (sqrt(2) sqrt(3)) = 0.8165, always."""
    return np.ones(x.shape)


def last_step(x: np.ndarray) -> np.ndarray:
    """All relevance on the last step, evenly: what a network that forgets would give.

    Cosine 1 / sqrt(2) if the last of three blocks is one of the two right ones, else 0: 0.4714 on average when all
    positions are equally likely.
    """
    heatmap = np.zeros(x.shape)
    heatmap[:, -1] = 1
    return heatmap


HEATMAPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "uniform": uniform,
    "pixel mass": pixel_intensity,
    "last step": last_step,
}


def baseline_cosines(x: ArrayLike, evidence: ArrayLike) -> dict[str, np.ndarray]:
    """The cosine similarity of each baseline heatmap with the evidence: name -> ``[n]``.

    Args:
      x: the explained inputs, ``[n, steps, rows, columns]``, pixels in [-1, 1].
      evidence: ``[n, blocks]`` of 0 and 1; its width says into how many blocks the images are cut.

    Raises:
      InputError: as :func:`~thesis_rnn.measures.localisation.blocks.block_relevance` and ``cosine_similarity``.
    """
    x = finite_array("x [n, steps, rows, columns]", x, axes=4)
    blocks = finite_array("evidence [n, blocks]", evidence, axes=2).shape[1]
    return {
        name: cosine_similarity(evidence, block_relevance(heatmap(x), blocks)) for name, heatmap in HEATMAPS.items()
    }
