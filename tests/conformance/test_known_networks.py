"""Networks that people train: each is explained by every method that applies, or refused in one line."""

import re

import numpy as np
import pytest
import tensorflow as tf
from keras import ops, tree

from tests.helpers.known_networks import NETWORKS
from thesis_rnn import explain
from thesis_rnn.attribution import method_names
from thesis_rnn.errors import InputError

QUICK = ("TCN", "series Transformer", "own cell")


def samples(model, n=3):
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=(n, *tensor.shape[1:])).astype(np.float32) for tensor in tree.flatten(model.input)]
    return tree.pack_sequence_as(model.input, arrays)


def step_of(model):
    return {"step": 1} if len(model.outputs[0].shape) == 3 else {}


def gradient_of_logit(model, x, target, step=None):
    """d log p_target / d x + the same for log sum exp: the gradient of a logit up to what all classes share."""
    at = tree.map_structure(tf.constant, x)
    with tf.GradientTape() as tape:
        tape.watch(tree.flatten(at))
        p = model(at)
        p = p if step is None else p[:, step]
        contrast = ops.log(p[:, target]) - ops.log(p[:, 0])
    return tape.gradient(contrast, at)


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NETWORKS]
)
def test_gradients_and_conservation(name):
    """The gradient of z_1 - z_0 = log p_1 - log p_0, by TensorFlow; relevance sums to what is explained."""
    model = NETWORKS[name]()
    x, step = samples(model), step_of(model)
    given = explain(model, x, 1, "gradient_x_input", against=0, dtype="float64", **step)
    expected = gradient_of_logit(model, x, 1, **step)
    for relevance, signal, one in zip(*map(tree.flatten, (given.relevance, expected, x)), strict=True):
        np.testing.assert_allclose(relevance, signal * one, rtol=1e-3, atol=1e-4)
    propagated = explain(model, x, 1, "lrp_epsilon", dtype="float64", ledger=True, **step)
    total = sum(abs(one).sum() for one in tree.flatten(propagated.relevance)) + abs(propagated.explained).sum()
    assert abs(propagated.unaccounted).max() < 1e-6 * total
    assert max(abs(one).max() for one in tree.flatten(propagated.relevance)) > 1e-6


def check_is_one_line(refusal):
    assert re.fullmatch(r"[^\n]+", refusal)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_every_method_applies_or_is_refused_in_one_line(name):
    model = NETWORKS[name]()
    x, step = samples(model), step_of(model)
    for method in method_names():
        try:
            given = explain(model, x, 1, method, **step)
        except InputError as refusal:
            check_is_one_line(str(refusal))
            continue
        for relevance, one in zip(tree.flatten(given.relevance), tree.flatten(x), strict=True):
            assert np.isfinite(relevance).all()
            assert relevance.shape == one.shape
