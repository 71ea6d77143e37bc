"""What arrays must satisfy."""

import numpy as np
import pytest

from thesis_rnn.data import check_labels, check_pixels, check_sequences
from thesis_rnn.data.images.splits import checked_images
from thesis_rnn.errors import InputError


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("index", [(0, 0, 0, 0), (1, 2, 3, 1), (2, 3, 4, 1)])
def test_the_first_bad_pixel_is_located(value, index):
    x = np.zeros((3, 4, 5, 2), np.float32)
    x[index] = value
    x[2, 3, 4, 1] = value  # the last cell: never the first bad one, unless the only one
    at = rf"\({index[0]}, {index[1]}, {index[2]}, {index[3]}\)"
    with pytest.raises(InputError, match=rf"pixels must be finite; received {value} at index {at}$"):
        check_pixels(x)


@pytest.mark.parametrize("x", [np.zeros((2, 3)), np.zeros((0, 3)), np.arange(5), [[1.0, 2.0]], np.ones(2, bool)])
def test_finite_numbers_pass_unchanged(x):
    np.testing.assert_array_equal(check_pixels(x), x)


@pytest.mark.parametrize("x", [np.array(["a"]), np.array([None]), np.array([1j])])
def test_pixels_that_are_no_real_numbers_are_refused(x):
    with pytest.raises(InputError, match="pixels must be real numbers; received an array of"):
        check_pixels(x)


def test_sequences_of_another_shape_are_refused():
    assert check_sequences(np.zeros((5, 12, 28, 7)), (12, 28, 7)).shape == (5, 12, 28, 7)
    for shape in [(5, 4, 28, 7), (12, 28, 7), (5, 12, 28, 7, 1)]:
        with pytest.raises(InputError, match=rf"shape \[n, 12, 28, 7\]; received \[{', '.join(map(str, shape))}\]$"):
            check_sequences(np.zeros(shape), (12, 28, 7))
    with pytest.raises(InputError, match="pixels must be finite"):
        check_sequences(np.full((1, 12, 28, 7), np.nan), (12, 28, 7))


def test_labels_become_int32():
    labels = check_labels(np.array([0, 9], np.uint8), 10)
    assert labels.dtype == np.int32
    assert labels.tolist() == [0, 9]


@pytest.mark.parametrize(("labels", "first"), [([3, 10, 11], "10 at index 1"), ([0, 1, 2, -1], "-1 at index 3")])
def test_labels_out_of_range_are_refused(labels, first):
    with pytest.raises(InputError, match=rf"^file: labels must lie in 0\.\.9; received {first}$"):
        check_labels(np.array(labels), 10, "file")


@pytest.mark.parametrize("labels", [np.zeros(3), np.zeros((3, 1), int), np.array(["1"])])
def test_labels_that_are_no_row_of_integers_are_refused(labels):
    with pytest.raises(InputError, match=r"expected integer labels of shape \[n\]; received"):
        check_labels(labels, 10)


def test_images_and_labels_must_belong_together():
    pixels = np.zeros((3, 28, 28), np.uint8)
    with pytest.raises(InputError, match=r"^here: expected one label per image; received 3 images, 2 labels$"):
        checked_images(pixels, np.zeros(2, int), "here")
    with pytest.raises(InputError, match=r"^here: expected images of 28x28 pixels; received 28x27$"):
        checked_images(pixels[:, :, :27], np.zeros(3, int), "here")
