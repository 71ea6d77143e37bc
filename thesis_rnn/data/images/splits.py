"""Grey images with labels, and how a data set's train file becomes training and validation images."""

import os
from typing import NamedTuple, Protocol

import numpy as np

from thesis_rnn.data.problem import check_split
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import check_labels

IMAGE_SIZE = 28  # rows and columns of every image
CLASSES = 10

VALIDATION_IMAGES = 5_000
SMALLEST_TRAIN_FILE = 30_000  # below this, 5,000 images are too many to give up: a sixth is held out instead


class Images(NamedTuple):
    """Images in their canonical order.

    Attributes:
      pixels: uint8 [n, 28, 28], 0 background, 255 ink.
      labels: int32 [n], 0..9.

    Example:
      >>> images = Images(pixels=np.zeros((2, 28, 28), np.uint8), labels=np.array([3, 7], np.int32))
      >>> images.labels.tolist()
      [3, 7]
    """

    pixels: np.ndarray
    labels: np.ndarray


class ImageSource(Protocol):
    """Where images come from."""

    name: str

    def read(self, part: str, data_dir: str | os.PathLike | None = None) -> Images:
        """The images of the "train" or the "test" file."""

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool:
        """Whether the images are at hand or could be downloaded."""


def checked_images(pixels: np.ndarray, labels: np.ndarray, origin: str) -> Images:
    """Returns ``Images`` of what a source delivered.

    Args:
      pixels: [n, 28, 28], uint8.
      labels: [n], integers in 0..9.
      origin: where both came from, in the words of an error message.

    Raises:
      InputError: images of another size, another number of labels than images, or a label outside 0..9.
    """
    if pixels.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        size = "x".join(map(str, pixels.shape[1:]))
        raise InputError(f"{origin}: expected images of {IMAGE_SIZE}x{IMAGE_SIZE} pixels; received {size}")
    if len(pixels) != len(labels):
        raise InputError(f"{origin}: expected one label per image; received {len(pixels)} images, {len(labels)} labels")
    return Images(pixels, check_labels(labels, CLASSES, origin))


def stored_part(split: str) -> str:
    """The file that holds a split: "test" for the test images, "train" for training and validation images."""
    check_split(split)
    return "test" if split == "test" else "train"


def take_split(images: Images, split: str) -> Images:
    """Returns the images of ``split`` from the images of ``stored_part(split)``.

    Validation is the last 5,000 images of the train file, or its last sixth (rounded down) if the file has fewer than
    30,000; train is everything before them; test is the whole test file.
    """
    check_split(split)
    if split == "test":
        return images
    total = len(images.labels)
    trained = total - held_out_images(total)
    chosen = slice(0, trained) if split == "train" else slice(trained, total)
    return Images(images.pixels[chosen], images.labels[chosen])


def held_out_images(total: int) -> int:
    """How many of ``total`` images are for validation: 5,000, or a sixth (rounded down) of fewer than 30,000."""
    return VALIDATION_IMAGES if total >= SMALLEST_TRAIN_FILE else total // 6
