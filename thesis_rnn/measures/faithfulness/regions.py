"""Regions of a sample: an array in its shape that gives each cell the number of its region, from 0 on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.data.images.sequences import cut_into_steps
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array


def step_regions(shape: Sequence[int]) -> np.ndarray:
    """One region for each time step.

    Args:
      shape: of a sample: (steps, rows, columns), (steps, features) or (steps,).

    Returns:
      Numbers of regions in the shape of a sample.

    Raises:
      InputError: a shape without axes, or an axis below 1.

    Example:
      >>> step_regions((2, 3)).tolist()
      [[0, 0, 0], [1, 1, 1]]
    """
    shape = _checked_shape(shape)
    return np.broadcast_to(np.arange(shape[0]).reshape(-1, *[1] * (len(shape) - 1)), shape)


def patch_regions(shape: Sequence[int], size: int = 4) -> np.ndarray:
    """Squares of ``size`` x ``size`` pixels of the joined image, numbered row by row; those at its end may be smaller.

    A square may lie in two steps: with 7 columns to a step, columns 4 to 7 of the image do.

    Args:
      shape: (steps, rows, columns).
      size: the side of a square, in pixels.

    Returns:
      Numbers of regions in the shape of a sample.

    Raises:
      InputError: a size below 1, or another number of axes.

    Example:
      >>> patch_regions((2, 2, 2), size=2).tolist()  # an image of 2x4: two squares, one in each step
      [[[0, 0], [0, 0]], [[1, 1], [1, 1]]]
    """
    if len(shape) != 3:
        raise InputError(f"patches need images of shape (steps, rows, columns); received {tuple(shape)}")
    steps, rows, columns = _checked_shape(shape)
    if size < 1:
        raise InputError(f"size must be at least 1 pixel; received {size}")
    down, across = np.arange(rows) // size, np.arange(steps * columns) // size
    image = down[:, None] * (across[-1] + 1) + across
    return cut_into_steps(image[None], steps)[0]


def region_relevance(relevance: ArrayLike, regions: np.ndarray) -> np.ndarray:
    """The sum of relevance in each region: ``[n, regions]``.

    Args:
      relevance: ``[n, steps, ...]``.
      regions: ``[steps, ...]``, as :func:`step_regions` or :func:`patch_regions` give it.

    Returns:
      The sums, ``[n, regions]``.

    Raises:
      InputError: shapes that do not fit, or regions whose numbers are not 0, 1, 2, ...

    Example:
      >>> region_relevance([[[1.0, 2.0], [3.0, 4.0]]], step_regions((2, 2))).tolist()
      [[3.0, 7.0]]
    """
    relevance = finite_array("relevance [n, steps, ...]", relevance, axes=max(2, np.ndim(relevance)))
    regions = checked_regions(regions, relevance.shape[1:])
    by_region = np.argsort(regions, axis=None, kind="stable")
    starts = np.searchsorted(regions.ravel()[by_region], np.arange(regions.max() + 1))
    # Each region summed in the same order of cells: regions of equal cells have equal sums, to the last bit.
    return np.add.reduceat(relevance.reshape(len(relevance), -1)[:, by_region], starts, axis=1)


def checked_regions(regions: ArrayLike, shape: Sequence[int]) -> np.ndarray:
    """``regions`` as an array, if it covers samples of ``shape`` and its numbers are 0, 1, 2, ... without a gap.

    Raises:
      InputError: otherwise.
    """
    regions = np.asarray(regions)
    if regions.shape != tuple(shape):
        raise InputError(f"regions must have the shape of one sample, {tuple(shape)}; received {regions.shape}")
    numbers = np.unique(regions)
    if not np.issubdtype(regions.dtype, np.integer) or not np.array_equal(numbers, np.arange(len(numbers))):
        raise InputError(f"regions must be numbered 0, 1, 2, ... without a gap; received {numbers.tolist()}")
    return regions


def _checked_shape(shape: Sequence[int]) -> tuple[int, ...]:
    if not len(shape) or min(shape) < 1:
        raise InputError(f"shape must be (steps, ...), each at least 1; received {tuple(shape)}")
    return tuple(shape)


UNITS = ("cells", "features", "steps", "windows", "patches", "squares", "tokens")
"""What can be removed from a sample at once."""


def unit_regions(shape: Sequence[int], unit: str = "cells", size: int = 4) -> np.ndarray:
    """The regions that samples of ``shape`` are taken apart into.

    Args:
      shape: of a sample: (steps, rows, columns), (height, width, channels), (steps, features) or (steps,).
      unit: "cells": each cell alone; "features": a feature (or place of a step's image) at all steps; "steps";
        "windows" of ``size`` steps; "patches" of the joined image of (steps, rows, columns); "squares" of
        (height, width, channels), with all channels; "tokens".
      size: the length of windows and the edge of patches and squares; the last ones may be smaller.

    Returns:
      Numbers of regions in the shape of a sample.

    Raises:
      InputError: a unit that samples of this shape do not have, or a size below 1.

    Example:
      >>> unit_regions((3, 2), "windows", size=2).tolist()
      [[0, 0], [0, 0], [1, 1]]
    """
    shape, axes = _checked_shape(shape), len(shape)
    if unit not in UNITS:
        raise InputError(f"unit must be one of {', '.join(UNITS)}; received {unit!r}")
    if size < 1:
        raise InputError(f"size must be at least 1; received {size}")
    fitting = {"features": axes > 1, "patches": axes == 3, "squares": axes == 3, "tokens": axes == 1}
    if not fitting.get(unit, True):
        having = ", ".join(one for one in UNITS if fitting.get(one, True))
        raise InputError(f"samples of shape {shape} have {having}; received unit={unit!r}")
    if unit == "patches":
        return patch_regions(shape, size)
    edges = {"features": (shape[0], *[1] * (axes - 1)), "steps": (1, *shape[1:]), "windows": (size, *shape[1:])}
    edges["squares"] = (size, size, *shape[2:])
    places = np.indices(shape) // np.reshape(edges.get(unit, (1,) * axes), (-1, *[1] * axes))
    return np.ravel_multi_index(tuple(places), places.reshape(axes, -1).max(axis=1) + 1)
