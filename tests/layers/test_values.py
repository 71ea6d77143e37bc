"""What the layers compute: by hand, and against slow NumPy versions over shapes and seeds."""

import math

import keras
import numpy as np
import pytest

from tests.helpers import slow_layers
from thesis_rnn import layers

SEEDS = range(3)


def with_weights(layer, shape, *weights):
    """``layer``, built in float64 for samples of ``shape``, with ``weights`` in the order of its variables."""
    layer.build((None, *shape))
    layer.set_weights([np.asarray(values, np.float64) for values in weights])
    return layer


def random_case(layer, shape, seed, samples=2):
    """``layer`` with random weights, and an input of which half is zero, as activations are."""
    rng = np.random.default_rng(seed)
    layer.build((None, *shape))
    layer.set_weights([rng.normal(0, 0.5, variable.shape) for variable in layer.weights])
    return layer, np.maximum(rng.normal(size=(samples, *shape)), 0)


def bias_of(softplus):
    """The b whose softplus, ln(1 + e^b), is given."""
    return math.log(math.expm1(softplus))


def assert_same(received, expected):
    np.testing.assert_allclose(received, expected, rtol=1e-10, atol=1e-12)


# ---- dense


def test_dense_by_hand():
    # x = (1, 2), kernel [[1, -1], [2, 0.5]], softplus(b) = (1, 0.25):
    # z = (1 + 4 - 1, -1 + 1 - 0.25) = (4, -0.25); the ReLU leaves (4, 0).
    weights = [[1, -1], [2, 0.5]], [bias_of(1), bias_of(0.25)]
    x = np.array([[1.0, 2.0]])
    assert_same(with_weights(layers.Dense(2, dtype="float64"), (2,), *weights)(x), [[4, 0]])
    assert_same(with_weights(layers.Dense(2, rectified=False, dtype="float64"), (2,), *weights)(x), [[4, -0.25]])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 6)])
def test_dense_against_loops(shape, seed):
    layer, x = random_case(layers.Dense(7, dtype="float64"), shape, seed)
    vectors = [slow_layers.dense(a, *layer.get_weights()) for a in x.reshape(-1, shape[-1])]
    assert_same(layer(x), np.reshape(vectors, (*x.shape[:-1], 7)))


# ---- convolution and pooling


def test_convolution_by_hand():
    # A row (1, 2, 3) in the middle of a 3x3 image of zeros; kernel: ones in its middle row, softplus(b) = 1.
    # Middle row of z: 1 + 2 - 1 = 2 (zeros to the left), 1 + 2 + 3 - 1 = 5, 2 + 3 - 1 = 4; elsewhere -1, rectified.
    image = np.zeros((1, 3, 3, 1))
    image[0, 1, :, 0] = [1, 2, 3]
    kernel = np.zeros((3, 3, 1, 1))
    kernel[1] = 1
    same = with_weights(layers.Convolution(1, 3, dtype="float64"), (3, 3, 1), kernel, [bias_of(1)])
    assert_same(same(image)[0, ..., 0], [[0, 0, 0], [2, 5, 4], [0, 0, 0]])
    valid = with_weights(layers.Convolution(1, 3, "valid", dtype="float64"), (3, 3, 1), kernel, [bias_of(1)])
    assert_same(valid(image), [[[[5]]]])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("shape", "size"), [((5, 7, 1), 5), ((6, 4, 3), 3), ((2, 5, 4, 2), 4), ((2, 2, 3, 3, 2), 2)])
def test_convolution_against_loops(shape, size, padding, seed):
    layer, x = random_case(layers.Convolution(3, size, padding, dtype="float64"), shape, seed)
    images = [slow_layers.convolution(image, *layer.get_weights(), padding) for image in x.reshape(-1, *shape[-3:])]
    assert_same(layer(x), np.reshape(images, (*x.shape[:-3], *images[0].shape)))


def test_pooling_sums_at_the_border_by_hand():
    # 7 columns in windows of 2: 1+2, 3+4, 5+6 and 7 alone. Twice or four times an average would not give 7 there.
    row = np.arange(1.0, 8).reshape(1, 1, 7, 1)
    assert_same(layers.SumPooling(dtype="float64")(row)[0, 0, :, 0], [3, 7, 11, 7])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("shape", "size", "pooled"),
    [((28, 7, 2), 2, (14, 4)), ((3, 14, 4, 2), 2, (7, 2)), ((7, 8, 1), 3, (3, 3)), ((2, 2, 1, 5, 2), 4, (1, 2))],
)
def test_pooling_against_loops(shape, size, pooled, seed):
    layer, x = random_case(layers.SumPooling(size, dtype="float64"), shape, seed)
    images = [slow_layers.sum_pooling(image, size) for image in x.reshape(-1, *shape[-3:])]
    assert images[0].shape[:2] == pooled
    assert_same(layer(x), np.reshape(images, (*x.shape[:-3], *images[0].shape)))
    assert_same(np.sum(layer(x)), x.sum())


STEPS = np.array([[[1.0, -5], [3, -1], [9, 9]]])


@pytest.mark.parametrize(
    ("own", "mean", "largest"),
    [
        ((True, True, False), (2, -3), (3, -1)),  # (1 + 3) / 2 and (-5 - 1) / 2
        ((False, True, False), (3, -1), (3, -1)),
        ((False, False, False), (0, 0), (0, 0)),  # over no step
    ],
)
def test_pooling_over_steps_by_hand(own, mean, largest):
    mask = np.array([own])
    assert_same(layers.StepPooling("mean", dtype="float64")(STEPS, mask=mask), [mean])
    assert_same(layers.StepPooling("sum", dtype="float64")(STEPS, mask=mask), [np.multiply(mean, sum(own))])
    assert_same(layers.StepPooling("max", dtype="float64")(STEPS, mask=mask), [largest])


def test_pooling_over_all_steps():
    x = np.random.default_rng(0).normal(size=(2, 4, 3))
    assert_same(layers.StepPooling("mean", dtype="float64")(x), x.mean(axis=1))
    assert_same(layers.StepPooling("sum", dtype="float64")(x), x.sum(axis=1))
    assert_same(layers.StepPooling("max", dtype="float64")(x), x.max(axis=1))


# ---- recurrences


def test_dense_recurrence_by_hand():
    # One pixel, one hidden and one recurrent neuron, softplus(b) = softplus(c) = 0.5; W = (2, 1), V = 3.
    # hidden_1 = 2*1 - 0.5 = 1.5, r_2 = 3*1.5 - 0.5 = 4, hidden_2 = 2*0.25 + 1*4 - 0.5 = 4.
    layer = layers.DenseRecurrence(1, 1, dtype="float64")
    with_weights(layer, (2, 1), [[2], [1]], [bias_of(0.5)], [[3]], [bias_of(0.5)])
    x = np.array([[[1], [0.25]]])
    assert_same(layer(x), [[4]])
    assert_same(layer.activations(x)["hidden"], [[[1.5], [4]]])
    assert_same(layer.activations(x)["recurrent_input"], [[[0], [4]]])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("steps", "features"), [(1, 5), (2, 3), (4, 6)])
def test_dense_recurrence_against_loops(steps, features, seed):
    layer, x = random_case(layers.DenseRecurrence(5, 4, dtype="float64"), (steps, features), seed)
    expected = [slow_layers.dense_recurrence(sequence, *layer.get_weights()) for sequence in x]
    assert_same(layer(x), [of_sample["hidden"][-1] for of_sample in expected])
    assert_activations(layer.activations(x), expected)


def test_a_recurrence_of_one_step_has_no_rows_for_recurrent_input():
    # Table 3.3: the cell layer of T = 1 sees its input only, and the unused recurrent layer is counted all the same.
    layer = layers.DenseRecurrence(5, 4)
    layer.build((None, 1, 3))
    assert [tuple(variable.shape) for variable in layer.trainable_variables] == [(3, 5), (5,), (5, 4), (4,)]


def test_rlstm_by_hand():
    # One feature, one cell, gates of 1/2 (kernel and bias zero), V = (2, 1), softplus(d) = 0.5, x = (1, 0.25).
    # c_1 = 2 - 0.5 = 1.5, C_1 = 0.75, h_1 = 0.375;
    # c_2 = 0.5 + 0.375 - 0.5 = 0.375, C_2 = 0.375 + 0.1875 = 0.5625, h_2 = 0.28125.
    layer = layers.RLSTM(1, dtype="float64")
    with_weights(layer, (2, 1), np.zeros((2, 3)), np.zeros(3), [[2], [1]], [bias_of(0.5)])
    x = np.array([[[1], [0.25]]])
    assert_same(layer(x), [[0.28125]])
    by_hand = {f"{gate}_gate": [0.5, 0.5] for gate in ("input", "forget", "output")}
    by_hand |= {"candidate": [1.5, 0.375], "cell": [0.75, 0.5625], "hidden": [0.375, 0.28125]}
    assert_activations(layer.activations(x), [{name: np.reshape(a, (2, 1)) for name, a in by_hand.items()}])


def test_the_gates_of_an_rlstm_are_in_the_order_input_forget_output():
    # Biases of +-100 close and open them: input open, forget closed, output open.
    layer = layers.RLSTM(1, dtype="float64")
    with_weights(layer, (2, 1), np.zeros((2, 3)), [100, -100, 100], [[1], [0]], [-100])
    activations = layer.activations(np.array([[[3], [2]]]))
    assert_same(activations["cell"].numpy().ravel(), [3, 2])  # what was 3 is forgotten
    assert_same(activations["hidden"].numpy().ravel(), [3, 2])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("steps", "features"), [(1, 5), (2, 3), (4, 6)])
def test_rlstm_against_loops(steps, features, seed):
    layer, x = random_case(layers.RLSTM(4, dtype="float64"), (steps, features), seed)
    expected = [slow_layers.rlstm(sequence, *layer.get_weights()) for sequence in x]
    assert_same(layer(x), [of_sample["hidden"][-1] for of_sample in expected])
    assert_activations(layer.activations(x), expected)


def assert_activations(received, expected):
    assert set(received) == set(expected[0])
    for name, a in received.items():
        assert_same(a, [of_sample[name] for of_sample in expected])


# ---- literal connections


def test_literal_convolution_by_hand():
    # 1x1 images, 1x1 kernel: a_t = 2 x_t + 3 a_{t-1} - 1. x = (1, 0, -2, -3):
    # a_1 = 2 - 1 = 1, a_2 = 0 + 3 - 1 = 2, a_3 = -4 + 6 - 1 = 1, a_4 = max(0, -6 + 3 - 1) = 0.
    layer = layers.LiteralConvolution(1, 1, dtype="float64")
    with_weights(layer, (4, 1, 1, 1), np.reshape([2, 3], (1, 1, 2, 1)), [bias_of(1)])
    assert_same(layer(np.reshape([1.0, 0, -2, -3], (1, 4, 1, 1, 1))).numpy().ravel(), [1, 2, 1, 0])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("shape", "size"), [((1, 4, 3, 2), 3), ((3, 5, 4, 1), 5), ((2, 3, 3, 3), 3)])
def test_literal_convolution_against_loops(shape, size, seed):
    layer, x = random_case(layers.LiteralConvolution(3, size, dtype="float64"), shape, seed)
    assert_same(layer(x), [slow_layers.literal_convolution(images, *layer.get_weights()) for images in x])


# ---- the loss


def test_zero_logit_crossentropy_by_hand():
    # Logits (ln 2, ln 3), class 1: log(1 + 2 + 3) - ln 3 = ln 2. Class 0: ln 6 - ln 2 = ln 3. Their mean: ln(6)/2.
    logits = np.log([[2.0, 3.0], [2.0, 3.0]])
    loss = layers.ZeroLogitCrossentropy(dtype="float64")
    assert_same(loss.call(np.array([1, 0]), logits), [math.log(2), math.log(3)])
    assert float(loss(np.array([1, 0]), logits)) == pytest.approx(math.log(6) / 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_zero_logit_crossentropy_against_the_formula(seed):
    rng = np.random.default_rng(seed)
    logits, target = rng.normal(0, 3, (20, 5)), rng.integers(0, 5, 20)
    expected = [math.log(1 + sum(map(math.exp, z))) - z[y] for z, y in zip(logits, target, strict=True)]
    assert_same(layers.ZeroLogitCrossentropy(dtype="float64").call(target, logits), expected)


def test_equal_logits_must_be_positive_to_win():
    # Cross-entropy alone gives ln 2 whatever two equal logits are; here log(1 + 2 e^z) - z, which falls with z.
    losses = [float(layers.ZeroLogitCrossentropy()(np.array([0]), np.array([[z, z]]))) for z in (-2.0, 0.0, 2.0)]
    by_hand = [math.log(1 + 2 * math.exp(z)) - z for z in (-2, 0, 2)]  # 2.240, 1.099, 0.759
    assert losses == pytest.approx(by_hand, rel=1e-6)
    assert losses[0] > losses[1] > losses[2] > math.log(2)


def test_zero_logit_crossentropy_of_huge_logits_is_finite():
    # z = (1000, 0): log(1 + e^1000 + 1) - 1000 = 0 and, for the other class, 1000.
    loss = layers.ZeroLogitCrossentropy()
    assert_same(loss.call(np.array([0, 1]), np.array([[1000.0, 0.0]] * 2)), [0, 1000])


def test_zero_logit_crossentropy_is_serialisable():
    stored = keras.saving.serialize_keras_object(layers.ZeroLogitCrossentropy())
    assert isinstance(keras.saving.deserialize_keras_object(stored), layers.ZeroLogitCrossentropy)
