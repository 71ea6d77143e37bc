"""Pixel flipping: by hand, by a loop that sets pixel after pixel, and on models whose right order is known."""

import math

import numpy as np
import pytest

from thesis_rnn.data import join_steps
from thesis_rnn.errors import InputError
from thesis_rnn.measures import (
    area_over_curve,
    least_relevant_first,
    most_relevant_first,
    patch_regions,
    perturbation_curve,
    random_order,
    region_relevance,
    step_regions,
)

# steps, rows, columns; patches of 4 pixels lie across steps (7 columns), fill steps exactly (8), or end early (5, 6).
SHAPES = [(12, 28, 7), (2, 4, 8), (3, 6, 5), (1, 5, 6)]


def both_regions(shape):
    return [step_regions(shape), patch_regions(shape)]


def random_case(shape, n=7, seed=0):
    rng = np.random.default_rng(seed)
    x, weights = rng.uniform(-1, 1, size=(n, *shape)), rng.normal(size=(math.prod(shape), 3))
    return x, weights, rng.integers(0, 3, size=n)


def linear(weights):
    return lambda x: x.reshape(len(x), -1) @ weights


# ---- regions


def test_regions_by_hand():
    # Two steps of 2 x 3 pixels joined to 2 x 6, in squares of 2: the middle one lies in both steps.
    np.testing.assert_array_equal(patch_regions((2, 2, 3), size=2), [[[0, 0, 1], [0, 0, 1]], [[1, 2, 2], [1, 2, 2]]])
    np.testing.assert_array_equal(step_regions((2, 2, 3)), [np.zeros((2, 3)), np.ones((2, 3))])


@pytest.mark.parametrize(("shape", "count"), [((12, 28, 7), 147), ((4, 28, 7), 49), ((3, 6, 5), 8)])
def test_patches_are_squares_of_the_joined_image(shape, count):
    image = join_steps(patch_regions(shape)[None])[0]
    across = math.ceil(image.shape[1] / 4)
    for row, column in np.ndindex(image.shape):
        assert image[row, column] == row // 4 * across + column // 4
    assert len(np.unique(image)) == count


@pytest.mark.parametrize("shape", SHAPES)
def test_region_relevance_equals_a_loop_and_conserves(shape):
    relevance = np.random.default_rng(0).normal(size=(5, *shape))
    for regions in both_regions(shape):
        expected = np.zeros((5, regions.max() + 1))
        for cell in np.ndindex(relevance.shape):
            expected[cell[0], regions[cell[1:]]] += relevance[cell]
        np.testing.assert_allclose(region_relevance(relevance, regions), expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(expected.sum(axis=1), relevance.sum(axis=(1, 2, 3)))


# ---- orders


def test_orders_by_hand():
    # Sums of the steps: 3, -1, 5, 2.
    relevance = np.array([[1, 2], [-2, 1], [5, 0], [2, 0]]).reshape(1, 4, 1, 2)
    regions = step_regions((4, 1, 2))
    np.testing.assert_array_equal(most_relevant_first(relevance, regions), [[2, 0, 3, 1]])
    np.testing.assert_array_equal(least_relevant_first(relevance, regions), [[1, 3, 0, 2]])


@pytest.mark.parametrize("shape", [(4, 3), (4,)])
def test_series_and_tokens_have_steps_too(shape):
    relevance = np.array([0.0, 3, 1, 2]).reshape(4, *[1] * (len(shape) - 1)) * np.ones(shape)
    np.testing.assert_array_equal(most_relevant_first(relevance[None], step_regions(shape)), [[1, 3, 2, 0]])


def test_equal_regions_go_in_an_order_of_chance_each_sample_s_own():
    # 2,000 samples, step 2 most relevant, the others equal: each of the three goes next 667 times, deviation 21.
    relevance = np.tile(np.array([0.0, 0, 1, 0]).reshape(1, 4, 1), (2000, 1, 1))
    regions = step_regions((4, 1))
    order = most_relevant_first(relevance, regions)
    assert (order[:, 0] == 2).all()
    assert (np.abs(np.bincount(order[:, 1], minlength=4)[[0, 1, 3]] - 2000 / 3) < 4 * 21).all()
    assert (least_relevant_first(relevance, regions)[:, -1] == 2).all()
    np.testing.assert_array_equal(order, most_relevant_first(relevance, regions, seed=0))
    assert (order != most_relevant_first(relevance, regions, seed=1)).any()


def test_sums_of_equal_cells_are_equal_to_the_last_bit():
    # 16 times 0.1 has a rounding error, which must be the same in every patch.
    regions = patch_regions((12, 28, 7))
    relevance = np.where(regions % 2, 0.1, 0.0)[None]
    even, odd = np.arange(0, 147, 2), np.arange(1, 147, 2)
    [most], [least] = most_relevant_first(relevance, regions), least_relevant_first(relevance, regions)
    np.testing.assert_array_equal([*np.sort(most[:73]), *np.sort(most[73:])], [*odd, *even])
    np.testing.assert_array_equal([*np.sort(least[:74]), *np.sort(least[74:])], [*even, *odd])
    assert (most[:73] != odd).any()


def test_random_orders_are_permutations_each_sample_s_own_and_the_generator_s():
    regions = step_regions((5, 2, 2))
    orders = random_order(2000, regions, np.random.default_rng(0))
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(5), (2000, 1)))
    np.testing.assert_array_equal(orders, random_order(2000, regions, np.random.default_rng(0)))
    # Each region goes first 400 times, with a deviation of sqrt(2000 * 0.2 * 0.8) = 17.9.
    assert (np.abs(np.bincount(orders[:, 0], minlength=5) - 400) < 4 * 17.9).all()


# ---- curves


def test_curve_and_area_by_hand():
    # Two steps of one pixel; logits of class 1: 10 x_1 + x_2 = 10 * 0.5 + 0. Step 0 becomes -1: -10; then step 1: -11.
    # Area: (0 + 15 + 16) / 3. The other order: 5, 4, -11 and (0 + 1 + 16) / 3.
    def predict(x):
        return np.stack([np.zeros(len(x)), 10 * x[:, 0, 0, 0] + x[:, 1, 0, 0]], axis=1)

    x = np.tile(np.array([0.5, 0.0]).reshape(1, 2, 1, 1), (2, 1, 1, 1))
    curve = perturbation_curve(predict, x, 1, step_regions((2, 1, 1)), np.array([[0, 1], [1, 0]]))
    np.testing.assert_array_equal(curve, [[5, -10, -11], [5, 4, -11]])
    np.testing.assert_allclose(area_over_curve(curve), [31 / 3, 17 / 3])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("replacement", [-1.0, 0.25])
def test_curve_equals_a_loop_that_sets_pixels(shape, replacement):
    x, weights, target = random_case(shape)
    for regions in both_regions(shape):
        order = random_order(len(x), regions, np.random.default_rng(1))[:, :10]
        expected = []
        for sample, label, removals in zip(x, target, order, strict=True):
            sample = sample.copy()
            row = [np.tanh(sample.ravel() @ weights)[label]]
            for region in removals:
                for pixel in np.ndindex(shape):
                    if regions[pixel] == region:
                        sample[pixel] = replacement
                row.append(np.tanh(sample.ravel() @ weights)[label])
            expected.append(row)
        curve = perturbation_curve(
            lambda batch: np.tanh(linear(weights)(batch)), x, target, regions, order, replacement, batch_size=3
        )
        np.testing.assert_allclose(curve, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_on_a_linear_model_its_contributions_are_the_best_order(shape, seed):
    # f = w . x falls by sum w_i (x_i + 1) when pixels become background: with that as relevance, the curve falls by the
    # relevance of each region, and no order of removal lies below most relevant first, or above least relevant first.
    x, weights, target = random_case(shape, seed=seed)
    relevance = (x.reshape(len(x), -1) + 1) * weights[:, target].T
    relevance = relevance.reshape(x.shape)
    for regions in both_regions(shape):
        orders = (
            most_relevant_first(relevance, regions),
            random_order(len(x), regions, np.random.default_rng(seed)),
            least_relevant_first(relevance, regions),
        )
        most, chance, least = (perturbation_curve(linear(weights), x, target, regions, order) for order in orders)
        removed = np.take_along_axis(region_relevance(relevance, regions), orders[1], axis=1)
        np.testing.assert_allclose(chance[:, :1] - chance[:, 1:], removed.cumsum(axis=1), atol=1e-9)
        assert (most <= chance + 1e-9).all()
        assert (chance <= least + 1e-9).all()
        assert (area_over_curve(most) >= area_over_curve(chance) - 1e-9).all()
        np.testing.assert_allclose(most[:, -1], least[:, -1])  # all background, in whatever order


def test_batches_bound_what_predict_sees_and_change_nothing():
    x, weights, target = random_case((3, 6, 5))
    x = x.astype(np.float32)
    regions = step_regions((3, 6, 5))
    order = random_order(len(x), regions, np.random.default_rng(0))
    seen = []

    def predict(batch):
        seen.append((len(batch), batch.dtype))
        return linear(weights)(batch)

    curves = [perturbation_curve(predict, x, target, regions, order, batch_size=size) for size in (1, 3, 100)]
    np.testing.assert_allclose(curves[0], curves[2])
    np.testing.assert_allclose(curves[1], curves[2])
    # 7 samples by 3: 3 + 3 + 1, each with 0 to 3 steps removed.
    assert [size for size, _ in seen] == [1] * 28 + [3] * 8 + [1] * 4 + [7] * 4
    assert {dtype for _, dtype in seen} == {np.dtype(np.float32)}


def test_inputs_are_left_as_they_were():
    x, weights, target = random_case((3, 6, 5))
    regions, before = patch_regions((3, 6, 5)), x.copy()
    perturbation_curve(linear(weights), x, target, regions, most_relevant_first(x, regions))
    np.testing.assert_array_equal(x, before)


def test_a_constant_model_has_no_area():
    x, _, target = random_case((3, 6, 5))
    regions = step_regions((3, 6, 5))
    order = most_relevant_first(x, regions)
    curve = perturbation_curve(lambda batch: np.full((len(batch), 3), 0.7), x, target, regions, order)
    np.testing.assert_array_equal(area_over_curve(curve), np.zeros(len(x)))
    assert perturbation_curve(lambda batch: batch, x[:0], 0, regions, order[:0]).shape == (0, 4)
    assert area_over_curve([[5.0]]) == 0


# ---- bad input


def refused(message, **changes):
    x, weights, target = random_case((3, 4, 4), n=2)
    regions = step_regions((3, 4, 4))
    given = {"predict": linear(weights), "x": x, "target": target, "regions": regions, "order": np.array([[0, 1]] * 2)}
    with pytest.raises(InputError, match=message + "$"):
        perturbation_curve(**(given | changes))


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        (r"x must be \[n, steps, ...\]; received shape \(3,\)", {"x": np.zeros(3)}),
        (r"finite; received nan at index \(0, 0, 0, 0\)", {"x": np.full((2, 3, 4, 4), np.nan)}),
        (r"from 0 on; received float64 of shape \(2,\), \[0.0, 0.0\]", {"target": np.zeros(2)}),
        (r"from 0 on; received int64 of shape \(3,\), \[0, 0, 0\]", {"target": np.zeros(3, int)}),
        (r"from 0 on; received int64 of shape \(\), \[-1\]", {"target": -1}),
        (r"0..2, the outputs of predict; received 3", {"target": 3}),
        (r"one sample, \(3, 4, 4\); received \(4, 4\)", {"regions": np.zeros((4, 4), int)}),
        (r"without a gap; received \[1\]", {"regions": np.ones((3, 4, 4), int)}),
        (r"without a gap; received \[0.0\]", {"regions": np.zeros((3, 4, 4))}),
        (r"\[2, k\]; received int64 of shape \(1, 3\)", {"order": np.array([[0, 1, 2]])}),
        (r"\[2, k\]; received float64 of shape \(2, 3\)", {"order": np.zeros((2, 3))}),
        (r"0..2, each once at most; received \[1, 3\]", {"order": np.array([[0, 1], [1, 3]])}),
        (r"0..2, each once at most; received \[-1, 2\]", {"order": np.array([[-1, 2], [0, 1]])}),
        (r"0..2, each once at most; received \[2, 0, 2\]", {"order": np.array([[0, 1, 2], [2, 0, 2]])}),
        ("background must be finite; received nan", {"background": np.nan}),
        ("batch_size must be at least 1; received 0", {"batch_size": 0}),
        (r"2 axes; received shape \(2,\)", {"predict": lambda x: x[:, 0, 0, 0]}),
        ("one row for each of 2 inputs; received 1", {"predict": lambda x: np.zeros((1, 3))}),
        (r"outputs of predict .* received nan at \(0, 0\)", {"predict": lambda x: np.full((2, 3), np.nan)}),
    ],
)
def test_a_curve_of_what_does_not_fit_is_refused(message, changes):
    refused(message, **changes)


def test_bad_regions_and_curves():
    with pytest.raises(InputError, match=r"each at least 1; received \(3, 0\)$"):
        step_regions((3, 0))
    with pytest.raises(InputError, match=r"patches need images .*; received \(3, 28\)$"):
        patch_regions((3, 28))
    with pytest.raises(InputError, match=r"each at least 1; received \(3, 28, 0\)$"):
        patch_regions((3, 28, 0))
    with pytest.raises(InputError, match=r"at least 1 pixel; received 0$"):
        patch_regions((3, 28, 7), size=0)
    with pytest.raises(InputError, match=r"one sample, \(3, 4, 4\); received \(3, 4, 5\)$"):
        region_relevance(np.zeros((1, 3, 4, 4)), step_regions((3, 4, 5)))
    with pytest.raises(InputError, match=r"at least one column; received shape \(2, 0\)$"):
        area_over_curve(np.zeros((2, 0)))
