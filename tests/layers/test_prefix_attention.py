"""Prefix attention in linear time: by hand, and against the formula in float64, step by step."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.thinned import thinned
from thesis_rnn.layers.attention_weights import hide, prefix_weights
from thesis_rnn.layers.prefix_attention import CHUNK, prefix_mixture, window_mixture

LENGTHS = (1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 4)
both_forms = pytest.mark.parametrize("mean", [True, False], ids=["mean", "every hop"])


def direct(scores, values, window=None, visible=None, mean=True):
    """The formula, one softmax for every step, in float64."""
    scores, values = np.float64(scores), np.float64(values)
    n, steps, hops = scores.shape
    mixture = np.zeros((n, steps, hops, values.shape[-1]))
    for sample in range(n):
        for t in range(steps):
            seen = np.arange(0 if window is None else max(0, t - window + 1), t + 1)
            seen = seen if visible is None else seen[visible[sample, seen]]
            for hop in range(hops if len(seen) else 0):
                weights = np.exp(scores[sample, seen, hop] - scores[sample, seen, hop].max())
                mixture[sample, t, hop] = weights @ values[sample, seen] / weights.sum()
    return mixture.mean(axis=2) if mean else mixture


def random_case(steps, seed=0, hops=3, features=4, samples=2):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(samples, steps, hops)), rng.normal(size=(samples, steps, features))


def test_by_hand():
    # One hop, scores (0, ln 3, 0): the weights are (1), (1/4, 3/4) and (1/5, 3/5, 1/5).
    # Values 4, 8, 20: 4; 1 + 6 = 7; 0.8 + 4.8 + 4 = 9.6.
    scores, values = np.log([[[1.0], [3.0], [1.0]]]), np.array([[[4.0], [8.0], [20.0]]])
    np.testing.assert_allclose(prefix_mixture(scores, values)[0, :, 0], [4, 7, 9.6])
    # In a window of two, the last step weighs 8 and 20 by (3/4, 1/4): 6 + 5 = 11.
    np.testing.assert_allclose(window_mixture(scores, values, 2)[0, :, 0], [4, 7, 11])
    # A second hop that always scores the first step higher by 500 sees nothing but it: (4 + 4, 7 + 4, 9.6 + 4) / 2.
    scores = np.concatenate([scores, [[[500.0], [0.0], [0.0]]]], axis=-1)
    np.testing.assert_allclose(prefix_mixture(scores, values)[0, :, 0], [4, 5.5, 6.8])


@both_forms
@pytest.mark.parametrize("steps", LENGTHS)
def test_against_the_formula(steps, mean):
    scores, values = random_case(steps)
    np.testing.assert_allclose(prefix_mixture(scores, values, mean), direct(scores, values, mean=mean), rtol=1e-9)
    for window in (1, 2, CHUNK, CHUNK + 1, CHUNK + 2, 2 * CHUNK + 3, 100):
        expected = direct(scores, values, window, mean=mean)
        np.testing.assert_allclose(window_mixture(scores, values, window, mean), expected, rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
@both_forms
def test_what_is_hidden_gets_no_attention(seed, mean):
    steps = 2 * CHUNK + 3
    scores, values = random_case(steps, seed, samples=4)
    visible = np.random.default_rng(seed).random((4, steps)) < 0.5
    visible[0], visible[1, : CHUNK + 5] = False, False  # a sample of padding only, and one that starts with it
    poisoned = np.where(visible[..., None], values, np.nan)
    hidden = hide(tf.constant(scores), tf.constant(poisoned), tf.constant(visible))
    expected = direct(scores, values, visible=visible, mean=mean)
    assert (expected[0] == 0).all()
    np.testing.assert_allclose(prefix_mixture(*hidden, mean), expected, atol=1e-12)
    expected = direct(scores, values, CHUNK + 2, visible, mean)
    np.testing.assert_allclose(window_mixture(*hidden, CHUNK + 2, mean), expected, atol=1e-12)


@pytest.mark.parametrize("order", thinned(["rising", "falling", "random"]))
def test_extreme_scores_over_hundreds_of_steps(order):
    """The scores of which plain cumulative sums make NaN, in float32."""
    steps, (_, values) = 400, random_case(400, samples=1)
    line = {"rising": np.linspace(-500, 500, steps), "falling": np.linspace(500, -500, steps)}
    line = line.get(order, np.random.default_rng(0).uniform(-500, 500, steps))
    scores = np.float32(np.broadcast_to(line[None, :, None] * [1, -0.3, 0.01], (1, steps, 3)))
    values = np.float32(values)
    np.testing.assert_allclose(prefix_mixture(scores, values), direct(scores, values), atol=2e-6)
    np.testing.assert_allclose(window_mixture(scores, values, 30), direct(scores, values, 30), atol=2e-6)
    scores, values = tf.constant(scores), tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch((scores, values))
        loss = tf.reduce_sum(prefix_mixture(scores, values) ** 2)
    linear = tape.gradient(loss, (scores, values))
    with tf.GradientTape() as tape:
        tape.watch((scores, values))
        loss = tf.reduce_sum(tf.matmul(tf.reduce_mean(prefix_weights(scores), axis=1), values) ** 2)
    for gradient, expected in zip(linear, tape.gradient(loss, (scores, values)), strict=True):
        assert np.isfinite(gradient).all()
        np.testing.assert_allclose(gradient, expected, atol=1e-4 * np.abs(expected).max())


@both_forms
def test_the_gradient_is_that_of_the_differences(mean):
    scores, values = random_case(2 * CHUNK + 3)
    direction = random_case(2 * CHUNK + 3, seed=1)
    weights = np.random.default_rng(2).normal(size=direct(scores, values, mean=mean).shape)
    with tf.GradientTape() as tape:
        inputs = tf.constant(scores), tf.constant(values)
        tape.watch(inputs)
        loss = tf.reduce_sum(weights * prefix_mixture(*inputs, mean))
    along = sum((np.asarray(g) * d).sum() for g, d in zip(tape.gradient(loss, inputs), direction, strict=True))
    ahead, behind = (
        (weights * direct(scores + h * direction[0], values + h * direction[1], mean=mean)).sum() for h in (1e-5, -1e-5)
    )
    assert along == pytest.approx((ahead - behind) / 2e-5, rel=1e-7)


@pytest.mark.parametrize("xla", [False, True], ids=["graph", "XLA"])
def test_a_graph_for_batches_of_any_size(xla):
    scores, values = random_case(CHUNK + 3)
    spec = [tf.TensorSpec((None, *a.shape[1:]), tf.float64) for a in (scores, values)]

    @tf.function(input_signature=spec, jit_compile=xla)
    def gradient(scores, values):
        loss = tf.reduce_sum(prefix_mixture(scores, values) ** 2)
        return tf.gradients(loss, [scores, values])

    for received, expected in zip(gradient(scores[:1], values[:1]), gradient(scores, values), strict=True):
        np.testing.assert_allclose(received, expected[:1], rtol=1e-9)


def test_a_graph_for_series_of_any_length():
    traced = tf.function(
        lambda scores, values: (prefix_mixture(scores, values), window_mixture(scores, values, 4, mean=False)),
        input_signature=[tf.TensorSpec((None, None, 3), tf.float64), tf.TensorSpec((None, None, 4), tf.float64)],
    )
    for steps in LENGTHS:
        scores, values = random_case(steps)
        prefix, window = traced(scores, values)
        np.testing.assert_allclose(prefix, direct(scores, values), rtol=1e-9)
        np.testing.assert_allclose(window, direct(scores, values, 4, mean=False), rtol=1e-9)


def largest_tensor(function, *specs):
    """The number of elements of the largest tensor in the graph of ``function``, loops included."""
    definition = tf.function(function).get_concrete_function(*specs).graph.as_graph_def(add_shapes=True)
    functions = [value.function for field, value in definition.ListFields() if field.name == "library"]  # of loops
    nodes = [*definition.node, *(node for bodies in functions for body in bodies for node in body.node_def)]
    shapes = [shape for node in nodes for shape in node.attr["_output_shapes"].list.shape]
    return max(math.prod(axis.size for axis in shape.dim) for shape in shapes)


def test_no_tensor_grows_with_the_square_of_the_steps():
    steps = 40 * CHUNK + 1
    specs = tf.TensorSpec((2, steps, 3)), tf.TensorSpec((2, steps, 4))
    assert largest_tensor(lambda scores, _: prefix_weights(scores), *specs) >= 2 * 3 * steps**2  # it would be seen
    assert largest_tensor(prefix_mixture, *specs) == 2 * (steps + CHUNK - 1) * 4  # the values, filled up


def test_weights_by_hand():
    # As in the first test: (1), (1/4, 3/4), (1/5, 3/5, 1/5), and in a window of two (0, 3/4, 1/4) at the last step.
    scores = np.log([[[1.0], [3.0], [1.0]]])
    rows = [[1, 0, 0], [0.25, 0.75, 0], [0.2, 0.6, 0.2]]
    np.testing.assert_allclose(prefix_weights(scores)[0, 0], rows, atol=1e-12)
    np.testing.assert_allclose(prefix_weights(scores, window=2)[0, 0], [*rows[:2], [0, 0.75, 0.25]], atol=1e-12)
