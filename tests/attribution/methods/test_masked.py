"""The mask of the samples holds at every point that a method asks about: against loops that hand it to the layers."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from thesis_rnn import explain
from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.tape.explained import Predictor
from thesis_rnn.measures.faithfulness.perturbation import perturbation_curve
from thesis_rnn.measures.faithfulness.regions import step_regions

PADDED = np.zeros((3, 5), bool)
PADDED[1, 3:] = PADDED[2, :2] = True  # padding behind, and in front
METHODS = {
    "smoothgrad": {"copies": 3, "noise": 0.2, "seed": 4},
    "integrated_gradients": {"points": 4, "baseline": 0.5},
    "occlusion": {"unit": "features"},
    "simple_taylor": {"root": -1.0},
}


def stock(mark, *body):
    """Random weights, and the same layers as a function of x and a mask that is given."""
    masking = layers.Masking(mark)
    model = keras.Sequential([keras.Input((5, 2)), masking, *body, layers.Dense(2, name="out")])
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.7, weights.shape) for weights in model.get_weights()])

    def by_hand(x, mask):
        y = tf.where(mask[..., None], x, tf.zeros_like(x))
        for layer in body:
            y = layer(y, mask=mask if y.shape.rank == 3 else None)
        return model.layers[-1](y)[:, 1]

    return model, by_hand


def pooled(mark):
    """A mean whose weights are a softmax over what is not padding, by a mask that the graph computes."""
    x = keras.Input((5, 2))
    shares = layers.Softmax(axis=1)(layers.Dense(1)(x), mask=ops.not_equal(x, mark)[..., :1])
    model = keras.Model(x, layers.Dense(2)(ops.sum(shares * x, axis=1)))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.7, weights.shape) for weights in model.get_weights()])

    def by_hand(x, mask):
        w, b, v, c = model.weights
        scores = tf.where(mask[..., None], x @ w + b, -1e9)
        return (tf.reduce_sum(tf.nn.softmax(scores, axis=1) * x, axis=1) @ v + c)[:, 1]

    return model, by_hand


def loop(method, f, x, mask, **arguments):
    """The method in NumPy and GradientTape over ``f(x, mask)``; hidden cells keep their value."""
    seen = np.broadcast_to(mask[..., None], x.shape)
    mask = tf.constant(mask)

    def gradient(point):
        point = tf.constant(np.where(seen, point, x))
        with tf.GradientTape() as tape:
            tape.watch(point)
            y = f(point, mask)
        return np.where(seen, tape.gradient(y, point).numpy(), 0)

    if method == "simple_taylor":
        return (x - arguments["root"]) * gradient(np.full_like(x, arguments["root"]))
    if method == "integrated_gradients":
        m, b = arguments["points"], arguments["baseline"]
        return np.mean([(x - b) * gradient(b + (k + 0.5) / m * (x - b)) for k in range(m)], axis=0)
    if method == "smoothgrad":
        extent = np.array([[[one[shown].max() - one[shown].min()]] for one, shown in zip(x, seen, strict=True)])
        one = (1, *x.shape[1:])  # the same for all samples
        noise = [tf.random.stateless_normal(one, (4, k), dtype=x.dtype).numpy() for k in range(arguments["copies"])]
        return np.mean([gradient(x + arguments["noise"] * extent * one) for one in noise], axis=0)
    relevance = np.zeros_like(x)
    for feature in range(x.shape[2]):
        hidden = x.copy()
        hidden[..., feature] = np.where(seen[..., feature], 0, x[..., feature])
        fall = (f(tf.constant(x), mask) - f(tf.constant(hidden), mask)).numpy()
        relevance[..., feature] = np.where(seen[..., feature], fall[:, None], 0)
    return relevance


BODIES = {
    "one way": lambda: [layers.SimpleRNN(3)],
    "both ways": lambda: [layers.Bidirectional(layers.GRU(2, return_sequences=True)), layers.GlobalAveragePooling1D()],
}


@pytest.mark.parametrize(
    ("mark", "body", "method"),
    [
        (0.1, "one way", "integrated_gradients"),
        (0.1, "one way", "occlusion"),
        *(pytest.param(0.1, "one way", method, marks=pytest.mark.slow) for method in ("smoothgrad", "simple_taylor")),
        pytest.param(-1.0, "both ways", "integrated_gradients", marks=pytest.mark.slow),
        (0.0, "softmax", "smoothgrad"),
        *(pytest.param(0.0, "both ways", method, marks=pytest.mark.slow) for method in METHODS),
        *(pytest.param(-1.0, "softmax", method, marks=pytest.mark.slow) for method in METHODS if method != "occlusion"),
    ],
)
def test_other_points_have_the_mask_of_the_samples(mark, body, method):
    x = padded_samples(mark)
    model, by_hand = pooled(mark) if body == "softmax" else stock(mark, *BODIES[body]())
    explanation = explain(model, x, 1, method, **METHODS[method])
    if body == "softmax":  # the input is read beside the mask as well: no cell is hidden from the model
        expected = loop(
            method, lambda x, _: by_hand(x, tf.constant(~PADDED)), x, np.ones_like(PADDED), **METHODS[method]
        )
    else:
        expected = loop(method, by_hand, x, ~PADDED, **METHODS[method])
    np.testing.assert_allclose(explanation.relevance, expected, rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(explanation.relevance[PADDED], 0)
    assert abs(explanation.relevance[~PADDED]).min() > 0


def padded_samples(mark):
    x = np.random.default_rng(1).normal(size=(3, 5, 2)).astype(np.float32)
    x[PADDED] = mark
    return x


def test_the_record_says_what_is_hidden_and_the_sum_is_that_of_the_masked_baseline(tmp_path):
    model, by_hand = stock(-1.0, layers.SimpleRNN(3))
    x, mask = padded_samples(-1.0), tf.constant(~PADDED)
    explanation = explain(model, x, 1, "integrated_gradients", points=64)
    assert explanation.masked.tolist() == [0, 4, 4]
    expected = by_hand(tf.constant(x), mask) - by_hand(tf.zeros_like(x), mask)
    np.testing.assert_allclose(explanation.expected, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(explanation.received, expected, rtol=1e-2, atol=1e-3)
    explanation.save(tmp_path / "r.npz")
    assert Explanation.load(tmp_path / "r.npz").masked.tolist() == [0, 4, 4]


@pytest.mark.slow
def test_masks_below_other_layers_and_of_several_inputs():
    # One input, or one for each feature joined below a nested model: the same cells are hidden.
    body = keras.Sequential([keras.Input((5, 2)), layers.Masking(-1.0), layers.GRU(2), layers.Dense(2)])
    whole, parts = keras.Input((5, 2)), [keras.Input((5, 1), name=name) for name in ("a", "b")]
    one = keras.Model(whole, body(layers.Identity()(whole)))
    two = keras.Model(parts, body(layers.Concatenate()(parts)))
    x = padded_samples(-1.0)
    for method in ("smoothgrad(copies=2, noise=0)", "occlusion(unit=features)"):
        single = explain(one, x, 0, method).relevance
        double = explain(two, [x[..., :1], x[..., 1:]], 0, method).relevance
        np.testing.assert_allclose(np.concatenate(double, axis=-1), single, rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(single[PADDED], 0)


@keras.saving.register_keras_serializable("tests")
class Hiding(layers.Layer):
    """A layer that finds padding unseen."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.masking = layers.Masking(-1.0, name="inside")

    def call(self, x):
        return self.masking(x)


@pytest.mark.slow
def test_the_mask_of_a_layer_that_hides_by_itself_holds():
    model, _ = stock(-1.0, layers.SimpleRNN(2))
    own = keras.Sequential([keras.Input((5, 2)), Hiding(name="odd"), *model.layers[1:]])
    x = padded_samples(-1.0)
    relevance = [explain(one, x, 1, "integrated_gradients", points=3).relevance for one in (model, own)]
    np.testing.assert_allclose(relevance[1], relevance[0], rtol=1e-4, atol=1e-6)


class Marking(layers.Layer):
    """A layer of a user's own with a mask of its own."""

    def call(self, x):
        return x * 1.0

    def compute_mask(self, x, previous=None):
        return ops.any(ops.not_equal(x, -1.0), axis=-1)


@pytest.mark.slow
def test_the_mask_of_a_user_s_own_layer_holds():
    model, _ = stock(-1.0, layers.SimpleRNN(2))
    own = keras.Sequential([keras.Input((5, 2)), Marking(), *model.layers[1:]])
    x = padded_samples(-1.0)
    relevance = [explain(one, x, 1, "integrated_gradients", points=3).relevance for one in (model, own)]
    np.testing.assert_allclose(relevance[1], relevance[0], rtol=1e-4, atol=1e-6)


def test_padding_stays_padding_where_parts_are_removed():
    model, by_hand = stock(0.0, layers.SimpleRNN(3))
    x = padded_samples(0.0)
    removed = x.copy()
    removed[:, 2] = 0  # a step that becomes zero is a step of zeros, not padding
    seen = tf.constant(~PADDED)
    given = Predictor(model).at(removed, x)
    np.testing.assert_allclose(given[:, 1], by_hand(tf.constant(removed), seen), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(Predictor(model)(x), model.predict(x, verbose=0), rtol=1e-5, atol=1e-6)
    assert abs(given - model.predict(removed, verbose=0)).max() > 1e-3
    order = np.full((3, 1), 2)
    curve = perturbation_curve(Predictor(model), x, 1, step_regions(x.shape[1:]), order, 0.0)
    np.testing.assert_allclose(curve[:, 1], given[:, 1], rtol=1e-5, atol=1e-6)


def test_padding_among_tokens_stays_padding():
    embedding, cell, head = layers.Embedding(5, 2, mask_zero=True), layers.SimpleRNN(2), layers.Dense(2)
    model = keras.Sequential([keras.Input((5,), dtype="int32"), embedding, cell, head])
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.7, weights.shape) for weights in model.get_weights()])
    tokens = np.where(PADDED, 0, rng.integers(1, 5, PADDED.shape))
    points = rng.integers(0, 5, PADDED.shape)  # zeros where there was none, and tokens in the place of padding
    expected = head(cell(embedding(np.where(PADDED, tokens, points)), mask=tf.constant(~PADDED)))
    np.testing.assert_allclose(Predictor(model).at(points, tokens), expected, rtol=1e-5, atol=1e-6)
    explanation = explain(model, tokens, 1, "kernel_shap")
    np.testing.assert_array_equal(explanation.relevance[PADDED], 0)
    assert explanation.masked.tolist() == [0, 2, 2]
