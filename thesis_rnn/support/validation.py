"""What arrays must satisfy before anything is computed from them."""

import numpy as np

from thesis_rnn.errors import InputError


def check_pixels(x: np.ndarray) -> np.ndarray:
    """Returns ``x`` as an array if every number in it is finite.

    Args:
      x: numbers, any shape; an empty array passes.

    Raises:
      InputError: a NaN or an infinity (the message gives the index of the first, in C order), or not numbers.
    """
    x = np.asarray(x)
    if not (np.issubdtype(x.dtype, np.number) or x.dtype == bool) or np.iscomplexobj(x):
        raise InputError(f"pixels must be real numbers; received an array of {x.dtype}")
    # NaN spreads to both extremes and infinity is one of them: no mask as large as x while all is well.
    if x.size == 0 or (np.isfinite(x.min()) and np.isfinite(x.max())):
        return x
    index = np.unravel_index(np.argmin(np.isfinite(x)), x.shape)
    raise InputError(f"pixels must be finite; received {x[index]} at index {tuple(map(int, index))}")


def check_sequences(x: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Returns ``x`` as an array if it is [n, steps, rows, columns] with ``shape`` (steps, rows, columns) and finite.

    Raises:
      InputError: another shape (the message gives both), or what ``check_pixels`` refuses.
    """
    x = np.asarray(x)
    if x.ndim != 4 or x.shape[1:] != tuple(shape):
        expected = ", ".join(map(str, shape))
        raise InputError(f"expected sequences of shape [n, {expected}]; received {list(x.shape)}")
    return check_pixels(x)


def check_labels(labels: np.ndarray, classes: int, origin: str = "labels") -> np.ndarray:
    """Returns ``labels`` as int32 [n] if all of them lie in 0..classes-1.

    Args:
      labels: integers [n].
      classes: how many classes there are.
      origin: where the labels came from, in the words of an error message.

    Raises:
      InputError: not a row of integers, or a label out of range (the message gives the index of the first).
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        shape = list(labels.shape)
        raise InputError(f"{origin}: expected integer labels of shape [n]; received {labels.dtype} of shape {shape}")
    outside = np.flatnonzero((labels < 0) | (labels >= classes))
    if outside.size:
        first = outside[0]
        raise InputError(f"{origin}: labels must lie in 0..{classes - 1}; received {labels[first]} at index {first}")
    return labels.astype(np.int32)
