"""The table of data sets: from a name to where its images come from and how they become sequences.

A new data set is one line here; a new source is an object with ``read(part, data_dir)`` and ``is_available(data_dir)``.
"""

import os
from dataclasses import dataclass
from typing import Protocol

from thesis_rnn.data.images.digits import EmbeddedDigits
from thesis_rnn.data.images.majority import BLOCKS
from thesis_rnn.data.images.published import PublishedImages
from thesis_rnn.data.images.splits import Images
from thesis_rnn.support.registry import Registry


class Source(Protocol):
    """Where images come from."""

    name: str

    def read(self, part: str, data_dir: str | os.PathLike | None = None) -> Images: ...

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool: ...


@dataclass(frozen=True)
class DataSet:
    """One line of the table.

    Attributes:
      source: where the images come from.
      class_names: the ten classes in words, in the order of the labels.
      majority: whether a sequence is a majority triple (84 columns) or a single image (28 columns).
    """

    source: Source
    class_names: tuple[str, ...]
    majority: bool

    @property
    def blocks(self) -> int:
        """Images per sequence."""
        return BLOCKS if self.majority else 1

    @property
    def default_steps(self) -> int:
        """The thesis' number of steps: 12 for a majority triple, 4 for a single image; 7 columns each."""
        return 4 * self.blocks


DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

_MNIST = PublishedImages("mnist", "storage.googleapis.com", 443)
_FASHION_MNIST = PublishedImages("fashion_mnist", "fashion-mnist.s3-website.eu-central-1.amazonaws.com", 80)
_DIGITS = EmbeddedDigits()

DATA_SETS: Registry[DataSet] = Registry("data set")
DATA_SETS.add("mnist_maj", DataSet(_MNIST, DIGITS, majority=True))
DATA_SETS.add("fashion_mnist_maj", DataSet(_FASHION_MNIST, CLOTHES, majority=True))
DATA_SETS.add("digits_maj", DataSet(_DIGITS, DIGITS, majority=True))
DATA_SETS.add("mnist", DataSet(_MNIST, DIGITS, majority=False))
DATA_SETS.add("fashion_mnist", DataSet(_FASHION_MNIST, CLOTHES, majority=False))
DATA_SETS.add("digits", DataSet(_DIGITS, DIGITS, majority=False))
