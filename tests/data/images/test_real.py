"""The published MNIST and Fashion-MNIST files, where THESIS_RNN_DATA_DIR says they are."""

import hashlib
import os
import struct

import numpy as np
import pytest

from thesis_rnn import data

DATA_DIR = os.environ.get("THESIS_RNN_DATA_DIR")
pytestmark = pytest.mark.skipif(not DATA_DIR, reason="THESIS_RNN_DATA_DIR is unset: no published images to check")

# MD5 of the published IDX files without their gzip wrapper.
MD5 = {
    ("mnist", "train"): ("6bbc9ace898e44ae57da46a324031adb", "a25bea736e30d166cdddb491f175f624"),
    ("mnist", "test"): ("2646ac647ad5339dbf082846283269ea", "27ae3e4e09519cfbb04c329615203637"),
    ("fashion_mnist", "train"): ("f4a8712d7a061bf5bd6d2ca38dc4d50a", "9018921c3c673c538a1fc5bad174d6f9"),
    ("fashion_mnist", "test"): ("8181f5470baa50b63fa0f6fddb340f0a", "15d484375f8d13e6eb1aabb0c3f46965"),
}


def whole_file(name, part):
    splits = ("train", "validation") if part == "train" else ("test",)
    images = [data.load_images(name, split, DATA_DIR) for split in splits]
    return [len(part.labels) for part in images], *map(np.concatenate, zip(*images, strict=True))


@pytest.mark.parametrize(("name", "part"), MD5)
def test_the_splits_put_together_are_the_published_file(name, part):
    if not data.is_available(name, DATA_DIR):
        pytest.skip(f"no {name} in THESIS_RNN_DATA_DIR")
    counts, pixels, labels = whole_file(name, part)
    assert counts == ([55_000, 5_000] if part == "train" else [10_000])
    image_file = struct.pack(">4I", 2051, len(pixels), 28, 28) + pixels.tobytes()
    label_file = struct.pack(">2I", 2049, len(labels)) + labels.astype(np.uint8).tobytes()
    assert (hashlib.md5(image_file).hexdigest(), hashlib.md5(label_file).hexdigest()) == MD5[name, part]


def test_the_first_labels_of_mnist():
    if not data.is_available("mnist", DATA_DIR):
        pytest.skip("no mnist in THESIS_RNN_DATA_DIR")
    # The files' own first images: 5, 0, 4, 1, 9 to train on, 7, 2, 1, 0, 4 to test with.
    assert data.load("mnist", "train", data_dir=DATA_DIR, limit=5).y.tolist() == [5, 0, 4, 1, 9]
    test = data.load("mnist_maj", "test", data_dir=DATA_DIR, limit=5)
    assert test.y.tolist() == [7, 2, 1, 0, 4]
    assert test.x.shape == (5, 12, 28, 7)
    assert (test.x.min(), test.x.max()) == (-1, 1)
