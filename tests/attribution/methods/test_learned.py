"""Learned masks, counterfactuals, deconvolution, AttnLRP: by hand, beside loops, and laws."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from thesis_rnn.attribution import explain
from thesis_rnn.attribution.methods.learned_mask import area_slope, variation_slope
from thesis_rnn.errors import InputError


@pytest.fixture(scope="module")
def planted():
    """f = x at steps 2 and 3 of feature 0, summed; the other logit is 0."""
    x = keras.Input((6, 2))
    return keras.Model(x, ops.concatenate([x[:, 2:3, 0] + x[:, 3:4, 0], 0 * x[:, 0, :1]], axis=-1))


@pytest.fixture(scope="module")
def recurrent():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((5, 2)), layers.SimpleRNN(3), layers.Dense(3, "softmax")])


def noise(n=3, shape=(5, 2), seed=0):
    return np.random.default_rng(seed).normal(size=(n, *shape)).astype(np.float32)


# ---- learned masks


@pytest.mark.parametrize("method", ["learned_mask(area=0.17)", "learned_mask(area=0.17, mode=delete)", "extremal_mask"])
def test_a_mask_finds_the_cells_that_were_planted(method, planted):
    x = 1 + np.abs(noise(4, (6, 2)))
    x[:, 3, 0] += 1
    record = explain(planted, x, 0, method, perturbation="constant", smoothness=0.0, updates=300)
    # 2 of 12 cells are 17%. The areas of the extremal mask are 1, 1, 2 and 5 cells: x3, the larger, is in all of them,
    # x2 in two of four, and no other cell in more than one.
    assert record.relevance[:, 2:4, 0].min() > (0.45 if method == "extremal_mask" else 0.9)
    others = record.relevance.copy()
    others[:, 2:4, 0] = 0
    assert others.max() < 0.45


def test_masks_lie_between_0_and_1_and_depend_on_no_neighbour(recurrent):
    x = noise()
    record = explain(recurrent, x, 0, "learned_mask(updates=20)", dtype="float64")
    assert record.relevance.min() >= 0 and record.relevance.max() <= 1  # noqa: PT018
    alone = explain(recurrent, x[1:2], 0, "learned_mask(updates=20)", dtype="float64")
    np.testing.assert_allclose(alone.relevance[0], record.relevance[1], atol=1e-10)
    other = explain(recurrent, x, 0, "learned_mask(updates=20, seed=1)", dtype="float64")
    assert (other.relevance != record.relevance).any()


def test_slopes_of_the_terms_are_their_derivatives():
    rng = np.random.default_rng(0)
    mask = tf.constant(rng.random((2, 5, 3)))
    seen = np.ones((2, 5, 3), bool)
    seen[1, 3:] = False
    area = 0.3

    def area_term(mask):
        parts = []
        for one, cells in zip(tf.unstack(mask), seen, strict=True):
            ordered = tf.sort(tf.boolean_mask(one, cells))
            size = int(cells.sum())
            wanted = np.arange(size) >= size - max(round(area * size), 1)
            parts.append(tf.reduce_mean((ordered - wanted) ** 2))
        return tf.add_n(parts)

    def variation_term(mask):
        return tf.reduce_sum(tf.abs(mask[:, 1:] - mask[:, :-1])) / 15

    for term, slope in (
        (area_term, area_slope(mask, area, tf.constant(seen))),
        (variation_term, variation_slope(mask)),
    ):
        with tf.GradientTape() as tape:
            tape.watch(mask)
            value = term(mask)
        np.testing.assert_allclose(slope, tape.gradient(value, mask), atol=1e-12)


def test_masked_steps_have_no_part():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4, 2)), layers.Masking(), layers.SimpleRNN(2), layers.Dense(2)])
    x = noise(2, (4, 2))
    x[1, 2:] = 0
    short = explain(model, x, 0, "learned_mask(updates=10)")
    assert (short.relevance[1, 2:] == 0).all()
    assert (short.relevance[0] > 0).all()


# ---- counterfactuals


def test_the_shortest_segment_of_the_nearest_unlike_sample_is_swapped(planted):
    # f = x2 + x3 (feature 0) against 0. x has f = 1 + 2 = 3; the nearest of another class has x2 = -1.5, x3 = 1.
    x, data = np.zeros((1, 6, 2), np.float32), np.zeros((3, 6, 2), np.float32)
    x[0, 2:4, 0] = [1, 2]
    data[0, 2:4, 0] = [9, 9]  # the same class, and far
    data[1, 2:4, 0] = [-2.5, 1]
    data[2, 2:4, 0] = [-50, 0]
    # Swapping step 2 alone gives -2.5 + 2 < 0: one step is enough, and all of the fall of 3.5 is there.
    record = explain(planted, x, 0, "counterfactual", background=data)
    assert record.details["guide"].tolist() == [1]
    assert record.details["length"].tolist() == [1]
    expected = np.zeros((1, 6, 2))
    expected[0, 2, 0] = 3.5
    np.testing.assert_allclose(record.relevance, expected, atol=1e-6)


def test_a_counterfactual_changes_the_decision_and_no_shorter_segment_does(recurrent):
    x, data = noise(4), 3 * noise(20, seed=1)
    decided = np.asarray(recurrent(x)).argmax(axis=1)
    record = explain(recurrent, x, None, "counterfactual", background=data, batch_size=7)
    found, length = record.details["counterfactual"], record.details["length"]
    assert (np.asarray(recurrent(found)).argmax(axis=1) != decided).all()
    fall = record.value - explain(recurrent, found, decided, "saliency").value
    np.testing.assert_allclose(record.received, fall, atol=1e-5)
    for n in range(4):
        guide = data[record.details["guide"][n]]
        shorter = [
            np.where(((np.arange(5) >= start) & (np.arange(5) < start + size))[:, np.newaxis], guide, x[n])
            for size in range(1, length[n])
            for start in range(6 - size)
        ]
        if shorter:
            assert (np.asarray(recurrent(np.stack(shorter))).argmax(axis=1) == decided[n]).all()


# ---- deconvolution


def test_deconvolution_by_hand():
    # z1 = (x1, -x1, x1) at x1 = 2; f = 3 h1 + 5 h2 - 7 h3. Signals 3, 5, -7; the ReLU lets 3 and 5 pass, though unit 2
    # is not active, and stops -7: R = 3 * 1 + 5 * (-1) = -2. Guided backprop would stop 5 as well: 3.
    parts = [layers.Dense(3, "relu", use_bias=False), layers.Dense(1, use_bias=False)]
    model = keras.Sequential([keras.Input((1,)), *parts])
    model.set_weights([np.array([[1.0, -1, 1]]), np.array([[3.0], [5], [-7]])])
    np.testing.assert_allclose(explain(model, [[2.0]], 0, "deconvolution").relevance, [[-2]])
    np.testing.assert_allclose(explain(model, [[2.0]], 0, "guided_backprop(signed=true)").relevance, [[3]])


def test_deconvolution_is_a_chain_of_transposed_layers():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(5, "relu"), layers.Dense(3, "relu"), layers.Dense(2)])
    first, _, second, _, head, _ = (np.asarray(one, np.float64) for one in model.get_weights())
    expected = np.maximum(np.maximum(head[:, 1], 0) @ second.T, 0) @ first.T
    record = explain(model, noise(3, (4,)), 1, "deconvolution", dtype="float64")
    np.testing.assert_allclose(record.relevance, np.broadcast_to(expected, (3, 4)), atol=1e-7)


# ---- AttnLRP


def test_attn_lrp_conserves_through_an_encoder_block_with_what_the_softmax_keeps():
    keras.utils.set_random_seed(0)
    x = keras.Input((4, 3))
    h = layers.Add()([x, layers.MultiHeadAttention(2, 3, name="attend")(x, x)])
    h = layers.LayerNormalization()(h)
    model = keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(h)))
    record = explain(model, noise(3, (4, 3)), 1, "attn_lrp(epsilon=1e-9)", ledger=True, dtype="float64")
    np.testing.assert_allclose(record.explained, record.value)
    np.testing.assert_allclose(record.unaccounted, 0, atol=1e-8)
    assert any(row.kind == "softmax" and np.abs(row.relevance).max() > 0 for row in record.ledger)
    values_only = explain(model, noise(3, (4, 3)), 1, "lrp_epsilon(epsilon=1e-9)", dtype="float64")
    assert np.abs(values_only.relevance - record.relevance).max() > 1e-4


# ---- what is refused


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("learned_mask(area=1.5)", r"^area must lie between 0 and 1; received 1.5$"),
        ("learned_mask(perturbation=zero)", r"^perturbation must be one of blur, fade, constant; received 'zero'$"),
        ("learned_mask(mode=keep)", r"^mode must be one of preserve, delete; received 'keep'$"),
        ("learned_mask(rate=0)", r"^rate must be more than 0; received 0$"),
        ("extremal_mask(areas=(0.1, 2.0))", r"^areas must be numbers between 0 and 1; received \(0.1, 2.0\)$"),
        ("extremal_mask(updates=0)", r"^updates must be .* at least 1; received 0$"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(method, message):
    with pytest.raises(InputError, match=message):
        explain(None, None, method=method)


def test_what_is_not_defined_is_refused(recurrent):
    with pytest.raises(InputError, match=r"^counterfactual needs data, background=, .*; received none, or several$"):
        explain(recurrent, noise(), 0, "counterfactual")
    target = np.asarray(recurrent(noise(1))).argmax()
    with pytest.raises(InputError, match=r"^background must have samples that .* another class; received only \d$"):
        explain(recurrent, noise(1), target, "counterfactual", background=noise(1))
    tanh = keras.Sequential([keras.Input((3,)), layers.Dense(2, "tanh"), layers.Dense(2)])
    with pytest.raises(InputError, match=r"^deconvolution is defined for ReLU networks .*; received layer .* tanh"):
        explain(tanh, noise(1, (3,)), 0, "deconvolution")


@pytest.mark.parametrize("method", ["learned_mask(area=0.25, updates=60)", "extremal_mask(areas=(0.25,), updates=60)"])
def test_a_mask_of_tokens_finds_the_word_that_decides(method):
    embedding = layers.Embedding(6, 2, mask_zero=True)
    parts = [embedding, layers.GlobalAveragePooling1D(), layers.Dense(2, "softmax")]
    model = keras.Sequential([keras.Input((5,), dtype="int32"), *parts])
    embedding.set_weights([np.array([[0, 0], *[[0.1, -0.1]] * 4, [9.0, -9.0]])])
    tokens = np.array([[1, 5, 2, 3, 0], [5, 3, 2, 1, 4]])
    record = explain(model, tokens, None, method)
    assert record.relevance.shape == tokens.shape
    assert record.relevance.argmax(axis=1).tolist() == [1, 0]
    assert (record.relevance >= 0).all()
    assert (record.relevance <= 1).all()
    assert record.relevance[0, 4] == 0  # padding
