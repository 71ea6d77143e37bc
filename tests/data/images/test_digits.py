"""scikit-learn's digits in MNIST's size."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from thesis_rnn import data
from thesis_rnn.data.images.digits import EmbeddedDigits, resize_bilinear


def test_resize_by_hand():
    # From 2 to 4 pixels, output i lies at (i + 0.5) / 2 - 0.5 = -0.25, 0.25, 0.75, 1.25: the border, two mixtures with
    # weights 3/4 and 1/4, the border.
    row = resize_bilinear(np.array([[[0.0, 4.0], [0.0, 4.0]]]), 4)
    np.testing.assert_allclose(row, np.tile([0, 1, 3, 4], (1, 4, 1)), atol=1e-12)


@pytest.mark.parametrize(("small", "large"), [(2, 3), (4, 28), (8, 28), (8, 8)])
def test_resize_equals_tensorflow(small, large):
    import tensorflow as tf

    images = np.random.default_rng(small).uniform(0, 16, (5, small, small))
    expected = tf.image.resize(images[..., np.newaxis], (large, large), method="bilinear")[..., 0]
    np.testing.assert_allclose(resize_bilinear(images, large), expected, atol=1e-4)


def test_sizes_types_and_range():
    # scikit-learn's documentation: 1,797 images. A fifth of them, rounded up, is 360; a sixth of 1,437 is 239.
    for split, count in (("train", 1437 - 239), ("validation", 239), ("test", 360)):
        images = data.load_images("digits", split)
        assert images.pixels.shape == (count, 28, 28)
        assert images.pixels.dtype == np.uint8
        assert images.labels.shape == (count,)
    assert images.pixels.min() == 0
    assert images.pixels.max() == 255


def test_the_parts_are_all_digits_once_and_stratified():
    train, test = (EmbeddedDigits().read(part) for part in ("train", "test"))
    stored = load_digits()
    # 16 grey levels become 255 = 16 * 15.9375; the corners of an enlarged image are the corners of the original.
    corners = np.rint(stored.images[:, ::7, ::7] * 15.9375)
    both = np.concatenate([train.pixels, test.pixels])[:, ::27, ::27]
    np.testing.assert_array_equal(np.sort(both.reshape(-1, 4), axis=0), np.sort(corners.reshape(-1, 4), axis=0))
    classes = np.bincount(stored.target)
    np.testing.assert_array_equal(np.bincount(train.labels) + np.bincount(test.labels), classes)
    assert np.abs(np.bincount(test.labels) - classes * 360 / 1797).max() < 1


def test_every_image_keeps_its_label():
    # Independent of the split: the enlarged image, read at 8x8 points, is nearest to an original of its class.
    stored = load_digits()
    test = data.load_images("digits", "test")
    points = np.rint((np.arange(8) + 0.5) * 3.5 - 0.5).astype(int)
    small = test.pixels[:, points][:, :, points].reshape(len(test.labels), -1) / 15.9375
    distance = ((small[:, np.newaxis] - stored.images.reshape(1, -1, 64)) ** 2).sum(axis=2)
    nearest = stored.target[distance.argmin(axis=1)]
    assert (nearest == test.labels).mean() > 0.98


def test_it_is_always_available_and_ignores_data_dir():
    assert data.is_available("digits_maj", "no such folder")
    assert len(data.load_images("digits", "test", "no such folder").labels) == 360
