"""Graphs that are kept: few for many values of parameters, bounded, released with the model, made by one thread."""

import gc
import threading
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from thesis_rnn import explain
from thesis_rnn.attribution import Explainer
from thesis_rnn.attribution.tape import traces as module
from thesis_rnn.attribution.tape.network import network_of
from thesis_rnn.errors import InputError


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(4, 3, 2)).astype(np.float32)


def recurrent():
    return keras.Sequential([keras.Input((3, 2)), layers.SimpleRNN(2), layers.Dense(2, "softmax")])


def test_values_of_parameters_share_a_graph_and_count(x):
    model, epsilons = recurrent(), np.linspace(0.01, 2, 60)
    maps = [explain(model, x, 0, "lrp_epsilon", epsilon=epsilon).relevance for epsilon in epsilons]
    assert len(network_of(model, "float32").traces) == 1
    # What was compiled for another value gives the same as what is compiled for this one.
    fresh = keras.models.clone_model(model)
    fresh.set_weights(model.get_weights())
    np.testing.assert_array_equal(maps[-1], explain(fresh, x, 0, "lrp_epsilon", epsilon=2.0).relevance)
    assert np.abs(maps[-1] - maps[0]).max() > 1e-3


def test_other_copies_and_noise_share_a_graph(x):
    model = recurrent()
    for asked in ({}, {"copies": 3}, {"copies": 3, "noise": 0.3}, {"copies": 3, "seed": 1}):
        explain(model, x, 0, "smoothgrad", **asked)
    assert len(network_of(model, "float32", derivative=True).traces) == 1
    # Without noise every copy gives the gradient.
    exact = explain(model, x, 0, "smoothgrad", copies=5, noise=0.0)
    expected = explain(model, x, 0, "gradient_x_input").relevance / x
    np.testing.assert_allclose(exact.relevance, expected, rtol=1e-4, atol=1e-6)


def test_other_points_of_a_path_share_a_graph(x):
    model = recurrent()
    few, many = (explain(model, x, 0, "integrated_gradients", points=points) for points in (2, 64))
    explain(model, x, 0, "integrated_gradients(points=auto)")
    explain(model, x, 0, "integrated_gradients(points=auto, tolerance=0.001)")
    assert len(network_of(model, "float32", derivative=True).traces) == 2
    assert abs(many.convergence_delta).max() < abs(few.convergence_delta).max() / 100  # the error of midpoints: 1/m^2


def test_graphs_are_bounded_and_the_oldest_goes(monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    kept, made = module.Traces(), []

    def get(key):
        def function(x):
            made.append(key)
            return x

        return kept.get(key, function, [tf.TensorSpec(())])(1.0)

    for key in "abacab":  # c lets go of b, which was used before a, and b of c
        get(key)
    assert made == ["a", "b", "c", "b"]
    assert len(kept) == 2


@pytest.mark.parametrize("method", ["lrp_epsilon", "gradient_x_input"])
def test_a_model_that_is_dropped_takes_its_graphs_along(x, method):
    model = recurrent()
    explain(model, x, method=method)
    network = network_of(model, "float32", derivative=method != "lrp_epsilon")
    [trace] = network.traces._kept.values()
    kept = [weakref.ref(one) for one in (model, network, trace.graph, next(iter(network.itself.values())).graph)]
    del model, network, trace
    for _ in range(3):  # what one round frees lets go of more
        gc.collect()
    assert [one() for one in kept] == [None] * 4


def test_threads_explain_one_model_and_several(x):
    models = [recurrent() for _ in range(2)]
    found = {}

    def run(place):
        found[place] = explain(models[place % 2], x, place // 2, "lrp_epsilon").relevance

    threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for place in range(4):
        expected = explain(models[place % 2], x, place // 2, "lrp_epsilon").relevance
        np.testing.assert_array_equal(found[place], expected)


def test_a_call_inside_of_a_graph_is_refused(x):
    explainer = Explainer(recurrent(), "sensitivity")
    with pytest.raises(InputError, match=r"outside of any tf.function: call it there; received a call in one"):
        tf.function(lambda: explainer(x, 0).relevance, autograph=False)()


class Noisy(layers.Layer):
    def call(self, inputs):
        return inputs + tf.random.normal(tf.shape(inputs))


class NoisyInALoop(layers.Layer):
    def call(self, inputs):
        return tf.while_loop(lambda done: tf.reduce_sum(done) < -1e9, lambda done: (Noisy()(done),), (inputs,))[0]


@pytest.mark.parametrize(
    ("method", "noisy"),
    [("gradient_x_input", Noisy), ("permutation_shap", Noisy), ("gradient_x_input", NoisyInALoop)],
)
def test_a_model_that_draws_other_numbers_at_every_run_is_refused(x, method, noisy):
    model = keras.Sequential([keras.Input((3, 2)), noisy(), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(InputError, match=r"^a model must give the same outputs for the same samples; .+; received .+$"):
        explain(model, x, 0, method)


def test_dropout_that_is_always_on_is_off_when_explained(x):
    inputs = keras.Input((3, 2))
    dropped = layers.Dropout(0.5)(layers.Flatten()(inputs), training=True)
    model = keras.Model(inputs, layers.Dense(2)(dropped))
    expected = x.reshape(4, 6) @ model.layers[-1].get_weights()[0]
    np.testing.assert_allclose(explain(model, x, 0, "gradient_x_input").logits, expected, rtol=1e-5)
