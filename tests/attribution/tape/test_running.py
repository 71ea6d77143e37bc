"""XLA is chosen where it pays, for full batches only, and changes nothing but the time."""

import keras
import numpy as np
import pytest
from keras import layers

from thesis_rnn import explain
from thesis_rnn.attribution.tape import running
from thesis_rnn.attribution.tape.network import network_of


@pytest.fixture(scope="module")
def model():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, "relu"), layers.Dense(2, "softmax")])


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(22, 4)).astype(np.float32)


def test_few_batches_run_without(model, x):
    explanation = explain(model, x, 0, "lrp_epsilon", batch_size=4)
    assert explanation.ran == "without XLA"
    assert explain(model, x, 0, "lrp_epsilon", batch_size=4, xla=True).ran == "XLA"


def test_full_batches_are_compiled_once_that_pays(model, x, monkeypatch):
    expected = explain(model, x, 0, "lrp_epsilon", batch_size=4, xla=False)
    monkeypatch.setattr(running, "COMPILING", 0.0)
    explanation = explain(model, x, 0, "lrp_epsilon", batch_size=4)
    # Five full batches and one of two samples: the first is not timed, the second is, and three are left.
    assert explanation.ran == "XLA for 3 of 6 batches"
    assert explain(model, x, 0, "lrp_epsilon", batch_size=4).ran == "XLA for 5 of 6 batches"  # it is compiled now
    assert explain(model, x, 0, "lrp_epsilon", epsilon=0.1, batch_size=4).ran == "XLA for 5 of 6 batches"
    difference = np.abs(explanation.relevance - expected.relevance).max()
    assert difference <= 1e-6 * np.abs(expected.relevance).max()
    assert explain(model, x, 0, "lrp_epsilon", batch_size=4, xla=False).ran == expected.ran == "without XLA"


@pytest.mark.parametrize("asked", [{"steps": 30}, {"steps": 3, "ledger": True}])
def test_neither_long_loops_nor_ledgers_are_compiled(asked, monkeypatch):
    monkeypatch.setattr(running, "COMPILING", 0.0)
    steps = asked.pop("steps")
    looped = keras.Sequential([keras.Input((steps, 2)), layers.SimpleRNN(2), layers.Dense(2, "softmax")])
    x = np.random.default_rng(0).normal(size=(4, steps, 2))
    assert explain(looped, x, 0, "lrp_epsilon", batch_size=1, **asked).ran == "without XLA"
    assert not network_of(looped, "float32").by_xla


def test_what_ran_is_kept_in_files(model, x, tmp_path):
    explanation = explain(model, x, 0, "sensitivity")
    explanation.save(tmp_path / "record.npz")
    assert type(explanation).load(tmp_path / "record.npz").ran == "without XLA"
