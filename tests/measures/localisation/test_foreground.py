"""The share of relevance on ink: by hand, by a loop over pixels, and the laws of a share."""

import numpy as np
import pytest

from thesis_rnn import data
from thesis_rnn.errors import InputError
from thesis_rnn.measures import foreground_mass_accuracy

SHAPES = [(3, 12, 28, 7), (4, 3, 2, 4), (2, 1, 5, 5)]


def random_case(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape), rng.uniform(-1, 1, size=shape)


def test_by_hand():
    # Intensities 0, 0.5, 1, 0.04: the middle two are ink. Relevance 1, 2, -3, 4: (2 + 3) / (1 + 2 + 3 + 4) = 0.5;
    # positive only: 2 / (1 + 2 + 4).
    x = np.array([-1, 0, 1, -0.92]).reshape(1, 2, 1, 2)
    relevance = np.array([1, 2, -3, 4]).reshape(x.shape)
    np.testing.assert_array_equal(foreground_mass_accuracy(relevance, x), [0.5])
    np.testing.assert_allclose(foreground_mass_accuracy(relevance, x, positive_only=True), [2 / 7])
    # Above intensity 0 the last pixel is ink too: 9 / 10; above 0.5 only the third is: 3 / 10.
    np.testing.assert_allclose(foreground_mass_accuracy(relevance, x, threshold=0), [0.9])
    np.testing.assert_allclose(foreground_mass_accuracy(relevance, x, threshold=0.5), [0.3])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("positive_only", [False, True])
@pytest.mark.parametrize("ink", [0.0, 0.05, 0.7])
def test_equals_a_loop_over_pixels(shape, positive_only, ink):
    relevance, x = random_case(shape)
    on_ink, total = np.zeros(shape[0]), np.zeros(shape[0])
    for pixel in np.ndindex(shape):
        amount = max(relevance[pixel], 0) if positive_only else abs(relevance[pixel])
        total[pixel[0]] += amount
        on_ink[pixel[0]] += amount * ((x[pixel] + 1) / 2 > ink)
    np.testing.assert_allclose(foreground_mass_accuracy(relevance, x, ink, positive_only), on_ink / total, rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_share_lies_in_0_to_1_and_knows_no_scale(shape):
    relevance, x = random_case(shape, seed=1)
    share = foreground_mass_accuracy(relevance, x, threshold=0.5)
    assert ((share > 0) & (share < 1)).all()
    np.testing.assert_allclose(foreground_mass_accuracy(relevance * 1e-30, x, threshold=0.5), share)
    np.testing.assert_array_equal(foreground_mass_accuracy(-relevance, x, threshold=0.5), share)


def test_all_none_and_chance():
    x = np.where(np.random.default_rng(0).random((5, 12, 28, 7)) < 0.3, 1.0, -1.0)
    ink = x > 0
    np.testing.assert_array_equal(foreground_mass_accuracy(ink * 2.5, x), np.ones(5))
    np.testing.assert_array_equal(foreground_mass_accuracy(~ink * 2.5, x), np.zeros(5))
    np.testing.assert_allclose(foreground_mass_accuracy(np.ones_like(x), x), ink.mean(axis=(1, 2, 3)))


def test_without_relevance_or_ink_the_share_is_0():
    x = np.ones((1, 1, 2, 2))
    assert foreground_mass_accuracy(np.zeros_like(x), x) == 0
    assert foreground_mass_accuracy(-np.ones_like(x), x, positive_only=True) == 0
    assert foreground_mass_accuracy(np.ones_like(x), -x) == 0


@pytest.mark.parametrize(("name", "chance"), [("mnist", 0.18), ("fashion_mnist", 0.47)])
def test_chance_on_the_published_images_is_as_documented(data_dir, name, chance):
    x = data.load(name, "test", steps=1, data_dir=data_dir).x
    assert foreground_mass_accuracy(np.ones_like(x), x).mean() == pytest.approx(chance, abs=0.005)


def test_bad_input():
    relevance, x = random_case((2, 3, 4, 5))
    with pytest.raises(InputError, match=r"one shape; received \(1, 3, 4, 5\) and \(2, 3, 4, 5\)$"):
        foreground_mass_accuracy(relevance[:1], x)
    with pytest.raises(InputError, match=r"pixels must lie in \[-1, 1\]"):
        foreground_mass_accuracy(relevance, x * 255)
    with pytest.raises(InputError, match=r"4 axes; received shape \(4, 5\)$"):
        foreground_mass_accuracy(relevance[0, 0], x)
    relevance[1, 2, 3, 4] = np.nan
    with pytest.raises(InputError, match=r"received nan at \(1, 2, 3, 4\)$"):
        foreground_mass_accuracy(relevance, x)
    for ink in (-0.1, 1, np.nan):
        with pytest.raises(InputError, match=rf"\[0, 1\); received {ink}$"):
            foreground_mass_accuracy(x, x, threshold=ink)
