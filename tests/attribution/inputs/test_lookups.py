"""Models that look up text and categories by themselves."""

import keras
import numpy as np
import pandas
import pytest
import tensorflow as tf
from keras import layers

from thesis_rnn import explain
from thesis_rnn.errors import InputError

TEXTS = ["a film, good", "bad film"]


def vectorizer():
    return layers.TextVectorization(vocabulary=["film", "good", "bad"], output_sequence_length=4, name="words")


@pytest.fixture(scope="module")
def parts():
    """A classifier of text, and what is behind its lookup."""
    behind = [layers.Embedding(5, 2), layers.SimpleRNN(3), layers.Dense(1, activation="sigmoid")]
    whole = keras.Sequential([keras.Input((1,), dtype="string"), vectorizer(), *behind])
    return whole, keras.Sequential([keras.Input((4,), dtype="int64"), *behind])


FORMS = {
    "list": TEXTS,
    "array": np.array(TEXTS)[:, None],
    "series": pandas.Series(TEXTS),
    "dataset": tf.data.Dataset.from_tensor_slices((TEXTS, [0, 1])).batch(2),
}


@pytest.mark.parametrize("form", FORMS)
def test_text_is_explained_at_its_tokens(parts, form):
    whole, behind = parts
    calls = [len(layer._inbound_nodes) for layer in whole.layers]
    explanation = explain(whole, FORMS[form], 1, "gradient_x_input")
    tokens = vectorizer()(TEXTS).numpy()
    np.testing.assert_array_equal(explanation.relevance, explain(behind, tokens, 1, "gradient_x_input").relevance)
    # By hand: 0 is padding and 1 what the vocabulary does not have.
    assert tokens.tolist() == [[1, 2, 3, 0], [4, 2, 0, 0]]
    assert explanation.axes[0].steps == (("[UNK]", "film", "good", ""), ("bad", "film", "", ""))
    assert "layer 'words'" in explanation.notes[0]
    assert calls == [len(layer._inbound_nodes) for layer in whole.layers]


@pytest.mark.parametrize("method", [None, "integrated_gradients", "occlusion"])
def test_a_subclassed_model_of_text_is_explained_in_the_same_way(parts, method):
    class Mine(keras.Model):
        def __init__(self):
            super().__init__()
            self.steps = whole.layers

        def call(self, x):
            for step in self.steps:
                x = step(x)
            return x

    whole, _ = parts
    mine = Mine()
    found, expected = (explain(one, np.array(TEXTS)[:, None], 1, method).relevance for one in (mine, whole))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-8)


def test_categories_beside_a_series_keep_their_words_and_names():
    series, kind = keras.Input((3, 2), name="series"), keras.Input((1,), dtype="string", name="kind")
    encoded = layers.StringLookup(vocabulary=["x", "y"], output_mode="one_hot")(kind)
    head = layers.Dense(2)
    model = keras.Model([series, kind], head(layers.Concatenate()([layers.Flatten()(series), encoded])))
    x = {"series": np.ones((2, 3, 2)), "kind": np.array([["y"], ["z"]])}
    explanation = explain(model, x, 0, "gradient_x_input")
    assert explanation.feature_names["kind"] == ("[UNK]", "x", "y")
    kernel = head.kernel.numpy()[6:, 0]  # one linear layer, and one-hot inputs: y, and a word that is not known
    np.testing.assert_allclose(explanation.relevance["kind"], [[0, 0, kernel[2]], [kernel[0], 0, 0]], rtol=1e-6)


def test_what_is_not_covered_is_refused(parts):
    text = keras.Input((2,), dtype="string")
    counted = [layers.Hashing(bins)(text) for bins in (3, 4)]
    twice = keras.Model(text, layers.Dense(1)(layers.Concatenate()([layers.Embedding(4, 2)(one) for one in counted])))
    with pytest.raises(InputError, match=r"where one layer looks it up; give each an Input of its own; received"):
        explain(twice, [["a", "b"]], method="lrp_epsilon")
    nested = keras.Sequential([keras.Input((1,), dtype="string"), parts[0]])
    with pytest.raises(
        InputError, match=r"put them in front of the model, .*; received layer 'sequential\S*' of class"
    ):
        explain(nested, TEXTS, 0, "lrp_epsilon")
    with pytest.raises(InputError, match=r"must be of type string; received '1.5'$"):
        explain(parts[0], [[1.5]], 0, "lrp_epsilon")
