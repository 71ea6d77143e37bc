"""Tokens where they vary: methods that ask at other points do so in the space of embeddings."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, tree

from tests.helpers.thinned import thinned
from thesis_rnn import explain
from thesis_rnn.errors import InputError

VOCABULARY, STEPS, SIZE = 7, 4, 3
TOKENS = np.array([[1, 2, 3, 4], [5, 6, 0, 0], [2, 2, 1, 0]])
SEEN = TOKENS != 0


@pytest.fixture(scope="module", params=["int32", "float32"])
def parts(request):
    """A classifier of masked tokens, with what is below and above their embeddings."""
    inputs = keras.Input((STEPS,), dtype=request.param)
    embedding, cell, head = layers.Embedding(VOCABULARY, SIZE, mask_zero=True), layers.SimpleRNN(3), layers.Dense(2)
    model = keras.Model(inputs, head(cell(embedding(inputs))))
    return model, embedding.embeddings.numpy(), lambda points: head(cell(points, mask=SEEN))[:, 1]


BASELINES = {
    "zeros": (None, lambda table: np.zeros(SIZE)),
    "a token": (2, lambda table: table[2]),
    "the mean of the vocabulary": ("mean", lambda table: table.mean(axis=0)),
    "an embedding": ([0.1, -0.2, 0.3], lambda table: np.array([0.1, -0.2, 0.3])),
}


def slow_gradients(f, points):
    with tf.GradientTape() as tape:
        points = tf.constant(points, tf.float32)
        tape.watch(points)
        outputs = f(points)
    return tape.gradient(outputs, points).numpy()


@pytest.mark.parametrize("name", thinned([*BASELINES], every=4))
def test_integrated_gradients_and_occlusion_against_slow_ones(parts, name):
    model, table, f = parts
    baseline, row = BASELINES[name][0], BASELINES[name][1](table)
    x = table[TOKENS]
    b = np.where(SEEN[..., None], row, x)  # padding stays as it is
    slow = np.mean([(x - b) * slow_gradients(f, b + (k + 0.5) / 8 * (x - b)) for k in range(8)], axis=0)
    fast = explain(model, TOKENS, 1, "integrated_gradients", baseline=baseline, points=8).relevance
    np.testing.assert_allclose(fast, slow.sum(axis=-1), rtol=1e-3, atol=1e-6)
    assert (fast[~SEEN] == 0).all()
    falls = np.zeros(TOKENS.shape)
    for step in range(STEPS):
        hidden = x.copy()
        hidden[:, step] = b[:, step]
        falls[:, step] = f(x) - f(hidden)
    fast = explain(model, TOKENS, 1, "occlusion", baseline=baseline).relevance
    np.testing.assert_allclose(fast, falls, rtol=1e-3, atol=1e-6)


def test_smoothgrad_without_noise_is_the_gradient_of_the_embedding(parts):
    model, table, f = parts
    fast = explain(model, TOKENS, 1, "smoothgrad", noise=0.0, copies=2).relevance
    np.testing.assert_allclose(fast, (slow_gradients(f, table[TOKENS]) * SEEN[..., None]).sum(-1), rtol=1e-3, atol=1e-6)
    noisy = explain(model, TOKENS, 1, "smoothgrad", copies=2).relevance
    assert abs(noisy - fast).max() > 1e-4
    assert (noisy[~SEEN] == 0).all()


@pytest.mark.parametrize("shared", thinned([True, False]))
def test_two_streams_of_tokens_and_numbers_beside_them(shared):
    inputs = {name: keras.Input((STEPS,), dtype="int32", name=name) for name in "ab"}
    inputs["c"] = keras.Input((2,), name="c")
    first = layers.Embedding(VOCABULARY, SIZE)
    second = first if shared else layers.Embedding(VOCABULARY, SIZE)
    read = [layers.SimpleRNN(2)(first(inputs["a"])), layers.SimpleRNN(2)(second(inputs["b"])), inputs["c"]]
    head = layers.Dense(2)
    model = keras.Model(inputs, head(layers.Concatenate()(read)))
    x = {"a": TOKENS, "b": TOKENS[::-1], "c": np.array([[1.0, -2.0], [0.5, 0.0], [3.0, 1.0]])}
    for method in ("integrated_gradients(points=64)", "deep_lift"):
        explanation = explain(model, x, 1, method)
        assert [leaf.shape for leaf in tree.flatten(explanation.relevance)] == [(3, 4), (3, 4), (3, 2)]
        total = sum(leaf.sum(axis=1) for leaf in tree.flatten(explanation.relevance))
        np.testing.assert_allclose(total, explanation.expected, rtol=1e-3, atol=1e-5)
        # By hand: the head is linear in c, whose baseline is 0.
        np.testing.assert_allclose(explanation.relevance["c"], x["c"] * head.kernel.numpy()[-2:, 1], rtol=1e-4)


@pytest.mark.slow
def test_embeddings_of_one_input_are_one_behind_the_other():
    inputs = keras.Input((STEPS,), dtype="int32")
    first, second = layers.Embedding(VOCABULARY, SIZE), layers.Embedding(9, 2)
    cell, head = layers.SimpleRNN(3), layers.Dense(2)
    model = keras.Model(inputs, head(cell(layers.Concatenate()([first(inputs), second(inputs)]))))
    above = keras.Sequential([keras.Input((STEPS, SIZE + 2)), cell, head])  # the same, from the embeddings on
    embedded = np.concatenate([first(TOKENS), second(TOKENS)], axis=-1)
    for method in ("gradient_x_input", "lrp_epsilon", "integrated_gradients(points=4)", "deep_lift"):
        expected = explain(above, embedded, 1, method).relevance.sum(axis=-1)
        np.testing.assert_allclose(explain(model, TOKENS, 1, method).relevance, expected, rtol=1e-4, atol=1e-7)
    with pytest.raises(InputError, match=r"^tokens of reference must lie in 0\.\.6; received 7$"):
        explain(model, TOKENS, 1, "integrated_gradients", baseline=7)  # the second alone knows it


def test_tokens_of_sentences_of_a_document():
    """TimeDistributed joins sentences and samples: embeddings have another shape than tokens have."""
    words = keras.Input((2,))
    sentence = keras.Model(words, layers.GlobalAveragePooling1D()(layers.Embedding(VOCABULARY, SIZE)(words)))
    document = keras.Input((2, 2))
    cell, head = layers.SimpleRNN(3), layers.Dense(2)
    model = keras.Model(document, head(cell(layers.TimeDistributed(sentence)(document))))
    tokens, table = TOKENS.reshape(3, 2, 2), sentence.layers[1].embeddings.numpy()

    def f(points):
        return head(cell(tf.reduce_mean(points, axis=2)))[:, 1]

    by_hand = (table[tokens] * slow_gradients(f, table[tokens])).sum(axis=-1)
    np.testing.assert_allclose(explain(model, tokens, 1, "gradient_x_input").relevance, by_hand, rtol=1e-4, atol=1e-7)
    hidden = table[tokens].copy()
    hidden[:, 1, 0] = 0
    fall = f(table[tokens]) - f(hidden)
    np.testing.assert_allclose(
        explain(model, tokens, 1, "occlusion(unit=cells)").relevance[:, 1, 0], fall, rtol=1e-4, atol=1e-7
    )


def test_bad_points_of_reference_and_inputs(parts):
    model = parts[0]
    refused = {
        "median": r"^points of reference are numbers or arrays; received 'median'$",
        7: r"^tokens of reference must lie in 0\.\.6; received 7$",
        -1: r"^tokens of reference must lie in 0\.\.6; received -1$",
        (0.5, 1.5): r"^a point of reference must broadcast to a sample \[4, 3\]; received \[2\]$",
    }
    for baseline, message in refused.items():
        with pytest.raises(InputError, match=message):
            explain(model, TOKENS, 1, "integrated_gradients", baseline=baseline)
    numbers = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    with pytest.raises(InputError, match=r"^'mean' is a point of reference for tokens; received numbers$"):
        explain(numbers, np.ones((1, 2)), 1, "integrated_gradients", baseline="mean")
