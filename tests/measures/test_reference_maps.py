"""The heatmaps that know nothing: their cosines are known in closed form."""

import math

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import MEASURES, Scored

POSITIONS = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1]])  # of the two majority blocks


def baseline_cosines(x, evidence):
    scored = Scored(x, x, np.zeros(len(x), int), np.asarray(evidence))
    cosine = MEASURES["cosine"]
    return {name.strip("()"): cosine.function(scored.beside(m)) for name, m in cosine.references(scored).items()}


def random_pixels(n, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, size=(n, 12, 28, 7))


def test_uniform_scores_the_same_everywhere():
    # cos = 2 r / (sqrt(2) sqrt(3) r) = 0.8165
    np.testing.assert_allclose(baseline_cosines(random_pixels(3), POSITIONS)["uniform"], 2 / math.sqrt(6))
    assert 2 / math.sqrt(6) == pytest.approx(0.8165, abs=5e-5)


def test_last_step_scores_where_the_last_block_is_right():
    # v = (0, 0, 1): cos = m_3 / sqrt(2); the mean over the three positions is 2/3 * 0.7071 = 0.4714.
    cosines = baseline_cosines(random_pixels(3), POSITIONS)["last step"]
    np.testing.assert_allclose(cosines, [0, 1 / math.sqrt(2), 1 / math.sqrt(2)])
    assert cosines.mean() == pytest.approx(0.4714, abs=5e-5)


def test_pixel_mass_by_hand():
    # Blocks of 4 steps of 28 x 7 pixels: all ink (1), half (0), none (-1): v ~ (1, 0.5, 0), |v| = sqrt(1.25).
    x = np.repeat([1.0, 0.0, -1.0], 4).reshape(1, 12, 1, 1) * np.ones((1, 12, 28, 7))
    x = np.repeat(x, 3, axis=0)
    expected = np.array([1.5, 1.0, 0.5]) / math.sqrt(2 * 1.25)
    np.testing.assert_allclose(baseline_cosines(x, POSITIONS)["pixel mass"], expected)


def test_pixel_mass_equals_a_loop_and_a_blank_image_scores_zero():
    x = random_pixels(3)
    x[2] = -1
    expected = []
    for image, marks in zip(x[:2], POSITIONS, strict=False):
        ink = [sum((pixel + 1) / 2 for pixel in image[4 * block : 4 * block + 4].ravel()) for block in range(3)]
        dot = sum(m * v for m, v in zip(marks, ink, strict=True))
        expected.append(dot / math.sqrt(2 * sum(v * v for v in ink)))
    np.testing.assert_allclose(baseline_cosines(x, POSITIONS)["pixel mass"], [*expected, 0], rtol=1e-12)


def test_only_pixel_mass_looks_at_the_pixels():
    bright, dark = (baseline_cosines(random_pixels(3, seed), POSITIONS) for seed in (1, 2))
    for name in ("uniform", "last step"):
        np.testing.assert_array_equal(bright[name], dark[name])
    assert not np.allclose(bright["pixel mass"], dark["pixel mass"], rtol=1e-9)


def test_bad_input():
    with pytest.raises(InputError, match=r"divide the image's 84 columns; received 5$"):
        baseline_cosines(random_pixels(1), [[1, 0, 0, 0, 1]])
    with pytest.raises(InputError, match=r"\[-1, 1\]"):
        baseline_cosines(random_pixels(3) * 255, POSITIONS)
