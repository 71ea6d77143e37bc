"""RevealCancel: by hand, beside a tape of scalars, complete through the layers that it is defined for, refusals."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.oracle import revealing
from thesis_rnn import explain
from thesis_rnn.errors import InputError


def randomised(*parts, seed=0):
    model = keras.Sequential(parts)
    rng = np.random.default_rng(seed)
    model.set_weights([np.abs(one) + 0.5 if "variance" in name else one for name, one in _drawn(model, rng)])
    return model


def _drawn(model, rng):
    return [(weight.path, rng.normal(0, 0.8, weight.shape)) for weight in model.weights]


def data(n, *shape, seed=0):
    return np.random.default_rng(seed).normal(size=(n, *shape))


def reveal(model, x, baseline=0.0, target=1):
    return explain(model, x, target, "deep_lift(rule=reveal_cancel)", baseline=baseline, dtype="float64")


def test_the_smaller_of_two_numbers_by_hand():
    # min(a, b) = a - relu(a - b) at (3, 2), beside (0, 0). Into relu(a - b) = 1 goes d+ = 3 and d- = -2: of d+ is
    # (relu 3 - 0 + relu 1 - relu -2)/2 = 2, of d- (0 - 0 + relu 1 - relu 3)/2 = -1. a = relu(a) gives 3 to a.
    # R_a = 3 - 2 = 1, R_b = 0 + 1 = 1. By the rescale rule the multiplier of relu(a - b) is 1: R = (3 - 3, 2).
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2, "relu"), layers.Dense(1)])
    model.set_weights([np.array([[1.0, 1.0], [0.0, -1.0]]), np.zeros(2), np.array([[1.0], [-1.0]]), np.zeros(1)])
    np.testing.assert_allclose(reveal(model, [[3.0, 2.0]], target=0).relevance, [[1, 1]], atol=1e-12)
    rescaled = explain(model, [[3.0, 2.0]], 0, "deep_lift", dtype="float64", baseline=0.0)
    np.testing.assert_allclose(rescaled.relevance, [[0, 2]], atol=1e-12)


def test_a_dense_network_is_that_of_a_tape_of_scalars():
    parts = [layers.Dense(4, "relu"), layers.Dense(3), layers.Dense(3, "tanh"), layers.Dense(2)]
    model = randomised(keras.Input((3,)), *parts, seed=1)
    x, baseline = data(4, 3, seed=2), data(1, 3, seed=3)[0]
    x[0, 1] = baseline[1]  # an input that does not change
    record = reveal(model, x, baseline)
    weights = [np.asarray(one, np.float64) for one in model.get_weights()]
    for sample, given in enumerate(x):
        inputs = revealing.numbers([given], [baseline])
        a = [z.through(lambda z: max(z, 0.0)) for z in revealing.dense(inputs[0], *weights[:2])]
        a = [z.through(np.tanh) for z in revealing.dense(revealing.dense(a, *weights[2:4]), *weights[4:6])]
        output = revealing.dense(a, *weights[6:])[1]
        expected = revealing.relevance(output, inputs)[0]
        np.testing.assert_allclose(record.relevance[sample], expected, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(record.expected[sample], output.x - output.reference, rtol=1e-9)


def test_a_recurrent_network_is_that_of_a_tape_of_scalars():
    model = randomised(keras.Input((4, 2)), layers.SimpleRNN(3), layers.Dense(2), seed=4)
    x, baseline = data(2, 4, 2, seed=5), data(1, 4, 2, seed=6)[0]
    record = reveal(model, x, baseline)
    *weights, head, bias = (np.asarray(one, np.float64) for one in model.get_weights())
    for sample, given in enumerate(x):
        inputs = revealing.numbers(given, baseline)
        output = revealing.dense(revealing.simple_rnn(inputs, weights), head, bias)[1]
        expected = revealing.relevance(output, inputs)
        np.testing.assert_allclose(record.relevance[sample], expected, rtol=1e-6, atol=1e-8)


def test_convolutions_averages_scales_and_tokens_are_complete():
    convolved = [layers.Conv1D(3, 2), layers.BatchNormalization(), layers.AveragePooling1D(2, 1), layers.ReLU()]
    scaled = [layers.Rescaling(-2.0, 0.5), layers.Activation("elu"), layers.Flatten(), layers.Dense(2)]
    model = randomised(keras.Input((5, 2)), *convolved, *scaled)
    record = reveal(model, data(3, 5, 2), 0.3)
    np.testing.assert_allclose(record.received, record.expected, rtol=1e-9)
    embedded = [layers.Embedding(6, 3, mask_zero=True), layers.SimpleRNN(3), layers.Dense(2)]
    reader, tokens = randomised(keras.Input((4,)), *embedded), np.array([[1, 2, 3, 5], [4, 5, 0, 0]])
    for baseline in (None, np.array([2, 2, 2, 2])):
        record = reveal(reader, tokens, baseline)
        np.testing.assert_allclose(record.received, record.expected, rtol=1e-9)
        assert (record.relevance[1, 2:] == 0).all()


def test_a_scale_below_zero_changes_the_sides_as_if_folded_into_the_kernel():
    model = randomised(keras.Input((3,)), layers.Dense(4), layers.Rescaling(-0.5), layers.ReLU(), layers.Dense(2))
    kernel, bias, *head = model.get_weights()
    folded = keras.Sequential([keras.Input((3,)), layers.Dense(4, "relu"), layers.Dense(2)])
    folded.set_weights([-0.5 * kernel, -0.5 * bias, *head])
    x = data(3, 3)
    np.testing.assert_allclose(reveal(model, x).relevance, reveal(folded, x).relevance, rtol=1e-9)


# ---- bad input


def refused(connect, message):
    x = keras.Input((4, 3))
    model = keras.Model(x, layers.Dense(2)(layers.Flatten()(connect(x))))
    with pytest.raises(
        InputError, match=rf"^deep_lift\(rule=reveal_cancel\) is .*; use deep_lift; received {message}$"
    ):
        reveal(model, data(1, 4, 3))


def test_what_is_not_defined_is_refused_by_name():
    refused(layers.LSTM(2, name="cell"), "layer 'cell.*' with gates")
    refused(layers.GRU(2, name="cell"), "layer 'cell.*' with gates")
    refused(layers.MaxPooling1D(2, name="top"), "layer 'top' with a maximum")
    refused(lambda x: layers.Add(name="sum")([x, layers.Dense(3)(x)]), "layer 'sum' with a sum of two signals")
    refused(layers.LayerNormalization(name="norm"), "layer 'norm' with a norm of the signal")
    refused(lambda x: layers.Attention(name="at")([x, x]), "layer 'at.*' with a.*")


def test_unknown_rules_are_refused():
    model = randomised(keras.Input((3,)), layers.Dense(2))
    with pytest.raises(InputError, match=r"^rule is one of rescale, reveal_cancel; received 'reveal'$"):
        explain(model, data(1, 3), 1, "deep_lift", rule="reveal")
