"""Contextual decomposition: by hand, beside loops over steps and gates, exact sums through layers, bad input."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.helpers.thinned import thinned
from tests.oracle import phrases
from thesis_rnn import explain
from thesis_rnn.errors import InputError


def randomised(model, seed=0):
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.8, weight.shape) for weight in model.get_weights()])
    return model


def chain(*parts, shape=(4, 3), units=2, seed=0):
    return randomised(keras.Sequential([keras.Input(shape), *parts, layers.Dense(units)]), seed)


def data(n, *shape, seed=0):
    return np.random.default_rng(seed).normal(size=(n, *shape))


def check_sums(record):
    """The three parts sum to the logit, for every phrase."""
    values = record.value if record.details["bias"].ndim == 1 else record.value[:, np.newaxis]
    total = sum(record.details[name] for name in ("relevant", "irrelevant", "bias"))
    np.testing.assert_allclose(total, values + 0 * total, rtol=0, atol=1e-9)


def test_a_network_by_hand():
    # f = relu(2 x1 - x2 + 1) at (1, 2): a = 2 of the phrase x1, b = -2 of the rest, c = 1: relu of a + c, c, a + b + c
    # and b + c is 3, 1, 1 and 0. The phrase: (3 - 1 + 1 - 0) / 2 = 1.5, the rest: (0 - 1 + 1 - 3) / 2 = -1.5, bias 1.
    parts = [keras.Input((2, 1)), layers.Flatten(), layers.Dense(1, "relu"), layers.Dense(1)]
    model = keras.Sequential(parts)
    model.set_weights([np.array([[2.0], [-1.0]]), np.ones(1), np.ones((1, 1)), np.zeros(1)])
    record = explain(model, [[[1.0], [2.0]]], method="contextual_decomposition")
    np.testing.assert_allclose(record.details["relevant"], [[1.5, -1.5]], rtol=1e-12)
    np.testing.assert_allclose(record.details["irrelevant"], [[-1.5, 1.5]], rtol=1e-12)
    np.testing.assert_allclose(record.details["bias"], [[1, 1]], rtol=1e-12)
    np.testing.assert_allclose(record.relevance, [[[1.5], [-1.5]]], rtol=1e-12)


@pytest.mark.parametrize(("name", "published"), [("lstm", False), ("lstm", True), ("gru", False)])
def test_phrases_are_those_of_loops_over_gates(name, published):
    model = chain({"lstm": layers.LSTM, "gru": layers.GRU}[name](3), shape=(4, 2), seed=1)
    x = data(2, 4, 2, seed=2)
    *weights, head, bias = (np.asarray(weight, np.float64) for weight in model.get_weights())
    record = explain(model, x, 1, "contextual_decomposition", start=1, stop=3, published=published)
    arguments = {"published": published} if name == "lstm" else {}
    for sample, given in enumerate(x):
        relevant, irrelevant = getattr(phrases, name)(given, weights, 1, 3, **arguments)
        np.testing.assert_allclose(record.details["relevant"][sample], relevant @ head[:, 1], atol=1e-9)
        np.testing.assert_allclose(record.details["irrelevant"][sample], irrelevant @ head[:, 1], atol=1e-9)
    np.testing.assert_allclose(record.details["bias"], bias[1], atol=1e-9)
    np.testing.assert_allclose(record.relevance.sum(axis=(1, 2)), record.details["relevant"], atol=1e-9)
    check_sums(record)


CHAINS = {
    "convolutions and an LSTM": lambda: [layers.Conv1D(3, 2, padding="causal", activation="relu"), layers.LSTM(2)],
    "both ways": lambda: [layers.Bidirectional(layers.SimpleRNN(2, return_sequences=True)), layers.GRU(2)],
    "pooling": lambda: [layers.Conv1D(3, 2, activation="tanh"), layers.MaxPooling1D(2, 1), layers.Flatten()],
    "a long LSTM": lambda: [layers.LSTM(2, return_sequences=True), layers.GlobalAveragePooling1D()],
    "long LSTMs above each other": lambda: [layers.LSTM(2, return_sequences=True), layers.LSTM(2)],
}


@pytest.mark.parametrize("name", thinned([*CHAINS], every=2))
def test_parts_sum_to_the_logit(name):
    steps = 26 if "long" in name else 4  # a compiled loop
    model = chain(*CHAINS[name](), shape=(steps, 3))
    record = explain(model, data(2, steps, 3), 1, "contextual_decomposition(start=1, stop=3)")
    check_sums(record)
    assert (record.details["relevant"] != 0).all()


def test_every_step_is_a_phrase_of_its_own_and_padding_none():
    parts = [layers.Embedding(6, 3, mask_zero=True), layers.LSTM(3), layers.Dense(2)]
    model = randomised(keras.Sequential([keras.Input((4,)), *parts]))
    x = np.array([[1, 2, 3, 5], [4, 5, 0, 0]])
    each = explain(model, x, 1, "contextual_decomposition", batch_size=3)
    check_sums(each)
    np.testing.assert_allclose(each.relevance, each.details["relevant"], atol=1e-12)
    assert (each.relevance[1, 2:] == 0).all()
    second = explain(model, x, 1, "contextual_decomposition(start=1, stop=2)")
    np.testing.assert_allclose(second.details["relevant"], each.relevance[:, 1], atol=1e-12)
    whole = explain(model, x, 1, "contextual_decomposition(start=0, stop=4)")
    np.testing.assert_allclose(whole.details["irrelevant"], 0, atol=1e-12)  # all is of the phrase
    np.testing.assert_allclose(whole.details["relevant"], whole.value - model.get_weights()[-1][1], atol=1e-6)


@pytest.mark.parametrize("tokens", [True, False])
def test_a_functional_model_whose_masks_are_operations_is_taken_apart_like_a_sequential_one(tokens):
    first = layers.Embedding(6, 3, mask_zero=True) if tokens else layers.Masking()
    parts = [first, layers.LSTM(3), layers.Dense(2)]
    inputs = keras.Input((4,) if tokens else (4, 3))
    model = randomised(keras.Sequential([inputs, *parts]))
    a = inputs
    for part in parts:
        a = part(a)
    x = (
        np.array([[1, 2, 3, 5], [4, 5, 0, 0]])
        if tokens
        else data(2, 4, 3) * [[[1], [1], [1], [1]], [[1], [1], [0], [0]]]
    )
    each = explain(keras.Model(inputs, a), x, 1, "contextual_decomposition")
    check_sums(each)
    np.testing.assert_allclose(each.relevance, explain(model, x, 1, "contextual_decomposition").relevance, atol=1e-12)


# ---- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start": 1}, "^a phrase has start and stop, or neither; received 1 and None$"),
        ({"start": 2, "stop": 2}, "^a phrase lies in 0 <= start < stop <= 4; received 2 and 2$"),
        ({"start": 0, "stop": 5}, "^a phrase lies in 0 <= start < stop <= 4; received 0 and 5$"),
        ({"output": "probability"}, "use output='logit'; received 'probability'$"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        explain(chain(layers.Flatten()), data(2, 4, 3), 1, "contextual_decomposition", **arguments)


def chosen(x):
    """Signals that are told apart by what they are: no part of one knows which side it is on."""
    return ops.where(x > 0.1, x, 0.5 * x)


def refused(connect, message):
    x = keras.Input((4, 3))
    model = keras.Model(x, layers.Dense(2)(layers.Flatten()(connect(x))))
    with pytest.raises(InputError, match=message):
        explain(model, data(1, 4, 3), 1, "contextual_decomposition(start=0, stop=1)")


def test_what_is_not_defined_is_refused_by_name():
    refused(layers.LayerNormalization(name="norm"), "received layer 'norm' with a norm of the signal$")
    refused(lambda x: layers.Attention(name="at")([x, x]), "received layer 'at.*' with a product of two signals$")
    refused(lambda x: layers.LSTM(2)(layers.MaxPooling1D(2, name="pool")(x)), "received layer 'pool' of class MaxPool")
    refused(lambda x: chosen(layers.Conv1D(3, 3, padding="same")(x)), "must sum to the logit: an operation")
