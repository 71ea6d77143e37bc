"""The measures of section 3.3.2: by hand, by slow loops, and by the laws that they must keep."""

import math

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import (
    accuracy,
    block_relevance,
    cosine_similarity,
    evidence_percentage,
    intensity_share,
    is_without_relevance,
    pixel_intensity,
    step_share,
)

# n, steps, rows, columns, blocks: blocks of several steps, of one step, of part of a step, and across steps.
SHAPES = [(4, 12, 28, 7, 3), (5, 3, 2, 4, 3), (2, 1, 3, 6, 3), (3, 2, 5, 3, 3), (6, 4, 1, 5, 2)]


def random_evidence(rng, n, blocks):
    evidence = rng.integers(0, 2, size=(n, blocks))
    evidence[np.arange(n), rng.integers(0, blocks, size=n)] = 1
    return evidence


# ---- worked by hand


def test_block_relevance_by_hand():
    # Joined: [1 -2 5 -6]   two steps are two blocks of two columns: 1 - 2 + 3 + 4 = 6 and 5 - 6 - 7 + 8 = 0;
    #         [3  4 -7 8]   positive cells only: 1 + 3 + 4 = 8 and 5 + 8 = 13.
    relevance = [[[[1, -2], [3, 4]], [[5, -6], [-7, 8]]]]
    np.testing.assert_array_equal(block_relevance(relevance, blocks=2), [[6, 0]])
    np.testing.assert_array_equal(block_relevance(relevance, blocks=2, positive_only=True), [[8, 13]])


@pytest.mark.parametrize(
    ("evidence", "share", "cosine", "percentage"),
    [
        ([1, 0, 1], [0.5, 0.0, 0.5], 1.0, 100),  # all on the evidence, equally on its two blocks
        # Figure 3.10: one of the two right blocks is missed. The percentage hardly sees it: 90 / (90 + 10).
        # cos = 0.9 / (sqrt(2) sqrt(0.9^2 + 0.1^2)) = 0.9 / (1.41421 * 0.90554) = 0.70278
        ([1, 0, 1], [0.0, 0.1, 0.9], 0.9 / math.sqrt(2 * 0.82), 90),
        ([1, 1, 0], [1.0, 0.0, 0.0], 1 / math.sqrt(2), 100),
        ([0, 1, 1], [3.0, 0.0, 0.0], 0.0, 0),
        ([1, 1, 0], [1.0, 1.0, 1.0], 2 / math.sqrt(6), 200 / 3),  # uniform: 2 / (sqrt(2) sqrt(3)) = 0.8165
        ([1, 1, 0], [0.0, 0.0, 0.0], 0.0, 0),  # no relevance: by definition
        ([1, 1, 0], [-1.0, -1.0, 0.0], -1.0, 0),  # all relevance speaks against the evidence
        # (2 - 1) / (sqrt(2) sqrt(4 + 1 + 4)) = 1 / (3 sqrt(2)); the percentage counts -1 as 0: 2 / (2 + 2)
        ([1, 1, 0], [2.0, -1.0, 2.0], 1 / (3 * math.sqrt(2)), 50),
    ],
)
def test_cosine_and_percentage_by_hand(evidence, share, cosine, percentage):
    np.testing.assert_allclose(cosine_similarity([evidence], [share]), [cosine], rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(evidence_percentage([evidence], [share]), [percentage], rtol=1e-14)


def test_zero_relevance_is_counted_and_cancelling_blocks_are_not():
    np.testing.assert_array_equal(is_without_relevance([[0, 0, 0], [1, -1, 0], [0, 1e-300, 0]]), [True, False, False])


def test_step_share_by_hand():
    # Step 1: 1 + 2 (the -4 counts as 0), step 2: 3; of 6 in all: a half each. The second sample is nowhere positive.
    relevance = [[[[1, 2, -4]], [[3, 0, 0]]], [[[-1, 0, 0]], [[0, 0, 0]]]]
    np.testing.assert_array_equal(step_share(relevance), [[0.5, 0.5], [0, 0]])


def test_intensity_share_by_hand():
    # Intensities (x + 1) / 2: step 1: 0 + 0.5, step 2: 1 + 0.5; of 2 in all: 1/4 and 3/4.
    x = np.array([[[[-1, 0]], [[1, 0]]]])
    np.testing.assert_array_equal(pixel_intensity(x), [[[[0, 0.5]], [[1, 0.5]]]])
    np.testing.assert_array_equal(intensity_share(x), [[0.25, 0.75]])


def test_accuracy_by_hand():
    # Largest logits: classes 1, 0, and, of two equal ones, the first: 1. Two of the three labels agree.
    assert accuracy([[0, 2, 1], [5, 1, 1], [0, 3, 3]], [1, 2, 1]) == pytest.approx(2 / 3)


# ---- slow versions


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("positive_only", [False, True])
def test_block_relevance_equals_a_loop_over_cells(shape, positive_only):
    n, steps, rows, columns, blocks = shape
    relevance = np.random.default_rng(steps).normal(size=(n, steps, rows, columns))
    block_width = steps * columns // blocks
    expected = np.zeros((n, blocks))
    for index in np.ndindex(relevance.shape):
        sample, step, _, column = index
        cell = max(relevance[index], 0) if positive_only else relevance[index]
        expected[sample, (step * columns + column) // block_width] += cell
    np.testing.assert_allclose(block_relevance(relevance, blocks, positive_only), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_cosine_percentage_and_steps_equal_loops(seed):
    rng = np.random.default_rng(seed)
    n, blocks = 20, seed + 2
    evidence, share = random_evidence(rng, n, blocks), rng.normal(size=(n, blocks))
    relevance = rng.normal(size=(n, 4, 3, 2))
    for i in range(n):
        dot = sum(evidence[i, b] * share[i, b] for b in range(blocks))
        length = math.sqrt(sum(v * v for v in share[i])) * math.sqrt(sum(int(m) ** 2 for m in evidence[i]))
        assert cosine_similarity(evidence, share)[i] == pytest.approx(dot / length, abs=1e-14)
        positive = [max(v, 0) for v in share[i]]
        right = sum(v for m, v in zip(evidence[i], positive, strict=True) if m)
        assert evidence_percentage(evidence, share)[i] == pytest.approx(
            100 * right / sum(positive) if any(positive) else 0
        )
        steps = [sum(max(cell, 0) for cell in relevance[i, t].ravel()) for t in range(4)]
        np.testing.assert_allclose(step_share(relevance)[i], np.array(steps) / sum(steps), rtol=1e-12)


# ---- laws


@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_add_up_to_all_relevance(shape):
    *size, blocks = shape
    relevance = np.random.default_rng(0).normal(size=size)
    np.testing.assert_allclose(
        block_relevance(relevance, blocks).sum(axis=1), relevance.sum(axis=(1, 2, 3)), atol=1e-10
    )


def test_single_precision_is_summed_in_double():
    # In float32 2^24 + 1 is 2^24: ones added one by one to it would be lost.
    relevance = np.ones((1, 1, 1, 101), np.float32)
    relevance[0, 0, 0, 0] = 2.0**24
    assert block_relevance(relevance, blocks=1) == 2.0**24 + 100


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 7.0, 1e30, 1e300])
def test_scale_changes_neither_cosine_nor_percentage(scale):
    rng = np.random.default_rng(1)
    evidence, share = random_evidence(rng, 50, 3), rng.normal(size=(50, 3))
    np.testing.assert_allclose(
        cosine_similarity(evidence, share * scale), cosine_similarity(evidence, share), rtol=1e-12
    )
    np.testing.assert_allclose(*(evidence_percentage(evidence, each) for each in (share * scale, share)), rtol=1e-12)


def test_ranges():
    rng = np.random.default_rng(2)
    evidence, share = random_evidence(rng, 2000, 3), rng.normal(size=(2000, 3))
    share[:1000] = evidence[:1000] * rng.uniform(size=(1000, 1))  # perfect, where rounding could exceed 1
    cosine, percentage = cosine_similarity(evidence, share), evidence_percentage(evidence, share)
    assert cosine.min() >= -1
    assert cosine.max() <= 1
    np.testing.assert_allclose(cosine[:1000], 1)
    assert percentage.min() >= 0
    assert percentage.max() <= 100 + 1e-12
    np.testing.assert_array_less(
        -1e-15, cosine_similarity(evidence, np.abs(share))
    )  # no negative block, no negative cosine


def test_steps_share_out_everything():
    rng = np.random.default_rng(3)
    np.testing.assert_allclose(step_share(rng.normal(size=(9, 5, 4, 3))).sum(axis=1), 1)
    np.testing.assert_allclose(intensity_share(rng.uniform(-1, 1, size=(9, 5, 4, 3))).sum(axis=1), 1)
    np.testing.assert_array_equal(intensity_share(-np.ones((1, 5, 4, 3))), np.zeros((1, 5)))


# ---- bad input


def test_blocks_that_do_not_divide_the_width():
    with pytest.raises(InputError, match=r"divide the image's 28 columns; received 3$"):
        block_relevance(np.zeros((1, 4, 28, 7)))
    with pytest.raises(InputError, match=r"received 0$"):
        block_relevance(np.zeros((1, 4, 28, 7)), blocks=0)


@pytest.mark.parametrize("measure", [block_relevance, intensity_share])
def test_wrong_axes_and_nan_are_refused(measure):
    with pytest.raises(InputError, match=r"4 axes; received shape \(4, 28, 7\)$"):
        measure(np.zeros((4, 28, 7)))
    broken = np.zeros((2, 3, 2, 1))
    broken[1, 2, 0, 0] = np.nan
    with pytest.raises(InputError, match=r"finite in every cell; received nan at \(1, 2, 0, 0\)$"):
        measure(broken)


@pytest.mark.parametrize("measure", [cosine_similarity, evidence_percentage])
def test_bad_evidence_is_refused(measure):
    with pytest.raises(InputError, match=r"received \(2, 3\) and \(2, 2\)$"):
        measure(np.ones((2, 3)), np.ones((2, 2)))
    with pytest.raises(InputError, match=r"at least one block; received \[0.0, 0.0, 0.0\]$"):
        measure([[1, 1, 0], [0, 0, 0]], np.ones((2, 3)))
    with pytest.raises(InputError, match=r"0 or 1 .* received \[0.5, 1.0, 0.0\]$"):
        measure([[0.5, 1, 0]], np.ones((1, 3)))
    with pytest.raises(InputError, match="finite"):
        measure([[1, 1, 0]], [[np.nan, 0, 0]])  # must not become a silent zero


def test_pixels_out_of_range_are_refused():
    with pytest.raises(InputError, match=r"\[-1, 1\]; received values from 0 to 255$"):
        intensity_share(np.array([0.0, 255.0]).reshape(1, 2, 1, 1))


def test_accuracy_refuses_missing_labels_and_no_samples():
    with pytest.raises(InputError, match=r"received \(3,\) for logits of shape \(2, 10\)$"):
        accuracy(np.zeros((2, 10)), np.zeros(3))
    with pytest.raises(InputError, match="n > 0"):
        accuracy(np.zeros((0, 10)), np.zeros(0))


def test_step_shares_take_series_and_refuse_what_has_no_steps():
    np.testing.assert_array_equal(step_share([[[1.0, 2.0], [-3.0, 1.0]]]), [[0.75, 0.25]])
    with pytest.raises(InputError, match=r"2 axes; received shape \(3,\)$"):
        step_share([1.0, 2.0, 3.0])
