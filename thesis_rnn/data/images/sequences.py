"""Images as sequences: joined side by side, cut into column blocks, scaled to [-1, 1].

Shapes: images [n, rows, width]; sequences [n, steps, rows, columns] with steps * columns = width. Step t shows columns
t * columns to (t + 1) * columns - 1 of the image, from left to right.
"""

import numpy as np

from thesis_rnn.errors import InputError

CHUNK = 2_048  # sequences that are gathered at once: what lies between pixels and x stays a few megabytes


def columns_per_step(width: int, steps: int) -> int:
    """Returns width / steps.

    Raises:
      InputError: ``steps`` is not a positive integer that divides ``width``; the message lists those that do.
    """
    fitting = [divisor for divisor in range(1, width + 1) if width % divisor == 0]
    if not isinstance(steps, int | np.integer) or steps not in fitting:
        *first, last = map(str, fitting)
        choices = f"{', '.join(first)} or {last}" if first else last
        raise InputError(f"columns {width} cannot be cut into {steps} steps; use {choices}")
    return width // int(steps)


def cut_into_steps(images: np.ndarray, steps: int) -> np.ndarray:
    """Cuts images into column blocks: [n, rows, width] -> [n, steps, rows, width / steps].

    Args:
      images: [n, rows, width].
      steps: the number of blocks; must divide the width.

    Returns:
      A view of the images.

    Raises:
      InputError: an array that is not [n, rows, width], or a number of steps that does not divide the width.

    Example:
      >>> cut_into_steps(np.arange(4).reshape(1, 1, 4), steps=2).tolist()
      [[[[0, 1]], [[2, 3]]]]
    """
    _check_rank(images, "images", "[n, rows, width]", 3)
    n, rows, width = images.shape
    return images.reshape(n, rows, steps, columns_per_step(width, steps)).transpose(0, 2, 1, 3)


def join_steps(sequences: np.ndarray) -> np.ndarray:
    """Joins steps to images: [n, steps, rows, columns] -> [n, rows, steps * columns].

    The inverse of ``cut_into_steps``.

    Args:
      sequences: [n, steps, rows, columns].

    Returns:
      The images.

    Raises:
      InputError: an array that is not [n, steps, rows, columns].

    Example:
      >>> join_steps(np.array([[[[0, 1]], [[2, 3]]]])).tolist()
      [[[0, 1, 2, 3]]]
    """
    _check_rank(sequences, "sequences", "[n, steps, rows, columns]", 4)
    n, steps, rows, columns = sequences.shape
    return sequences.transpose(0, 2, 1, 3).reshape(n, rows, steps * columns)


def scale_pixels(pixels: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Returns float32 pixels / 127.5 - 1: 0 becomes -1 and 255 becomes 1; ``out``, if given, receives the result.

    Args:
      pixels: uint8, any shape.
      out: float32 in the same shape.

    Returns:
      The scaled pixels.

    Example:
      >>> scale_pixels(np.array([0, 255], np.uint8)).tolist()
      [-1.0, 1.0]
    """
    out = np.divide(pixels, np.float32(127.5), out=out, dtype=np.float32)
    return np.subtract(out, np.float32(1), out=out)


def assemble(pixels: np.ndarray, indices: np.ndarray, steps: int) -> np.ndarray:
    """Joins chosen images side by side and cuts them into scaled sequences.

    Beside the result only a chunk of it is in memory.

    Args:
      pixels: uint8 [m, rows, width].
      indices: integers [n, blocks], for each sequence its images from left to right (1 or 3 of them).
      steps: the number of steps; must divide blocks * width.

    Returns:
      float32 [n, steps, rows, blocks * width / steps] in [-1, 1].

    Raises:
      InputError: arrays of another rank, or a number of steps that does not divide the width.

    Example:
      >>> pixels = np.zeros((2, 28, 28), np.uint8)
      >>> assemble(pixels, indices=np.array([[0, 1, 0]]), steps=12).shape
      (1, 12, 28, 7)
    """
    _check_rank(pixels, "images", "[n, rows, width]", 3)
    _check_rank(indices, "indices", "[n, blocks]", 2)
    (n, blocks), (_, rows, width) = indices.shape, pixels.shape
    x = np.empty((n, steps, rows, columns_per_step(blocks * width, steps)), np.float32)
    for start in range(0, n, CHUNK):
        chunk = slice(start, start + CHUNK)
        # Side by side is what joining steps does, with each image as a step of its own.
        scale_pixels(cut_into_steps(join_steps(pixels[indices[chunk]]), steps), out=x[chunk])
    return x


def assemble_tensor(images, steps: int):
    """``assemble`` of gathered images, in TensorFlow: [n, blocks, rows, width] bytes -> [n, steps, rows, columns]."""
    import tensorflow as tf

    _, blocks, rows, width = images.shape
    columns = columns_per_step(blocks * width, steps)
    joined = tf.transpose(images, (0, 2, 1, 3))
    cut = tf.transpose(tf.reshape(joined, (-1, rows, steps, columns)), (0, 2, 1, 3))
    return tf.cast(cut, tf.float32) / 127.5 - 1


def _check_rank(array: np.ndarray, what: str, shape: str, rank: int) -> None:
    if np.ndim(array) != rank:
        raise InputError(f"expected {what} of shape {shape}; received {list(np.shape(array))}")
