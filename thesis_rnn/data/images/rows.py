"""Images as series of their rows (Ismail et al., 2019, section 6.2): 28 steps, from top to bottom, of 28 features."""

import os
from dataclasses import dataclass

import numpy as np

from thesis_rnn.data.images.folds import Fold, read_split
from thesis_rnn.data.images.problems import EMBEDDED, MNIST
from thesis_rnn.data.images.sequences import scale_pixels
from thesis_rnn.data.images.splits import CLASSES, IMAGE_SIZE, Images, ImageSource
from thesis_rnn.data.problem import PROBLEMS, Pool, Problem, Split, check_uncut
from thesis_rnn.data.series import MEASURES, METHODS, TRAINING
from thesis_rnn.errors import InputError

DIGITS = (1, 6, 7)  # "the three share some common features, while having distinctive features at different time steps"


@dataclass(frozen=True)
class ImageRows:
    """Images of a few classes as series (a ``data.problem.Source``): step t is row t, pixels in [-1, 1].

    Attributes:
      images: where the images come from. A missing MNIST is an error; nothing is put in its place.
      digits: the classes to keep. Class c of the series is ``digits[c]``.
      ink: the smallest grey level, 1..255, that counts as ink; the ink is the evidence.

    Raises:
      InputError: digits that are not different classes 0..9, ink outside 1..255.
    """

    images: ImageSource
    digits: tuple[int, ...] = DIGITS
    ink: int = 1
    evidence = "cells"
    masked = False

    def __post_init__(self):
        known = set(range(CLASSES))
        if len(self.digits) < 2 or len(set(self.digits)) < len(self.digits) or not known.issuperset(self.digits):
            expected = f"at least two different classes 0..{CLASSES - 1}"
            raise InputError(f"digits must be {expected}; received {self.digits!r}")
        if not 1 <= self.ink <= 255:
            raise InputError(f"ink must be a grey level from 1 to 255; received {self.ink}")

    def load(
        self,
        split: str,
        steps: int | None = None,
        data_dir: str | os.PathLike | None = None,
        seed: int = 0,
        limit: int | None = None,
        fold: Fold | None = None,
    ) -> Split:
        """The series of a split, in the images' order; they do not depend on the seed."""
        check_uncut(IMAGE_SIZE, steps, fold)
        pixels, labels = self.load_images(split, data_dir)
        chosen = np.flatnonzero(np.isin(labels, self.digits))[:limit]
        class_of = np.zeros(CLASSES, np.int32)
        class_of[list(self.digits)] = np.arange(len(self.digits))
        return Split(scale_pixels(pixels[chosen]), class_of[labels[chosen]], pixels[chosen] >= self.ink)

    def load_images(self, split: str, data_dir: str | os.PathLike | None = None, fold: Fold | None = None) -> Images:
        """The images of all classes that the series are made of."""
        return read_split(self.images, split, data_dir, fold)

    def pool(
        self,
        steps: int | None = None,
        data_dir: str | os.PathLike | None = None,
        seed: int = 0,
        fold: Fold | None = None,
    ) -> Pool:
        """The training series."""
        train = self.load("train", steps, data_dir, fold=fold)
        return Pool(train.x, train.y)

    def shape(self, steps: int | None = None) -> tuple[int, int]:
        """(28, 28)."""
        check_uncut(IMAGE_SIZE, steps, None)
        return IMAGE_SIZE, IMAGE_SIZE

    def class_names(self) -> tuple[str, ...]:
        """The kept digits."""
        return tuple(map(str, self.digits))

    def feature_names(self) -> None:
        """Columns of images have no names."""
        return

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool:
        """Whether the images are at hand or could be downloaded."""
        return self.images.is_available(data_dir)


def _problem(title: str, images: ImageSource, whose: str) -> Problem:
    return Problem(
        title,
        ImageRows(images),
        domain="bounded",
        background=-1.0,
        training=TRAINING,
        methods=METHODS,
        measures=MEASURES,
        text=f"{whose} of 1, 6 and 7 read row by row (Ismail et al., 2019); the ink is the evidence",
    )


PROBLEMS.add("mnist_rows", _problem("MNIST by rows", MNIST, "images of MNIST"))
PROBLEMS.add("digits_rows", _problem("Digits by rows", EMBEDDED, "scikit-learn's digits"))
