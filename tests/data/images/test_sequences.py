"""Cutting, joining, scaling and assembling sequences."""

import tracemalloc

import numpy as np
import pytest

from thesis_rnn.data import sequence_shape
from thesis_rnn.data.images import sequences
from thesis_rnn.data.images.sequences import assemble, cut_into_steps, join_steps, scale_pixels
from thesis_rnn.errors import InputError


def test_cut_by_hand():
    # One image of 2 rows and 4 columns in 2 steps: the left two columns come first.
    image = np.array([[[1, 2, 3, 4], [5, 6, 7, 8]]])
    assert cut_into_steps(image, 2).tolist() == [[[[1, 2], [5, 6]], [[3, 4], [7, 8]]]]


def test_scale_by_hand():
    # 51 / 127.5 - 1 = 0.4 - 1 = -0.6; 204 / 127.5 - 1 = 0.6
    scaled = scale_pixels(np.array([0, 51, 204, 255], np.uint8))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [-1, -0.6, 0.6, 1], atol=1e-7)
    assert scaled[0] == -1
    assert scaled[-1] == 1


@pytest.mark.parametrize(("rows", "width", "steps"), [(1, 1, 1), (3, 6, 2), (28, 28, 4), (28, 84, 12), (5, 84, 84)])
def test_cut_equals_slicing_and_join_undoes_it(rows, width, steps):
    images = np.random.default_rng(rows).integers(0, 256, (3, rows, width))
    cut = cut_into_steps(images, steps)
    columns = width // steps
    for step in range(steps):
        np.testing.assert_array_equal(cut[:, step], images[:, :, step * columns : (step + 1) * columns])
    np.testing.assert_array_equal(join_steps(cut), images)


@pytest.mark.parametrize(("blocks", "steps"), [(1, 1), (1, 4), (1, 28), (3, 1), (3, 4), (3, 12), (3, 84)])
def test_assemble_equals_one_sequence_at_a_time(blocks, steps, monkeypatch):
    monkeypatch.setattr(sequences, "CHUNK", 4)  # 11 sequences: two whole chunks and a part of one
    rng = np.random.default_rng(steps)
    pixels = rng.integers(0, 256, (9, 28, 28)).astype(np.uint8)
    indices = rng.integers(0, 9, (11, blocks))
    x = assemble(pixels, indices, steps)
    assert x.dtype == np.float32
    assert x.shape == (11, steps, 28, blocks * 28 // steps)
    for sequence, chosen in zip(x, indices, strict=True):
        joined = np.concatenate([pixels[index] for index in chosen], axis=1).astype(np.float64) / 127.5 - 1
        for step, block in enumerate(np.split(joined, steps, axis=1)):
            np.testing.assert_allclose(sequence[step], block, atol=1e-7)


def test_assemble_holds_one_float_copy():
    pixels = np.zeros((10, 28, 28), np.uint8)
    indices = np.zeros((10_000, 3), np.int64)
    tracemalloc.start()
    x = assemble(pixels, indices, 12)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # x is 94 MB; one chunk of 2,048 triples as bytes is 5 MB, and two or three of them exist at a time.
    assert peak < 1.25 * x.nbytes


@pytest.mark.parametrize(
    ("name", "steps", "expected"),
    [
        ("mnist", None, (4, 28, 7)),
        ("mnist_maj", None, (12, 28, 7)),
        ("digits", 1, (1, 28, 28)),
        ("digits_maj", 3, (3, 28, 28)),
    ],
)
def test_sequence_shape(name, steps, expected):
    assert sequence_shape(name, steps) == expected


def test_steps_that_do_not_divide_are_refused_with_those_that_do():
    with pytest.raises(InputError, match=r"^columns 28 cannot be cut into 5 steps; use 1, 2, 4, 7, 14 or 28$"):
        sequence_shape("mnist", 5)
    choices = "1, 2, 3, 4, 6, 7, 12, 14, 21, 28, 42 or 84"
    with pytest.raises(InputError, match=f"^columns 84 cannot be cut into 5 steps; use {choices}$"):
        sequence_shape("mnist_maj", 5)
    with pytest.raises(InputError, match=r"^columns 1 cannot be cut into 2 steps; use 1$"):
        cut_into_steps(np.zeros((1, 1, 1)), 2)


@pytest.mark.parametrize("steps", [0, -4, 4.0, "4"])
def test_steps_that_are_no_positive_integer_are_refused(steps):
    with pytest.raises(InputError, match=f"cannot be cut into {steps} steps"):
        sequence_shape("mnist", steps)


def test_wrong_ranks_are_refused():
    with pytest.raises(InputError, match=r"expected images of shape \[n, rows, width\]; received \[28, 28\]"):
        cut_into_steps(np.zeros((28, 28)), 4)
    with pytest.raises(InputError, match=r"expected sequences of shape .*; received \[2, 28, 28\]"):
        join_steps(np.zeros((2, 28, 28)))
    with pytest.raises(InputError, match=r"expected indices of shape \[n, blocks\]; received \[5\]"):
        assemble(np.zeros((9, 28, 28), np.uint8), np.zeros(5, int), 4)
