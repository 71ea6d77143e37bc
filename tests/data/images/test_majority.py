"""Drawing majority triples."""

import time

import numpy as np
import pytest
from scipy import stats

from thesis_rnn.data.images.majority import draw_triples
from thesis_rnn.errors import InputError


def test_forced_choice_by_hand():
    # Classes 5, 5, 2: whatever the seed, images 0 and 1 must pair with each other and with image 2; only the order is
    # free. Image 2 is not an original, so that its class may have a single image.
    for seed in range(50):
        indices, evidence = draw_triples(np.array([5, 5, 2]), np.array([0, 1]), seed)
        assert np.sort(indices, axis=1).tolist() == [[0, 1, 2], [0, 1, 2]]
        assert (evidence == (indices != 2)).all()


def test_every_outcome_is_equally_likely():
    # Original 2 among classes 1 0 1 0 1 2: two partners (0, 4), three odd ones (1, 3, 5), six orders: 36 outcomes.
    labels = np.array([1, 0, 1, 0, 1, 2])
    indices, _ = draw_triples(labels, np.full(36_000, 2), 0)
    outcomes, counts = np.unique(indices, axis=0, return_counts=True)
    expected = {
        tuple(np.array([2, second, third])[list(order)])
        for second in (0, 4)
        for third in (1, 3, 5)
        for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    }
    assert {tuple(row) for row in outcomes} == expected
    # 1,000 draws per outcome are expected; a fair draw scores lower than 1e-3 once in a thousand seeds, and 0 is fixed.
    assert stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize("seed", range(5))
def test_equals_lists_of_candidates(seed):
    # The same random numbers, used slowly: each one picks from a list of the images that may stand there.
    labels = np.random.default_rng(seed).permutation(np.repeat([0, 2, 3], [2, 5, 30]))
    originals = np.arange(len(labels))
    rng, counts = np.random.default_rng((seed, 9)), np.bincount(labels)[labels]
    second, third = rng.integers(0, counts - 1), rng.integers(0, len(labels) - counts)
    orders = rng.permuted(np.tile([0, 1, 2], (len(labels), 1)), axis=1)
    expected = []
    for original in originals:
        same = [i for i in originals if labels[i] == labels[original] and i != original]
        other = sorted((labels[i], i) for i in originals if labels[i] != labels[original])
        triple = [original, same[second[original]], other[third[original]][1]]
        expected.append([triple[place] for place in orders[original]])
    assert draw_triples(labels, originals, (seed, 9))[0].tolist() == expected


@pytest.mark.parametrize("seed", range(5))
def test_laws_on_uneven_classes(seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat([0, 3, 4, 9], [2, 7, 50, 200]))  # classes 1, 2, 5 to 8 have no image
    originals = rng.integers(0, len(labels), 500)
    indices, evidence = draw_triples(labels, originals, (seed, 1))
    assert indices.shape == evidence.shape == (500, 3)
    assert evidence.dtype == np.int8
    for original, triple, marks in zip(originals, indices, evidence, strict=True):
        assert marks.tolist() == [int(labels[index] == labels[original]) for index in triple]
        assert marks.sum() == 2
        pair = triple[marks == 1]
        assert original in pair
        assert pair[0] != pair[1]


def test_the_odd_one_out_is_in_every_place_equally_often():
    labels = np.arange(60_000) % 10
    _, evidence = draw_triples(labels, np.arange(60_000), 0)
    # 20,000 expected per place; the standard deviation is sqrt(60,000 * 1/3 * 2/3) = 115.
    assert np.abs((evidence == 0).sum(axis=0) - 20_000).max() < 4 * 115


def test_the_seed_decides_everything():
    labels = np.arange(300) % 10
    originals = np.arange(300)
    first, first_evidence = draw_triples(labels, originals, (7, 3))
    again, again_evidence = draw_triples(labels, originals, (7, 3))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first_evidence, again_evidence)
    for other in (7, (7, 4), (8, 3), (3, 7)):
        assert (draw_triples(labels, originals, other)[0] != first).any()


def test_a_generator_is_used_and_moved_on():
    labels, originals = np.arange(300) % 10, np.arange(300)
    rng = np.random.default_rng(5)
    first = draw_triples(labels, originals, rng)[0]
    np.testing.assert_array_equal(first, draw_triples(labels, originals, 5)[0])
    assert (draw_triples(labels, originals, rng)[0] != first).any()


def test_a_folds_triples_stay_inside_the_fold():
    labels = np.arange(700) % 10
    fold = np.flatnonzero(np.arange(700) % 7 == 2)
    indices, _ = draw_triples(labels[fold], np.arange(len(fold)), 0)
    assert np.isin(fold[indices], fold).all()
    assert (fold[indices] == fold[:, np.newaxis]).any(axis=1).all()  # each sequence shows its own original


def test_sixty_thousand_triples_take_under_a_tenth_of_a_second():
    labels, originals = np.arange(60_000) % 10, np.arange(60_000)

    def seconds():
        start = time.perf_counter()
        draw_triples(labels, originals, 0)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.1


def test_no_originals_give_no_triples():
    indices, evidence = draw_triples(np.array([0, 0, 1]), np.array([], int), 0)
    assert indices.shape == evidence.shape == (0, 3)


def test_impossible_draws_are_refused():
    with pytest.raises(InputError, match=r"at least 2 images of each class; received 1 of class 4$"):
        draw_triples(np.array([1, 1, 4]), np.arange(3), 0)
    with pytest.raises(InputError, match=r"at least 2 classes; received only class 6$"):
        draw_triples(np.array([6, 6, 6]), np.arange(3), 0)


@pytest.mark.parametrize("seed", [-1, 1.5, (0, -2), "zero"])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(InputError, match="a seed is a non-negative integer or a tuple of them; received"):
        draw_triples(np.array([0, 0, 1, 1]), np.arange(4), seed)
