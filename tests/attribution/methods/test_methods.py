"""The methods that are no composites, and what can be explained: against loops and explicit gradients."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.helpers.small_networks import lift, perturb, samples, small
from thesis_rnn import explain, method_names
from thesis_rnn.attribution import describe_methods
from thesis_rnn.attribution.tape.head import softmax
from thesis_rnn.errors import InputError

SHAPE = (3, 4)  # steps and features


@pytest.fixture(scope="module")
def model():
    """A smooth model without recurrence, which is quick to trace."""
    rng = np.random.default_rng(0)
    made = keras.Sequential(
        [keras.Input(SHAPE), layers.Flatten(), layers.Dense(5, "tanh"), layers.Dense(3, "softmax", name="head")]
    )
    made.set_weights([rng.normal(0, 0.7, weights.shape) for weights in made.get_weights()])
    return made


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(1).uniform(-1, 1, (4, *SHAPE)).astype(np.float32)


TARGET = np.array([0, 2, 1, 2])


def logit(model, x, target=TARGET):
    """The targets' logits, in NumPy and float64."""
    w, b, v, c = (weights.astype(np.float64) for weights in model.get_weights())
    logits = np.tanh(np.reshape(x, (len(x), -1)) @ w + b) @ v + c
    return np.take_along_axis(logits, np.broadcast_to(target, len(x))[:, None], axis=1)[:, 0]


def gradient(model, x, target=TARGET):
    """d logit / dx, in NumPy and float64: sum_k v_k (1 - tanh^2 z_k) w_jk."""
    w, b, v, _ = (weights.astype(np.float64) for weights in model.get_weights())
    slope = 1 - np.tanh(np.reshape(x, (len(x), -1)) @ w + b) ** 2
    return np.reshape((slope * v.T[np.broadcast_to(target, len(x))]) @ w.T, np.shape(x))


# ---- one gradient


def test_gradient_methods(model, x):
    expected = gradient(model, x)
    np.testing.assert_allclose(explain(model, x, TARGET, "sensitivity").relevance, expected**2, rtol=1e-4, atol=1e-6)
    product = explain(model, x, TARGET, "gradient_x_input").relevance
    np.testing.assert_allclose(product, x * expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(explain(model, x, TARGET, "simple_taylor").relevance, product)


def test_simple_taylor_with_a_root(model, x):
    root = np.random.default_rng(2).uniform(-1, 1, SHAPE)
    expected = (x - root) * gradient(model, np.broadcast_to(root, x.shape))
    explanation = explain(model, x, TARGET, "simple_taylor", root=root)
    np.testing.assert_allclose(explanation.relevance, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(explanation.value, logit(model, x), rtol=1e-5)


# ---- averages of gradients


def test_integrated_gradients_against_a_loop(model, x):
    baseline, points = np.linspace(-0.5, 0.5, 4), 5
    total = np.zeros(x.shape)
    for k in range(points):
        total += gradient(model, baseline + (k + 0.5) / points * (x - baseline))
    explanation = explain(model, x, TARGET, "integrated_gradients", baseline=baseline, points=points)
    np.testing.assert_allclose(explanation.relevance, (x - baseline) * total / points, rtol=1e-4, atol=1e-6)


def test_integrated_gradients_sum_to_the_difference_from_the_baseline(model, x):
    explained = logit(model, x) - logit(model, np.zeros_like(x))
    errors = [
        abs(explain(model, x, TARGET, "integrated_gradients", points=points).received - explained).max()
        for points in (2, 64)
    ]
    assert errors[1] < 1e-4 * abs(explained).max() + 1e-5
    assert errors[0] > 10 * errors[1]


@pytest.mark.parametrize("statistic", ["mean", "squared", "variance"])
def test_smoothgrad_against_explicit_noise(model, x, statistic):
    extent = x.max(axis=(1, 2), keepdims=True) - x.min(axis=(1, 2), keepdims=True)
    one = (1, *x.shape[1:])  # the same for all samples
    copies = [
        x + 0.2 * extent * tf.random.stateless_normal(one, (7, copy), dtype=tf.float32).numpy() for copy in range(4)
    ]
    gradients = np.stack([gradient(model, copy) for copy in copies])
    expected = {"mean": gradients.mean(0), "squared": (gradients**2).mean(0), "variance": gradients.var(0)}[statistic]
    arguments = {"statistic": statistic, "noise": 0.2, "copies": 4}
    relevance = explain(model, x, TARGET, "smoothgrad", seed=7, **arguments).relevance
    np.testing.assert_allclose(relevance, expected, rtol=1e-3, atol=1e-5)
    if statistic == "mean":
        assert abs(explain(model, x, TARGET, "smoothgrad", seed=8, **arguments).relevance - relevance).max() > 1e-3


@pytest.mark.parametrize("method", ["integrated_gradients(points=7)", "smoothgrad(copies=7)"])
def test_points_that_go_together_give_what_they_give_one_by_one(model, x, method):
    # 4 samples: one point of each in a batch of 4; 7 points in 3 + 3 + 1 of a batch of 12; all of them in one of 500.
    expected = explain(model, x, TARGET, method, batch_size=4).relevance
    for size in (12, 500):
        relevance = explain(model, x, TARGET, method, batch_size=size).relevance
        np.testing.assert_allclose(relevance, expected, rtol=1e-4, atol=1e-6)


def test_smoothgrad_of_a_sample_depends_on_no_other_nor_on_the_batches(model, x):
    whole = explain(model, x, TARGET, "smoothgrad", copies=2).relevance
    turned = explain(model, x[::-1], TARGET[::-1], "smoothgrad", copies=2, batch_size=2).relevance[::-1]
    np.testing.assert_allclose(turned, whole, rtol=1e-4, atol=1e-6)


# ---- occlusion


def units(unit, size):
    """The cells that are hidden together, as lists of (step, feature)."""
    steps, features = SHAPE
    cells = list(itertools.product(range(steps), range(features)))
    label = {
        "cells": lambda step, feature: (step, feature),
        "features": lambda step, feature: feature,
        "steps": lambda step, feature: step // size,
        "blocks": lambda step, feature: (step // size, feature // size),
    }[unit]
    return [[cell for cell in cells if label(*cell) == one] for one in {label(*cell) for cell in cells}]


@pytest.mark.parametrize(
    ("unit", "size"), [("cells", 1), ("features", 1), ("steps", 1), ("steps", 2), ("blocks", 2), ("blocks", 3)]
)
def test_occlusion_against_a_loop(model, x, unit, size):
    baseline = 0.3
    expected = np.zeros(x.shape)
    for cells in units(unit, size):
        hidden = x.copy()
        for step, feature in cells:
            hidden[:, step, feature] = baseline
        for step, feature in cells:
            expected[:, step, feature] = logit(model, x) - logit(model, hidden)
    relevance = explain(model, x, TARGET, "occlusion", unit=unit, size=size, baseline=baseline).relevance
    np.testing.assert_allclose(relevance, expected, rtol=1e-4, atol=1e-5)


# ---- what is explained


def test_a_contrast_is_the_difference_of_two_logits(model, x):
    against = np.array([1, 0, 0, 1])
    contrast = explain(model, x, TARGET, "gradient_x_input", against=against)
    parts = [explain(model, x, chosen, "gradient_x_input") for chosen in (TARGET, against)]
    np.testing.assert_allclose(contrast.relevance, parts[0].relevance - parts[1].relevance, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(contrast.value, logit(model, x) - logit(model, x, against), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(contrast.target, TARGET)


def test_a_contrast_is_conserved_by_propagation(model, x):
    contrast = explain(model, x, TARGET, "lrp_epsilon", against=0, ledger=True)
    np.testing.assert_allclose(contrast.explained, logit(model, x) - logit(model, x, 0), rtol=1e-4, atol=1e-6)
    assert abs(contrast.unaccounted).max() <= 1e-5 * abs(contrast.relevance).sum()


@pytest.mark.parametrize("method", ["sensitivity", "lrp_epsilon", "integrated_gradients", "occlusion"])
def test_all_classes_at_once_are_each_on_its_own(model, x, method):
    together = explain(model, x, method=method, every_class=True)
    assert together.relevance.shape == (len(x), 3, *SHAPE)
    assert (together.target == -1).all()
    for one in range(3):
        alone = explain(model, x, one, method)
        np.testing.assert_allclose(together.relevance[:, one], alone.relevance, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(together.explained[:, one], alone.explained, rtol=1e-5)
        np.testing.assert_allclose(together.received[:, one], alone.received, rtol=1e-3, atol=1e-5)


def test_probabilities_are_explained_through_the_softmax(model, x):
    with tf.GradientTape() as tape:
        at = tf.constant(x)
        tape.watch(at)
        probability = tf.gather(model(at), TARGET, batch_dims=1)
    expected = tape.gradient(probability, at).numpy()
    explanation = explain(model, x, TARGET, "sensitivity", output="probability")
    np.testing.assert_allclose(explanation.relevance, expected**2, rtol=1e-3, atol=1e-8)
    np.testing.assert_allclose(explanation.value, probability, rtol=1e-5)
    assert abs(explanation.relevance - gradient(model, x) ** 2).max() > 0.1  # not the logit's


def linear(kernel):
    """A softmax model whose logits are x . kernel."""
    kernel = np.asarray(kernel, "float32")
    model = keras.Sequential([keras.Input(kernel.shape[:1]), keras.layers.Dense(kernel.shape[1], "softmax")])
    model.set_weights([kernel, np.zeros(kernel.shape[1], "float32")])
    return model


def test_probabilities_next_to_one_keep_their_gradient():
    # Logits 40 and 0: p = 1 - e^-40, which is 1 in float32. dp / dx = 40 p (1 - p) = 40 e^-40 = 1.699e-16 (e^-40 =
    # 4.248e-18) for the first class, minus that for the other; 1 - p computed as a difference is 0.
    for target, sign in ((0, 1), (1, -1)):
        found = explain(linear([[40, 0]]), np.ones((1, 1)), target, "gradient_x_input", output="probability")
        np.testing.assert_allclose(found.relevance, [[sign * 1.6993e-16]], rtol=1e-3)


def test_gradients_of_probabilities_are_those_of_the_softmax():
    rng = np.random.default_rng(0)
    logits, upstream = tf.constant(rng.normal(0, 3, (50, 5))), tf.constant(rng.normal(size=(50, 5)))
    found = []
    for function in (softmax, tf.nn.softmax):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            p = function(logits)
        found.append(tape.gradient(p, logits, upstream))
    np.testing.assert_allclose(*found, rtol=1e-10, atol=1e-14)


def test_log_odds_by_hand():
    # Logits 2, 1, 0: 2 - log(e + 1) = 0.6867, with the gradient 1, -e / (e + 1), -1 / (e + 1) = 1, -0.7311, -0.2689.
    # Logits 200, 100, 0: 200 - log(e^100 + 1) = 100, with 1, -1, 0, where the probability is 1 to the last digit.
    for scale, value, signs in ((1, 0.6867, [1, -0.7311, -0.2689]), (100, 100, [1, -1, 0])):
        x = scale * np.array([[2.0, 1, 0]])
        found = explain(linear(np.eye(3)), x, 0, "gradient_x_input", output="log_odds")
        np.testing.assert_allclose(found.value, [value], rtol=1e-4)
        np.testing.assert_allclose(found.relevance, x * signs, rtol=1e-4)


def test_the_gradient_of_log_odds_is_the_probability_s_divided_by_p_q(model, x):
    odds = explain(model, x, TARGET, "gradient_x_input", output="log_odds")
    probability = explain(model, x, TARGET, "gradient_x_input", output="probability")
    p = probability.value[:, None, None]
    np.testing.assert_allclose(odds.relevance * p * (1 - p), probability.relevance, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(odds.value, np.log(probability.value / (1 - probability.value)), rtol=1e-3, atol=1e-4)


def test_guided_backprop_with_its_sign():
    network = perturb(small("deep", 1))
    pixels, target = samples(network)
    signed = explain(network, pixels, target, "guided_backprop", signed=True).relevance
    squared = explain(network, pixels, target, "guided_backprop").relevance
    assert (signed < 0).any()
    np.testing.assert_allclose(signed**2, squared, rtol=1e-6)


def test_the_table_of_methods_says_all():
    table = {row.name: row for row in describe_methods()}
    assert list(table) == method_names()
    assert table["occlusion"].parameters == "unit=steps, size=1, baseline=None"
    assert (table["occlusion"].conserves, table["lrp_epsilon"].conserves) == ("no", "yes")
    assert all(row.text for row in table.values())


# ---- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "smoothgrad", "sigma": 1}, r"^smoothgrad has the parameters statistic, noise, .*; received sigma$"),
        ({"method": "smoothgrad", "statistic": "max"}, "must be mean, squared or variance; received 'max'$"),
        ({"method": "smoothgrad", "noise": -1.0}, "^noise must be at least 0; received -1$"),
        ({"method": "smoothgrad", "copies": 0}, "^copies must be a whole number of at least 1; received 0$"),
        ({"method": "integrated_gradients", "points": 0}, "^points must be a whole number of at least 1; received 0$"),
        ({"method": "occlusion", "unit": "rows"}, "unit must be one of cells, .*; received 'rows'$"),
        ({"method": "occlusion", "size": 0}, "^size must be a whole number of at least 1; received 0$"),
        ({"method": "lrp_epsilon", "epsilon": -1.0}, "^epsilon must be at least 0; received -1$"),
        ({"method": "lrp_epsilon", "output": "probability"}, "starts at a logit; .*; received output='probability'$"),
        ({"method": "sensitivity", "output": "odds"}, "one of logit, probability, log_odds; received 'odds'$"),
        (
            {"method": "sensitivity", "target": "every"},
            "needs class_names=.*each class on its own is every_class=True.*; received target='every'$",
        ),
        (
            {"method": "sensitivity", "target": "all"},
            "needs class_names=.*each class on its own is every_class=True.*; received target='all'$",
        ),
        ({"method": "sensitivity", "every_class": True}, "^every_class=True explains all classes, without target"),
        ({"method": "sensitivity", "every_class": True, "states": True}, "^every_class=True is for relevance alone"),
        ({"method": "sensitivity", "against": 3}, r"^against must lie in 0\.\.2; received 3\.\.3$"),
        ({"method": "sensitivity", "dtype": "float16"}, "float32 or float64; received 'float16'$"),
    ],
)
def test_bad_requests_are_refused_in_one_line(model, x, arguments, message):
    with pytest.raises(InputError, match=message) as refusal:
        explain(model, x, **{"target": 0} | arguments)
    assert "\n" not in str(refusal.value)


# ---- the matrix engine


def test_the_matrix_engine_is_chosen_by_name():
    network = lift(small("deep", 2))
    pixels, target = samples(network)
    for method in ({"method": "deep_taylor"}, {"method": "lrp", "alpha": 2, "low": -1, "high": 2}):
        tape = explain(network, pixels, target, **method)
        matrix = explain(network, pixels, target, engine="matrix", dtype="float64", batch_size=3, **method)
        assert abs(matrix.relevance - tape.relevance).sum() <= 1e-3 * abs(tape.relevance).sum()
        assert matrix.relevance.dtype == np.float64
        np.testing.assert_allclose(matrix.explained, tape.explained, rtol=1e-4)


@pytest.mark.parametrize(
    "arguments",
    [
        {"method": "sensitivity"},
        {"method": "lrp_epsilon"},
        {"method": "epsilon_plus_flat"},
        {"method": "deep_taylor", "inputs": "real"},
        {"method": "lrp", "low": [-1.0] * 5, "high": [1.0] * 5},
        {"ledger": True},
        {"states": True},
        {"every_class": True},
    ],
)
def test_the_matrix_engine_refuses_what_it_does_not_compute(arguments):
    network = small("deep", 1)
    pixels, _ = samples(network)
    with pytest.raises(InputError, match=r"^the matrix engine computes deep_taylor and lrp .*engine='tape'; received "):
        explain(network, pixels, **{"target": 0, "engine": "matrix"} | arguments)
    with pytest.raises(
        InputError, match=r"^the matrix engine explains one class; use engine='tape'; received against$"
    ):
        explain(network, pixels, 0, engine="matrix", against=1)


def test_the_matrix_engine_refuses_other_models(model, x):
    with pytest.raises(InputError, match=r"covers the thesis' architectures; .*; received another model$"):
        explain(model, x, 0, "deep_taylor", engine="matrix", low=-1, high=1)
