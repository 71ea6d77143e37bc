"""The intensity of pixels, and its share at each time step."""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.measures.localisation.blocks import step_share
from thesis_rnn.support.checks import finite_array


def pixel_intensity(x: ArrayLike) -> np.ndarray:
    """(x + 1) / 2: pixels in [-1, 1] as intensities from 0 (background) to 1.

    Args:
      x: ``[n, steps, rows, columns]``.

    Returns:
      Intensities in the shape of ``x``.

    Raises:
      InputError: another number of axes, or a pixel outside [-1, 1].

    Example:
      >>> pixel_intensity([[[[-1.0, 0.0, 1.0]]]]).tolist()
      [[[[0.0, 0.5, 1.0]]]]
    """
    x = finite_array("x [n, steps, rows, columns]", x, axes=4)
    if x.size and np.abs(x).max() > 1:
        raise InputError(f"pixels must lie in [-1, 1]; received values from {x.min():g} to {x.max():g}")
    return (x + 1) / 2


def intensity_share(x: ArrayLike) -> np.ndarray:
    """The share of each sample's pixel intensity that falls on each time step, ``[n, steps]`` (figure 3.7).

    Rows sum to 1, or to 0 where the image is all background.

    Args:
      x: images ``[n, steps, rows, columns]`` in [-1, 1].

    Returns:
      The shares, ``[n, steps]``.

    Raises:
      InputError: as :func:`pixel_intensity`.

    Example:
      >>> x = [[[[1.0]], [[0.0]], [[0.0]]]]  # three steps of one pixel
      >>> intensity_share(x).tolist()
      [[0.5, 0.25, 0.25]]
    """
    return step_share(pixel_intensity(x))
