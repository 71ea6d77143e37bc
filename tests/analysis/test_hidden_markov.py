"""The surrogate: states of a process that is known, the gain by a loop, a tree that moves alone, what is refused."""

import math
import sys

import keras
import numpy as np
import pytest
from keras import layers

import thesis_rnn
from thesis_rnn.analysis.hidden_markov import gain_by_order, markov_states, stand_in
from thesis_rnn.analysis.states import States
from thesis_rnn.errors import InputError


def switching(n, steps, seed=0):
    """A switch that turns when the input is above 1/2, and states [n, steps, 2] that tell where it is, with noise."""
    rng = np.random.default_rng(seed)
    inputs = rng.uniform(0, 1, (n, steps, 1))
    at = (np.cumsum(inputs[..., 0] > 0.5, axis=1) % 2).astype(int)
    hidden = at[..., np.newaxis] * [2.0, -2.0] + rng.normal(0, 0.2, (n, steps, 2))
    return inputs, at, hidden


PARTS = np.arange(20), np.arange(20, 40)


@pytest.fixture(scope="module")
def hmm():
    return pytest.importorskip("hmmlearn.hmm")


def test_a_switch_is_found_with_its_rule_and_its_class(hmm):
    inputs, at, hidden = switching(40, 12)
    own = np.ones((40, 12), bool)
    own[3, 9:] = own[25, :4] = False  # padding behind, and before
    found = markov_states(hidden, own, *PARTS, count=2, seed=0)
    assert (found.labels[~own] == -1).all()
    same = (found.labels[own] == at[own]).mean()
    assert max(same, 1 - same) == 1  # whichever is called 0
    last = np.where(own, np.arange(12), -1).max(axis=1)
    predicted = at[np.arange(40), last]
    told = stand_in(States(inputs, hidden, {}, own), found.labels, predicted, PARTS, depth=3, names=["press"])
    assert told.of_states > 0.95
    assert told.most_frequent < 0.7
    assert told.by_last_state == 1
    assert told.alone > 0.85  # one wrong turn moves all that follow
    assert "press <=" in told.rules
    assert "before=" in told.rules


def test_the_gain_is_that_of_a_loop_over_steps_and_0_where_order_tells_nothing(hmm):
    model = hmm.GaussianHMM(2, "diag", init_params="", params="")
    model.startprob_, model.transmat_ = np.array([0.3, 0.7]), np.array([[0.9, 0.1], [0.2, 0.8]])
    model.means_, model.covars_ = np.array([[0.0], [1.0]]), np.array([[0.5], [0.25]])
    share = np.array([0.6, 0.4])
    samples = [np.array([0.1, 0.9, 1.2]), np.array([0.4, -0.3])]

    def density(x, state):
        variance = (0.5, 0.25)[state]
        return math.exp(-((x - state) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)

    expected = 0.0
    for sample in samples:
        forward = [model.startprob_[s] * density(sample[0], s) for s in (0, 1)]
        for x in sample[1:]:
            forward = [sum(forward[r] * model.transmat_[r, s] for r in (0, 1)) * density(x, s) for s in (0, 1)]
        each = [math.log(sum(share[s] * density(x, s) for s in (0, 1))) for x in sample]
        expected += (math.log(sum(forward)) - sum(each)) / 5
    states = np.concatenate(samples)[:, np.newaxis]
    assert gain_by_order(model, share, states, [3, 2]) == pytest.approx(expected, rel=1e-9)
    _, _, hidden = switching(40, 12)  # every turn as likely as none: order tells nothing
    assert abs(markov_states(hidden, np.ones((40, 12), bool), *PARTS, count=2, seed=0).gain) < 0.03


def test_a_network_gets_a_row_for_each_layer_and_a_tree(hmm):
    keras.utils.set_random_seed(0)
    parts = [layers.GRU(3, return_sequences=True, name="low"), layers.LSTM(3, name="high"), layers.Dense(2, "softmax")]
    model, x = keras.Sequential([keras.Input((6, 2)), *parts]), np.random.default_rng(0).normal(size=(60, 6, 2))
    found = thesis_rnn.analyse(
        model, x, analyses="surrogate(states=3, depth=2)", feature_names=["pulse", "heat"], class_names=["no", "yes"]
    ).findings["surrogate(states=3, depth=2)"]
    assert [row[0] for row in found.rows] == ["low", "high"]
    assert all(0 <= share <= 1 for row in found.rows for share in row[3:])
    assert found.said.startswith("A tree that moves between 3 states of ")
    low, high = found.text.split("high\n")
    assert "pulse" in low or "heat" in low or "before=" in low
    assert "pulse" not in high  # which reads the states of the other


def test_too_many_states_are_refused(hmm):
    with pytest.raises(InputError, match=r"^3 states of a model need as many different ones; received 1$"):
        markov_states(np.zeros((40, 5, 2)), np.ones((40, 5), bool), *PARTS, count=3, seed=0)


def test_without_hmmlearn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "hmmlearn.hmm", None)
    _, _, hidden = switching(40, 3)
    with pytest.raises(InputError, match=r"^surrogate needs hmmlearn: pip install 'thesis_rnn\[hmm\]'; received none"):
        markov_states(hidden, np.ones((40, 3), bool), *PARTS, count=2, seed=0)
