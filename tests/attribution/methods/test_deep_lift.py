"""DeepLIFT and DeepSHAP: by hand, beside a tape of scalars, complete through layers of every kind, and bad input."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.helpers.thinned import thinned
from tests.oracle import rescaling
from thesis_rnn import explain
from thesis_rnn.attribution import checks
from thesis_rnn.errors import InputError


def randomised(model, seed=0):
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.8, weight.shape) for weight in model.get_weights()])
    return model


def chain(*parts, shape=(4, 3), units=2):
    return randomised(keras.Sequential([keras.Input(shape), *parts, layers.Dense(units)]))


def data(n, *shape, seed=0):
    return np.random.default_rng(seed).normal(size=(n, *shape))


def lift(model, x, baseline=None, **more):
    return explain(model, x, 1, "deep_lift", baseline=baseline, dtype="float64", **more)


def check_complete(model, x, baseline, tolerance=1e-9):
    """The relevance sums to the model's own f(x) - f(b), in float64."""
    record = lift(model, x, baseline)
    total = sum(np.reshape(leaf, (len(leaf), -1)).sum(axis=1) for leaf in keras.tree.flatten(record.relevance))
    np.testing.assert_allclose(total, record.expected, rtol=0, atol=tolerance * max(1, np.abs(record.expected).max()))
    return record


# ---- by hand


def test_a_network_by_hand():
    # h = relu(2 x1 - x2): at x = (1, -1) h = 3, at b = (-1, 1) h = relu(-3) = 0. Its multiplier is (3 - 0) / (3 + 3) =
    # 1/2, so that of f = 4 h + 1 is 4 * 1/2 * (2, -1) = (4, -2); R = (x - b) m = (2 * 4, -2 * -2) = (8, 4).
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, "relu"), layers.Dense(1)])
    model.set_weights([np.array([[2.0], [-1.0]]), np.zeros(1), np.array([[4.0]]), np.ones(1)])
    record = explain(model, [[1.0, -1.0]], method="deep_lift(baseline=[-1.0, 1.0])", dtype="float64")
    np.testing.assert_allclose(record.relevance, [[8, 4]], rtol=1e-12)
    np.testing.assert_allclose(record.expected, [12], rtol=1e-12)


def test_products_are_completed_by_hand():
    # f = a b at (3, 5) and (1, 2): to a (5 + 2)/2 * 2 = 7, to b (3 + 1)/2 * 3 = 6; 15 - 2 = 13.
    x = keras.Input((2,))
    model = keras.Model(x, x[:, :1] * x[:, 1:])
    record = explain(model, [[3.0, 5.0]], method="deep_lift(baseline=[1.0, 2.0])", dtype="float64")
    np.testing.assert_allclose(record.relevance, [[7, 6]], rtol=1e-12)


def test_a_maximum_gives_each_winner_its_part_by_hand():
    # max(3, 1) = 3 and max(0, 2) = 2: the larger is 3, so 3 - 2 = 1 belongs to the first and 0 to the second.
    # The other way round max falls from 3 to 2: all of -1 belongs to the reference's winner.
    x = keras.Input((2, 1))
    model = keras.Model(x, layers.GlobalMaxPooling1D()(x))
    up = explain(model, [[[3.0], [1.0]]], method="deep_lift(baseline=[[0.0], [2.0]])", dtype="float64")
    down = explain(model, [[[0.0], [2.0]]], method="deep_lift(baseline=[[3.0], [1.0]])", dtype="float64")
    np.testing.assert_allclose([up.relevance.ravel(), down.relevance.ravel()], [[1, 0], [-1, 0]], atol=1e-12)


# ---- beside the tape of scalars

CELLS = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}


@pytest.mark.parametrize(
    ("name", "steps", "seed"), [("simple_rnn", 5, 0), ("lstm", 4, 1), pytest.param("gru", 5, 2, marks=pytest.mark.slow)]
)
def test_recurrent_cells_are_those_of_a_tape_of_scalars(name, steps, seed):
    model = randomised(keras.Sequential([keras.Input((steps, 2)), CELLS[name](3), layers.Dense(2)]), seed)
    x, baseline = data(2, steps, 2, seed=seed), data(1, steps, 2, seed=9)[0]
    baseline[1] = x[0, 1]  # a step that does not change: a derivative
    record = lift(model, x, baseline)
    *weights, head, bias = (np.asarray(weight, np.float64) for weight in model.get_weights())
    for sample, given in enumerate(x):
        inputs = rescaling.pairs(given, baseline)
        output = rescaling.affine([(getattr(rescaling, name)(inputs, weights), head), (None, bias)], 1)
        np.testing.assert_allclose(record.relevance[sample], rescaling.relevance(output, inputs), rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(record.expected[sample], output.gap, rtol=1e-9)


# ---- complete through every kind of layer


def attended(x):
    return layers.MultiHeadAttention(2, 3)(x, x)


def own_attention(x):
    weights = ops.softmax(ops.matmul(x, ops.transpose(x, (0, 2, 1))), axis=-1)
    return layers.Flatten()(ops.maximum(ops.matmul(weights, x), x))


def excited(x):
    return layers.Flatten()(layers.Multiply()([layers.Dense(3, "softmax")(x), x]))


def normed(x):
    x = layers.Flatten()(layers.RMSNormalization()(layers.LayerNormalization()(x)))
    return layers.UnitNormalization()(x)


GRAPHS = [attended, own_attention, excited, normed]
CHAINS = {
    "convolution": lambda: [layers.Conv1D(3, 2, activation="elu"), layers.MaxPooling1D(2, 1), layers.Flatten()],
    "additive attention, long": lambda: [layers.SimpleRNN(2, return_sequences=True), layers.GlobalMaxPooling1D()],
    "bidirectional": lambda: [layers.Bidirectional(layers.GRU(2))],
}


@pytest.mark.parametrize("connect", GRAPHS, ids=lambda connect: connect.__name__)
def test_graphs_are_complete(connect):
    x = keras.Input((4, 3))
    y = connect(x)
    model = randomised(keras.Model(x, layers.Dense(2)(layers.Flatten()(y))))
    check_complete(model, data(3, 4, 3), 0.3 + data(1, 4, 3, seed=5)[0])


@pytest.mark.parametrize("name", thinned([*CHAINS]))
def test_chains_are_complete(name):
    steps = 30 if "long" in name else 4  # a compiled loop
    check_complete(chain(*CHAINS[name](), shape=(steps, 3)), data(3, steps, 3), 0.2)


def test_softmax_by_exp_sum_reciprocal_and_product():
    # One weight of a softmax of two: e, then r = 1 / sum e, then e r, each with its own multiplier.
    x = keras.Input((2,))
    model = keras.Model(x, layers.Dense(2)(ops.softmax(1.0 * x)))
    model.set_weights([np.eye(2), np.zeros(2)])
    reference = [-0.2, 0.5]
    # r and e only matter up to a common factor: with the shift that makes the two sums inverse to each other
    record = lift(model, [[0.7, -0.4]], reference)
    given = rescaling.pairs([[0.7, -0.4]], [reference])
    shift = 0.5 * np.log(np.exp([0.7, -0.4]).sum() * np.exp(reference).sum())
    e = [(pair + -shift).through(np.exp) for pair in given[0]]
    output = e[1] * (e[0] + e[1]).through(lambda s: 1 / s)
    np.testing.assert_allclose(record.relevance, rescaling.relevance(output, given), rtol=1e-9)


# ---- masks and tokens


def test_the_mask_of_x_holds_in_the_reference():
    model = randomised(
        keras.Sequential([keras.Input((5, 2)), layers.Masking(0.0), layers.SimpleRNN(3), layers.Dense(2)])
    )
    x = data(2, 5, 2)
    x[0, 3:] = 0
    record = check_complete(model, x, 0.0)  # a baseline that is all padding by itself
    assert (record.relevance[0, 3:] == 0).all()
    short = keras.Sequential([keras.Input((3, 2)), layers.SimpleRNN(3), layers.Dense(2)])
    short.set_weights(model.get_weights())
    np.testing.assert_allclose(record.relevance[:1, :3], lift(short, x[:1, :3], 0.0).relevance, atol=1e-9)


@pytest.fixture(scope="module")
def reader():
    """Reads 4 tokens, of which 0 is padding."""
    parts = [layers.Embedding(6, 3, mask_zero=True), layers.SimpleRNN(3), layers.Dense(2)]
    return randomised(keras.Sequential([keras.Input((4,)), *parts]))


TOKENS = np.array([[1, 2, 3, 5], [4, 5, 0, 0]])


def test_tokens_are_lifted_from_an_embedding_of_zeros(reader):
    above = keras.Sequential([keras.Input((4, 3)), layers.SimpleRNN(3), layers.Dense(2)])
    above.set_weights(reader.get_weights()[1:])
    record = lift(reader, TOKENS)
    embedded = reader.get_weights()[0][TOKENS]
    expected = lift(above, embedded[:1], 0.0).relevance.sum(axis=-1)
    np.testing.assert_allclose(record.relevance[:1], expected, atol=1e-9)
    assert (record.relevance[1, 2:] == 0).all()
    np.testing.assert_allclose(record.relevance.sum(axis=1), record.expected, atol=1e-9)


def test_tokens_are_lifted_from_other_tokens(reader):
    record = lift(reader, TOKENS, np.array([2, 2, 2, 2]))
    assert record.relevance[0, 1] == 0  # the same token
    other = explain(reader, TOKENS, 1, "deep_shap", background=np.full((1, 4), 2), dtype="float64")
    np.testing.assert_allclose(other.relevance, record.relevance, atol=1e-9)


# ---- DeepSHAP


def test_deep_shap_is_the_mean_of_deep_lift_over_references():
    model, x, background = chain(layers.SimpleRNN(3)), data(3, 4, 3), data(2, 4, 3, seed=7)
    expected = np.mean([lift(model, x, reference).relevance for reference in background], axis=0)
    for batch_size in (2, 500):
        record = explain(model, x, 1, "deep_shap", background=background, dtype="float64", batch_size=batch_size)
        np.testing.assert_allclose(record.relevance, expected, atol=1e-12)
        np.testing.assert_allclose(record.relevance.sum(axis=(1, 2)), record.expected, atol=1e-9)
    hidden, head, bias = model.layers[0], *(np.asarray(one, np.float64) for one in model.get_weights()[-2:])
    values = [np.asarray(hidden(given)) @ head[:, 1] + bias[1] for given in (x, background)]
    np.testing.assert_allclose(record.expected, values[0] - values[1].mean(), atol=1e-5)


def test_deep_shap_of_a_linear_model_is_its_shapley_value():
    model, x, background = chain(layers.Flatten()), data(2, 4, 3), data(6, 4, 3, seed=3)
    record = explain(model, x, 0, "deep_shap", background=background, dtype="float64")
    kernel = np.asarray(model.get_weights()[0], np.float64)[:, 0].reshape(4, 3)
    np.testing.assert_allclose(record.relevance, kernel * (x - background.mean(axis=0)), atol=1e-12)


def test_every_class_and_differences_of_classes():
    model, x = chain(layers.Dense(3, "tanh"), layers.Flatten()), data(2, 4, 3)
    each = explain(model, x, method="deep_lift", every_class=True, dtype="float64").relevance
    np.testing.assert_allclose(each[:, 1], lift(model, x).relevance, atol=1e-12)
    against = explain(model, x, 1, "deep_lift", against=0, dtype="float64").relevance
    np.testing.assert_allclose(against, each[:, 1] - each[:, 0], atol=1e-12)


# ---- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "deep_lift", "output": "probability"}, "use output='logit'; received 'probability'$"),
        (
            {"method": "deep_lift", "states": True},
            "^deep_lift gives inputs relevance, not states; received states=True$",
        ),
        ({"method": "deep_lift", "baseline": "mean"}, "numbers or arrays; received 'mean'$"),
        (
            {"method": "deep_shap", "background": np.zeros((2, 5))},
            r"background must be a number, .*; received \[2, 5\]$",
        ),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        explain(chain(layers.Flatten()), data(2, 4, 3), 1, **arguments)


def test_weights_that_count_as_constants_are_refused_by_name():
    from thesis_rnn.layers import InputCellAttention

    x = keras.Input((4, 3))
    model = keras.Model(x, layers.Dense(2)(layers.Flatten()(InputCellAttention(2, 2, name="attending")(x))))
    with pytest.raises(InputError, match=r"received layer 'attending', whose weights count as constants$"):
        lift(model, data(2, 4, 3))


def test_an_operation_that_is_not_known_is_refused_as_the_sum_is_missed():
    x = keras.Input((4, 3))
    model = randomised(keras.Model(x, layers.Dense(2)(layers.Flatten()(ops.where(x > 0, x, 0.5 * x)))))
    with pytest.raises(InputError, match=r"such as a choice by ops.where; .* received a sum that is .* off$"):
        lift(model, data(2, 4, 3), 0.5)


def test_a_sum_that_float32_misses_is_computed_in_float64_and_the_explanation_says_so(monkeypatch):
    model = keras.Sequential([keras.Input((4, 3)), layers.SimpleRNN(3), layers.Dense(2)])
    x = np.random.default_rng(0).normal(size=(3, 4, 3))
    assert explain(model, x, 1, "deep_lift").notes == ()
    monkeypatch.setitem(checks.ROUNDING, "float32", 0.0)
    again = explain(model, x, 1, "deep_lift")
    assert again.notes == ("computed in float64, as float32 missed the sum",)
    assert again.relevance.dtype == np.float64
    assert np.abs(again.convergence_delta).max() < 1e-9
