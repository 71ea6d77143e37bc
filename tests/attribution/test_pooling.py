"""Relevance pooled over regions."""

import numpy as np
import pytest

from thesis_rnn import Explanation
from thesis_rnn.attribution import pooled
from thesis_rnn.errors import InputError

R = np.array([[[1.0, -2.0], [3.0, 4.0], [-5.0, 0.5]]])


def test_by_hand():
    assert pooled(R).tolist() == [[-1, 7, -4.5]]
    assert pooled(R, "features").tolist() == [[-1, 2.5]]
    assert pooled(R, "windows", 2).tolist() == [[6, -4.5]]
    assert pooled(R, absolute=True).tolist() == [[3, 7, 5.5]]
    assert pooled(R, np.array([[0, 1], [0, -1], [1, 1]])).tolist() == [[4, -6.5]]
    assert pooled([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.array([[0, 0, 1], [0, 1, -1]])).tolist() == [[3, 3], [4, 5]]


def test_patches_are_of_the_joined_image():
    images = np.arange(8.0).reshape(1, 2, 2, 2)  # joined: [[0, 1, 4, 5], [2, 3, 6, 7]]
    assert pooled(images, "patches", 3).tolist() == [[[16, 12]]]
    assert pooled(images, "features").tolist() == [[[4, 6], [8, 10]]]


@pytest.mark.parametrize("leading", [1, 2])
@pytest.mark.parametrize("by", ["steps", "features", "windows", "patches", "regions"])
def test_the_sum_is_conserved(by, leading):
    r = np.random.default_rng(0).normal(size=(4, 3, 5, 6, 7)[2 - leading :] if leading == 1 else (4, 3, 5, 6, 7))
    regions = np.random.default_rng(1).integers(0, 9, r.shape[leading:]) if by == "regions" else by
    sums = pooled(r, regions, 2, leading=leading)
    np.testing.assert_allclose(sums.reshape(*r.shape[:leading], -1).sum(-1), r.reshape(*r.shape[:leading], -1).sum(-1))


def test_an_explanation_pools_its_classes_too():
    two = Explanation(np.stack([R, 2 * R], axis=1), np.zeros((1, 2)), np.array([-1]), np.zeros((1, 2)),
                      np.zeros((1, 2)), "lrp")  # fmt: skip
    assert two.pool("features").tolist() == [[[-1, 2.5], [-2, 5]]]
    assert Explanation(R, np.zeros((1, 2)), np.array([0]), np.zeros(1), np.zeros(1), "lrp").pool().shape == (1, 3)


@pytest.mark.parametrize(
    ("relevance", "by", "message"),
    [
        (R, "words", "by is one of steps, features, windows, patches, or an array"),
        (R, "patches", "patches are of images"),
        (R[..., 0], "features", "tokens have no features"),
        (R, np.zeros(4, int), "regions must be integers from -1 on in the shape of a sample"),
        (R, np.full((3, 2), -2), "regions must be integers"),
        (R, np.zeros((3, 2)), "regions must be integers"),
        (R * np.nan, "steps", "relevance must be finite"),
        ([1.0], "steps", "relevance must be"),
    ],
)
def test_bad_input(relevance, by, message):
    with pytest.raises(InputError, match=message):
        pooled(relevance, by)
