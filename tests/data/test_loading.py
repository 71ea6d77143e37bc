"""load: from a name to arrays."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers.idx_writing import write_data_set
from thesis_rnn import data
from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.data.images.splits import Images, take_split
from thesis_rnn.errors import InputError

ROOT = pathlib.Path(__file__).parents[2]


def test_names():
    images = ["mnist_maj", "fashion_mnist_maj", "digits_maj", "mnist", "fashion_mnist", "digits"]
    assert data.names()[:8] == [*images, "mnist_rows", "digits_rows"]
    assert all(len(data.class_names(name)) == 10 for name in images)
    assert data.class_names("fashion_mnist_maj")[1] == "Trouser"  # the class of the thesis' figure 3.6


def test_single_images_are_cut_from_left_to_right():
    images = data.load_images("digits", "test")
    x, y, evidence, _ = data.load("digits", "test")
    assert x.shape == (360, 4, 28, 7)
    assert x.dtype == np.float32
    assert evidence is None
    np.testing.assert_array_equal(y, images.labels)
    assert y.dtype == np.int32
    for step in range(4):
        block = images.pixels[:, :, 7 * step : 7 * step + 7]
        np.testing.assert_allclose(x[:, step], block / 127.5 - 1, atol=1e-7)


@pytest.mark.parametrize("steps", [None, 1, 3, 84])
def test_majority_sequences_show_what_evidence_says(steps):
    images = data.load_images("digits", "validation")
    x, y, evidence, _ = data.load("digits_maj", "validation", steps=steps)
    assert x.shape[1] == (steps or 12)
    np.testing.assert_array_equal(y, images.labels)
    labels_of = {}
    for pixels, label in zip(images.pixels, images.labels, strict=True):
        labels_of.setdefault(pixels.tobytes(), set()).add(label)
    joined = np.rint((join_steps(x) + 1) * 127.5).astype(np.uint8)
    for original, row, label, marks in zip(images.pixels, joined, y, evidence, strict=True):
        blocks = np.split(row, 3, axis=1)
        assert any((block == original).all() for block in blocks)
        for block, mark in zip(blocks, marks, strict=True):
            assert (label in labels_of[block.tobytes()]) == bool(mark)


def test_the_same_arguments_give_the_same_sequences():
    first, again = (data.load("digits_maj", "test", seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(first.evidence, again.evidence)
    assert (data.load("digits_maj", "test", seed=4).evidence != first.evidence).any()


def test_limit_keeps_the_first_and_changes_nothing_else():
    whole, part = data.load("digits_maj", "test"), data.load("digits_maj", "test", limit=7)
    for all_of_them, first in zip(whole[:3], part[:3], strict=True):
        np.testing.assert_array_equal(all_of_them[:7], first)
    assert len(data.load("digits", "test", limit=7).y) == 7
    assert len(data.load("digits", "test", limit=10_000).y) == 360


def test_splits_draw_independently(tmp_path):
    # 36 train images leave 30, with the labels of the 30 test images: one stream would draw the same places.
    write_data_set(tmp_path / "mnist", train=36, test=30)
    train, test = (data.load("mnist_maj", split, data_dir=tmp_path) for split in ("train", "test"))
    np.testing.assert_array_equal(train.y, test.y)
    assert (train.evidence != test.evidence).any()


@pytest.mark.parametrize(
    ("total", "held_out"), [(0, 0), (5, 0), (6, 1), (29_999, 4_999), (30_000, 5_000), (60_000, 5_000)]
)
def test_validation_is_the_end_of_the_train_file(total, held_out):
    # A sixth of 29,999 is 4,999.8, rounded down.
    images = Images(np.empty((total, 0)), np.arange(total))
    assert take_split(images, "train").labels.tolist() == list(range(total - held_out))
    assert take_split(images, "validation").labels.tolist() == list(range(total - held_out, total))
    assert len(take_split(images, "test").labels) == total


def test_bad_arguments_are_refused_before_anything_is_read():
    with pytest.raises(InputError, match=r"^unknown problem; known ones are mnist_maj, .*; received 'cifar'$"):
        data.load("cifar", "train")
    with pytest.raises(InputError, match=r"^unknown split; known ones are train, validation, test; received 'dev'$"):
        data.load("digits", "dev")
    with pytest.raises(InputError, match=r"^limit must be a whole number of at least 1; received 0$"):
        data.load("digits", "test", limit=0)
    with pytest.raises(InputError, match=r"^columns 28 cannot be cut into 5 steps; use 1, 2, 4, 7, 14 or 28$"):
        data.load("digits", "test", steps=5)
    with pytest.raises(InputError, match=r"^seed must be a whole number of at least 0; received -1$"):
        data.load("digits_maj", "test", seed=-1)


def test_importing_the_package_imports_nothing_heavy():
    heavy = ["tensorflow", "tensorflow_datasets", "keras", "sklearn", "scipy", "matplotlib"]
    program = f"import sys, thesis_rnn.data; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
