"""What takes the place of removed cells."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import FILLS, Scored
from thesis_rnn.measures.faithfulness.fills import fill_of


def scored(x, **more):
    return Scored(np.zeros(x.shape), x, np.zeros(len(x), int), **more)


def filled(name, x, removed, **more):
    removed = np.asarray(removed, bool)
    return np.where(removed, fill_of(name, scored(x, **more))(np.arange(len(x)), removed), x)


def test_mean_counts_own_steps_only():
    x = np.array([[[1.0], [2.0]], [[3.0], [99.0]]])
    got = filled("mean", x, np.ones(x.shape), lengths=np.array([2, 1]))
    assert got[:, :, 0].tolist() == [[2, 2], [2, 2]]  # (1 + 3) / 2, and 2 of the one sample that has a second step


def test_nearest_in_time_by_hand():
    x = np.array([[[1.0], [2.0], [3.0], [4.0], [5.0]]])
    assert filled("nearest", x, [[[0], [1], [1], [1], [0]]])[0, :, 0].tolist() == [
        1,
        1,
        1,
        5,
        5,
    ]  # of two the earlier
    assert filled("nearest", x, [[[1], [1], [0], [0], [1]]])[0, :, 0].tolist() == [3, 3, 3, 4, 4]
    short = filled("nearest", x, [[[0], [1], [1], [0], [0]]], lengths=np.array([3]))[0, :3, 0]
    assert short.tolist() == [1, 1, 1]  # not the padded 4, which is as near


def test_nearest_without_anything_left_is_the_mean():
    x = np.array([[[1.0], [2.0]], [[3.0], [6.0]]])
    assert filled("nearest", x, [[[1], [1]], [[0], [0]]])[0, :, 0].tolist() == [2, 4]


def test_nearest_in_images_crosses_steps():
    x = np.arange(8.0).reshape(1, 2, 2, 2)  # the joined image [[0, 1, 4, 5], [2, 3, 6, 7]]
    removed = np.zeros(x.shape, bool)
    removed[0, 1] = True
    assert filled("nearest", x, removed)[0, 1].tolist() == [[1, 1], [3, 3]]


@pytest.mark.parametrize("seed", range(3))
def test_nearest_like_a_loop(seed):
    rng = np.random.default_rng(seed)
    x, removed = rng.normal(size=(3, 7, 2)), rng.random((3, 7, 2)) < 0.6
    removed[:, 3] = False
    got = filled("nearest", x, removed)
    for sample, step, feature in np.argwhere(removed):
        kept = np.flatnonzero(~removed[sample, :, feature])
        near = min(kept, key=lambda other: (abs(other - step), other))
        assert got[sample, step, feature] == x[sample, near, feature]


def test_a_sample_is_another_ones_own_steps():
    x = np.array([[[1.0], [2.0], [3.0]], [[7.0], [99.0], [99.0]]])
    got = filled("sample", x, np.ones(x.shape), lengths=np.array([3, 1]))
    assert got[0, :, 0].tolist() == [7, 7, 7]
    assert got[1, :, 0].tolist() == [1, 2, 3]


def test_blur_keeps_a_constant_and_leaves_padding_out():
    x = np.full((1, 6, 1), 3.0)
    x[0, 4:] = 99
    np.testing.assert_allclose(filled("blur", x, np.ones(x.shape), lengths=np.array([4]))[0, :4], 3)


def test_gaussian_has_the_moments_of_each_feature():
    x = np.random.default_rng(0).normal([5, -2], [1, 3], (500, 6, 2))
    got = filled("gaussian", x, np.ones(x.shape))
    np.testing.assert_allclose(got.mean(axis=(0, 1)), x.mean(axis=(0, 1)), atol=0.2)
    np.testing.assert_allclose(got.std(axis=(0, 1)), x.std(axis=(0, 1)), atol=0.2)


@pytest.mark.parametrize("name", FILLS)
@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 2), (4, 3, 4, 2)])
def test_every_fill_keeps_type_and_what_is_not_removed(name, shape):
    rng = np.random.default_rng(1)
    x = rng.integers(1, 9, shape) if len(shape) == 2 else rng.normal(size=shape).astype(np.float32)
    if len(shape) == 2 and name in ("mean", "gaussian", "blur"):
        with pytest.raises(InputError, match=f"tokens have no {name}"):
            fill_of(name, scored(x))
        return
    removed = rng.random(shape) < 0.5
    got = filled(name, x, removed)
    assert got.dtype == x.dtype
    np.testing.assert_array_equal(got[~removed], x[~removed])
    assert np.isfinite(got).all()


def test_one_sample_has_no_other():
    with pytest.raises(InputError, match="give at least 2; received 1"):
        fill_of("sample", scored(np.zeros((1, 2, 2))))
