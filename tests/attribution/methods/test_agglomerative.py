"""The tree of phrases: by hand, beside a loop that joins one sample, exact sums, padding, and what is refused."""

from itertools import pairwise

import keras
import numpy as np
import pytest
from keras import layers

from tests.oracle import phrases
from thesis_rnn import explain
from thesis_rnn.errors import InputError

ACD = "agglomerative_decomposition"


def randomised(*parts, seed=0):
    model = keras.Sequential([*parts, layers.Dense(2)])
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.8, weight.shape) for weight in model.get_weights()])
    return model


def test_four_steps_by_hand():
    # f = relu(x1 + x2 + x3 + x4) at (2, -1, -1, 1) is 1. A phrase that sums to a, beside b, has (relu a + relu(a + b) -
    # relu b) / 2: the steps (2 + 1 - 0)/2 = 1.5, (0 + 1 - 2)/2 = -.5, -.5 and 1, the pairs 1, -1 and 0. Interactions:
    # 1 - 1.5 + .5 = 0, -1 + .5 + .5 = 0, 0 + .5 - 1 = -.5: steps 2 and 3 are node 4. Then 1 2 has 0 and 2 3 4 has
    # (0 + 1 - 2)/2 - (-.5) - 0 = 0, too: the first is node 5. All of it: 1 - 1 - 0 = 0. R = CD, -.5 shared by two.
    parts = [layers.Flatten(), layers.Dense(1, "relu"), layers.Dense(1)]
    model = keras.Sequential([keras.Input((4, 1)), *parts])
    model.set_weights([np.ones((4, 1)), np.zeros(1), np.ones((1, 1)), np.full(1, 7.0)])
    record = explain(model, [[[2.0], [-1.0], [-1.0], [1.0]]], method=ACD)
    assert record.details["joins"].tolist() == [[[2, 3], [0, 1], [5, 4]]]
    assert record.details["spans"][0, 4:].tolist() == [[2, 4], [0, 2], [0, 4]]
    np.testing.assert_allclose(record.details["scores"], [[1.5, -0.5, -0.5, 1, 0, 1, 1]], atol=1e-12)
    np.testing.assert_allclose(record.details["interactions"], [[-0.5, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(record.relevance.ravel(), [1.5, -0.5, -0.75, 0.75], atol=1e-12)
    np.testing.assert_allclose(record.expected, [1], atol=1e-12)  # f(x) - 7


def joined_by_a_loop(score, own):
    """(joins as pairs of spans, interactions, relevance by step) of one sample, whose phrases are joined one by one."""
    scores = {(t, t + 1): score(t, t + 1) for t in own}
    now, joins, interactions = sorted(scores), [], []
    relevance = {t: scores[t, t + 1] for t in own}
    while len(now) > 1:
        found = []
        for a, b in pairwise(now):
            scores[a[0], b[1]] = score(a[0], b[1])
            found.append(scores[a[0], b[1]] - scores[a] - scores[b])
        best = max(abs(one) for one in found)
        k = next(k for k, one in enumerate(found) if abs(one) > best - 1e-9)
        new = now[k][0], now[k + 1][1]
        members = [t for t in own if new[0] <= t < new[1]]
        for t in members:
            relevance[t] += found[k] / len(members)
        joins.append((now[k], now[k + 1]))
        interactions.append(found[k])
        now[k : k + 2] = [new]
    return joins, interactions, relevance


@pytest.fixture(scope="module")
def reader():
    return randomised(keras.Input((5,)), layers.Embedding(6, 3, mask_zero=True), layers.LSTM(3), seed=3)


TOKENS = np.array([[1, 2, 3, 5, 2], [4, 5, 1, 3, 0], [2, 0, 0, 0, 0], [0, 0, 0, 0, 0]])


def test_trees_are_those_of_a_loop_over_phrases_and_gates(reader):
    table, *weights, head, _ = (np.asarray(weight, np.float64) for weight in reader.get_weights())
    for batch_size in (3, 500):
        record = explain(reader, TOKENS, 1, ACD, batch_size=batch_size)
        for sample, tokens in enumerate(TOKENS):
            own = np.flatnonzero(tokens)

            def score(start, stop, x=table[tokens[own]]):
                return np.dot(phrases.lstm(x, weights, start, stop)[0], head[:, 1])

            joins, interactions, relevance = joined_by_a_loop(score, own)
            spans = record.details["spans"][sample]
            found = [tuple(map(tuple, spans[pair])) for pair in record.details["joins"][sample] if pair[0] >= 0]
            assert found == joins
            told = record.details["interactions"][sample]
            np.testing.assert_allclose(told[: len(joins)], interactions, atol=1e-7)
            assert np.isnan(told[len(joins) :]).all()
            np.testing.assert_allclose(record.relevance[sample, own], [relevance[t] for t in own], atol=1e-7)
            assert (record.relevance[sample, tokens == 0] == 0).all()


def test_series_sum_to_the_output_without_biases():
    x = np.random.default_rng(0).normal(size=(3, 4, 2))
    model = randomised(
        keras.Input((4, 2)), layers.Bidirectional(layers.GRU(2, return_sequences=True)), layers.Flatten()
    )
    record = explain(model, x, 1, ACD)
    whole = explain(model, x, 1, "contextual_decomposition(start=0, stop=4)")
    np.testing.assert_allclose(record.received, whole.details["relevant"], atol=1e-9)
    np.testing.assert_allclose(record.received, record.value - whole.details["bias"], atol=1e-9)
    np.testing.assert_allclose(record.details["scores"][:, -1], record.received, atol=1e-9)
    each = explain(model, x, 1, "contextual_decomposition")
    np.testing.assert_allclose(record.details["scores"][:, :4], each.details["relevant"], atol=1e-12)
    classes = explain(model, x, method=ACD, every_class=True)
    np.testing.assert_allclose(classes.relevance[:, 1], record.relevance, atol=1e-12)
    np.testing.assert_array_equal(classes.details["joins"][:, 1], record.details["joins"])


def test_one_step_is_a_tree_of_one():
    model = randomised(keras.Input((1, 2)), layers.SimpleRNN(2))
    record = explain(model, np.ones((2, 1, 2)), 1, ACD)
    assert record.details["joins"].shape == (2, 0, 2)
    np.testing.assert_allclose(record.received, record.details["scores"][:, 0], atol=1e-12)


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask:UserWarning")
def test_padding_that_is_read_is_refused():
    model = randomised(keras.Input((5,)), layers.Embedding(6, 3, mask_zero=True), layers.Flatten())
    with pytest.raises(
        InputError, match=r"contextual_decomposition; received padding that makes 0\.\d+ of the output$"
    ):
        explain(model, TOKENS[1:2], 1, ACD)


def test_layers_without_phrases_are_refused_by_name():
    x = keras.Input((4, 3))
    model = keras.Model(x, layers.Dense(2)(layers.Flatten()(layers.LayerNormalization(name="norm")(x))))
    with pytest.raises(InputError, match=r"^contextual_decomposition is .*; received layer 'norm' with a norm"):
        explain(model, np.ones((1, 4, 3)), 1, ACD)
