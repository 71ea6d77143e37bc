"""Cross-validation: all images pooled and cut into folds, each the test set once (thesis, section 3.3.2)."""

import os
from dataclasses import dataclass

import numpy as np

from thesis_rnn.data.images.splits import Images, ImageSource, held_out_images, stored_part, take_split
from thesis_rnn.data.problem import check_split
from thesis_rnn.errors import InputError

FOLDS = 7
"""The thesis' number of folds."""


@dataclass(frozen=True)
class Fold:
    """One fold of a cross-validation.

    Attributes:
      number: which fold is the test set, 1 to ``folds``.
      folds: how many there are, at least 2.

    Raises:
      InputError: for numbers outside these ranges.

    Example:
      >>> Fold(3)
      Fold(number=3, folds=7)
    """

    number: int
    folds: int = FOLDS

    def __post_init__(self):
        if self.folds < 2:
            raise InputError(f"folds must be at least 2; received {self.folds}")
        if not 1 <= self.number <= self.folds:
            raise InputError(f"fold must be 1 to {self.folds}, or 0 for the original split; received {self.number}")


def take_fold(train_file: Images, test_file: Images, fold: Fold, split: str) -> Images:
    """The images of ``split`` when ``fold`` is the test set.

    The pooled images (train file, then test file) are cut by scikit-learn's ``StratifiedKFold``, shuffled with random
    state 0: the folds are the same for every seed and architecture, so that differences can be paired. The validation
    images, as many as of a train file of that size, are drawn from the other folds, stratified too; what is left is the
    training set. Images keep their pooled order.

    Raises:
      InputError: an unknown split, or a class with fewer images than folds.
    """
    from sklearn.model_selection import StratifiedKFold, train_test_split

    check_split(split)
    pixels, labels = (np.concatenate(arrays) for arrays in zip(train_file, test_file, strict=True))
    smallest = np.unique(labels, return_counts=True)[1].min()
    if smallest < fold.folds:
        raise InputError(f"each class needs an image for each of {fold.folds} folds; received a class of {smallest}")
    cuts = StratifiedKFold(fold.folds, shuffle=True, random_state=0).split(pixels, labels)
    others, chosen = list(cuts)[fold.number - 1]
    if split != "test":
        held_out = held_out_images(len(others))
        train, validation = train_test_split(others, test_size=held_out, stratify=labels[others], random_state=0)
        chosen = np.sort(train if split == "train" else validation)
    return Images(pixels[chosen], labels[chosen])


def read_split(
    source: ImageSource, split: str, data_dir: str | os.PathLike | None = None, fold: Fold | None = None
) -> Images:
    """The images of ``split``: of the original split, or of that in which ``fold`` is the test set."""
    part = stored_part(split)
    if fold is not None:
        return take_fold(source.read("train", data_dir), source.read("test", data_dir), fold, split)
    return take_split(source.read(part, data_dir), split)
