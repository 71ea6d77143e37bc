"""A softmax over the steps that are not masked, as a gate."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from thesis_rnn import explain
from thesis_rnn.errors import InputError


def pooled(**mask_type):
    """The mean of the steps that are not zero: a softmax over equal scores."""
    x = keras.Input((3, 1))
    mask = ops.not_equal(x, 0)
    if mask_type:
        mask = ops.cast(mask, **mask_type)
    shares = layers.Softmax(axis=1)(layers.Dense(1, kernel_initializer="zeros")(x), mask=mask)
    model = keras.Model(x, layers.Dense(1, use_bias=False)(ops.sum(shares * x, axis=1)))
    model.layers[-1].set_weights([np.ones((1, 1))])
    return model


@pytest.mark.parametrize("mask_type", [{}, {"dtype": "float32"}], ids=["bool", "float"])
def test_a_masked_softmax_by_hand(mask_type):
    # x = (2, 4, 0): shares 1/2, 1/2, 0, output 3; x = (0, 0, 5): share 1, output 5. Gates pass all relevance to x.
    explanation = explain(pooled(**mask_type), [[[2], [4], [0]], [[0], [0], [5]]], 0, "lrp_epsilon", epsilon=0.0)
    np.testing.assert_allclose(explanation.value, [3, 5], rtol=1e-6)
    np.testing.assert_allclose(explanation.relevance[..., 0], [[1, 2, 0], [0, 0, 5]], rtol=1e-6)


def test_more_padding_changes_nothing():
    model = pooled()
    x = np.array([[[2.0], [4.0], [0.0]]])
    for method in ("lrp_epsilon", "gradient_x_input"):
        ahead, behind = (explain(model, np.roll(x, shift, axis=1), 0, method).relevance for shift in (0, 1))
        np.testing.assert_allclose(np.roll(ahead, 1, axis=1), behind, rtol=1e-6)


def test_a_masked_softmax_that_is_an_output_is_refused_by_name():
    x = keras.Input((3,))
    model = keras.Model(x, layers.Softmax(name="odd")(layers.Dense(3)(x), mask=ops.not_equal(x, 0)))
    with pytest.raises(
        InputError, match=r"^layer 'odd' of class Softmax: a mask is covered where the softmax is no output"
    ):
        explain(model, np.ones((1, 3)), 0, "lrp_epsilon")


@pytest.mark.parametrize(
    "method", ["integrated_gradients(points=4)", "occlusion", "deep_lift", "kernel_shap(samples=32)"]
)
def test_a_mask_that_is_an_input_never_varies(method):
    """The same as where a layer finds the padding: f(baseline) and what is removed have the masks of x."""
    cell, head = layers.SimpleRNN(3), layers.Dense(2)
    series, seen = keras.Input((3, 2)), keras.Input((3,), dtype="bool")
    model = keras.Model([series, seen], head(cell(series, mask=seen)))
    masking = keras.Sequential([keras.Input((3, 2)), layers.Masking(9.0), cell, head])
    x, mask = np.random.default_rng(0).normal(size=(2, 3, 2)), np.array([[True, True, True], [True, True, False]])
    found = explain(model, [x, mask], 1, method)
    expected = explain(masking, np.where(mask[..., None], x, 9.0), 1, method)
    np.testing.assert_allclose(found.relevance[0][mask], expected.relevance[mask], rtol=1e-3, atol=1e-6)
    assert not found.relevance[1].any()
    np.testing.assert_allclose(found.expected, expected.expected, rtol=1e-4, atol=1e-7)


def test_a_mask_reaches_a_layer_of_ones_own_and_a_callable_as_booleans():
    class Sum(layers.Layer):
        def call(self, x, seen):
            return tf.reduce_sum(tf.where(seen[..., None], x, 0.0), axis=1)

    series, seen = keras.Input((3, 2)), keras.Input((3,), dtype="bool")
    x, mask = np.ones((1, 3, 2), np.float32), np.array([[True, False, True]])
    for model in (keras.Model([series, seen], Sum()(series, seen)), lambda given: Sum()(*given)):
        explanation = explain(model, (x, mask), 1, "gradient_x_input")
        assert explanation.relevance[0][0].tolist() == [[0, 1], [0, 0], [0, 1]]


def test_relevance_of_marks_of_what_is_missing_is_in_the_ledger():
    x = keras.Input((3, 2))
    marks = ops.cast(ops.not_equal(x, 0), "float32")
    model = keras.Model(x, layers.Dense(1)(layers.SimpleRNN(3)(layers.Concatenate()([x, marks]))))
    one = np.array([[[1.0, 0.0], [0.0, 2.0], [3.0, -1.0]]])
    explanation = explain(model, one, 0, "lrp_epsilon", ledger=True, dtype="float64")
    assert abs(explanation.unaccounted).max() < 1e-12
    assert max(abs(row.relevance[0]) for row in explanation.ledger if row.kind == "constant") > 1e-6


@pytest.mark.parametrize("length", [3, 2], ids=["of one length", "of two lengths"])
def test_each_of_two_texts_that_share_an_embedding_has_its_own_padding(length):
    # Weights of ones: f = mean of the words of the first text + that of the second; words 1 and 2 are embedded as such.
    words = layers.Embedding(3, 1, mask_zero=True, embeddings_initializer=keras.initializers.Constant([[0], [1], [2]]))
    texts = [keras.Input((size,), dtype="int32") for size in (3, length)]
    means = [layers.GlobalAveragePooling1D()(words(text)) for text in texts]
    model = keras.Model(texts, layers.Dense(1, kernel_initializer="ones")(layers.Concatenate()(means)))
    second = np.array([[2, 1, 1]])[:, :length]
    found = explain(model, [np.array([[2, 0, 0]]), second], 0, "gradient_x_input")
    np.testing.assert_allclose(found.relevance[0], [[2, 0, 0]], rtol=1e-6)
    np.testing.assert_allclose(found.relevance[1], second / length, rtol=1e-6)
    assert found.masked.tolist() == [2]
