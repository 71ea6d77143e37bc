"""Chance maps: their scores in closed form or by integration, corrected scores, and scores that disagree."""

import numpy as np
import pytest
from scipy import integrate, stats

from thesis_rnn.data import PROBLEMS, draw_boxes
from thesis_rnn.errors import InputError
from thesis_rnn.measures import (
    CHANCE_MAPS,
    MEASURES,
    cell_measures,
    chance_corrected,
    chance_corrected_means,
    chance_map,
    chance_scores,
    localisation_scores,
    opposite_orders,
    scores_beside_chance,
)


def evidence_of(name, count=12):
    return draw_boxes(PROBLEMS[f"box_{name}"].source.boxes, count).evidence


# ---- what chance scores


@pytest.mark.parametrize(("name", "published"), [("earlier", 0.193), ("middle", 0.264)])
def test_uniform_noise_beats_the_published_weighted_jaccard(name, published):
    evidence = evidence_of(name)
    p = evidence[0].mean()
    # Marked cells have min(1, u) = u and max(1, u) = 1, the others 0 and u; E[u] = 1/2.
    expected = (p / 2) / (p + (1 - p) / 2)
    assert expected == pytest.approx(published, abs=1e-3)
    jaccard = chance_scores(evidence)["uniform"]["weighted_jaccard"]
    # A sum of 10,000 uniform numbers is known to sqrt(10,000 / 12) = 29, so a score to about 29 / 6,000 = 0.005.
    np.testing.assert_allclose(jaccard, expected, atol=4 * 0.005)
    assert jaccard.mean() == pytest.approx(expected, abs=4 * 0.005 / np.sqrt(12))
    assert jaccard.mean() > 0.124  # the best of the published ones, by LSTM with input-cell attention


@pytest.mark.parametrize(("name", "published"), [("earlier", 0.122), ("middle", 0.147)])
def test_half_normal_noise_scores_as_much_as_the_published_weighted_jaccard(name, published):
    evidence = evidence_of(name)
    p, cells = evidence[0].mean(), evidence[0].size
    # Scaled by their maximum, |N(0, 1)| have the mean m = sqrt(2 / pi) E[1 / max of 10,000]: p m / (p + (1 - p) m).
    half = stats.halfnorm
    m = np.sqrt(2 / np.pi) * integrate.quad(lambda z: cells * half.pdf(z) * half.cdf(z) ** (cells - 1) / z, 2, 9)[0]
    expected = p * m / (p + (1 - p) * m)
    assert expected == pytest.approx(published, abs=2e-3)
    # The maximum varies by 7%, and a score with it: 0.14 * 0.07 = 0.01.
    jaccard = chance_scores(evidence)["half_normal"]["weighted_jaccard"]
    assert jaccard.mean() == pytest.approx(expected, abs=4 * 0.01 / np.sqrt(12))


def test_the_maps_that_nothing_is_drawn_for():
    scores = {
        name: {s: v.mean() for s, v in row.items()} for name, row in chance_scores(evidence_of("earlier", 2)).items()
    }
    p = 0.24
    # The published LSTM scores 0.000 / 1.006 on the earlier box: what no relevance at all scores.
    assert scores["empty"]["weighted_jaccard"] == 0
    assert scores["empty"]["euclidean"] == 1
    assert scores["empty"]["roc_auc"] == 0.5
    # 100 cells of the last step are 1, none of them marked: sqrt(2,400 + 100) / sqrt(2,400).
    assert scores["last_step"]["euclidean"] == pytest.approx(np.sqrt(2500 / 2400))
    assert scores["last_step"]["pointing_game"] == 0
    # Of 2,400 x 7,600 pairs, those with the 100 are lost and the others tie.
    assert scores["last_step"]["roc_auc"] == pytest.approx(0.5 * 7500 / 7600)
    assert scores["last_step"]["average_precision"] == pytest.approx(p)
    for name, score in ((name, MEASURES[name]) for name in cell_measures()):
        assert scores["oracle"][name] == pytest.approx(1 if score.better == "higher" else 0)


def test_chance_maps_by_hand():
    evidence = np.array([[[0, 1], [1, 0], [0, 0]]])
    assert chance_map("last_step", evidence).tolist() == [[[0, 0], [0, 0], [1, 1]]]
    assert chance_map("last_step", evidence, lengths=[2]).tolist() == [[[0, 0], [1, 1], [0, 0]]]
    assert chance_map("oracle", evidence).tolist() == evidence.tolist()
    assert not chance_map("empty", evidence).any()
    for name in CHANCE_MAPS:
        assert chance_map(name, evidence).shape == (1, 3, 2)


@pytest.mark.parametrize(
    ("name", "mean", "deviation"), [("uniform", 1 / 2, np.sqrt(1 / 12)), ("half_normal", 0.798, 0.603)]
)
def test_random_maps_have_their_distribution_and_seed(name, mean, deviation):
    # The half-normal's mean is sqrt(2 / pi) = 0.798, its deviation sqrt(1 - 2 / pi) = 0.603.
    evidence = evidence_of("latter", 2)
    drawn = chance_map(name, evidence, seed=1)
    assert drawn.min() >= 0
    assert drawn.mean() == pytest.approx(mean, abs=4 * deviation / np.sqrt(drawn.size))
    assert drawn.std() == pytest.approx(deviation, abs=0.01)
    np.testing.assert_array_equal(drawn, chance_map(name, evidence, seed=1))
    assert (drawn != chance_map(name, evidence, seed=2)).any()


def test_scores_beside_chance_has_a_row_for_each_map():
    rng = np.random.default_rng(0)
    relevance, evidence = rng.normal(size=(3, 6, 4)), np.arange(24).reshape(1, 6, 4).repeat(3, 0) < 9
    lengths = [6, 4, 5]
    scores = scores_beside_chance(relevance, evidence, positive_only=True, seed=5, lengths=lengths)
    assert list(scores) == ["relevance", "uniform", "half_normal", "empty", "last_step", "oracle"]
    expected = localisation_scores(relevance, evidence, positive_only=True, lengths=lengths)
    for name in cell_measures():
        np.testing.assert_array_equal(scores["relevance"][name], expected[name])
    assert (scores["uniform"]["roc_auc"] == chance_scores(evidence, 5, lengths)["uniform"]["roc_auc"]).all()
    assert scores["last_step"]["pointing_game"].tolist() == [0, 0, 0]


# ---- corrected


def test_chance_corrected_by_hand():
    # (0.6 - 0.2) / (1 - 0.2), and for a distance, whose oracle is 0: (0.9 - 1.2) / (0 - 1.2)
    assert chance_corrected(0.6, 0.2, 1) == pytest.approx(0.5)
    assert chance_corrected(0.9, 1.2, 0) == pytest.approx(0.25)
    np.testing.assert_allclose(chance_corrected([0.2, 1, 0], 0.2, [1, 1, 1]), [0, 1, -0.25])
    assert np.isnan(chance_corrected([0.3, 1], 1, 1)).all()


def test_chance_corrected_means_are_those_of_the_means():
    scores = {
        "relevance": {"roc_auc": np.array([0.5, 0.9]), "euclidean": np.array([1.0, 0.8])},
        "uniform": {"roc_auc": np.array([0.4, 0.6]), "euclidean": np.array([1.1, 1.3])},
        "empty": {"roc_auc": np.array([0.5, 0.5]), "euclidean": np.array([1.0, 1.0])},
        "oracle": {"roc_auc": np.array([1.0, 1.0]), "euclidean": np.array([0.0, 0.0])},
    }
    # (0.7 - 0.5) / (1 - 0.5) and (0.9 - 1.2) / (0 - 1.2); against the empty map (0.9 - 1) / (0 - 1)
    assert chance_corrected_means(scores) == pytest.approx({"roc_auc": 0.4, "euclidean": 0.25})
    assert chance_corrected_means(scores, "empty")["euclidean"] == pytest.approx(0.1)
    assert chance_corrected_means(scores, row="oracle") == pytest.approx({"roc_auc": 1, "euclidean": 1})
    assert chance_corrected_means(scores, row="uniform") == pytest.approx({"roc_auc": 0, "euclidean": 0})
    with pytest.raises(InputError, match=r"scores of last_step as well; received relevance, uniform, empty, oracle$"):
        chance_corrected_means(scores, "last_step")


def test_corrected_noise_is_no_better_than_chance():
    evidence = evidence_of("middle", 20)
    relevance = np.random.default_rng(9).random(evidence.shape)
    corrected = chance_corrected_means(scores_beside_chance(relevance, evidence))
    del corrected["pointing_game"]  # 20 samples of 0 or 1 say nothing yet
    assert max(map(abs, corrected.values())) < 0.01


# ---- scores that disagree


def test_opposite_orders_by_hand():
    means = {
        "lstm": {"weighted_jaccard": 0.02, "roc_auc": 0.95, "euclidean": 0.98},
        "input-cell": {"weighted_jaccard": 0.11, "roc_auc": 0.55, "euclidean": 0.90},
        "same": {"weighted_jaccard": 0.11, "roc_auc": 0.50, "euclidean": 0.90},
    }
    # Jaccard prefers both others to the LSTM, ROC-AUC the LSTM to both; in Jaccard the others tie.
    assert opposite_orders(means) == [("input-cell", "lstm"), ("same", "lstm")]
    assert opposite_orders(means, "roc_auc", "weighted_jaccard") == [("lstm", "input-cell"), ("lstm", "same")]
    # Of the distance, lower is better: it agrees with Jaccard.
    assert opposite_orders(means, "weighted_jaccard", "euclidean") == []
    assert opposite_orders(means, "euclidean", "roc_auc") == opposite_orders(means)


def test_opposite_orders_equal_kendalls_count():
    rng = np.random.default_rng(3)
    first, second = rng.random((2, 9))
    means = {f"m{i}": {"weighted_jaccard": a, "roc_auc": b} for i, (a, b) in enumerate(zip(first, second, strict=True))}
    # Without ties tau = 1 - 2 d / (9 * 8 / 2), with d the pairs in opposite order.
    tau = stats.kendalltau(first, second).statistic
    assert len(opposite_orders(means)) == pytest.approx((1 - tau) * 36 / 2)


def test_bad_input():
    with pytest.raises(InputError, match=r"unknown chance map; known ones are uniform, .*; received 'noise'$"):
        chance_map("noise", np.ones((1, 2, 2)))
    with pytest.raises(InputError, match=r"\[n, steps, ...\]; received \(3,\)$"):
        chance_map("uniform", np.ones(3))
    with pytest.raises(InputError, match=r"integers from 1 to 2; received \[3\]$"):
        chance_map("last_step", np.ones((1, 2, 2)), lengths=[3])
    with pytest.raises(InputError, match=r"expected roc_auc of model b; received weighted_jaccard$"):
        opposite_orders({"a": {"weighted_jaccard": 1, "roc_auc": 1}, "b": {"weighted_jaccard": 1}})
    with pytest.raises(InputError, match="unknown measure"):
        opposite_orders({"a": {"x": 1, "roc_auc": 1}, "b": {"x": 1, "roc_auc": 2}}, first="x")
