"""The check that every measure begins with, and the shares that several end with."""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError


def finite_array(name: str, values: ArrayLike, axes: int) -> np.ndarray:
    """``values`` in float64, with exactly ``axes`` axes and every cell finite.

    A NaN must stop here: further on, a comparison would turn it into an ordinary zero.

    Raises:
      InputError: another number of axes, or a cell that is NaN or infinite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != axes:
        raise InputError(f"{name} must have {axes} axes; received shape {array.shape}")
    broken = ~np.isfinite(array)
    if broken.any():
        cell = tuple(int(index) for index in np.argwhere(broken)[0])
        raise InputError(f"{name} must be finite in every cell; received {array[cell]} at {cell}")
    return array


def shares(amounts: np.ndarray) -> np.ndarray:
    """Each row of ``amounts`` [n, places], negative ones as 0, over its sum; zeros where no amount is positive."""
    amounts = np.maximum(amounts, 0)
    total = amounts.sum(axis=1, keepdims=True)
    return amounts / np.where(total > 0, total, 1)
