"""Input-cell attention and self-attention: by hand, in front of every kind of cell, masked, in other number formats."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from thesis_rnn.layers import RLSTM, InputCellAttention, SelfAttention

VARIANTS = (
    {},
    {"variant": "flatten"},
    {"window": 3},
    {"last_steps": 4},
    {"window": 2, "last_steps": 3, "variant": "flatten"},
)
every_variant = pytest.mark.parametrize("arguments", VARIANTS, ids=str)


def scoring(layer, features, *weights):
    """``layer`` in float64 with the weights W1^T and W2^T."""
    layer.build((None, None, features))
    layer.set_weights([np.asarray(kernel, np.float64) for kernel in weights])
    return layer


def series(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# ---- by hand

# One feature, W1 = 1, W2 = ln 3 / tanh 1: x_t = 1 scores ln 3, x_t = 0 scores 0, x_t = -1 scores -ln 3.
W1, W2 = [[1.0]], [[math.log(3) / math.tanh(1)]]
# A second hop of the opposite scores.
W2_BOTH = [[W2[0][0], -W2[0][0]]]
X = np.array([[[0.0], [1.0], [-1.0]]])


def test_input_cell_attention_by_hand():
    # exp(score): 1, 3, 1/3. M_1 = 0; M_2 = 3 / 4; M_3 = (3 - 1/3) / (1 + 3 + 1/3) = 8 / 13.
    one = scoring(InputCellAttention(1, 1, dtype="float64"), 1, W1, W2)
    np.testing.assert_allclose(one(X)[0, :, 0], [0, 3 / 4, 8 / 13])
    # The other hop, 1, 1/3, 3: M_2 = 1/3 / (4/3) = 1/4; M_3 = (1/3 - 3) / (13/3) = -8/13. The mean: 0, 1/2, 0.
    mean = scoring(InputCellAttention(1, 2, dtype="float64"), 1, W1, W2_BOTH)
    np.testing.assert_allclose(mean(X)[0, :, 0], [0, 1 / 2, 0], atol=1e-12)
    flat = scoring(InputCellAttention(1, 2, "flatten", dtype="float64"), 1, W1, W2_BOTH)
    np.testing.assert_allclose(flat(X)[0], [[0, 0], [3 / 4, 1 / 4], [8 / 13, -8 / 13]], atol=1e-12)
    np.testing.assert_allclose(
        flat.attention_weights(X)[0, 1], [[1, 0, 0], [3 / 4, 1 / 4, 0], [3 / 13, 1 / 13, 9 / 13]]
    )


def test_partial_attention_by_hand():
    # The last two inputs: M_3 = (3 - 1/3) / (3 + 1/3) = 4/5.
    window = scoring(InputCellAttention(1, 1, window=2, dtype="float64"), 1, W1, W2)
    np.testing.assert_allclose(window(X)[0, :, 0], [0, 3 / 4, 4 / 5])
    # Attention at the last step only: the raw input before it, and all inputs in it.
    last = scoring(InputCellAttention(1, 1, last_steps=1, dtype="float64"), 1, W1, W2)
    np.testing.assert_allclose(last(X)[0, :, 0], [0, 1, 8 / 13])
    # With the third step padded, the last one is the second.
    np.testing.assert_allclose(last(X, mask=np.array([[True, True, False]]))[0, :2, 0], [0, 3 / 4])


def test_self_attention_by_hand():
    one = scoring(SelfAttention(1, 1, dtype="float64"), 1, W1, W2)
    np.testing.assert_allclose(one(X), [[8 / 13]])
    np.testing.assert_allclose(one.attention_weights(X), [[[3 / 13, 9 / 13, 1 / 13]]])
    np.testing.assert_allclose(one(X, mask=np.array([[True, True, False]])), [[3 / 4]])
    assert one(X, mask=np.zeros((1, 3), bool)).numpy() == 0
    flat = scoring(SelfAttention(1, 2, "flatten", dtype="float64"), 1, W1, W2_BOTH)
    np.testing.assert_allclose(flat(X), [[8 / 13, -8 / 13]])


# ---- weights and mixtures


@every_variant
def test_the_mixtures_are_those_of_the_exposed_weights(arguments):
    layer = InputCellAttention(6, 4, dtype="float64", **arguments)
    layer.build((3, 23, 5))
    x, mask = series(3, 23, 5), np.random.default_rng(1).random((3, 23)) < 0.7
    for visible in (None, mask):
        weights = np.asarray(layer.attention_weights(x, visible))
        mixtures = np.einsum("bhts,bsf->bthf", weights, x)
        expected = mixtures.mean(axis=2) if "variant" not in arguments else mixtures.reshape(3, 23, 20)
        np.testing.assert_allclose(layer(x, mask=visible), expected, atol=1e-12)
        assert (weights[..., np.triu(np.ones((23, 23), bool), 1)] == 0).all()  # nothing is seen before it came
    assert (np.swapaxes(weights, 1, 3)[~mask] == 0).all()  # padding gets no attention
    sums = weights.sum(axis=-1)
    assert ((np.abs(sums - 1) < 1e-12) | (sums == 0)).all()
    assert (sums[:, 0][mask] > 0).all()


def test_kernels_start_xavier_uniform():
    layer = InputCellAttention(50, 20, seed=0)
    layer.build((None, 100, 100))
    for kernel, fans in zip(layer.get_weights(), (100 + 50, 50 + 20), strict=True):
        limit = math.sqrt(6 / fans)  # Glorot and Bengio (2010)
        assert 0.98 * limit < np.abs(kernel).max() <= limit
        assert kernel.std() == pytest.approx(limit / math.sqrt(3), rel=0.05)  # of a uniform distribution


# ---- in front of a cell

CELLS = {
    "LSTM": lambda: keras.layers.LSTM(4),
    "GRU": lambda: keras.layers.GRU(4),
    "SimpleRNN": lambda: keras.layers.SimpleRNN(4),
    "R-LSTM": lambda: RLSTM(4, domain="real"),
    "any cell": lambda: keras.layers.RNN(
        keras.layers.StackedRNNCells([keras.layers.LSTMCell(3), keras.layers.GRUCell(4)])
    ),
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_reads_what_it_would_if_it_attended_itself(cell, tmp_path):
    model = keras.Sequential([keras.Input((12, 5)), InputCellAttention(6, 3), CELLS[cell]()])
    x = np.float32(series(2, 12, 5))
    # Equation 3, step by step: the cell after t inputs has seen the attention of each prefix.
    attention, recurrent = model.layers
    first, second = map(np.float64, attention.get_weights())
    scores = np.tanh(x @ first) @ second
    read = np.zeros(x.shape)
    for t in range(12):
        weights = np.exp(scores[:, : t + 1])
        read[:, t] = np.einsum("bsh,bsf->bhf", weights / weights.sum(axis=1, keepdims=True), x[:, : t + 1]).mean(axis=1)
    np.testing.assert_allclose(model(x), recurrent(np.float32(read)), rtol=1e-4, atol=1e-6)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras")(x), model(x))


@every_variant
def test_padding_changes_nothing(arguments):
    inputs = keras.Input((None, 5))
    features = InputCellAttention(6, 3, **arguments)(keras.layers.Masking()(inputs))
    hidden = keras.layers.LSTM(4, return_sequences=True)(features)
    outputs = [SelfAttention(6, 3)(hidden), keras.layers.LSTM(2)(hidden)]
    model = keras.Model(inputs, outputs)
    x = np.float32(series(2, 9, 5))
    padded = np.pad(x, ((0, 0), (0, 14), (0, 0)))
    for short, long in zip(model(x), model(padded), strict=True):
        np.testing.assert_allclose(long, short, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_sums_in_single(policy):
    x = series(2, 40, 5)
    for kind in (InputCellAttention, SelfAttention):
        exact, half = kind(6, 3, seed=0), kind(6, 3, seed=0, dtype=policy)
        assert half(x).dtype == half.compute_dtype
        np.testing.assert_allclose(np.float32(tf.cast(half(x), tf.float32)), exact(x), atol=0.02)


@pytest.mark.parametrize("kind", [InputCellAttention, SelfAttention])
def test_configs_of_earlier_models_are_read(kind):
    config = kind(6, 3).get_config()
    earlier = {{"units": "d_a", "hops": "r"}.get(name, name): value for name, value in config.items()}
    assert {"d_a", "r"} <= set(earlier)
    assert kind.from_config(earlier).get_config() == config
