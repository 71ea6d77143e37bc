"""Tokens: relevance per token, and what is refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from tests.helpers.stock_models import dense, randomised
from thesis_rnn import explain
from thesis_rnn.errors import InputError


@pytest.mark.parametrize("dtype", [None, "int32"])
def test_tokens_receive_the_sum_over_their_embedding(dtype):
    # Embedding rows (0, 0), (1, 2), (3, 4), flattened, weights 1, -1, 2, 0: tokens (1, 2) give 1 - 2 and 6 + 0.
    model = keras.Sequential(
        [keras.Input((2,), dtype=dtype), layers.Embedding(3, 2), layers.Flatten(), layers.Dense(1)]
    )
    model.set_weights([np.array([[0, 0], [1, 2], [3, 4]]), np.array([[1], [-1], [2], [0]]), np.zeros(1)])
    exact = "lrp_epsilon(epsilon=0); gradient_x_input; integrated_gradients(points=1); occlusion; simple_taylor"
    for method in exact.split("; "):
        relevance = explain(model, [[1, 2], [2, 0]], 0, method).relevance
        np.testing.assert_allclose(relevance, [[-1, 6], [-1, 0]], rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match=r"^tokens must be whole numbers; received 1\.5$"):
        explain(model, [[1.5, 2]], 0, "lrp_epsilon")


# ---- the vocabulary


def embedded(*first, dtype="int32"):
    """A classifier of 3 tokens of a vocabulary of 4, looked up after the layers ``first``."""
    below = [keras.Input((3,), dtype=dtype), *first]
    return keras.Sequential([*below, layers.Embedding(4, 2, name="words"), layers.Flatten(), dense(2)])


def nested():
    tokens = keras.Input((3,), dtype="int32")
    return keras.Model(tokens, embedded()(tokens))


def cast():
    x = keras.Input((3,))
    return keras.Model(x, dense(2)(layers.Flatten()(layers.Embedding(4, 2, name="words")(ops.cast(x, "int32")))))


@pytest.mark.parametrize(
    "make", [embedded, lambda: embedded(dtype="float32"), lambda: embedded(layers.Reshape((3, 1)))]
)
@pytest.mark.parametrize("method", ["lrp_epsilon", "sensitivity"])
def test_tokens_outside_the_vocabulary_are_named(make, method):
    """TensorFlow fails on processors, gives zeros on GPUs, and Keras counts -1 from the end of the vocabulary."""
    model = make()
    for token in (4, -1, 2**31 - 1):
        message = rf"^tokens must lie in 0\.\.3, the vocabulary of layer 'words'; received {token} at sample 1, step 2$"
        with pytest.raises(InputError, match=message):
            explain(model, [[0, 1, 3], [3, 0, token]], 1, method)
    assert np.isfinite(explain(model, [[0, 1, 3], [3, 0, 2]], 1, method).relevance).all()


@pytest.mark.parametrize("make", [nested, cast])
def test_the_vocabulary_is_found_below_other_layers(make):
    with pytest.raises(InputError, match=r"^tokens must lie in 0\.\.3, .*'words'; received 4 at sample 0, step 1$"):
        explain(make(), [[0, 4, 0]], 0, "lrp_epsilon")


def moved(how):
    tokens = keras.Input((3,), dtype="int32")
    looked_up = layers.Embedding(4, 2, name="words")(how(tokens))
    return keras.Model(tokens, dense()(layers.Flatten()(looked_up)))


@pytest.mark.parametrize(
    ("how", "operation"),
    [
        (lambda tokens: ops.flip(tokens, axis=1), "ReverseV2"),
        (lambda tokens: tokens[:, ::-1], "StridedSlice"),
        (lambda tokens: tokens[:, 1:], "StridedSlice"),
        (lambda tokens: ops.transpose(tokens[..., None], (0, 2, 1)), "Transpose"),
    ],
)
@pytest.mark.parametrize("method", ["lrp_epsilon", "gradient_x_input"])
def test_tokens_that_are_moved_before_they_are_looked_up_are_refused(how, operation, method):
    """Relevance has the order of embeddings, which would be laid over other tokens."""
    with pytest.raises(InputError, match=rf"^tokens are covered .* in the order of its steps; .*{operation}.* before$"):
        explain(moved(how), [[0, 1, 3]], 0, method)


@pytest.mark.parametrize("how", [lambda tokens: ops.maximum(tokens - 1, 0), lambda tokens: tokens[:, None]])
def test_tokens_that_stay_in_their_places_are_covered(how):
    model = moved(how)
    table, kernel = model.get_layer("words").embeddings.numpy(), model.layers[-1].kernel.numpy()
    tokens = np.array([[0, 1, 3]])
    looked_up = table[np.asarray(how(tokens))].reshape(3, 2)
    by_hand = (looked_up * kernel[:, 0].reshape(3, 2)).sum(axis=-1)  # one linear layer
    np.testing.assert_allclose(explain(model, tokens, 0, "gradient_x_input").relevance[0], by_hand, rtol=1e-5)


@pytest.mark.parametrize("tied", [True, False])
def test_words_that_are_scored_by_their_embeddings(tied):
    """The same layer looks words up and, in reverse, scores them: z = E h."""
    words = layers.ReversibleEmbedding(7, 3, tie_weights=tied)
    x = keras.Input((4,), dtype="int32")
    model = keras.Model(x, words(layers.SimpleRNN(3)(words(x)), reverse=True))
    randomised(model)
    tokens = np.random.default_rng(0).integers(0, 7, (2, 4))
    found = explain(model, tokens, 5, "lrp_epsilon", dtype="float64", ledger=True)
    np.testing.assert_allclose(found.value, model(tokens)[:, 5], rtol=1e-5)
    np.testing.assert_allclose(found.unaccounted, 0, atol=1e-12)
    table = tf.Variable(words.embeddings)
    scores = ops.transpose(table) if tied else words.reverse_embeddings
    with tf.GradientTape() as tape:
        given = tf.gather(table, tokens)
        tape.watch(given)
        score = (model.layers[-1](given) @ scores)[:, 5]
    expected = ops.sum(tape.gradient(score, given) * given, axis=-1)
    np.testing.assert_allclose(explain(model, tokens, 5, "gradient_x_input").relevance, expected, rtol=1e-4)
