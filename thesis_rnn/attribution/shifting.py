"""Samples moved along time, or along the columns of the joined image of [steps, rows, columns]."""

import numpy as np

from thesis_rnn.errors import InputError


def shifted(x: np.ndarray, by: int, background: float = 0.0, own_steps: np.ndarray | None = None) -> np.ndarray:
    """Each sample moved ``by`` places later (earlier, if negative) within its own steps; padding stays where it is.

    Series and tokens move by steps, images [n, steps, rows, columns] by columns of the joined image. What moves in is
    the background, what moves out is lost.

    Args:
      x: ``[n, steps, features]``, ``[n, steps]`` or ``[n, steps, rows, columns]``.
      by: how far.
      background: what moves in.
      own_steps: bool ``[n, steps]``, which steps are the sample's own, one after the other; by default all.

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
        raise InputError(f"x must be [n, steps], [n, steps, features] or [n, steps, rows, columns]; received {x.shape}")
    own = np.ones(x.shape[:2], bool) if own_steps is None else np.asarray(own_steps, bool)
    if x.ndim == 4:
        if not own.all():
            raise InputError("images are moved as a whole; leave own_steps out; received some that are not own")
        n, steps, rows, columns = x.shape
        joined = x.transpose(0, 1, 3, 2).reshape(n, steps * columns, rows)
        return shifted(joined, by, background).reshape(n, steps, columns, rows).transpose(0, 1, 3, 2)
    source = np.arange(x.shape[1]) - by
    inside = np.clip(source, 0, x.shape[1] - 1)
    there = own & ((source >= 0) & (source < x.shape[1])) & own[:, inside]
    moved = np.where(_as(there, x), x[:, inside], np.asarray(background).astype(x.dtype))
    return np.where(_as(own, x), moved, x)


def _as(steps: np.ndarray, x: np.ndarray) -> np.ndarray:
    return steps.reshape(*steps.shape, *[1] * (x.ndim - 2))
