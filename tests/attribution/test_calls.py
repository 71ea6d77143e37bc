"""Calling ``explain``: targets, batches, bad input, and what is kept between calls."""

import dataclasses
import gc
import re
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.small_networks import lift, perturb, samples, small
from thesis_rnn import explain, method_names
from thesis_rnn.attribution.explaining import Explainer
from thesis_rnn.attribution.rules import AlphaBeta
from thesis_rnn.errors import InputError
from thesis_rnn.layers import Dense

SHAPE = (2, 6, 5)  # steps, rows and columns of small networks


@pytest.fixture(scope="module")
def model():
    return lift(small("rlstm", 2))


@pytest.fixture(scope="module")
def x(model):
    return samples(model)[0]


# ---- targets


def test_no_target_means_the_predicted_class(model, x):
    predicted = model(x).numpy().argmax(axis=1)
    assert len(set(predicted)) > 1
    explanation = explain(model, x)
    np.testing.assert_array_equal(explanation.target, predicted)
    np.testing.assert_array_equal(explanation.relevance, explain(model, x, predicted).relevance)


def test_one_class_for_all_samples_or_one_for_each(model, x):
    of_all = explain(model, x, 2)
    np.testing.assert_array_equal(of_all.target, [2] * len(x))
    for target in ([2] * len(x), np.full(len(x), 2, np.int64), np.full(len(x), 2, np.uint8), np.int32(2)):
        np.testing.assert_array_equal(explain(model, x, target).relevance, of_all.relevance)
    each = np.arange(len(x)) % 4
    explanation = explain(model, x, each)
    np.testing.assert_array_equal(explanation.target, each)
    np.testing.assert_allclose(explanation.relevance[each == 2], of_all.relevance[each == 2], rtol=1e-4, atol=1e-6)


# ---- batches


@pytest.mark.parametrize("method", ["lrp", "sensitivity"])
def test_the_batch_size_changes_nothing(model, x, method):
    whole = explain(model, x, 1, method=method)
    for batch_size in (1, 3, len(x), 1000):
        parts = explain(model, x, 1, method=method, batch_size=batch_size)
        tolerance = {"rtol": 1e-4, "atol": 1e-6}
        np.testing.assert_allclose(parts.relevance, whole.relevance, **tolerance)
        np.testing.assert_allclose(parts.logits, whole.logits, **tolerance)
        np.testing.assert_allclose(parts.explained, whole.explained, **tolerance)


def test_inputs_of_other_types_are_taken(model, x):
    expected = explain(model, x, 1).relevance
    for same in (x.tolist(), x.astype(np.float64), keras.ops.convert_to_tensor(x)):
        np.testing.assert_array_equal(explain(model, same, 1).relevance, expected)
    whole_numbers = np.zeros((1, *SHAPE), np.uint8)
    assert explain(model, whole_numbers, 1).relevance.dtype == np.float32


# ---- bad input


def refused(message, model, x, *arguments, **keywords):
    with pytest.raises(InputError) as refusal:
        explain(model, x, *arguments, **keywords)
    text = str(refusal.value)
    assert re.search(message, text), text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"method": "grad"},
            r"^unknown attribution method; known ones are sensitivity, .* and \d+ more .*; received 'grad'$",
        ),
        ({"method": "sensitivity", "alpha": 1}, r"^sensitivity has no parameters; received alpha$"),
        ({"method": "lrp", "alfa": 1, "phi": 2}, r"^lrp has the parameters alpha, beta, .*; received alfa, phi$"),
        ({"method": "deep_taylor", "alpha": 2}, r"^deep_taylor has the parameters low, high.*; received alpha$"),
        ({"method": "lrp", "alpha": 2, "beta": 2}, r"alpha - beta must be 1.*; received alpha=2, beta=2$"),
        ({"method": "lrp", "alpha": 0.5}, r"beta >= 0; received alpha=0.5, beta=-0.5$"),
        ({"method": "lrp", "low": 1, "high": 1}, r"low must be below high; received low=1.*, high=1.*$"),
        ({"target": 4}, r"^target must lie in 0\.\.3; received 4\.\.4$"),
        ({"target": -1}, r"^target must lie in 0\.\.3; received -1\.\.-1$"),
        ({"target": [0, 1, 9, 3, 0, 0, 0, 0]}, r"^target must lie in 0\.\.3; received 0\.\.9$"),
        (
            {"target": [0, 1]},
            r"^target must be a class index, or one for each of the 8 samples; received int64 of .*\[2\]$",
        ),
        ({"target": 1.5}, r"^target must be a class index, .*; received float64 of shape \[\]$"),
        ({"target": np.zeros((8, 4), int)}, r"^target must be a class index, .*; received int64 of shape \[8, 4\]$"),
        ({"batch_size": 0}, r"^batch_size must be a whole number from 1 to 2147483647; received 0$"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(model, x, arguments, message):
    refused(message, model, x, **arguments)


@pytest.mark.parametrize("shape", [SHAPE, (3, 2, 6, 4), (3, 2, 30), (0, *SHAPE), ()])
def test_inputs_of_another_shape_are_refused(model, shape):
    received = re.escape(str(list(shape)))
    refused(rf"^x must have the shape \[n, 2, 6, 5\].* n >= 1; received {received}$", model, np.zeros(shape))


@pytest.mark.parametrize(
    ("x", "received"),
    [
        (["a b", "c"], "<U3 of shape"),
        (np.array(["a", "b"], object), "object of shape"),
        ([[1.0, 2.0], [3.0]], "setting an array element with a sequence"),
        (np.ones((2, *SHAPE), complex), "complex128 of shape"),
    ],
)
def test_what_is_no_numbers_is_refused(model, x, received):
    with pytest.raises(InputError, match=rf"^x must be numbers; received {received}"):
        Explainer(model, "sensitivity")(x, 0)


@pytest.mark.parametrize("method", ["lrp", "sensitivity"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_no_numbers_are_refused_with_their_place(model, x, method, value):
    spoilt = x.copy()
    spoilt[3, 1, 2, 4] = value
    refused(rf"^x must be finite; received {value} at index \(3, 1, 2, 4\)$", model, spoilt, 0, method=method)


def test_pixels_outside_the_box_are_refused_where_there_is_a_box(model, x):
    message = r"^pixels must lie in \[-1, 1\] for the z-beta rule; .*; received values from -2 to 2$"
    wide = 2 * x / abs(x).max()
    wide[0, 0, 0, :2] = -2, 2
    refused(message, model, wide, 0, method="lrp")
    refused(message, model, wide, 0, method="deep_taylor")
    assert np.isfinite(explain(model, wide, 0, method="sensitivity").relevance).all()
    in_box = explain(model, wide, 0, method="deep_taylor", low=-2.0, high=2.0)
    np.testing.assert_allclose(in_box.received, in_box.explained, rtol=1e-4)


def test_weights_that_are_no_numbers_are_named():
    spoilt = small("rlstm", 1)
    kernel = spoilt.get_layer("in1").kernel.numpy()
    kernel[0, 0] = np.nan
    spoilt.get_layer("in1").kernel.assign(kernel)
    refused(r"weights must be finite, .*; received NaN or infinity in in1/kernel$", spoilt, samples(spoilt)[0], 0)


class Sine(keras.layers.Layer):
    """A layer that no explanation can know; its derivative would make a wrong heatmap that looks like one."""

    def call(self, inputs):
        return keras.ops.sin(inputs)


def test_a_layer_that_is_not_covered_is_refused_by_name():
    layers = [keras.layers.Dense(3, "relu"), Sine(name="wave"), keras.layers.Dense(2)]
    refused(
        "layer 'wave' of class Sine",
        keras.Sequential([keras.Input((4,)), *layers]),
        np.zeros((1, 4)),
        0,
        "lrp_epsilon",
    )


@pytest.mark.parametrize(("alpha", "beta"), [(2, 0.5), (1, 1), (0.5, -0.5), (float("nan"), 0)])
def test_a_rule_whose_parameters_do_not_conserve_cannot_be_made(alpha, beta):
    with pytest.raises(InputError, match="alpha - beta must be 1"):
        AlphaBeta(alpha, beta)


# ---- the record


def test_a_record_cannot_be_changed(model, x):
    explanation = explain(model, x, 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        explanation.method = "sensitivity"


def test_explanations_repeat_to_the_bit(model, x):
    for method in ("sensitivity", "guided_backprop", "gradient_x_input", "deep_taylor", "lrp"):
        assert method in method_names()
        once, again = (explain(model, x, 1, method=method) for _ in range(2))
        np.testing.assert_array_equal(once.relevance, again.relevance)


def test_explaining_leaves_the_model_as_it_was(x):
    explained, untouched = (small("rlstm", 2) for _ in range(2))
    explain(explained, x, 0)
    np.testing.assert_array_equal(explained(x), untouched(x))
    np.testing.assert_array_equal(explained(x, training=True), untouched(x, training=True))


# ---- what is kept between calls


class CountingDense(Dense):
    """Counts how often its forward pass is traced into a graph."""

    traces = 0

    def call(self, inputs):
        type(self).traces += not tf.executing_eagerly()
        return super().call(inputs)


def test_a_method_is_traced_once_for_batches_of_any_size_and_new_weights():
    layers = [CountingDense(3, domain="bounded"), Dense(2, rectified=False)]
    counted = keras.Sequential([keras.Input((4,)), *layers])
    x = np.random.default_rng(0).uniform(-1, 1, (9, 4)).astype(np.float32)
    explain(counted, x[:5], 0, method="lrp", alpha=2)
    after_first = CountingDense.traces
    explain(counted, x[:2], 1, method="lrp", alpha=2)
    explain(counted, x, 0, method="lrp", alpha=2, beta=1, batch_size=4)
    perturb(counted)
    explain(counted, x, 0, method="lrp", alpha=2)
    assert CountingDense.traces == after_first
    for more in ({"alpha": 3}, {"low": -2.0, "high": 2.0}, {"target": None}, {"against": 1}):
        explain(counted, x, **{"target": 0, "method": "lrp", "alpha": 2} | more)
    assert CountingDense.traces == after_first
    explain(counted, x, 0, method="lrp", alpha=1)
    assert CountingDense.traces > after_first  # without inhibition it is another computation


@pytest.mark.parametrize("dtype", ["float32", "float64"])  # the model itself, and a copy of it
def test_weights_that_change_after_a_call_are_honoured(x, dtype):
    changed, fresh = lift(small("rlstm", 2, seed=0)), lift(small("rlstm", 2, seed=1))
    before = explain(changed, x, 1, dtype=dtype).relevance
    changed.set_weights(fresh.get_weights())
    after = explain(changed, x, 1, dtype=dtype).relevance
    np.testing.assert_array_equal(after, explain(fresh, x, 1, dtype=dtype).relevance)
    assert abs(after - before).max() > 1e-3


def stock():
    """A model of Keras' own layers, which is explained through a surrogate."""
    return keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(3)])


@pytest.mark.parametrize("make", [lambda: small("rlstm", 2), stock], ids=["thesis", "stock"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_explained_model_is_not_kept_alive(x, make, dtype):
    explained = make()
    explanation = explain(explained, x, 0, dtype=dtype, low=-1.0, high=1.0)
    model = weakref.ref(explained)
    del explained
    gc.collect()
    assert model() is None
    assert np.isfinite(explanation.relevance).all()
