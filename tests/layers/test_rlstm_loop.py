"""The compiled loop of an R-LSTM, for long sequences: it does what the unrolled one does, which other tests check."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.thinned import thinned
from thesis_rnn import explain
from thesis_rnn.core import scan
from thesis_rnn.layers import RLSTM, Dense, rlstm
from thesis_rnn.measures.vanishing.state_influence import jacobian_norms

STEPS = 4
PIXELS = np.random.default_rng(0).uniform(-1, 1, (5, STEPS, 6)).astype("float32")
METHODS = {
    "sensitivity": {},
    "guided_backprop": {},
    "integrated_gradients": {"points": 4},
    "deep_taylor": {},
    "lrp": {"alpha": 2.0, "beta": 1.0},
    "lrp_epsilon": {},
}


@pytest.fixture
def compiled(monkeypatch):
    """Calls that make every loop a compiled one, and unrolled ones again."""

    def switch(on):
        for module in (scan, rlstm):
            monkeypatch.setattr(module, "LONGEST_UNROLLED", 0 if on else 24)

    return switch


def network(steps=STEPS):
    inputs = keras.Input((steps, 6))
    hidden = RLSTM(8, domain="bounded", seed=0, name="cell")(inputs)
    return keras.Model(inputs, Dense(3, rectified=False, seed=1, name="logits")(hidden))


def layer(stationary):
    cell = RLSTM(8, 0.4, stationary, domain="bounded", seed=3)
    cell.build(PIXELS.shape)
    return cell


@pytest.mark.parametrize("stationary", [False, True])
def test_training_is_the_same(compiled, stationary):
    """The outputs and every gradient, under the same dropout masks."""
    results = []
    for on in (False, True):
        compiled(on)
        cell = layer(stationary)
        with tf.GradientTape() as tape:
            outputs = cell(PIXELS, training=True)
        results.append([outputs, *tape.gradient(outputs, cell.trainable_variables)])
    assert np.ptp(results[0][0]) > 0.01
    for unrolled, looped in zip(*results, strict=True):
        np.testing.assert_allclose(looped, unrolled, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("case", thinned([*((method, False) for method in reversed(METHODS)), ("lrp", True)], every=4))
def test_explanations_are_the_same(compiled, case):
    method, xla = case
    explanations = []
    for on in (False, True):
        compiled(on)
        explanations.append(explain(network(), PIXELS, 1, method, xla=xla, **METHODS[method]))
    unrolled, looped = (explanation.relevance for explanation in explanations)
    assert np.abs(unrolled).max() > 0
    np.testing.assert_allclose(looped, unrolled, rtol=1e-4, atol=1e-5 * np.abs(unrolled).max())


def test_what_is_asked_of_every_step_unrolls_the_loop(compiled):
    compiled(True)
    explanation = explain(network(), PIXELS, 1, "deep_taylor", ledger=True, states=True)
    assert explanation.states["cell/hidden"].shape == (5, STEPS, 8)
    np.testing.assert_allclose(explanation.unaccounted, 0, atol=1e-6)
    assert jacobian_norms(network(), PIXELS)["cell"].shape == (5, STEPS)


def test_sequences_of_any_length():
    x = np.random.default_rng(1).uniform(-1, 1, (2, 40, 6)).astype("float32")
    free, fixed = (explain(network(steps), x, 1, "deep_taylor").relevance for steps in (None, 40))
    assert np.abs(fixed).max() > 0
    np.testing.assert_allclose(free, fixed, rtol=1e-5)
