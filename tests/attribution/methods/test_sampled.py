"""LIME, erasure, mutation maps, expected gradients: by hand, beside loops over the model's own outputs, and laws."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops
from sklearn.linear_model import Ridge

from thesis_rnn.attribution import explain
from thesis_rnn.errors import InputError


@pytest.fixture(scope="module")
def classifier():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5, 2)), layers.SimpleRNN(3), layers.Dense(3, "softmax")])
    model.set_weights([3 * weight for weight in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def linear():
    """f(x) = 2 x1 - 3 x2 + 1 of one step; its logits are f and 0."""
    x = keras.Input((2, 1))
    a, b = ops.split(layers.Flatten()(x), 2, axis=-1)
    return keras.Model(x, layers.Softmax()(ops.concatenate([2 * a - 3 * b + 1.0, 0 * a], axis=-1)))


@pytest.fixture(scope="module")
def reader():
    """Reads 4 tokens, of which 0 is padding."""
    keras.utils.set_random_seed(1)
    parts = [layers.Embedding(5, 3, mask_zero=True), layers.SimpleRNN(3), layers.Dense(1, "sigmoid")]
    return keras.Sequential([keras.Input((4,)), *parts])


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)


def log_p(model, x):
    return np.log(np.asarray(model(x), np.float64))


# ---- LIME


def test_lime_finds_the_effects_of_a_linear_model(linear):
    # f = 2 x1 - 3 x2 + 1 at (1, 2): without a penalty, the first step adds 2 and the second -6.
    record = explain(linear, [[[1.0], [2.0]]], 0, "lime(players=steps, size=1, alpha=1e-9)", dtype="float64")
    np.testing.assert_allclose(record.relevance, [[[2], [-6]]], atol=1e-6)
    np.testing.assert_allclose(record.details["errors"], 0, atol=1e-6)


def test_lime_is_the_ridge_regression_of_its_samples(classifier, x):
    record = explain(classifier, x, 1, "lime(players=steps, size=1, samples=50, seed=3)", dtype="float64")
    z = np.random.default_rng(3).random((50, 5)) < 0.5
    z[0] = True
    weights = np.exp(-(((1 - np.sqrt(z.mean(axis=1))) / 0.25) ** 2))
    logits = keras.Model(classifier.inputs, classifier.layers[0].output)
    kernel, bias = classifier.layers[1].get_weights()
    f = np.asarray(logits([z[:, :, np.newaxis] * x[0]])) @ kernel[:, 1] + bias[1]
    expected = Ridge(alpha=1.0).fit(z.astype(float), f, sample_weight=weights).coef_
    np.testing.assert_allclose(record.relevance[0].sum(axis=1), expected, atol=1e-5)


def test_lime_with_lasso_drops_what_matters_least(classifier, x):
    record = explain(classifier, x, 1, "lime(model=lasso, players=steps, size=1, alpha=10)")
    assert (record.relevance == 0).all()
    assert "errors" not in record.details


# ---- erasure


def test_erasure_by_hand(linear):
    # Logits (2 x1 - 3 x2 + 1, 0) at (2, 1): f = 2; without x1 it is -2, without x2 5. log p = -log(1 + exp(-f)).
    record = explain(linear, [[[2.0], [1.0]]], 0, "erasure", dtype="float64")
    log_sigmoid = -np.log1p(np.exp(-np.array([2.0, -2.0, 5.0])))
    np.testing.assert_allclose(record.relevance[0, :, 0], log_sigmoid[0] - log_sigmoid[1:], atol=1e-7)
    # Without x1 the class no longer wins: that is the minimal erasure. x1 alone is enough: all that reduction leaves.
    minimal = explain(linear, [[[2.0], [1.0]]], 0, "minimal_erasure", dtype="float64")
    assert minimal.details["erased"].ravel().tolist() == [1, 0]
    np.testing.assert_allclose(minimal.relevance.ravel(), [log_sigmoid[0] - log_sigmoid[1], 0], atol=1e-7)
    left = explain(linear, [[[2.0], [1.0]]], 0, "input_reduction", dtype="float64")
    assert left.details["left"].ravel().tolist() == [1, 0]


def test_erasure_is_the_difference_of_the_models_own_log_probabilities(classifier, x):
    record = explain(classifier, x, 2, "erasure(players=cells)")
    for step in range(5):
        for feature in range(2):
            without = x.copy()
            without[:, step, feature] = 0
            fall = (log_p(classifier, x) - log_p(classifier, without))[:, 2]
            np.testing.assert_allclose(record.relevance[:, step, feature], fall, atol=1e-5)


@pytest.mark.slow
def test_units_and_dimensions_of_an_embedding_are_erased(classifier, reader, x):
    record = explain(classifier, x, 1, f"erasure(layer={classifier.layers[0].name})", dtype="float64")
    states = np.asarray(keras.Model(classifier.inputs, classifier.layers[0].output)([x]), np.float64)
    kernel, bias = (np.asarray(one, np.float64) for one in classifier.layers[1].get_weights())

    def of_states(states):
        logits = states @ kernel + bias
        return (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))[:, 1]

    expected = np.stack([of_states(states) - of_states(states * (np.arange(3) != unit)) for unit in range(3)], axis=1)
    np.testing.assert_allclose(record.relevance, expected, atol=1e-6)
    tokens, table = np.array([[1, 2, 0, 0], [3, 3, 4, 1]]), reader.layers[0].get_weights()[0]
    record = explain(reader, tokens, 1, f"erasure(layer={reader.layers[0].name})")
    for dimension in range(3):
        reader.layers[0].set_weights([table * (np.arange(3) != dimension)])
        without = np.log(np.asarray(reader(tokens)))[:, 0]
        reader.layers[0].set_weights([table])
        fall = np.log(np.asarray(reader(tokens)))[:, 0] - without
        np.testing.assert_allclose(record.relevance[:, dimension], fall, atol=1e-5)


def test_erased_sets_undo_the_decision_and_reduced_inputs_keep_it(classifier, x):
    decided = np.asarray(classifier(x)).argmax(axis=1)
    erased = explain(classifier, x, None, "minimal_erasure(players=cells)").details["erased"] > 0
    after = np.asarray(classifier(np.where(erased, 0, x))).argmax(axis=1)
    assert ((after != decided) | erased.all(axis=(1, 2))).all()
    left = explain(classifier, x, None, "input_reduction(players=cells)").details["left"] > 0
    assert left.any(axis=(1, 2)).all()
    assert (np.asarray(classifier(np.where(left, x, 0))).argmax(axis=1) == decided).all()


# ---- tokens


def test_a_mutation_map_is_a_loop_over_steps_and_tokens(reader):
    x = np.array([[1, 2, 3, 4], [2, 2, 1, 0]])
    record = explain(reader, x, 1, "mutation_map")
    logit = np.log(1 / (1 / np.asarray(reader(x), np.float64) - 1))
    for step in range(4):
        for token in range(1, 5):
            changed = x.copy()
            changed[:, step] = token
            fall = (logit - np.log(1 / (1 / np.asarray(reader(changed), np.float64) - 1)))[:, 0]
            seen = x[:, step] != 0
            np.testing.assert_allclose(record.details["mutations"][seen, step, token], fall[seen], atol=2e-5)
    assert record.details["mutations"].shape == (2, 4, 5)
    assert (record.details["mutations"][1, 3] == 0).all()  # padding
    np.testing.assert_allclose(record.relevance[0], record.details["mutations"][0].sum(axis=1) / 4, atol=1e-6)


def test_chosen_tokens_are_part_of_the_map(reader):
    x = np.array([[1, 2, 3, 4]])
    whole = explain(reader, x, 1, "mutation_map").details["mutations"]
    np.testing.assert_allclose(
        explain(reader, x, 1, "mutation_map(candidates=(3, 1))").details["mutations"], whole[:, :, [3, 1]], atol=1e-7
    )


@pytest.mark.parametrize("method", ["shapley", "kernel_shap", "lime", "erasure", "minimal_erasure", "input_reduction"])
def test_padding_does_not_play(method, reader):
    x = np.array([[1, 2, 3, 4], [2, 4, 0, 0]])
    record = explain(reader, x, None, method, background=3)
    assert (record.relevance[1, 2:] == 0).all()
    if method == "shapley":
        both = np.asarray(reader(np.array([[3, 3, 3, 3], [3, 3, 0, 0]])), np.float64)[:, 0]
        at_background = np.log(both / (1 - both)) * np.where(record.target == 1, 1, -1)
        np.testing.assert_allclose(record.received, record.value - at_background, atol=1e-5)


# ---- expected gradients


def test_expected_gradients_of_a_linear_model_are_exact_on_average_over_all_baselines(linear):
    # f = 2 x1 - 3 x2 + 1 at (1, 2), baselines (0, 0) and (1, 1): R = ((2 + 0)/2, (-6 - 3)/2).
    data = [[[0.0], [0.0]], [[1.0], [1.0]]]
    record = explain(linear, [[[1.0], [2.0]]], 0, "expected_gradients(samples=10)", background=data)
    np.testing.assert_allclose(record.relevance, [[[1], [-4.5]]], atol=1e-6)


@pytest.mark.parametrize("method", ["expected_gradients", "gradient_shap(noise=0)"])
def test_expected_gradients_sum_to_the_difference_from_the_background(method, classifier, x):
    data = np.random.default_rng(1).normal(size=(4, 5, 2)).astype(np.float32)
    record = explain(classifier, x, 1, method, background=data, samples=800, output="probability")
    expected = np.asarray(classifier(x))[:, 1] - np.asarray(classifier(data))[:, 1].mean()
    assert (np.abs(record.received - expected) <= 4 * np.linalg.norm(record.details["errors"], axis=(1, 2))).all()
    one = explain(classifier, x[1:2], 1, method, background=data, samples=800, output="probability", batch_size=3)
    np.testing.assert_allclose(one.relevance[0], record.relevance[1], atol=1e-5)


def test_a_wanted_error_ends_the_draws(classifier, x):
    best = explain(classifier, x, 1, "gradient_shap(samples=400)").details["errors"].max()
    loose = explain(classifier, x, 1, f"gradient_shap(samples=400, tolerance={3 * best})").details["errors"].max()
    assert best < loose <= 3 * best


# ---- what is refused


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("lime(model=tree)", r"^model must be one of ridge, lasso; received 'tree'$"),
        ("lime(width=0)", r"^width must be more than 0; received 0$"),
        ("lime(alpha=-1)", r"^alpha must be at least 0; received -1$"),
        ("mutation_map(candidates=(1, 1))", r"^candidates must be at least two different tokens; received \(1, 1\)$"),
        ("expected_gradients(samples=1)", r"^samples must be at least 2, .*; received 1$"),
        ("gradient_shap(noise=-1)", r"^noise must be at least 0; received -1$"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(method, message):
    with pytest.raises(InputError, match=message):
        explain(None, None, method=method)


def test_what_is_not_defined_is_refused(classifier, reader, x):
    with pytest.raises(InputError, match=r"^mutation_map is for tokens \[n, steps\]; received .*$"):
        explain(classifier, x, 0, "mutation_map")
    with pytest.raises(InputError, match=r"^tokens must lie in 0..4, .*; received 5 at .*$"):
        explain(reader, np.array([[1, 2, 3, 4]]), 0, "mutation_map(candidates=(1, 5))")
    with pytest.raises(InputError, match=r"^tokens must lie in 0..4, .*; received 9 at .*$"):
        explain(reader, np.array([[1, 2, 3, 4]]), 0, "kernel_shap", background=9)
    regression = keras.Sequential([keras.Input((5, 2)), layers.Flatten(), layers.Dense(1)])
    with pytest.raises(InputError, match=r"^a regression has no probabilities, use occlusion; received erasure$"):
        explain(regression, x, 0, "erasure")


# ---- expected gradients of tokens


def test_expected_gradients_of_tokens_are_those_of_their_embeddings(reader):
    tokens, base, draws = np.array([[1, 2, 3, 4], [2, 4, 1, 3]]), 4, 6
    record = explain(reader, tokens, 1, f"expected_gradients(background={base}, samples={draws})", dtype="float64")
    table = reader.layers[0].get_weights()[0].astype(np.float64)
    rng = np.random.default_rng(0)  # the method's draws: turns of one baseline, then places on the way
    for _ in range(draws):
        rng.permutation(1)
    above = keras.Sequential([keras.Input((4, 3), dtype="float64"), *(again(layer) for layer in reader.layers[1:])])
    above.set_weights(reader.get_weights()[1:])
    total = np.zeros((2, 4))
    for place in rng.random(draws):
        gap = table[tokens] - table[base]
        point = tf.constant(table[base] + place * gap)
        with tf.GradientTape() as tape:
            tape.watch(point)
            p = above(point)[:, 0]
            logit = tf.math.log(p) - tf.math.log1p(-p)
        total += (gap * tape.gradient(logit, point).numpy()).sum(axis=-1) / draws
    np.testing.assert_allclose(record.relevance, total, rtol=1e-5, atol=1e-8)


def again(layer):
    """The layer in float64, without weights."""
    return type(layer).from_config(layer.get_config() | {"dtype": "float64"})


def test_expected_gradients_of_tokens_leave_padding_out_and_want_tokens(reader):
    tokens = np.array([[1, 2, 3, 4], [2, 4, 0, 0]])
    record = explain(reader, tokens, 1, "expected_gradients", background=np.array([[4, 4, 4, 4], [1, 1, 2, 1]]))
    assert (record.relevance[1, 2:] == 0).all()
    assert (record.relevance[0] != 0).all()
    with pytest.raises(InputError, match=r"^background must be tokens, .*; received 0.5"):
        explain(reader, tokens, 1, "expected_gradients(background=0.5)")
    with pytest.raises(InputError, match=r"^tokens must lie in 0..4"):
        explain(reader, tokens, 1, "expected_gradients", background=9)
