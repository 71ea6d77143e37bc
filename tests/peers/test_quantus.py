"""Localisation scores against Quantus (Hedstroem et al., 2023), which is called without a model.

``pip install '.[test,peers]'``, then ``pytest -m peers``. Quantus' AUC, RelevanceMassAccuracy, RelevanceRankAccuracy
and PointingGame are our ``roc_auc``, ``mass_accuracy``, ``rank_accuracy`` and ``pointing_game``. Where it defines
otherwise:

* Ties. Rank accuracy: Quantus takes equal cells in the order that sorting leaves them in, ours shares the last places
  among them. Pointing game: Quantus counts a hit if any of the most relevant cells is marked, ours the share that is.
* No relevance at all: Quantus' mass accuracy is NaN (0 / 0), ours 0.
* Negative relevance: Quantus adds it up with its sign, ours refuses it. Its default divides by the maximum first, which
  changes none of the four.
* Evidence that marks no cell: NaN with a warning in Quantus, an InputError here.

It has neither weighted Jaccard nor the two distances.
"""

import numpy as np
import pytest

from thesis_rnn.measures import mass_accuracy, pointing_game, rank_accuracy, roc_auc

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def quantus():
    return pytest.importorskip("quantus")


def drawn(seed, n=20, steps=12, features=9):
    rng = np.random.default_rng(seed)
    evidence = rng.random((n, steps, features)) < rng.uniform(0.1, 0.9, (n, 1, 1))
    evidence[:, 0, 0], evidence[:, 0, 1] = True, False
    return rng.random((n, steps, features)), evidence


def quantus_scores(metric, relevance, evidence):
    """Quantus wants images [n, channels, steps, features] and labels, which these metrics do not read."""
    images = np.zeros((len(relevance), 1, *relevance.shape[1:]))
    scores = metric(
        model=None,
        x_batch=images,
        y_batch=np.zeros(len(relevance), int),
        a_batch=relevance[:, np.newaxis],
        s_batch=evidence[:, np.newaxis],
        channel_first=True,
    )
    return np.array(scores, float)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("AUC", roc_auc),
        ("RelevanceMassAccuracy", mass_accuracy),
        ("RelevanceRankAccuracy", rank_accuracy),
        ("PointingGame", pointing_game),
    ],
)
def test_the_same_scores(quantus, name, ours, seed):
    relevance, evidence = drawn(seed)
    metric = getattr(quantus, name)(disable_warnings=True)
    np.testing.assert_allclose(ours(relevance, evidence), quantus_scores(metric, relevance, evidence), rtol=1e-12)


def test_ties_in_the_area(quantus):
    relevance, evidence = drawn(4)
    relevance = np.round(3 * relevance)
    metric = quantus.AUC(disable_warnings=True)
    np.testing.assert_allclose(roc_auc(relevance, evidence), quantus_scores(metric, relevance, evidence), rtol=1e-12)


def test_ties_in_the_pointing_game_differ_as_documented(quantus):
    relevance, evidence = drawn(5)
    relevance = np.round(3 * relevance)
    theirs = quantus_scores(quantus.PointingGame(disable_warnings=True), relevance, evidence)
    np.testing.assert_array_equal(theirs, pointing_game(relevance, evidence) > 0)
