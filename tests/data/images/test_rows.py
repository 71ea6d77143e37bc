"""Images as series of their rows."""

import numpy as np
import pytest

from tests.helpers.idx_writing import write_data_set
from thesis_rnn import data
from thesis_rnn.data.images.problems import EMBEDDED, MNIST
from thesis_rnn.data.images.rows import ImageRows
from thesis_rnn.errors import InputError


def test_rows_are_steps_and_ink_is_evidence():
    pixels, labels = data.load_images("digits", "test")
    x, y, evidence, _ = data.load("digits_rows", "test")
    kept = [i for i, label in enumerate(labels) if label in (1, 6, 7)]
    assert x.shape == evidence.shape == (len(kept), 28, 28)
    assert (x.dtype, y.dtype, evidence.dtype) == (np.float32, np.int32, bool)
    for series, label, marks, original in zip(x, y, evidence, kept, strict=True):
        assert label == {1: 0, 6: 1, 7: 2}[labels[original]]
        for row in range(28):
            np.testing.assert_allclose(series[row], pixels[original][row] / 127.5 - 1, atol=1e-7)
            assert marks[row].tolist() == [bool(grey > 0) for grey in pixels[original][row]]


def test_digits_ink_and_limit_are_the_callers():
    pixels, labels = data.load_images("digits", "test")
    x, y, evidence, _ = ImageRows(EMBEDDED, digits=(9, 0), ink=200).load("test", limit=4)
    kept = np.flatnonzero((labels == 9) | (labels == 0))[:4]
    assert y.tolist() == [0 if labels[i] == 9 else 1 for i in kept]
    np.testing.assert_array_equal(evidence, pixels[kept] >= 200)
    assert len(x) == 4


def test_splits_follow_the_images():
    lengths = [len(data.load("digits_rows", split).y) for split in ("train", "validation", "test")]
    assert lengths == [
        int(np.isin(data.load_images("digits", split).labels, (1, 6, 7)).sum())
        for split in ("train", "validation", "test")
    ]


def test_mnist_is_read_from_its_folder_and_never_replaced(tmp_path):
    with pytest.raises(InputError, match="mnist comes from --data_dir=DIR"):
        data.load("mnist_rows", "test", data_dir=tmp_path)
    write_data_set(tmp_path / "mnist")
    assert set(ImageRows(MNIST, digits=(0, 1)).load("test", data_dir=tmp_path).y.tolist()) <= {0, 1}


def test_real_mnist(data_dir):
    test = data.load("mnist_rows", "test", data_dir=data_dir)
    # The MNIST test set has 1,135 ones, 958 sixes and 1,028 sevens (LeCun et al., 1998).
    assert np.bincount(test.y).tolist() == [1135, 958, 1028]


def test_bad_input():
    for digits in ((1,), (1, 1, 7), (1, 10), (1, "6")):
        with pytest.raises(InputError, match=r"at least two different classes 0..9; received"):
            ImageRows(EMBEDDED, digits=digits)
    for ink in (0, 256):
        with pytest.raises(InputError, match=f"grey level from 1 to 255; received {ink}$"):
            ImageRows(EMBEDDED, ink=ink)
    with pytest.raises(InputError, match=r"limit must be a whole number of at least 1; received 0$"):
        data.load("digits_rows", "test", limit=0)
