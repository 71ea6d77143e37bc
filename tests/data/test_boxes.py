"""The box data sets: where the boxes lie, what is in them, and that splits, seeds and limits do as they say."""

import dataclasses

import numpy as np
import pytest

from thesis_rnn.data import PROBLEMS, Box, BoxData, boxes, draw_boxes, load
from thesis_rnn.errors import InputError


def corners(mask):
    """(start, stop, low, high) of the smallest box around the marked cells."""
    steps, features = np.nonzero(mask)
    return steps.min(), steps.max() + 1, features.min(), features.max() + 1


# ---- where the boxes lie: the table of Ismail et al. (2019), steps by features, last ones exclusive


@pytest.mark.parametrize(
    ("name", "around", "cells"),
    [
        ("earlier", (0, 30, 10, 90), 30 * 80),
        ("middle", (20, 80, 20, 80), 60 * 60),
        ("latter", (70, 100, 10, 90), 30 * 80),
        ("three_earlier", (0, 40, 0, 100), 3 * 40 * 30),
        ("three_middle", (25, 65, 0, 100), 3 * 40 * 30),
        ("three_latter", (60, 100, 0, 100), 3 * 40 * 30),
        ("moving_0", (0, 60, 20, 80), 60 * 60),
        ("moving_40", (40, 100, 20, 80), 60 * 60),
    ],
)
def test_the_evidence_of_each_data_set(name, around, cells):
    evidence = load(f"box_{name}", "test", limit=3).evidence
    assert evidence.shape == (3, 100, 100)
    assert evidence.dtype == bool
    for mask in evidence:
        assert corners(mask) == around
        assert mask.sum() == cells


def test_three_boxes_leave_out_the_features_between_them():
    mask = load("box_three_middle", "test", limit=1).evidence[0]
    between = [*range(30, 35), *range(65, 70)]
    assert not mask[:, between].any()
    assert mask[25:65].all(axis=0).sum() == 90


def test_mixed_has_one_of_seven_boxes_in_each_sample():
    mixed = PROBLEMS["box_mixed"].source
    evidence = draw_boxes(mixed.boxes, 700, one_of=mixed.one_of).evidence
    places = [corners(mask) for mask in evidence]
    expected = {(t, t + 60, f, f + 60) for t in (5, 35) for f in (5, 35, 20)} | {(20, 80, 20, 80)}
    assert set(places) == expected
    # 700 samples over 7 places: 100 each, standard deviation sqrt(700 * 1/7 * 6/7) = 9.3
    assert max(abs(places.count(place) - 100) for place in expected) < 4 * 9.3
    assert (evidence.sum(axis=(1, 2)) == 3600).all()


def test_names_and_sizes():
    names = [name for name in PROBLEMS if name.startswith("box_")]
    assert names[:7] == [
        f"box_{name}"
        for name in ("earlier", "middle", "latter", "mixed", "three_earlier", "three_middle", "three_latter")
    ]
    assert names[7:] == ["box_graded"] + [f"box_moving_{start}" for start in (0, 10, 20, 30, 40)]
    sizes = {
        name: (data.train, data.validation, data.test)
        for name, data in ((name, PROBLEMS[name].source) for name in names)
    }
    assert sizes.pop("box_mixed") == (8000, 500, 1000)
    assert set(sizes.values()) == {(1000, 500, 1000)}


# ---- what is in them


def test_boxes_raise_class_one_and_lower_class_zero():
    x, y, evidence, _ = draw_boxes([Box(2, 7, 1, 4)], 2000, steps=8, features=5, seed=1)
    assert x.dtype == np.float32
    assert y.dtype == np.int32
    sign = np.where(y == 1, 1, -1)[:, None, None]
    noise = x - sign * evidence
    # Without the boxes N(0, 1) is left: 80,000 numbers in all, the standard error of their mean is 1 / sqrt(80,000).
    for cells in (noise[:, 2:7, 1:4], noise[:, :2], noise):
        assert abs(cells.mean()) < 4 / np.sqrt(cells.size)
        assert abs(cells.std() - 1) < 4 / np.sqrt(2 * cells.size)
    assert abs(y.mean() - 0.5) < 4 * 0.5 / np.sqrt(2000)
    marked = evidence[0]
    assert (x[y == 1].mean(axis=0)[marked] > 0.5).all()
    assert (x[y == 0].mean(axis=0)[marked] < -0.5).all()


def test_heights_are_drawn_for_each_sample_and_change_nothing_else():
    box = [Box(0, 4, 0, 5)]
    plain, graded = draw_boxes(box, 300, 6, 5, seed=1), draw_boxes(box, 300, 6, 5, seed=1, heights=(0, 0.2))
    np.testing.assert_array_equal(plain.y, graded.y)
    # A cell of the box is noise + sign * height, where plain boxes have a height of 1.
    lowered = np.where(graded.y, 1, -1)[:, None, None] * (plain.x - graded.x)
    np.testing.assert_allclose(lowered[:, 4:], 0)
    heights = 1 - lowered[:, :4]
    np.testing.assert_allclose(heights, heights[:, :1, :1] * np.ones_like(heights), atol=1e-5)
    heights = heights[:, 0, 0]
    assert heights.min() >= -1e-6
    assert heights.max() <= 0.2 + 1e-6
    assert abs(heights.mean() - 0.1) < 4 * 0.2 / np.sqrt(12 * 300)  # uniform: a deviation of .2 / sqrt(12)


def test_overlapping_boxes_are_raised_once():
    one, both = (
        draw_boxes(given, 50, 4, 4, seed=3) for given in ([Box(0, 2, 0, 4)], [Box(0, 2, 0, 4), Box(0, 1, 0, 4)])
    )
    np.testing.assert_array_equal(one.x, both.x)


def test_the_training_set_is_standard_in_each_cell_and_the_others_use_its_statistics():
    data = dataclasses.replace(PROBLEMS["box_latter"].source, steps=100, features=100, train=300, test=20)
    train, test = data.load("train"), data.load("test")
    np.testing.assert_allclose(train.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(train.x.std(axis=0), 1, atol=1e-5)
    raw_train = draw_boxes(data.boxes, 300, seed=(0, *b"train"))
    raw_test = draw_boxes(data.boxes, 20, seed=(0, *b"test"))
    expected = (raw_test.x - raw_train.x.mean(axis=0)) / raw_train.x.std(axis=0)
    np.testing.assert_allclose(test.x, expected, atol=1e-5)


# ---- seeds, splits, limits

SMALL = BoxData((Box(0, 2, 0, 2), Box(3, 5, 1, 4)), one_of=True, steps=5, features=4, train=300, validation=40, test=60)


def test_the_seed_decides_everything():
    first, again, other = (SMALL.load("test", seed=seed) for seed in (4, 4, 5))
    for one, two in zip(first[:3], again[:3], strict=True):
        np.testing.assert_array_equal(one, two)
    assert all((one != two).any() for one, two in zip(first[:3], other[:3], strict=True))


def test_splits_are_independent_draws():
    train, validation, test = (SMALL.load(split) for split in ("train", "validation", "test"))
    assert [len(series.y) for series in (train, validation, test)] == [300, 40, 60]
    rows = [sample.tobytes() for series in (train, validation, test) for sample in series.x]
    assert len(set(rows)) == 400
    # 40 x 20 pairs of numbers of two independent splits: their correlation has a standard error of 1 / sqrt(800).
    correlation = np.corrcoef(validation.x.ravel(), test.x[:40].ravel())[0, 1]
    assert abs(correlation) < 4 / np.sqrt(800)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_limit_keeps_the_first_samples_as_they_are(split):
    whole, few = SMALL.load(split), SMALL.load(split, limit=7)
    for one, two in zip(whole[:3], few[:3], strict=True):
        np.testing.assert_array_equal(one[:7], two)
    assert len(SMALL.load(split, limit=10_000).y) == len(whole.y)


def test_one_seed_gives_data_sets_the_same_noise():
    earlier, latter = (draw_boxes(PROBLEMS[f"box_{name}"].source.boxes, 5, seed=2) for name in ("earlier", "latter"))
    np.testing.assert_array_equal(earlier.y, latter.y)
    neither = ~(earlier.evidence | latter.evidence)
    np.testing.assert_array_equal(earlier.x[neither], latter.x[neither])


# ---- bad input


@pytest.mark.parametrize("box", [(0, 101, 0, 10), (0, 10, 95, 105), (-1, 5, 0, 5), (5, 5, 0, 5), (0, 5, 7, 3)])
def test_boxes_outside_the_series_or_empty_are_refused(box):
    with pytest.raises(InputError, match=r"a box must have 0 <= start < stop <= 100 steps .*; received Box\(start="):
        draw_boxes([box], 1)
    with pytest.raises(InputError, match="a box must have"):
        BoxData((Box(*box),))


def test_other_bad_input():
    with pytest.raises(InputError, match=r"at least one box; received none$"):
        draw_boxes([], 10)
    with pytest.raises(InputError, match=r"four integers: start, stop, low, high; received \(0, 1, 2\)$"):
        draw_boxes([(0, 1, 2)], 10)
    with pytest.raises(InputError, match="four integers"):
        draw_boxes([(0, 1.5, 0, 2)], 10)
    with pytest.raises(InputError, match=r"count must be at least 1; received 0$"):
        draw_boxes([(0, 1, 0, 1)], 0)
    for heights in ((1,), (-1, 1), (1, 0), (0, np.nan)):
        with pytest.raises(InputError, match=r"heights must be two numbers, 0 <= least <= most; received \("):
            draw_boxes([(0, 1, 0, 1)], 1, heights=heights)
    with pytest.raises(InputError, match="a box must have"):
        boxes.moving(50)  # 50 to 110
    with pytest.raises(
        InputError,
        match=r"unknown problem; known ones are mnist_maj, .*; did you mean box_latter\?; received 'box_late'$",
    ):
        load("box_late", "train")
    with pytest.raises(InputError, match="unknown split"):
        load("box_earlier", "dev")
    with pytest.raises(InputError, match=r"limit must be a whole number of at least 1; received 0$"):
        load("box_earlier", "test", limit=0)
    for seed in (-1, 1.5, "one", [1]):
        with pytest.raises(InputError, match="a seed must be a non-negative integer; received"):
            SMALL.load("test", seed=seed)
