"""Samples moved along time, or along both axes of images."""

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError


def shifted(
    x: ArrayLike,
    by: int,
    background: float = 0.0,
    own_steps: np.ndarray | None = None,
    down: int = 0,
    channels_last: bool = False,
) -> np.ndarray:
    """Each sample moved ``by`` places later (earlier, if negative) within its own steps; padding stays where it is.

    Series and tokens move by steps; images [n, steps, rows, columns] move to the right by columns of the joined image,
    and ``down`` by rows; so do images [n, height, width, channels] with ``channels_last``. What moves in is the
    background, what moves out is lost.

    Args:
      x: ``[n, steps, features]``, ``[n, steps]``, or images of four axes.
      by: how far, along time or to the right.
      background: what moves in.
      own_steps: bool ``[n, steps]``, which steps are the sample's own, one after the other; by default all.
      down: how far down; images only.
      channels_last: whether inputs of four axes are [n, height, width, channels].

    Returns:
      The copies, in x's shape and type.

    Raises:
      InputError: other numbers of axes, or images with steps that are not their own.

    Example:
      >>> shifted(np.array([[1, 2, 3]]), by=1).tolist(), shifted(np.array([[1, 2, 3]]), by=-1).tolist()
      ([[0, 1, 2]], [[2, 3, 0]])
    """
    x = np.asarray(x)
    if x.ndim not in (2, 3, 4):
        raise InputError(f"x must be [n, steps], [n, steps, features] or images of four axes; received {x.shape}")
    own = np.ones(x.shape[:2], bool) if own_steps is None else np.asarray(own_steps, bool)
    if x.ndim == 4:
        return _moved_images(x, by, down, background, own, channels_last)
    if down:
        raise InputError(f"only images move down; leave it at 0; received {down}")
    return _moved(x, by, background, own)


def _moved(x: np.ndarray, by: int, background: float, own: np.ndarray) -> np.ndarray:
    """Along axis 1."""
    source = np.arange(x.shape[1]) - by
    inside = np.clip(source, 0, x.shape[1] - 1)
    there = own & ((source >= 0) & (source < x.shape[1])) & own[:, inside]
    moved = np.where(_as(there, x), x[:, inside], np.asarray(background).astype(x.dtype))
    return np.where(_as(own, x), moved, x)


def _moved_images(x: np.ndarray, by: int, down: int, background: float, own: np.ndarray, channels_last: bool):
    if not own.all():
        raise InputError("images are moved as a whole; leave own_steps out; received some that are not own")
    if channels_last:
        columns_first = x.transpose(0, 2, 1, 3)
    else:
        n, steps, rows, columns = x.shape
        columns_first = x.transpose(0, 1, 3, 2).reshape(n, steps * columns, rows, 1)
    right = _moved(columns_first, by, background, np.ones(columns_first.shape[:2], bool))
    rows_first = right.transpose(0, 2, 1, 3)
    both = _moved(rows_first, down, background, np.ones(rows_first.shape[:2], bool))
    if channels_last:
        return both
    return both[..., 0].transpose(0, 2, 1).reshape(n, steps, columns, rows).transpose(0, 1, 3, 2)


def _as(steps: np.ndarray, x: np.ndarray) -> np.ndarray:
    return steps.reshape(*steps.shape, *[1] * (x.ndim - 2))
