"""Images as series of their rows (Ismail et al., 2019, section 6.2): 28 steps, from top to bottom, of 28 features."""

import os
from collections.abc import Sequence

import numpy as np

from thesis_rnn.data.images.loading import load_images
from thesis_rnn.data.images.sequences import scale_pixels
from thesis_rnn.data.images.splits import CLASSES
from thesis_rnn.data.series import Series
from thesis_rnn.errors import InputError

DIGITS = (1, 6, 7)  # "the three share some common features, while having distinctive features at different time steps"


def load(
    name: str,
    split: str,
    digits: Sequence[int] = DIGITS,
    data_dir: str | os.PathLike | None = None,
    ink: int = 1,
    limit: int | None = None,
) -> Series:
    """Loads images of a few classes as series: step t is row t, pixels in [-1, 1], the evidence is the ink.

    Args:
      name: where the images come from, as for ``load_images``: "mnist", or "digits" for the embedded ones that need no
        file. A missing MNIST is an error; nothing is put in its place.
      split, data_dir: as for ``load_images``.
      digits: the classes to keep. Class c of the series is ``digits[c]``.
      ink: the smallest grey level, 1..255, that counts as ink.
      limit: how many series to keep, from the first; by default all.

    Raises:
      InputError: what ``load_images`` refuses, digits that are not different classes 0..9, ink outside 1..255, a limit
        below 1.
    """
    classes = _checked_digits(digits)
    if not 1 <= ink <= 255:
        raise InputError(f"ink must be a grey level from 1 to 255; received {ink}")
    if limit is not None and limit < 1:
        raise InputError(f"limit must be at least 1; received {limit}")
    pixels, labels = load_images(name, split, data_dir)
    chosen = np.flatnonzero(np.isin(labels, classes))[:limit]
    class_of = np.zeros(CLASSES, np.int32)
    class_of[classes] = np.arange(len(classes))
    return Series(scale_pixels(pixels[chosen]), class_of[labels[chosen]], pixels[chosen] >= ink)


def _checked_digits(digits: Sequence[int]) -> list[int]:
    known = set(range(CLASSES))
    if len(digits) < 2 or len(set(digits)) < len(digits) or not known.issuperset(digits):
        raise InputError(f"digits must be at least two different classes 0..{CLASSES - 1}; received {digits!r}")
    return list(digits)
