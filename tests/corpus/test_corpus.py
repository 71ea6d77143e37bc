"""Relevance of a whole data set: means by hand and by loops, windows, masks, planted shortcuts and strategies."""

import numpy as np
import pytest

from thesis_rnn.corpus import (
    compare_models,
    heatmap_clusters,
    mean_relevance,
    share_in_mask,
    top_windows,
    word_relevance,
)
from thesis_rnn.errors import InputError
from thesis_rnn.statistics import mean_interval

RNG = np.random.default_rng(0)
MAPS = RNG.normal(size=(12, 5, 3))
LENGTHS = RNG.integers(2, 6, 12)
CLASSES = np.arange(12) % 2


def test_means_of_steps_count_only_samples_that_have_them():
    # Two samples of one feature, the second of one step only: step 0 has (1 + 3) / 2, step 1 has 2 of one sample.
    means = mean_relevance([[[1.0], [2.0]], [[3.0], [9.0]]], by="step", lengths=[2, 1])
    assert [(mean.name, mean.interval.mean, mean.interval.n) for mean in means] == [("0", 2.0, 2), ("1", 2.0, 1)]


@pytest.mark.parametrize("by", ["feature", "step", "sample"])
@pytest.mark.parametrize("absolute", [False, True])
def test_means_against_a_loop(by, absolute):
    found = {
        (mean.name, mean.group): mean.interval for mean in mean_relevance(MAPS, by, CLASSES, LENGTHS, None, absolute)
    }
    for group in ("", "0", "1"):
        for place in {"feature": range(3), "step": range(5), "sample": [0]}[by]:
            values = []
            for heatmap, label, length in zip(MAPS, CLASSES, LENGTHS, strict=True):
                own = np.abs(heatmap[:length]) if absolute else heatmap[:length]
                if group in ("", str(label)) and (by != "step" or place < length):
                    values.append(
                        {"feature": own[:, place], "sample": own}[by].sum() if by != "step" else own[place].sum()
                    )
            key = ("whole" if by == "sample" else str(place), group)
            np.testing.assert_allclose(found[key], mean_interval(values), rtol=1e-9)


def test_features_and_steps_sum_to_the_whole():
    whole = mean_relevance(MAPS, "sample", lengths=LENGTHS)[0].interval.mean
    features = mean_relevance(MAPS, "feature", lengths=LENGTHS)
    assert sum(mean.interval.mean for mean in features) == pytest.approx(whole)


def test_a_word_counts_once_for_a_sample():
    words = [["good", "bad", "good"], ["good", "", ""], ["bad", "x", ""]]
    found = word_relevance([[1.0, -2.0, 3.0], [4.0, 9.0, 9.0], [-4.0, 1.0, 9.0]], words, least=2)
    assert [(mean.name, mean.interval.mean, mean.interval.n) for mean in found] == [("good", 3.0, 2), ("bad", -3.0, 2)]
    by_class = word_relevance([[1.0], [3.0]], [["a"], ["a"]], groups=["no", "yes"], least=1)
    assert [(mean.group, mean.interval.mean) for mean in by_class] == [("", 2.0), ("no", 1.0), ("yes", 3.0)]


def test_windows_against_a_loop():
    found = top_windows(MAPS, width=2, count=12, lengths=LENGTHS)
    expected = []
    for sample, (heatmap, length) in enumerate(zip(MAPS, LENGTHS, strict=True)):
        expected.append(max((heatmap[s : s + 2].sum(), sample, s) for s in range(length - 1)))
    expected.sort(key=lambda entry: -entry[0])
    assert [(w.sample, w.start, w.stop) for w in found] == [(sample, s, s + 2) for _, sample, s in expected]
    np.testing.assert_allclose([w.relevance for w in found], [amount for amount, *_ in expected])


def test_a_planted_shortcut_is_found():
    # Half of the samples have three quarters of their relevance on one cell of four.
    maps = np.full((20, 2, 2), 0.25)
    maps[::2, 0, 0] = 2.25
    mask = np.array([[1, 0], [0, 0]])
    shares, chance = share_in_mask(maps, mask)
    assert shares.tolist() == [0.75, 0.25] * 10
    assert chance == 0.25
    labels = heatmap_clusters(maps + 1e-4 * RNG.normal(size=maps.shape), count=2).labels
    assert len(set(labels[::2])) == len(set(labels[1::2])) == 1
    assert labels[0] != labels[1]


def test_shares_of_a_mask_and_of_its_complement_are_the_whole():
    mask = RNG.integers(0, 2, (5, 3))
    shares, chance = share_in_mask(MAPS, mask, LENGTHS)
    others, rest = share_in_mask(MAPS, 1 - mask, LENGTHS)
    np.testing.assert_allclose(shares + others, 1)
    assert chance + rest == pytest.approx(1)
    np.testing.assert_array_equal(share_in_mask(np.zeros((1, 2)), [1, 0])[0], [np.nan])


def test_three_strategies_are_three_clusters_whatever_the_scale():
    patterns = np.eye(3)[np.arange(60) % 3].reshape(60, 3, 1) * RNG.uniform(0.1, 10, (60, 1, 1))
    found = heatmap_clusters(patterns + 0.001 * RNG.normal(size=patterns.shape))
    assert sorted(np.bincount(found.labels).tolist()) == [20, 20, 20]
    assert all(len(set(found.labels[start::3])) == 1 for start in range(3))
    np.testing.assert_allclose(np.abs(found.means).sum(axis=(1, 2)), 1, rtol=0.01)
    assert (np.diff(found.eigenvalues) >= -1e-9).all()


def test_large_heatmaps_are_pooled_and_those_without_relevance_left_out():
    maps = np.zeros((24, 40, 40))
    maps[0:12, :5], maps[12:23, -5:] = 1, 1
    found = heatmap_clusters(maps, count=2)
    assert found.labels.tolist() == [0] * 12 + [1] * 11 + [-1]
    assert found.means.shape == (2, 40, 40)


def test_two_models_against_a_loop():
    other = MAPS + 0.5 * RNG.normal(size=MAPS.shape)
    found = compare_models(MAPS, 7 * other)  # the scale is no matter
    for place, (one, two) in enumerate(zip(MAPS, other, strict=True)):
        assert found.alike[place] == pytest.approx((one * two).sum() / np.sqrt((one**2).sum() * (two**2).sum()))
    assert (np.diff(found.alike[found.order]) >= 0).all()
    changes = [
        np.abs(two).sum(1) / np.abs(two).sum() - np.abs(one).sum(1) / np.abs(one).sum()
        for one, two in zip(MAPS, other, strict=True)
    ]
    np.testing.assert_allclose([each.mean for each in found.by_step], np.mean(changes, axis=0), atol=1e-12)
    assert sum(each.mean for each in found.by_feature) == pytest.approx(0, abs=1e-12)
    same = compare_models(MAPS, MAPS)
    np.testing.assert_allclose(same.alike, 1)
    assert not same.difference.any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_relevance(MAPS, "word"), r"^means are by sample, step, feature; received 'word'$"),
        (
            lambda: mean_relevance(MAPS[:, :, 0]),
            r"^features need relevance .*; received \[12, 5\]$",
        ),
        (lambda: mean_relevance(MAPS, names=["a"]), r"^names must be one for each of 3 features; received 1$"),
        (
            lambda: mean_relevance(MAPS, groups=[1]),
            r"^groups must be one for each .*; received shape \[1\]$",
        ),
        (
            lambda: word_relevance(MAPS[..., 0], [["a"]]),
            r"^words must have relevance's shape .*; received \[1, 1\]$",
        ),
        (lambda: top_windows(MAPS, 6), r"^width must lie in 1..5, the steps of samples; received 6$"),
        (lambda: share_in_mask(MAPS, np.ones((5, 3))), r"^mask must mark some cells .*; received 180 of 180$"),
        (lambda: share_in_mask(MAPS, np.full((5, 3), 2)), r"^mask must be 0 or 1; received 2$"),
        (lambda: share_in_mask(MAPS, np.ones((3, 5))), r"^mask must have the shape \[5, 3\] .*; received \[3, 5\]$"),
        (lambda: heatmap_clusters(MAPS[:9]), r"^clusters need at least 10 heatmaps with relevance; received 9$"),
        (lambda: heatmap_clusters(MAPS, count=7), r"^count must lie in 1..6; received 7$"),
        (lambda: compare_models(MAPS, MAPS[:3]), r"^both models must explain the same samples; received "),
        (lambda: compare_models(0 * MAPS, MAPS), r"^both models must give some sample relevance; received none$"),
    ],
)
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InputError, match=message):
        call()
