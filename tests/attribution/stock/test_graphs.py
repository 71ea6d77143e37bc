"""What a rule needs to know of a layer's neighbours: folding, sharing, masks that are computed."""

import keras
import numpy as np
from keras import layers, ops

from tests.helpers.stock_models import chain, dense, graph, randomised, samples
from thesis_rnn import explain


def test_a_batch_normalisation_is_explained_as_if_it_were_folded_by_hand():
    model = chain(dense(name="below"), layers.BatchNormalization(name="norm", epsilon=0.1), layers.ReLU())
    folded = chain(dense(name="below"), layers.ReLU())
    norm = model.get_layer("norm")
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + 0.1)
    kernel, bias = model.get_layer("below").get_weights()
    folded.get_layer("below").set_weights([kernel * scale, (bias - mean) * scale + beta])
    folded.get_layer("head").set_weights(model.get_layer("head").get_weights())
    x = samples(model)
    for method in ({"method": "lrp_epsilon"}, {"method": "deep_taylor", "inputs": "real"}):
        expected = explain(folded, x, 0, **method).relevance
        np.testing.assert_allclose(explain(model, x, 0, **method).relevance, expected, rtol=1e-4, atol=1e-6)


def test_two_uses_of_a_layer_are_two_layers_with_its_weights():
    def two(first, second):
        return lambda x: layers.Concatenate()([first(x[:, :2]), second(x[:, 2:])])

    shared = dense(name="shared")
    twice, apart = graph(two(shared, shared)), graph(two(dense(), dense()))
    kernel, bias, *head = twice.get_weights()
    apart.set_weights([kernel, bias, kernel, bias, *head])
    x = samples(twice)
    target = apart(x).numpy().argmax(axis=1)
    expected, relevance = (explain(model, x, target, "lrp", low=-5, high=5).relevance for model in (apart, twice))
    assert abs(expected).max() > 0
    np.testing.assert_allclose(relevance, expected, rtol=1e-4, atol=1e-6)


def test_a_layer_on_pixels_and_on_activations_is_no_pixel_layer():
    """z-beta in the pixels' box would be wrong for the second use: alpha-beta by sign conserves both."""
    shared = dense(3, "relu")
    model = graph(lambda x: shared(shared(x)))
    x = samples(model)
    target = model(x).numpy().argmax(axis=1)
    explanation = explain(model, x, target, method="lrp", low=-5.0, high=5.0, ledger=True)
    assert abs(explanation.unaccounted).max() <= 1e-5 * abs(explanation.relevance).sum()


def test_a_mask_from_the_input_does_not_make_a_layer_see_the_input():
    def recurrent(masked):
        x = keras.Input((3, 2))
        mask = ops.not_equal(x[..., 0], 0) if masked else None
        return keras.Model(x, layers.Dense(2)(layers.SimpleRNN(3)(dense(3)(x), mask=mask)))

    plain, masked = randomised(recurrent(masked=False)), randomised(recurrent(masked=True))
    x = samples(plain)  # no zeros: the mask is true everywhere
    expected, relevance = (
        explain(model, x, 0, "composite(epsilon, first=flat, signed=true)").relevance for model in (plain, masked)
    )
    assert abs(expected).max() > 1e-3
    np.testing.assert_allclose(relevance, expected, rtol=1e-4, atol=1e-6)
