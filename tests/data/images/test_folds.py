"""Cross-validation folds: a partition of all images, the same for everybody, with nothing shared between splits."""

import numpy as np
import pytest

from thesis_rnn import data
from thesis_rnn.data.images.folds import Fold, take_fold
from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.data.images.splits import Images
from thesis_rnn.errors import InputError


def numbered(count: int, classes: int, first: int = 0) -> Images:
    """Images whose first two pixels are their number, in base 256, with the classes in turn."""
    numbers = np.arange(first, first + count)
    pixels = np.zeros((count, 28, 28), np.uint8)
    pixels[:, 0, 0], pixels[:, 0, 1] = numbers // 256, numbers % 256
    return Images(pixels, (numbers % classes).astype(np.int32))


def numbers_of(images: Images) -> list[int]:
    return (images.pixels[:, 0, 0].astype(int) * 256 + images.pixels[:, 0, 1]).tolist()


def test_sizes_worked_by_hand():
    # 60 + 24 images of 4 classes, 7 folds: each fold has 84 / 7 = 12 images, 3 of each class. Of the 72 others a sixth,
    # 12, are for validation, again 3 of each class, and 60 are left to train on.
    train, test = numbered(60, 4), numbered(24, 4, first=60)
    for split, size in {"test": 12, "validation": 12, "train": 60}.items():
        images = take_fold(train, test, Fold(3), split)
        assert np.bincount(images.labels).tolist() == [size // 4] * 4
        numbers = numbers_of(images)
        assert numbers == sorted(numbers)
        np.testing.assert_array_equal(images.labels, np.array(numbers) % 4)


@pytest.mark.parametrize("folds", [2, 3, 7])
def test_every_image_is_tested_once_and_never_seen_before(folds):
    train, test = numbered(500, 10), numbered(90, 10, first=500)
    tested = []
    for number in range(1, folds + 1):
        parts = [
            numbers_of(take_fold(train, test, Fold(number, folds), split)) for split in ("train", "validation", "test")
        ]
        assert sorted(parts[0] + parts[1] + parts[2]) == list(range(590))
        tested += parts[2]
    assert sorted(tested) == list(range(590))


def test_folds_mix_the_two_files():
    images = take_fold(numbered(500, 10), numbered(90, 10, first=500), Fold(1), "test")
    assert 0 < sum(number >= 500 for number in numbers_of(images)) < len(images.labels) / 2


def test_majority_triples_stay_inside_the_fold():
    fold = Fold(2, 5)
    own = {pixels.tobytes() for pixels in data.load_images("digits", "test", fold=fold).pixels}
    sequences = data.load("digits_maj", "test", fold=fold, limit=100)
    shown = np.rint((join_steps(sequences.x) + 1) * 127.5).astype(np.uint8)
    assert all(block.tobytes() in own for row in shown for block in np.split(row, 3, axis=1))


@pytest.mark.parametrize(
    ("number", "folds", "message"),
    [
        (1, 1, "folds must be at least 2; received 1"),
        (8, 7, "fold must be 1 to 7, or 0 for the original split; received 8"),
        (-1, 7, "fold must be 1 to 7, or 0 for the original split; received -1"),
    ],
)
def test_numbers_that_are_no_fold_are_refused(number, folds, message):
    with pytest.raises(InputError) as refusal:
        Fold(number, folds)
    assert str(refusal.value) == message


def test_more_folds_than_images_of_a_class_are_refused():
    with pytest.raises(InputError, match=r"^each class needs an image for each of 7 folds; received a class of 6$"):
        take_fold(numbered(30, 10), numbered(30, 10, first=30), Fold(1), "test")
