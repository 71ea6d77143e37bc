"""Code that computes with sizes that only samples have: their number, and how many steps they are."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.helpers.stock_models import randomised
from thesis_rnn import coverage, explain
from thesis_rnn.errors import InputError


def of(function, name="own"):
    """A layer of a user's own that computes ``function``."""
    kind = type("Own", (layers.Layer,), {"call": lambda self, x: function(x)})
    return kind(name=name)


def relevance(model, x, method="lrp_epsilon", **options):
    return explain(model, x, 0, method, dtype="float64", verbose=0, **options).relevance


def pairs_summed(x):
    """[n, 4] in pairs [n, 2, 2], whose sums are [n, 2]."""
    return ops.sum(ops.reshape(x, (ops.shape(x)[0], 2, 2)), axis=2)


def test_a_shape_with_the_number_of_samples_by_hand():
    # x = (1, 2, 3, 4): the pairs sum to 3 and 7; f = 1 * 3 + 2 * 7 = 17, of which x_1 .. x_4 have 1, 2, 2 * 3, 2 * 4.
    x = keras.Input((4,))
    model = keras.Model(
        x, layers.Dense(1, kernel_initializer=keras.initializers.Constant([[1], [2]]))(of(pairs_summed)(x))
    )
    found = explain(model, [[1, 2, 3, 4]], 0, "lrp_epsilon", epsilon=0.0)
    np.testing.assert_allclose(found.value, [17])
    np.testing.assert_allclose(found.relevance, [[1, 2, 6, 8]], rtol=1e-6)


@pytest.mark.parametrize("n", [1, 5])
def test_any_number_of_samples_in_any_batches(n):
    x = keras.Input((3, 4))
    heads = of(lambda x: ops.transpose(ops.reshape(x, (ops.shape(x)[0], -1, 2, 2)), (0, 2, 1, 3)))(x)
    back = of(lambda h: ops.reshape(ops.transpose(h, (0, 2, 1, 3)), (ops.shape(h)[0], -1, 4)), "back")(heads)
    own = randomised(keras.Model(x, layers.Dense(2)(layers.LSTM(3)(back))))
    stock = keras.Model(x, own.layers[-1](own.layers[-2](x)))  # there and back again is nothing
    samples = np.random.default_rng(n).normal(size=(n, 3, 4))
    np.testing.assert_allclose(relevance(own, samples, batch_size=2), relevance(stock, samples), rtol=1e-10)


class Unrolled(keras.Model):
    """A cell in a loop of Python's, from a state of zeros for each sample."""

    def __init__(self, cell, head):
        super().__init__()
        self.cell, self.head = cell, head

    def call(self, x):
        states = [ops.zeros((ops.shape(x)[0], self.cell.units))]
        for step in range(x.shape[1]):
            output, states = self.cell(x[:, step], states)
        return self.head(output)


@pytest.mark.parametrize("method", ["lrp_epsilon", "deep_lift", "gradient_x_input"])
def test_a_cell_in_a_loop_is_the_layer_of_that_cell(method):
    stock = randomised(keras.Sequential([keras.Input((3, 2)), layers.GRU(3), layers.Dense(2)]))
    own = Unrolled(stock.layers[0].cell, stock.layers[1])
    x = np.random.default_rng(0).normal(size=(4, 3, 2))
    np.testing.assert_allclose(relevance(own, x, method), relevance(stock, x, method), rtol=1e-6, atol=1e-9)


def drawn(n):
    return keras.random.normal((n,), seed=keras.random.SeedGenerator(1))


@pytest.mark.parametrize("numbers", [ops.arange, drawn])
def test_what_depends_on_the_place_of_a_sample_is_refused(numbers):
    x = keras.Input((2,))
    numbered = of(lambda x: x + ops.cast(numbers(ops.shape(x)[0]), x.dtype)[:, None])
    with pytest.raises(
        InputError, match=r"^layer 'own' of class Own is not covered, and its call cannot be taken apart"
    ):
        explain(keras.Model(x, layers.Dense(1)(numbered(x))), np.ones((3, 2)), 0, "lrp_epsilon")


class Scaled(layers.Layer):
    """Every step times a weight, which stands to the left of it."""

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        return np.array([2.0, 3.0], "float32") * (self.scale * x)


def test_a_weight_or_an_array_to_the_left_of_a_signal():
    x = keras.Input((3, 2))
    model = keras.Model(x, layers.Dense(1, kernel_initializer="ones")(layers.Flatten()(Scaled()(x))))
    found = explain(model, np.ones((1, 3, 2)), 0, "lrp_epsilon", epsilon=0.0)
    np.testing.assert_allclose(found.relevance, [[[2, 3]] * 3], rtol=1e-6)


def placed(steps):
    """A reader that adds to every word the embedding of its place, for ``steps`` words or any number."""
    keras.utils.set_random_seed(0)
    words, places = layers.Embedding(9, 3), layers.Embedding(6, 3)

    class Placed(layers.Layer):
        def __init__(self):
            super().__init__()
            self.words, self.places = words, places

        def call(self, x):
            return self.words(x) + self.places(ops.arange(ops.shape(x)[1]))

    x = keras.Input((steps,), dtype="int32")
    return keras.Model(x, layers.Dense(2)(layers.GRU(3)(Placed()(x))))


@pytest.mark.parametrize("length", [4, 5])
def test_places_of_any_length_are_those_of_that_length(length):
    x = np.random.default_rng(1).integers(0, 9, (3, length))
    for method in ("lrp_epsilon", "occlusion"):
        np.testing.assert_allclose(relevance(placed(None), x, method), relevance(placed(length), x, method), rtol=1e-9)


def test_texts_of_different_lengths_are_each_read_at_their_own():
    model = placed(None)
    texts = [np.array([1, 2, 3]), np.array([4, 5])]
    assert coverage(model, texts[0][None]).covered
    for found, text in zip(relevance(model, texts), texts, strict=True):
        np.testing.assert_allclose(found, relevance(placed(len(text)), text[None])[0], rtol=1e-9)


def test_occlusion_of_any_length_is_that_of_the_length():
    layered = randomised(keras.Sequential([keras.Input((None, 2)), layers.GRU(3), layers.Dense(2)]))
    x = np.random.default_rng(2).normal(size=(2, 5, 2))
    fixed = keras.Sequential([keras.Input((5, 2)), *layered.layers])
    for unit in ("cells", "features", "steps", "blocks"):
        method = f"occlusion(unit={unit})"
        np.testing.assert_allclose(relevance(layered, x, method), relevance(fixed, x, method), rtol=1e-9)


def test_frames_of_any_number_through_a_network_of_their_own():
    """Keras' TimeDistributed gives other outputs in a graph of unknown length than at once: those are not compared."""
    frames = keras.Sequential([keras.Input((3, 2)), layers.Conv1D(2, 2, activation="relu"), layers.Flatten()])
    layered = [layers.TimeDistributed(frames), layers.GRU(3), layers.Dense(2)]
    models = [randomised(keras.Sequential([keras.Input((steps, 3, 2)), *layered])) for steps in (None, 4)]
    x = np.random.default_rng(3).normal(size=(2, 4, 3, 2))
    np.testing.assert_allclose(*(relevance(model, x) for model in models), rtol=1e-9)


def test_an_output_without_an_axis_of_units():
    x = keras.Input((3,))
    z = layers.Dense(1)(x)
    flat, kept = keras.Model(x, ops.squeeze(z, -1)), keras.Model(x, z)
    samples = np.random.default_rng(4).normal(size=(2, 3))
    found = explain(flat, samples, None, "gradient_x_input")
    np.testing.assert_allclose(found.value, flat(samples), rtol=1e-6)
    np.testing.assert_allclose(found.relevance, explain(kept, samples, 0, "gradient_x_input").relevance)
