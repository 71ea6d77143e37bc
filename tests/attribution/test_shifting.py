"""Samples moved along time."""

import numpy as np
import pytest

from thesis_rnn.attribution.shifting import shifted
from thesis_rnn.errors import InputError


def test_by_hand():
    x = np.array([[[1.0], [2.0], [3.0], [9.0]]])
    own = np.array([[True, True, True, False]])
    assert shifted(x, 1, -1.0, own)[0, :, 0].tolist() == [-1, 1, 2, 9]  # padding stays
    assert shifted(x, -1, -1.0, own)[0, :, 0].tolist() == [2, 3, -1, 9]
    assert shifted(x, 7, -1.0, own)[0, :, 0].tolist() == [-1, -1, -1, 9]
    assert shifted(x, 0).tolist() == x.tolist()


def test_images_move_by_columns_of_the_joined_image():
    x = np.arange(8).reshape(1, 2, 2, 2)  # joined: [[0, 1, 4, 5], [2, 3, 6, 7]]
    assert shifted(x, 1, -1).tolist() == [[[[-1, 0], [-1, 2]], [[1, 4], [3, 6]]]]


@pytest.mark.parametrize("by", [-2, 1, 3])
def test_like_a_loop(by):
    rng = np.random.default_rng(0)
    x, lengths = rng.normal(size=(4, 5, 2)), np.array([5, 3, 1, 4])
    own = np.arange(5) < lengths[:, None]
    expected = x.copy()
    for n, length in enumerate(lengths):
        for step in range(length):
            expected[n, step] = x[n, step - by] if 0 <= step - by < length else 0.5
    np.testing.assert_array_equal(shifted(x, by, 0.5, own), expected)


def test_what_cannot_be_moved():
    with pytest.raises(InputError, match="x must be"):
        shifted(np.zeros(3), 1)
    with pytest.raises(InputError, match="leave own_steps out"):
        shifted(np.zeros((1, 2, 2, 2)), 1, own_steps=np.array([[True, False]]))
