"""How much of a heatmap lies on what is drawn: a blurred one can have the right blocks and yet miss the strokes."""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.measures.localisation.blocks import pixel_intensity
from thesis_rnn.support.arrays import finite_array

INK = 0.05
"""The intensity (0 to 1) above which a pixel is ink: it keeps dark garments, and leaves out the scatter around them."""


def ink_share(relevance: ArrayLike, x: ArrayLike, ink: float = INK, positive_only: bool = False) -> np.ndarray:
    """sum_ink |R| / sum |R|, ``[n]`` in [0, 1]: the share of each sample's relevance that lies on ink.

    Signed relevance counts by its size, as its plain sum may vanish. A sample without relevance scores 0. Chance is the
    share of a uniform heatmap, that is of ink among all pixels: ``ink_share(np.ones_like(x), x)``, about 0.18 on MNIST
    and 0.47 on FashionMNIST.

    Args:
      relevance: ``[n, steps, rows, columns]``.
      x: the explained inputs, of the same shape, pixels in [-1, 1].
      ink: pixels with an intensity (x + 1) / 2 above this are ink.
      positive_only: set negative relevance to zero first, cell by cell.

    Raises:
      InputError: the shapes differ, pixels outside [-1, 1], or an ink threshold outside [0, 1).
    """
    relevance = finite_array("relevance [n, steps, rows, columns]", relevance, axes=4)
    intensity = pixel_intensity(x)
    if relevance.shape != intensity.shape:
        raise InputError(f"relevance and x must have one shape; received {relevance.shape} and {intensity.shape}")
    if not 0 <= ink < 1:
        raise InputError(f"ink must be an intensity in [0, 1); received {ink}")
    amounts = np.maximum(relevance, 0) if positive_only else np.abs(relevance)
    total = amounts.sum(axis=(1, 2, 3))
    return amounts.sum(axis=(1, 2, 3), where=intensity > ink) / np.where(total > 0, total, 1)
