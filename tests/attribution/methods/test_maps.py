"""Class activation maps and attention: by hand, beside GradientTape and Keras' own scores, and what is refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import thesis_rnn
from thesis_rnn.attribution import explain
from thesis_rnn.attribution.methods.cam import laid_over
from thesis_rnn.errors import InputError


@pytest.fixture(scope="module")
def series():
    """Convolutions, global average pooling and a dense head."""
    keras.utils.set_random_seed(0)
    x = keras.Input((6, 2))
    h = layers.Conv1D(4, 3, padding="same", name="first")(x)
    h = layers.ReLU()(layers.BatchNormalization(name="norm")(h))
    h = layers.MaxPooling1D(2)(h)
    h = layers.Conv1D(3, 2, padding="same", activation="relu", name="last")(h)
    model = keras.Model(x, layers.Dense(2, "softmax", bias_initializer="ones")(layers.GlobalAveragePooling1D()(h)))
    model.get_layer("norm").set_weights([np.array([1.5, 0.5, 2, 1]), np.ones(4), 0.1 * np.arange(4), np.full(4, 2.0)])
    return model


@pytest.fixture(scope="module")
def image():
    keras.utils.set_random_seed(1)
    parts = [layers.Conv2D(3, 2, activation="relu", name="maps"), layers.Flatten(), layers.Dense(2)]
    return keras.Sequential([keras.Input((4, 5, 2)), *parts])


@pytest.fixture(scope="module")
def encoder():
    """Two blocks of self-attention with what passes beside them."""
    keras.utils.set_random_seed(2)
    x = keras.Input((4, 3))
    h = x
    for number in range(2):
        h = layers.Add()([h, layers.MultiHeadAttention(2, 3, name=f"block{number}")(h, h)])
    return keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(h)))


def noise(model, n=3, seed=0):
    return np.random.default_rng(seed).normal(size=(n, *model.inputs[0].shape[1:])).astype(np.float32)


def maps_and_gradients(model, x, name, target):
    """What a layer gives and the derivative of a logit there, by Keras and a tape; the head has no activation then."""
    head = model.layers[-1]
    inner = keras.Model(model.inputs, [model.get_layer(name).output, head.input])
    with tf.GradientTape() as tape:
        x = tf.constant(x)
        tape.watch(x)
        maps, features = inner([x])
        logit = (features @ head.kernel + head.bias)[:, target]
    return np.asarray(maps), np.asarray(tape.gradient(logit, maps))


# ---- class activation maps


def test_cam_by_hand():
    # A = x of one filter (kernel 1, no bias), w = (2, -1), T = 2: R_t = w_c x_t / 2, and b_c is left out.
    parts = [layers.Conv1D(1, 1, use_bias=False), layers.GlobalAveragePooling1D(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((2, 1)), *parts])
    model.set_weights([np.ones((1, 1, 1)), np.array([[2.0, -1.0]]), np.array([5.0, 7.0])])
    record = explain(model, [[[3.0], [4.0]]], 0, "cam")
    np.testing.assert_allclose(record.relevance, [[[3], [4]]])
    np.testing.assert_allclose(record.value - record.received, 5)


def test_cam_is_the_weighed_sum_of_the_maps_and_sums_to_the_logit_without_its_bias(series):
    x = noise(series)
    maps, _ = maps_and_gradients(series, x, "last", 1)
    kernel, bias = series.layers[-1].get_weights()
    record = explain(series, x, 1, "cam")
    # 3 places on 6 steps of 2 features: each is shared by 4 cells.
    expected = np.repeat(maps @ kernel[:, 1] / 3 / 4, 2, axis=1)
    np.testing.assert_allclose(record.relevance, np.stack([expected] * 2, axis=2), atol=1e-6)
    np.testing.assert_allclose(record.received, record.value - bias[1], atol=1e-6)


@pytest.mark.parametrize("name", ["first", "last"])
def test_grad_cam_is_that_of_a_tape(series, name):
    x = noise(series)
    maps, signal = maps_and_gradients(series, x, name, 0)
    heat = np.einsum("nk,ntk->nt", signal.mean(axis=1), maps)
    record = explain(series, x, 0, f"grad_cam(layer={name}, signed=true)")
    np.testing.assert_allclose(record.relevance, laid_over(heat, (6, 2)), atol=1e-6)
    record = explain(series, x, 0, f"grad_cam(layer={name})")
    np.testing.assert_allclose(record.relevance, laid_over(np.maximum(heat, 0), (6, 2)), atol=1e-6)


def test_grad_cam_plus_plus_is_the_papers_loop(image):
    x = noise(image)
    maps, g = maps_and_gradients(image, x, "maps", 1)
    expected = np.zeros((3, 3, 4))
    for n in range(3):
        for k in range(3):
            total = maps[n, :, :, k].sum()
            for i in range(3):
                for j in range(4):
                    below = 2 * g[n, i, j, k] ** 2 + total * g[n, i, j, k] ** 3
                    part = g[n, i, j, k] ** 2 / below if below else 0.0
                    expected[n] += part * max(g[n, i, j, k], 0) * maps[n, :, :, k]
    record = explain(image, x, 1, "grad_cam_plus_plus", dtype="float64")
    np.testing.assert_allclose(record.relevance, laid_over(np.maximum(expected, 0), (4, 5, 2)), rtol=1e-3, atol=1e-5)


def test_a_map_keeps_its_sum_on_any_grid():
    heat = np.random.default_rng(0).normal(size=(2, 3, 4))
    for shape in ((3, 4), (7, 9), (2, 3, 5), (6, 8, 1)):
        np.testing.assert_allclose(laid_over(heat, shape).reshape(2, -1).sum(axis=1), heat.sum(axis=(1, 2)))


def test_models_without_such_maps_are_refused_by_name(image):
    x = noise(image)
    with pytest.raises(InputError, match=r"^cam is exact, .*; received 'flatten.*' of class Flatten$"):
        explain(image, x, 0, "cam")
    with pytest.raises(InputError, match=r"^layer must be one of the model's, .*; received 'nothing'$"):
        explain(image, x, 0, "grad_cam(layer=nothing)")
    recurrent = keras.Sequential([keras.Input((4, 2)), layers.LSTM(3, name="loop"), layers.Dense(2)])
    with pytest.raises(InputError, match=r"^cam is exact, .*; received 'loop' of class LSTM$"):
        explain(recurrent, noise(recurrent), 0, "cam")
    with pytest.raises(InputError, match=r"^name the layer whose maps .*; received a model without .*$"):
        explain(recurrent, noise(recurrent), 0, "grad_cam")
    with pytest.raises(InputError, match=r"^layer must give .*; received \[3, 3\]$"):
        explain(recurrent, noise(recurrent), 0, "grad_cam(layer=loop)")
    turned = [
        layers.Permute((2, 1)),
        layers.Conv1D(2, 2, name="maps"),
        layers.GlobalAveragePooling1D(),
        layers.Dense(2),
    ]
    turned = keras.Sequential([keras.Input((4, 2)), *turned])
    with pytest.raises(InputError, match=r"^maps are laid over .*; received 'maps', .* of class Permute$"):
        explain(turned, noise(turned), 0, "cam")


# ---- attention


def scores_of(model, x, name):
    layer = model.get_layer(name)
    inner = keras.Model(model.inputs, layer.input[0] if isinstance(layer.input, list) else layer.input)
    h = inner([x])
    return np.asarray(layer(h, h, return_attention_scores=True)[1])


def test_attention_is_the_layers_own_scores(encoder):
    x = noise(encoder)
    expected = scores_of(encoder, x, "block1").mean(axis=(1, 2))
    record = explain(encoder, x, 0, "attention")
    np.testing.assert_allclose(record.relevance.sum(axis=2), expected, atol=1e-6)
    np.testing.assert_allclose(record.received, 1, atol=1e-5)


def test_roll_out_multiplies_the_layers(encoder):
    x = noise(encoder)
    first, last = (0.5 * scores_of(encoder, x, name).mean(axis=1) + 0.5 * np.eye(4) for name in ("block0", "block1"))
    record = explain(encoder, x, 0, "attention_rollout")
    np.testing.assert_allclose(record.relevance.sum(axis=2), (last @ first).mean(axis=1), atol=1e-6)


def test_attention_times_gradient_is_the_effect_of_the_weights():
    # Without projections out_t = sum_s A_ts x_s, y = mean_t out_t: dy/dA_ts = x_s / T, so R_s = x_s mean_t A_ts.
    x = keras.Input((3, 1))
    model = keras.Model(x, layers.GlobalAveragePooling1D()(layers.Attention(name="attend")([x, x])))
    given = noise(model)
    _, weights = model.get_layer("attend")([given, given], return_attention_scores=True)
    record = explain(model, given, 0, "attention_x_gradient")
    expected = given[:, :, 0] * np.asarray(weights).mean(axis=1)
    np.testing.assert_allclose(record.relevance[:, :, 0], expected, atol=1e-6)
    np.testing.assert_allclose(record.received, record.value, atol=1e-6)  # the weights make all of this output


def test_permuted_weights_change_what_reads_different_values_and_nothing_where_all_are_alike():
    x = keras.Input((5, 2))
    model = keras.Model(x, layers.GlobalAveragePooling1D()(layers.Attention()([x, x])))
    alike = np.ones((2, 5, 2), np.float32)
    assert explain(model, alike, 0, "attention").details["change"].max() < 1e-6
    different = 3 * noise(model)
    assert explain(model, different, 0, "attention").details["change"].min() > 1e-4


@pytest.mark.parametrize("architecture", ["simple_rnn_ica", "gru_self_attention"])
def test_this_packages_layers_are_read(architecture):
    sizes = {"units": 3, "attention_units": 2, "attention_hops": 2}
    model = thesis_rnn.build(architecture, 5, features=3, classes=2, seed=0, sizes=sizes)
    record = explain(model, noise(model), 0, "attention")
    np.testing.assert_allclose(record.received, 1, atol=1e-5)


def test_hops_with_weights_of_their_own_are_read_together():
    keras.utils.set_random_seed(0)
    attend = thesis_rnn.layers.SelfAttention(units=2, hops=3, variant="flatten", name="attend")
    model = keras.Sequential([keras.Input((4, 2)), layers.SimpleRNN(3, return_sequences=True), attend, layers.Dense(2)])
    x = noise(model)
    states = model.layers[0](x)
    record = explain(model, x, 0, "attention")
    weights = np.asarray(attend.attention_weights(states))  # [n, hops, steps]
    np.testing.assert_allclose(record.relevance.sum(axis=2), weights.mean(axis=1), atol=1e-6)
    with tf.GradientTape() as tape:
        hops = tf.constant(weights)
        tape.watch(hops)
        mixed = tf.reshape(tf.einsum("nhs,nsu->nhu", hops, states), (3, -1))
        logit = model.layers[-1](mixed)[:, 0]
    expected = (tape.gradient(logit, hops) * hops).numpy().sum(axis=1)
    given = explain(model, x, 0, "attention_x_gradient").relevance.sum(axis=2)
    np.testing.assert_allclose(given, expected, atol=1e-6)


def test_padding_receives_no_attention_and_reads_none():
    x = keras.Input((4, 2))
    h = layers.Masking()(x)
    model = keras.Model(x, layers.GlobalAveragePooling1D()(layers.MultiHeadAttention(1, 2)(h, h)))
    given = noise(model)
    given[:, 3] = 0
    record = explain(model, given, 0, "attention")
    assert np.abs(record.relevance[:, 3]).max() < 1e-6


def test_what_cannot_be_read_is_refused(series, encoder):
    with pytest.raises(InputError, match=r"^attention is read of layers that attend; received a model without$"):
        explain(series, noise(series), 0, "attention")
    with pytest.raises(InputError, match=r"^layer must be one that attends, block0, block1; received 'nothing'$"):
        explain(encoder, noise(encoder), 0, "attention(layer=nothing)")
    with pytest.raises(InputError, match=r"^residual must lie in \[0, 1\); received 1$"):
        explain(encoder, noise(encoder), 0, "attention_rollout(residual=1.0)")
