"""Localisation scores: by hand, by slow loops and scikit-learn, by their laws, and what they refuse."""

import numpy as np
import pytest
from sklearn import metrics

from thesis_rnn.errors import InputError
from thesis_rnn.measures import (
    MEASURES,
    Scored,
    average_precision,
    cell_measures,
    euclidean_distance,
    euclidean_distance_printed,
    localisation_scores,
    mass_accuracy,
    pointing_game,
    rank_accuracy,
    roc_auc,
    scaled_saliency,
    time_cosine,
    weighted_jaccard,
)

SHAPES = [(6, 5, 4), (3, 28, 28), (40, 2, 1), (1, 12, 3, 2)]
FUNCTIONS = {
    "weighted_jaccard": weighted_jaccard,
    "euclidean": euclidean_distance,
    "euclidean_printed": euclidean_distance_printed,
    "roc_auc": roc_auc,
    "average_precision": average_precision,
    "mass_accuracy": mass_accuracy,
    "rank_accuracy": rank_accuracy,
    "pointing_game": pointing_game,
    "time_cosine": time_cosine,
}


def drawn(shape, seed, ties=False):
    """Relevance 0..1 and evidence with marked and unmarked cells in each sample; ties: relevance 0, 0.25, ..., 1."""
    rng = np.random.default_rng(seed)
    relevance = rng.random(shape)
    evidence = rng.random(shape) < 0.3
    evidence.reshape(shape[0], -1)[:, 0] = True
    evidence.reshape(shape[0], -1)[:, -1] = False
    return np.round(4 * relevance) / 4 if ties else relevance, evidence


# ---- worked by hand: four cells, of which the first two are marked

E = [[1, 1, 0, 0]]


@pytest.mark.parametrize(
    ("score", "relevance", "expected"),
    [
        # minima .5 + .2 + 0 + 0 over maxima 1 + 1 + .4 + 0
        (weighted_jaccard, [0.5, 0.2, 0.4, 0.0], 0.7 / 2.4),
        (weighted_jaccard, [1, 1, 0, 0], 1),
        (weighted_jaccard, [0, 0, 0, 0], 0),
        (weighted_jaccard, [1, 1, 1, 1], 2 / 4),
        # sqrt(.25 + .64 + .16 + 0) / sqrt(2)
        (euclidean_distance, [0.5, 0.2, 0.4, 0.0], np.sqrt(1.05 / 2)),
        (euclidean_distance, [0, 0, 0, 0], 1),
        (euclidean_distance, [-1, 1, 0, 0], np.sqrt(4 / 2)),
        # (.5 + .8 + .4 + 0) / 2
        (euclidean_distance_printed, [0.5, 0.2, 0.4, 0.0], 1.7 / 2),
        (euclidean_distance_printed, [0, 0, 0, 0], 1),
        # .7 of 1.1
        (mass_accuracy, [0.5, 0.2, 0.4, 0.0], 0.7 / 1.1),
        (mass_accuracy, [0, 0, 0, 0], 0),
        (mass_accuracy, [3, 3, 3, 3], 0.5),
        # Pairs of a marked and an unmarked cell: .5 > .4, .5 > 0, .2 < .4, .2 > 0: three of four.
        (roc_auc, [0.5, 0.2, 0.4, 0.0], 3 / 4),
        # .4 = .4 counts half: .5 > .4, .5 > 0, .4 = .4, .4 > 0
        (roc_auc, [0.5, 0.4, 0.4, 0.0], 3.5 / 4),
        (roc_auc, [0, 0, 0, 0], 0.5),
        (roc_auc, [-1, -2, 3, 4], 0),
        # Going down: hit (precision 1, recall 1/2), miss, hit (precision 2/3, recall 1): 1/2 + 1/2 * 2/3
        (average_precision, [0.5, 0.2, 0.4, 0.0], 1 / 2 + 1 / 3),
        (average_precision, [0, 0, 0, 0], 1 / 2),
        # The two most relevant are .5 (marked) and .4 (not)
        (rank_accuracy, [0.5, 0.2, 0.4, 0.0], 1 / 2),
        # .5 has the first place; three share the second, one of them marked: (1 + 1/3) / 2
        (rank_accuracy, [0.5, 0.4, 0.4, 0.4], (1 + 1 / 3) / 2),
        (rank_accuracy, [0, 0, 0, 0], 1 / 2),
        (pointing_game, [0.5, 0.2, 0.4, 0.0], 1),
        (pointing_game, [0.5, 0.2, 0.6, 0.0], 0),
        (pointing_game, [0.5, 0.2, 0.5, 0.5], 1 / 3),
        (pointing_game, [0, 0, 0, 0], 1 / 2),
    ],
)
def test_by_hand(score, relevance, expected):
    np.testing.assert_allclose(score([relevance], E), [expected], rtol=1e-14)


def test_scaled_saliency_by_hand():
    # |R| = 1 3 2 1: (|R| - 1) / 2. The others are constant, in absolute value: no cell stands out.
    scaled = scaled_saliency([[[1, -3], [2, -1]], [[0, 0], [0, 0]], [[5, -5], [5, 5]]])
    np.testing.assert_array_equal(scaled, [[[0, 1], [0.5, 0]], [[0, 0], [0, 0]], [[0, 0], [0, 0]]])


def test_time_cosine_by_hand():
    # Four steps of one feature in two blocks: v = (1 + 2, 0 + 4), m = (1, 0): 3 / 5. In four: (2 + 0) / (1 * sqrt(21)),
    # with m = (0, 1, 0, 0).
    relevance, evidence = [[[1], [2], [0], [4]]], [[[0], [1], [0], [0]]]
    np.testing.assert_allclose(time_cosine(relevance, evidence, blocks=2), [3 / 5], rtol=1e-14)
    np.testing.assert_allclose(time_cosine(relevance, evidence, blocks=4), [2 / np.sqrt(21)], rtol=1e-14)
    # Eight steps in three blocks, 0-1, 2-4 and 5-7: v = (0, 1, 1), m = (0, 1, 0): 1 / sqrt(2)
    relevance, marked = np.zeros((1, 8, 1)), np.zeros((1, 8, 1))
    relevance[0, 4:6], marked[0, 4] = 1, 1
    np.testing.assert_allclose(time_cosine(relevance, marked, blocks=3), [np.sqrt(0.5)], rtol=1e-14)
    assert time_cosine(np.zeros((1, 4, 1)), evidence, 2).tolist() == [0]


# ---- an independent slow version


def slow_overlap(relevance, evidence):
    low = high = distance = absolute = marked = inside = total = 0.0
    for r, e in zip(relevance.ravel().tolist(), evidence.ravel().tolist(), strict=True):
        low, high = low + min(r, e), high + max(r, e)
        distance, absolute = distance + (e - r) ** 2, absolute + abs(e - r)
        marked, inside, total = marked + e, inside + e * r, total + r
    return low / high, (distance / marked) ** 0.5, absolute / marked, inside / total


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ties", [False, True])
def test_overlap_equals_loops(shape, ties):
    relevance, evidence = drawn(shape, 1, ties)
    relevance.reshape(shape[0], -1)[:, 1] = 0.5  # no sample without relevance: 0 / 0 in the loop
    expected = np.array([slow_overlap(r, e) for r, e in zip(relevance, evidence, strict=True)]).T
    functions = (weighted_jaccard, euclidean_distance, euclidean_distance_printed, mass_accuracy)
    for score, values in zip(functions, expected, strict=True):
        np.testing.assert_allclose(score(relevance, evidence), values, rtol=1e-12, err_msg=score.__name__)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ties", [False, True])
def test_areas_equal_scikit_learns(shape, ties):
    relevance, evidence = drawn(shape, 2, ties)
    for ours, theirs in ((roc_auc, metrics.roc_auc_score), (average_precision, metrics.average_precision_score)):
        expected = [theirs(e.ravel(), r.ravel()) for r, e in zip(relevance, evidence, strict=True)]
        np.testing.assert_allclose(ours(relevance, evidence), expected, rtol=1e-12)


def test_ties_score_what_a_random_order_scores_on_average():
    relevance, evidence = drawn((1, 4, 3), 1, ties=True)
    rng = np.random.default_rng(1)
    cells = relevance.ravel()
    orders = cells + 1e-6 * rng.random((2000, cells.size))
    repeated = np.broadcast_to(evidence.reshape(1, -1), orders.shape)
    for score in (roc_auc, rank_accuracy, pointing_game):
        broken = score(orders, repeated)
        # Scores lie in 0..1: their deviation is at most 1/2, and the mean's at most 1/2 / sqrt(2000) = 0.011.
        assert abs(broken.mean() - score(relevance, evidence)[0]) < 4 * 0.011


def test_rank_accuracy_and_pointing_equal_loops():
    relevance, evidence = drawn((50, 6, 5), 5)
    for r, e, rank, hit in zip(
        relevance, evidence, rank_accuracy(relevance, evidence), pointing_game(relevance, evidence), strict=True
    ):
        order = sorted(range(30), key=lambda cell, r=r: -r.ravel()[cell])
        top = order[: e.sum()]
        assert rank == pytest.approx(sum(e.ravel()[cell] for cell in top) / len(top))
        assert hit == e.ravel()[order[0]]


# ---- laws


@pytest.mark.parametrize("shape", [(6, 5, 4), (3, 28, 28), (1, 12, 3, 2)])
def test_the_evidence_itself_scores_best(shape):
    relevance, evidence = drawn(shape, 3)
    best = localisation_scores(evidence, evidence)
    ours = localisation_scores(relevance, evidence)
    for name, score in ((name, MEASURES[name]) for name in cell_measures()):
        sign = 1 if score.better == "higher" else -1
        if name == "time_cosine":  # full marks only if each block of time with evidence has as much of it
            continue
        np.testing.assert_allclose(best[name], 1 if score.better == "higher" else 0, atol=1e-12, err_msg=name)
        assert (sign * (best[name] - ours[name]) > -1e-12).all()


def test_scaling_changes_nothing_and_order_is_all_that_ranks_need():
    relevance, evidence = drawn((5, 12, 4), 4)
    first, scaled = localisation_scores(relevance, evidence), localisation_scores(-7e3 * relevance, evidence)
    cubed = localisation_scores(relevance**3, evidence)
    for name in cell_measures():
        np.testing.assert_allclose(scaled[name], first[name], rtol=1e-9, err_msg=name)
    for name in ("roc_auc", "average_precision", "rank_accuracy", "pointing_game"):
        np.testing.assert_array_equal(cubed[name], first[name])
    assert (cubed["weighted_jaccard"] != first["weighted_jaccard"]).all()


def test_float32_is_scored_as_float64():
    relevance, evidence = drawn((4, 30, 9), 6)
    relevance = relevance.astype(np.float32)
    for name, values in localisation_scores(relevance, evidence).items():
        wide = localisation_scores(relevance.astype(np.float64), evidence)[name]
        np.testing.assert_allclose(values, wide, rtol=1e-12, err_msg=name)
        assert values.dtype == np.float64


# ---- all at once


def test_all_scores_are_those_of_their_functions():
    relevance, evidence = drawn((40, 20, 3), 7)
    relevance = relevance - 0.4  # of both signs
    scores = localisation_scores(relevance, evidence)
    assert list(scores) == cell_measures()
    for name in cell_measures():
        scaled = name in ("weighted_jaccard", "euclidean", "euclidean_printed")
        given = scaled_saliency(relevance) if scaled else np.abs(relevance)
        np.testing.assert_array_equal(scores[name], FUNCTIONS[name](given, evidence), err_msg=name)


def test_positive_only_drops_what_speaks_against():
    relevance, evidence = drawn((7, 20, 3), 8)
    relevance = relevance - 0.4
    positive = localisation_scores(relevance, evidence, positive_only=True)
    for name, values in localisation_scores(np.maximum(relevance, 0), evidence).items():
        np.testing.assert_array_equal(positive[name], values)
    assert (positive["roc_auc"] != localisation_scores(relevance, evidence)["roc_auc"]).any()


def test_padded_steps_do_not_count():
    relevance, evidence = drawn((6, 12, 3), 9)
    evidence[:, 3, 1] = False
    lengths = np.array([12, 4, 7, 4, 12, 5])
    scores = localisation_scores(relevance, evidence, lengths=lengths)
    for sample, length in enumerate(lengths):
        alone = localisation_scores(relevance[[sample], :length], evidence[[sample], :length])
        for name in cell_measures():
            assert scores[name][sample] == alone[name][0]
    relevance[1, 4:], evidence[1, 4:] = 99, True
    for name, values in localisation_scores(relevance, evidence, lengths=lengths).items():
        np.testing.assert_array_equal(values, scores[name])


@pytest.mark.parametrize("amount", [0.0, 3.0])
def test_relevance_that_is_the_same_everywhere_has_defined_scores(amount):
    _, evidence = drawn((3, 10, 4), 10)
    share = evidence.mean(axis=(1, 2))
    expected = {
        **{"weighted_jaccard": 0, "euclidean": 1, "euclidean_printed": 1, "roc_auc": 0.5, "average_precision": share},
        **{"mass_accuracy": share if amount else 0, "rank_accuracy": share, "pointing_game": share},
        "time_cosine": np.sqrt(evidence.any(axis=2).mean(axis=1)) if amount else 0,
    }
    scores = localisation_scores(np.full(evidence.shape, amount), evidence)
    assert set(scores) == set(expected)
    for name, values in scores.items():
        np.testing.assert_allclose(values, np.broadcast_to(expected[name], 3), rtol=1e-12, err_msg=name)


# ---- bad input


@pytest.mark.parametrize("score", [*FUNCTIONS.values(), localisation_scores])
def test_bad_input_is_refused_by_every_score(score):
    relevance, evidence = drawn((2, 10, 3), 11)
    with pytest.raises(InputError, match=r"shape; received \(2, 9, 3\) beside relevance of \(2, 10, 3\)$"):
        score(relevance, evidence[:, :9])
    with pytest.raises(InputError, match=r"evidence must be 0 or 1; received 2$"):
        score(relevance, 2 * evidence)
    broken = relevance.copy()
    broken[1, 4, 2] = np.nan
    with pytest.raises(InputError, match=r"relevance must be finite in every cell; received nan at \(1, 4, 2\)$"):
        score(broken, evidence)
    for mark, count in ((False, 0), (True, 30)):
        lonely = evidence.copy()
        lonely[1] = mark
        with pytest.raises(InputError, match=rf"leave some out; received {count} of 30 cells marked in sample 1$"):
            score(relevance, lonely)


def test_other_bad_input():
    relevance, evidence = drawn((2, 10, 3), 12)
    for score in (weighted_jaccard, mass_accuracy, time_cosine):
        with pytest.raises(InputError, match=r"absolute value or its positive part; received -1$"):
            score(np.where(evidence, -1, relevance), evidence)
    for blocks in (0, 11):
        with pytest.raises(InputError, match=rf"blocks must lie in 1..10, the number of steps; received {blocks}$"):
            time_cosine(relevance, evidence, blocks)
    with pytest.raises(InputError, match=r"\[n, ...\]; received shape \(10,\)$"):
        scaled_saliency(relevance[0, :, 0])
    for lengths in ([10], [0, 10], [10, 11], [1.5, 2]):
        with pytest.raises(InputError, match="lengths must be 2 integers from 1 to 10; received"):
            localisation_scores(relevance, evidence, lengths=lengths)
    evidence[1, :4] = True
    with pytest.raises(InputError, match=r"marked in sample 1$"):
        localisation_scores(relevance, evidence, lengths=[10, 4])


def test_texts_without_a_marked_word_are_left_out():
    # The second text has no marked word, the third no unmarked own one; the first has all relevance on the marked word.
    relevance, evidence = np.array([[2.0, 0.0, 0.0]] * 3), np.array([[1, 0, 0], [0, 0, 1], [1, 1, 0]])
    scored = Scored(relevance, relevance.astype(int), np.zeros(3, int), evidence, lengths=np.array([3, 2, 2]))
    np.testing.assert_array_equal(MEASURES["mass_accuracy"].function(scored), [1, np.nan, np.nan])
