"""The Transformer encoder: sees positions, conserves, and is complete."""

import numpy as np
import pytest
import tensorflow as tf

from thesis_rnn import build, explain


@pytest.fixture(scope="module")
def model():
    sizes = {"units": 4, "heads": 2, "feed_forward": 5, "blocks": 1}
    model = build("transformer", steps=4, features=3, classes=2, sizes=sizes, seed=1)
    model.get_layer("positions").table.assign(np.random.default_rng(2).normal(size=(4, 4)))
    return model


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(3, 4, 3)).astype("float32")


def test_the_order_of_steps_matters(model, x):
    assert abs(model(x) - model(x[:, ::-1])).numpy().max() > 1e-3
    table = model.get_layer("positions").table
    before = table.numpy()
    table.assign(np.zeros_like(before))
    np.testing.assert_allclose(model(x), model(x[:, ::-1]), atol=1e-5)
    table.assign(before)


def test_gradients_conservation_and_completeness(model, x):
    with tf.GradientTape() as tape:
        at = tf.constant(x)
        tape.watch(at)
        logit = model(at)[:, 1]
    expected = x * tape.gradient(logit, at).numpy()
    np.testing.assert_allclose(explain(model, x, 1, "gradient_x_input").relevance, expected, rtol=1e-3, atol=1e-6)
    propagated = explain(model, x, 1, "lrp_epsilon", dtype="float64", ledger=True)
    assert abs(propagated.unaccounted).max() < 1e-9
    assert any(row.layer == "positions" and row.kind == "constant" for row in propagated.ledger)
    lifted = explain(model, x, 1, "deep_lift", dtype="float64")
    np.testing.assert_allclose(lifted.received, lifted.expected, atol=1e-9)


@pytest.mark.slow
def test_padding_changes_nothing(model, x):
    sizes = {"units": 4, "heads": 2, "feed_forward": 5, "blocks": 1}
    long = build("transformer", steps=6, features=3, classes=2, sizes=sizes, masked=True)
    weights = model.get_weights()
    [place] = [k for k, one in enumerate(long.get_weights()) if one.shape == (6, 4)]
    weights[place] = np.pad(weights[place], ((0, 2), (0, 0)))
    long.set_weights(weights)
    padded = np.pad(x, ((0, 0), (0, 2), (0, 0)))
    np.testing.assert_allclose(long(padded), model(x), atol=1e-5)
    relevance = explain(long, padded, 1, "lrp_epsilon").relevance
    np.testing.assert_allclose(relevance[:, :4], explain(model, x, 1, "lrp_epsilon").relevance, atol=1e-5)
    assert (relevance[:, 4:] == 0).all()
