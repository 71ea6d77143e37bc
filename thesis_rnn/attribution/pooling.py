"""Relevance pooled over regions of the input: R_I = sum of R_i over i in I (Montavon et al., 2018, section 4)."""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one

NAMES = ("steps", "features", "windows", "patches")


def pooled(
    relevance: ArrayLike, by: str | ArrayLike = "steps", size: int = 4, absolute: bool = False, leading: int = 1
) -> np.ndarray:
    """The sum of relevance in each region; the regions' sums add up to the sum of the whole.

    Args:
      relevance: ``[n, steps, ...]``; with every class explained ``[n, classes, steps, ...]`` and ``leading=2``.
      by: "steps": over all features of a step; "features": over all steps (``[n, features]``, or the shape of a step's
        image); "windows" of ``size`` steps; "patches" of ``size`` x ``size`` cells of images ``[steps, rows,
        columns]``, of the joined image; or the number of each cell's region, an array of integers from 0 on in the
        shape of a sample, or of all samples, such as the word that each token belongs to; -1 leaves a cell out.
      size: of windows and patches; the last ones may be smaller.
      absolute: sum |R|, which does not conserve relevance but its size.
      leading: how many axes are samples and classes.

    Returns:
      ``[n, regions]``, for "features" ``[n, ...]``, for "patches" ``[n, rows, columns]``; in float64.

    Raises:
      InputError: for regions that do not fit, or relevance that is not finite.

    Example:
      >>> relevance = [[[1.0, -2.0], [3.0, 4.0]]]
      >>> pooled(relevance, "steps").tolist(), pooled(relevance, "features").tolist()
      ([[-1.0, 7.0]], [[4.0, 2.0]])
    """
    relevance = np.asarray(relevance, np.float64)
    at_least_one(size=size, leading=leading)
    if relevance.ndim <= leading:
        raise InputError(f"relevance must be [n, steps, ...]; received shape {relevance.shape}")
    if not np.isfinite(relevance).all():
        raise InputError("relevance must be finite in every cell; received NaN or infinity")
    amounts = np.abs(relevance) if absolute else relevance
    if not isinstance(by, str):
        return _by_number(amounts, np.asarray(by), leading)
    if by not in NAMES:
        raise InputError(f"by is one of {', '.join(NAMES)}, or an array of regions; received {by!r}")
    if by == "features":
        if relevance.ndim == leading + 1:
            raise InputError("tokens have no features; pool by steps or windows; received 'features'")
        return amounts.sum(axis=leading)
    if by == "patches":
        return _patches(amounts, size, leading)
    steps = amounts.sum(axis=tuple(range(leading + 1, amounts.ndim)))
    return steps if by == "steps" else _runs(steps, leading, size)


def _runs(amounts: np.ndarray, axis: int, size: int) -> np.ndarray:
    return np.add.reduceat(amounts, np.arange(0, amounts.shape[axis], size), axis=axis)


def _patches(amounts: np.ndarray, size: int, leading: int) -> np.ndarray:
    if amounts.ndim != leading + 3:
        raise InputError(f"patches are of images [n, steps, rows, columns]; received shape {amounts.shape}")
    *first, steps, rows, columns = amounts.shape
    image = np.moveaxis(amounts, leading, -2).reshape(*first, rows, steps * columns)
    return _runs(_runs(image, leading, size), leading + 1, size)


def _by_number(amounts: np.ndarray, regions: np.ndarray, leading: int) -> np.ndarray:
    """Sums over the cells of each number, of a sample or of all samples."""
    cells, samples = amounts.shape[leading:], amounts.shape[0]
    if regions.dtype.kind not in "iu" or regions.shape not in (cells, (samples, *cells)) or regions.min() < -1:
        expected = f"regions must be integers from -1 on in the shape of a sample, {cells}, or of all"
        raise InputError(f"{expected}; received {regions.dtype} of shape {regions.shape}")
    count = int(regions.max()) + 1
    of_sample = np.broadcast_to(regions, (samples, *cells)).reshape(samples, -1)
    flat = amounts.reshape(samples, -1, of_sample.shape[1])
    classes = flat.shape[1]
    place = np.arange(samples * classes).reshape(samples, classes, 1) * (count + 1) + of_sample[:, None] + 1
    sums = np.bincount(place.ravel(), flat.ravel(), samples * classes * (count + 1))
    return sums.reshape(*amounts.shape[:leading], count + 1)[..., 1:]
