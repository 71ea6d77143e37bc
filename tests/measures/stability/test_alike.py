"""Agreement of heatmaps, and random weights."""

import keras
import numpy as np
import pytest
from scipy import stats

from thesis_rnn import explain
from thesis_rnn.errors import InputError
from thesis_rnn.measures import Scored, own_rank_correlation
from thesis_rnn.measures.stability.alike import agreement, random_weights, randomisation, seed_agreement


def test_like_scipy_on_own_cells():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 5, (2, 6, 4, 3)).astype(float)  # with ties
    own = rng.random((6, 4, 3)) < 0.7
    got = own_rank_correlation(first, second, own)
    expected = [stats.spearmanr(*(one[n][own[n]] for one in (first, second))).statistic for n in range(6)]
    np.testing.assert_allclose(got, expected)
    np.testing.assert_allclose(own_rank_correlation(first, np.exp(first), own), 1)  # of ranks alone
    assert np.isnan(own_rank_correlation(first, np.ones(first.shape), own)).all()


def test_agreement_by_hand():
    # ranks 1 2 3 and 1 3 2: 1 - 6 * 2 / (3 * 8) = 0.5; with itself 1; a constant says nothing
    relevance = np.array([[[1.0], [2.0], [3.0]]])
    others = {"a": np.array([[[1.0], [3.0], [2.0]]]), "b": relevance, "c": np.ones((1, 3, 1))}
    given = Scored(relevance, relevance, np.array([0]), others=others)
    np.testing.assert_allclose(agreement(given), 0.75)
    assert np.isnan(agreement(given._replace(others={"c": others["c"]}))).all()
    np.testing.assert_allclose(agreement(given.between(0, 1)), 0.75)


def test_random_weights_come_back():
    keras.utils.set_random_seed(0)  # of eight cells, some weights leave the order by chance
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.SimpleRNN(3), keras.layers.Dense(2)])
    before = model.get_weights()
    with random_weights(model):
        changed = [(a != b).any() for a, b in zip(before, model.get_weights(), strict=True)]
        assert np.array(changed)[[0, 1, 3]].all()
    with random_weights(model, parts=1):
        unchanged = [(a == b).all() for a, b in zip(before, model.get_weights(), strict=True)]
        assert all(unchanged[:3])
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)

    def again(x, target):
        return explain(model, x, target, "gradient_x_input").relevance

    given = Scored(again(x, 0), x, np.zeros(3, int), model=model, explain=again)
    moved = randomisation(given)
    assert ((moved >= 0) & (moved < 1)).all()
    ignoring = given._replace(relevance=x, explain=lambda x, _: x)
    np.testing.assert_allclose(randomisation(ignoring), 1)  # a map that never asks the model


def test_bad_input():
    relevance = np.zeros((1, 2, 1))
    with pytest.raises(InputError, match="give others="):
        agreement(Scored(relevance, relevance, np.array([0])))
    with pytest.raises(InputError, match="randomisation needs explain="):
        randomisation(Scored(relevance, relevance, np.array([0])))
    with pytest.raises(InputError, match="must have the shape of own cells"):
        own_rank_correlation(relevance, relevance[0], relevance == 0)
    broken = np.array([[[np.nan], [1.0]]])
    with pytest.raises(InputError, match="heatmaps must be finite"):
        agreement(Scored(relevance, relevance, np.array([0]), others={"other": broken}))
    kept = own_rank_correlation(broken, broken, np.array([[[False], [True]]]))  # what is not own does not count
    assert np.isnan(kept).all()


def test_seeds_are_correlated_like_methods():
    rng = np.random.default_rng(5)
    maps = rng.normal(size=(3, 4, 5, 2))
    scored = Scored(maps[0], maps[0], np.zeros(4, int), seeds={"a": maps[1], "b": maps[2]})
    of_methods = scored._replace(seeds=None, others={"a": maps[1], "b": maps[2]})
    np.testing.assert_array_equal(seed_agreement(scored), agreement(of_methods))
    with pytest.raises(InputError, match=r"^seed_agreement needs heatmaps of models of other seeds; give seeds="):
        seed_agreement(of_methods)
