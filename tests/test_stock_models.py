"""Stock Keras models: every covered layer, every kind of head, and what is refused."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from thesis_rnn import explain
from thesis_rnn.attribution.stock import covered_names
from thesis_rnn.errors import InputError


def randomised(model, seed=0):
    rng = np.random.default_rng(seed)
    values = [rng.normal(0, 0.6, variable.shape) for variable in model.weights]
    model.set_weights([abs(v) + 0.2 if "variance" in w.path else v for v, w in zip(values, model.weights, strict=True)])
    return model


def chain(*parts, shape=(4, 3), units=2, activation=None):
    """The layers ``parts`` on an input of ``shape``, flattened, with a dense head."""
    return randomised(
        keras.Sequential([keras.Input(shape), *parts, layers.Flatten(), layers.Dense(units, activation, name="head")])
    )


def graph(connect, shape=(4, 3)):
    x = keras.Input(shape)
    return randomised(keras.Model(x, layers.Dense(2)(layers.Flatten()(connect(x)))))


def dense(units=3, activation=None, **arguments):
    return layers.Dense(units, activation, **arguments)


IMAGE = (5, 4, 2)
COVERED = {
    "Dense": lambda: chain(dense(activation="relu")),
    "Conv1D": lambda: chain(layers.Conv1D(3, 2, 2, "same", activation="relu")),
    "Conv1D, causal": lambda: chain(layers.Conv1D(3, 2, padding="causal", dilation_rate=2)),
    "Conv2D": lambda: chain(layers.Conv2D(3, (3, 2), (1, 2), activation="relu"), shape=IMAGE),
    "Conv2D, same": lambda: chain(layers.Conv2D(3, 3, padding="same", dilation_rate=2), shape=IMAGE),
    "SimpleRNN": lambda: chain(layers.SimpleRNN(2, return_sequences=True)),
    "LSTM": lambda: chain(layers.LSTM(2), shape=(2, 3)),
    "GRU": lambda: chain(layers.GRU(2, go_backwards=True), shape=(2, 3)),
    "RNN": lambda: chain(layers.RNN([layers.SimpleRNNCell(2), layers.GRUCell(2)]), shape=(2, 3)),
    "Bidirectional": lambda: chain(layers.Bidirectional(layers.SimpleRNN(2, return_sequences=True), merge_mode="ave")),
    "TimeDistributed": lambda: chain(layers.TimeDistributed(dense(2, "relu"))),
    "Masking": lambda: chain(layers.Masking(), layers.SimpleRNN(2)),
    "BatchNormalization": lambda: chain(layers.BatchNormalization(), dense(activation="relu")),
    "BatchNormalization, folded": lambda: chain(dense(), layers.BatchNormalization(), layers.ReLU()),
    "LayerNormalization": lambda: chain(layers.LayerNormalization(), dense(activation="relu")),
    "Dropout": lambda: chain(dense(), layers.Dropout(0.5), layers.SpatialDropout1D(0.5)),
    "GaussianNoise": lambda: chain(layers.GaussianNoise(1.0), layers.GaussianDropout(0.5), layers.AlphaDropout(0.5)),
    "SpatialDropout2D": lambda: chain(layers.SpatialDropout2D(0.5), shape=IMAGE),
    "Identity": lambda: chain(layers.Identity(), layers.ActivityRegularization(0.1)),
    "Reshape": lambda: chain(layers.Reshape((6, 2)), layers.Permute((2, 1)), dense()),
    "Flatten": lambda: chain(layers.Flatten(), layers.RepeatVector(2)),
    "ZeroPadding1D": lambda: chain(layers.ZeroPadding1D(1), layers.UpSampling1D(2), layers.Cropping1D(1)),
    "ZeroPadding2D": lambda: chain(layers.ZeroPadding2D(1), layers.Cropping2D(((1, 0), (0, 1))), shape=IMAGE),
    "Activation": lambda: chain(dense(), layers.Activation("tanh")),
    "ReLU": lambda: chain(dense(), layers.ReLU()),
    "ReLU, leaky": lambda: chain(dense(), layers.ReLU(negative_slope=0.1)),
    "LeakyReLU": lambda: chain(dense(), layers.LeakyReLU(0.2)),
    "ELU": lambda: chain(dense(), layers.ELU()),
    "AveragePooling1D": lambda: chain(layers.AveragePooling1D(2, 1, "same")),
    "AveragePooling2D": lambda: chain(layers.AveragePooling2D(2, padding="same"), shape=IMAGE),
    "MaxPooling1D": lambda: chain(layers.MaxPooling1D(2)),
    "MaxPooling2D": lambda: chain(layers.MaxPooling2D(2), shape=IMAGE),
    "GlobalMaxPooling1D": lambda: chain(layers.GlobalMaxPooling1D()),
    "GlobalMaxPooling2D": lambda: chain(layers.GlobalMaxPooling2D(), shape=IMAGE),
    "GlobalAveragePooling1D": lambda: chain(layers.Masking(), layers.GlobalAveragePooling1D()),
    "GlobalAveragePooling2D": lambda: chain(layers.GlobalAveragePooling2D(), shape=IMAGE),
    "Add": lambda: graph(lambda x: layers.Add()([dense()(x), dense(3, "relu")(x), x])),
    "Add, operation": lambda: graph(lambda x: dense()(x) + dense()(x) + 1.5),
    "Subtract": lambda: graph(lambda x: layers.Subtract()([dense()(x), x])),
    "Average": lambda: graph(lambda x: layers.Average()([dense()(x), x])),
    "Multiply": lambda: graph(lambda x: layers.Multiply()([dense(3, "sigmoid")(x), dense()(x)])),
    "Multiply, operation": lambda: graph(lambda x: 2 * (dense(3, "sigmoid")(x) * dense()(x))),
    "Softmax": lambda: graph(lambda x: layers.Multiply()([layers.Softmax(axis=1)(dense(1)(x)), x])),
    "Multiply, of a rearranged gate": lambda: graph(
        lambda x: x * layers.Permute((2, 1))(layers.RepeatVector(3)(layers.Flatten()(dense(1, "sigmoid")(x))))
    ),
    "Softmax, activation": lambda: graph(lambda x: layers.Multiply()([dense(3, "softmax")(x), x])),
    "Concatenate": lambda: graph(lambda x: layers.Concatenate(axis=1)([x, dense()(x)])),
    "Attention": lambda: graph(lambda x: layers.Attention()([dense()(x), x])),
    "MultiHeadAttention": lambda: graph(lambda x: layers.MultiHeadAttention(2, 2)(x, x)),
    "GetItem": lambda: graph(lambda x: x[:, 1:]),
    "Relu": lambda: graph(lambda x: ops.tanh(ops.relu(dense()(x)))),
    "Mean": lambda: graph(lambda x: ops.concatenate([ops.mean(x, axis=1), ops.sum(x, axis=1)], axis=-1)),
    "Transpose": lambda: graph(lambda x: ops.expand_dims(ops.transpose(x, (0, 2, 1)), axis=1)),
    "nested": lambda: chain(chain(dense(activation="relu"), units=3)),
}
WITHOUT_A_CASE = {
    # With an integer input, or tested through another of their kind.
    "Embedding",
    "Sigmoid",
    "Tanh",
    "Sum",
    "Stack",
    "Squeeze",
    "Flip",
    "Cast",
    "ExpandDims",
    "SpatialDropout1D",
    "GaussianDropout",
    "AlphaDropout",
    "ActivityRegularization",
    "Permute",
    "RepeatVector",
    "UpSampling1D",
    "Cropping1D",
    "Cropping2D",
    # What masks are computed with.
    *("NotEqual", "Equal", "Greater", "Less", "Any", "LogicalAnd", "LogicalOr", "LogicalNot"),
}


SLOW = ("SimpleRNN", "GRU", "BatchNormalization", "Conv1D, causal", "ReLU, leaky")
"""Others of their kind run every time."""


def samples(model, n=3):
    return np.random.default_rng(1).normal(size=(n, *model.inputs[0].shape[1:])).astype(np.float32)


def inbound_nodes(model):
    """How often each layer is called, in nested models too."""
    return [
        (layer.name, len(layer._inbound_nodes), inbound_nodes(layer) if isinstance(layer, keras.Model) else [])
        for layer in model.layers
    ]


def test_every_covered_layer_has_a_case():
    assert set(covered_names()) - WITHOUT_A_CASE <= {name.partition(",")[0] for name in COVERED}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in COVERED]
)
def test_covered_layers_are_explained_and_left_alone(name):
    model = COVERED[name]()
    x = samples(model)
    if name == "Masking":
        x[0, 2:] = 0
    config, weights, nodes = model.to_json(), model.get_weights(), inbound_nodes(model)
    logits = model.predict(x, verbose=0)
    explanation = explain(model, x, 0, "lrp_epsilon", epsilon=0.01, ledger=True)
    np.testing.assert_allclose(explanation.logits, logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(explanation.explained, logits[:, 0], rtol=1e-4, atol=1e-5)
    assert explanation.relevance.shape == x.shape
    total = abs(explanation.relevance).sum() + abs(explanation.explained).sum()
    assert abs(explanation.relevance).max() > 1e-3
    assert abs(explanation.unaccounted).max() <= 1e-5 * total
    assert model.to_json() == config
    assert inbound_nodes(model) == nodes
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("name", ["Dense", "Conv2D, same", "MaxPooling1D", "Average", "nested"])
def test_alpha_beta_on_real_inputs_is_accounted_for(name):
    model = COVERED[name]()
    x = samples(model, 8)
    explanation = explain(model, x, method="lrp", inputs="real", alpha=2, ledger=True)
    assert (explanation.explained > 0).any()
    assert abs(explanation.unaccounted).max() <= 1e-5 * abs(explanation.relevance).sum()


def test_a_saved_model_is_the_same_before_and_after(tmp_path):
    model = COVERED["nested"]()
    model.save(tmp_path / "before.keras")
    explain(model, samples(model), 0, "lrp_epsilon")
    model.save(tmp_path / "after.keras")
    before, after = (keras.models.load_model(tmp_path / f"{name}.keras") for name in ("before", "after"))
    assert before.to_json() == after.to_json()
    np.testing.assert_array_equal(before(samples(model)), after(samples(model)))


# ---- graphs


def test_a_batch_normalisation_is_explained_as_if_it_were_folded_by_hand():
    model = chain(dense(name="below"), layers.BatchNormalization(name="norm", epsilon=0.1), layers.ReLU())
    folded = chain(dense(name="below"), layers.ReLU())
    norm = model.get_layer("norm")
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + 0.1)
    kernel, bias = model.get_layer("below").get_weights()
    folded.get_layer("below").set_weights([kernel * scale, (bias - mean) * scale + beta])
    folded.get_layer("head").set_weights(model.get_layer("head").get_weights())
    x = samples(model)
    for method in ({"method": "lrp_epsilon"}, {"method": "deep_taylor", "inputs": "real"}):
        expected = explain(folded, x, 0, **method).relevance
        np.testing.assert_allclose(explain(model, x, 0, **method).relevance, expected, rtol=1e-4, atol=1e-6)


def test_two_uses_of_a_layer_are_two_layers_with_its_weights():
    def two(first, second):
        return lambda x: layers.Concatenate()([first(x[:, :2]), second(x[:, 2:])])

    shared = dense(name="shared")
    twice, apart = graph(two(shared, shared)), graph(two(dense(), dense()))
    kernel, bias, *head = twice.get_weights()
    apart.set_weights([kernel, bias, kernel, bias, *head])
    x = samples(twice)
    target = apart.predict(x, verbose=0).argmax(axis=1)
    expected, relevance = (explain(model, x, target, "lrp", low=-5, high=5).relevance for model in (apart, twice))
    assert abs(expected).max() > 0
    np.testing.assert_allclose(relevance, expected, rtol=1e-4, atol=1e-6)


def test_a_layer_on_pixels_and_on_activations_is_no_pixel_layer():
    """z-beta in the pixels' box would be wrong for the second use: alpha-beta by sign conserves both."""
    shared = dense(3, "relu")
    model = graph(lambda x: shared(shared(x)))
    explanation = explain(model, samples(model), method="lrp", low=-5.0, high=5.0, ledger=True)
    assert abs(explanation.unaccounted).max() <= 1e-5 * abs(explanation.relevance).sum()


@pytest.mark.parametrize("dtype", [None, "int32"])
def test_tokens_receive_the_sum_over_their_embedding(dtype):
    # Embedding rows (0, 0), (1, 2), (3, 4), flattened, weights 1, -1, 2, 0: tokens (1, 2) give 1 - 2 and 6 + 0.
    model = keras.Sequential(
        [keras.Input((2,), dtype=dtype), layers.Embedding(3, 2), layers.Flatten(), layers.Dense(1)]
    )
    model.set_weights([np.array([[0, 0], [1, 2], [3, 4]]), np.array([[1], [-1], [2], [0]]), np.zeros(1)])
    for method in ({"method": "lrp_epsilon", "epsilon": 0.0}, {"method": "gradient_x_input"}):
        relevance = explain(model, [[1, 2], [2, 0]], 0, **method).relevance
        np.testing.assert_allclose(relevance, [[-1, 6], [-1, 0]], rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match=r"^occlusion needs inputs that can be varied"):
        explain(model, [[1, 2]], 0, "occlusion")
    with pytest.raises(InputError, match=r"^tokens must be whole numbers; received 1\.5$"):
        explain(model, [[1.5, 2]], 0, "lrp_epsilon")


# ---- heads


def head(units, activation, **arguments):
    return chain(dense(activation="relu"), units=units, activation=activation), {"method": "lrp_epsilon"} | arguments


def test_a_softmax_head_is_explained_before_the_softmax():
    model, method = head(3, "softmax")
    plain = chain(dense(activation="relu"), units=3)
    plain.set_weights(model.get_weights())
    x = samples(model)
    explanation = explain(model, x, **method)
    np.testing.assert_array_equal(explanation.target, model.predict(x, verbose=0).argmax(axis=1))
    np.testing.assert_allclose(explanation.logits, plain.predict(x, verbose=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(explanation.relevance, explain(plain, x, **method).relevance, rtol=1e-4, atol=1e-6)


def test_a_sigmoid_unit_has_two_classes():
    model, method = head(1, "sigmoid")
    x = samples(model, 6)
    probability = model.predict(x, verbose=0)[:, 0]
    no, yes = (explain(model, x, target, **method) for target in (0, 1))
    np.testing.assert_allclose(yes.value, np.log(probability / (1 - probability)), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(no.value, -yes.value, rtol=1e-6)
    np.testing.assert_allclose(no.relevance, -yes.relevance, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(explain(model, x, **method).target, probability > 0.5)
    of_probability = explain(model, x, 1, "sensitivity", output="probability")
    np.testing.assert_allclose(of_probability.value, probability, rtol=1e-4)


def test_a_regression_has_one_class():
    model, method = head(1, None)
    x = samples(model)
    explanation = explain(model, x, **method)
    np.testing.assert_allclose(explanation.explained, model.predict(x, verbose=0)[:, 0], rtol=1e-4)
    with pytest.raises(InputError, match=r"^target must lie in 0\.\.0; received 1\.\.1$"):
        explain(model, x, 1, **method)
    with pytest.raises(InputError, match=r"^a regression has no probabilities"):
        explain(model, x, 0, "sensitivity", output="probability")


def test_a_step_of_an_output_per_step():
    model = randomised(
        keras.Sequential([keras.Input((4, 3)), layers.SimpleRNN(2, return_sequences=True), layers.Dense(2, "softmax")])
    )
    x = samples(model)
    explanation = explain(model, x, 1, "lrp_epsilon", step=1)
    np.testing.assert_allclose(tf.nn.softmax(explanation.logits), model.predict(x, verbose=0)[:, 1], rtol=1e-4)
    assert abs(explanation.relevance[:, :2]).max() > 0
    np.testing.assert_array_equal(explanation.relevance[:, 2:], 0)
    for step, message in ((None, r"each of 4 steps; name one with step=; received None$"), (4, r"0\.\.3; received 4$")):
        with pytest.raises(InputError, match=message):
            explain(model, x, 1, "lrp_epsilon", step=step)


def test_one_of_several_outputs():
    x = keras.Input((3,))
    hidden = dense(4, "relu")(x)
    outputs = [layers.Dense(2, "softmax", name="kind")(hidden), layers.Dense(1, name="size")(hidden)]
    model = randomised(keras.Model(x, outputs))
    values = model.predict(samples(model), verbose=0)
    kind, size = (explain(model, samples(model), 0, "lrp_epsilon", head=place) for place in (0, 1))
    np.testing.assert_allclose(tf.nn.softmax(kind.logits), values[0], rtol=1e-4)
    np.testing.assert_allclose(size.value, values[1][:, 0], rtol=1e-4, atol=1e-6)
    with pytest.raises(InputError, match=r"^head must be one of the model's outputs: 0 .*, 1 .*; received 2$"):
        explain(model, samples(model), 0, "lrp_epsilon", head=2)


def test_an_activation_inside_a_loop_is_not_a_head():
    """The sigmoid of a cell that is the output acts at every step; leaving it out would explain another model."""
    model = randomised(keras.Sequential([keras.Input((3, 2)), layers.SimpleRNN(2, "sigmoid")]))
    x = samples(model)
    np.testing.assert_allclose(explain(model, x, 0, "lrp_epsilon").logits, model.predict(x, verbose=0), rtol=1e-4)


@pytest.mark.parametrize(
    "model", [COVERED["Dense"], COVERED["Conv2D"], lambda: chain(layers.GRU(2), shape=(2, 3))], ids=["0", "1", "2"]
)
def test_models_of_mixed_precision_are_explained_in_float32(model):
    exact = model()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        mixed = model()
    finally:
        keras.config.set_dtype_policy("float32")
    assert mixed.layers[0].compute_dtype == "float16"
    x = samples(exact)
    explanation = explain(mixed, x, 0, "lrp_epsilon")
    assert explanation.relevance.dtype == np.float32
    np.testing.assert_allclose(
        explanation.relevance, explain(exact, x, 0, "lrp_epsilon").relevance, rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("name", ["Dense", "BatchNormalization, folded", "MultiHeadAttention"])
def test_float64_is_float32_with_less_rounding(name):
    model = COVERED[name]()
    x = samples(model)
    double = explain(model, x, 0, "lrp_epsilon", dtype="float64", ledger=True)
    assert double.relevance.dtype == np.float64
    assert abs(double.unaccounted).max() <= 1e-12 * abs(double.relevance).sum()
    np.testing.assert_allclose(explain(model, x, 0, "lrp_epsilon").relevance, double.relevance, rtol=1e-2, atol=1e-4)


# ---- what is refused


@keras.saving.register_keras_serializable("tests")
class Cubed(keras.layers.Layer):
    """A layer that no rule covers."""

    def call(self, inputs):
        return inputs**3


class DenseOfMine(layers.Dense):
    """A subclass, whose call may differ."""


UNCOVERED = {
    "DepthwiseConv1D": lambda: chain(layers.DepthwiseConv1D(2, name="odd")),
    "Lambda": lambda: chain(layers.Lambda(lambda x: x * x, name="odd")),
    "Cubed": lambda: chain(Cubed(name="odd")),
    "DenseOfMine": lambda: chain(DenseOfMine(3, name="odd")),
    "Dense": lambda: chain(dense(3, "gelu", name="odd")),
    "Multiply": lambda: graph(lambda x: layers.Multiply(name="odd")([dense()(x), x])),
    "TimeDistributed": lambda: chain(layers.TimeDistributed(DenseOfMine(2), name="odd")),
    "Conv2D": lambda: chain(layers.Conv2D(2, 1, groups=2, name="odd"), shape=IMAGE),
}


@pytest.mark.parametrize("kind", UNCOVERED)
@pytest.mark.parametrize("method", [{"method": "lrp_epsilon"}, {"method": "guided_backprop"}], ids=str)
def test_layers_that_are_not_covered_are_refused_by_name(kind, method):
    model = UNCOVERED[kind]()
    with pytest.raises(
        InputError, match=rf"layer 'odd' of class {kind}.* the ways out: .*cover.* gradient method"
    ) as e:
        explain(model, samples(model), 0, **method)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("kind", UNCOVERED)
def test_gradient_methods_are_a_way_out(kind):
    model = UNCOVERED[kind]()
    x = samples(model)
    with tf.GradientTape() as tape:
        at = tf.constant(x)
        tape.watch(at)
        logit = model(at)[:, 1]
    expected = tape.gradient(logit, at).numpy() ** 2
    np.testing.assert_allclose(explain(model, x, 1, "sensitivity").relevance, expected, rtol=1e-3, atol=1e-6)


def test_guided_backprop_acts_on_rectified_cells_and_refuses_others_by_name():
    refused = chain(layers.LSTM(2, name="memory"))
    with pytest.raises(InputError, match=r"^guided backprop is defined for ReLU networks .*layer 'memory' with tanh"):
        explain(refused, samples(refused), 0, "guided_backprop")
    # One unit, h_t = relu(x_t - h_{t-1}), output -h_2, x = (1, 2): h = (1, 1). The signal -1 does not pass h_2's ReLU,
    # where the gradient is (1, -1). With output +h_2 it passes, and -1 stops at h_1: (0, 1).
    model = keras.Sequential([keras.Input((2, 1)), layers.SimpleRNN(1, "relu"), layers.Dense(1, use_bias=False)])
    for sign, expected in ((-1.0, [0, 0]), (1.0, [0, 1])):
        model.set_weights([np.ones((1, 1)), -np.ones((1, 1)), np.zeros(1), np.full((1, 1), sign)])
        guided = explain(model, [[[1], [2]]], 0, "guided_backprop", signed=True).relevance
        np.testing.assert_allclose(guided[0, :, 0], expected)


@pytest.mark.parametrize("method", ["deep_taylor", "lrp", "lrp_alpha_beta"])
def test_bounds_are_asked_for_and_never_guessed(method):
    model = COVERED["Dense"]()
    x = samples(model)
    with pytest.raises(InputError, match=rf"^{method} needs to know where your inputs live: .*; received neither$"):
        explain(model, x, 0, method)
    for answer in ({"inputs": "real"}, {"low": [-9.0] * 3, "high": [9.0] * 3}):
        assert np.isfinite(explain(model, x, 0, method, **answer).relevance).all()
    with pytest.raises(InputError, match=r"declared positive; received -"):
        explain(model, x, 0, method, inputs="positive")


@pytest.mark.parametrize("method", ["lrp_epsilon", "sensitivity"])
def test_numbers_that_are_none_are_located(method):
    model = COVERED["Dense"]()
    x = samples(model)
    x[1, 2, 0] = np.nan
    with pytest.raises(InputError, match=r"must be finite; received nan at index \(1, 2, 0\)$"):
        explain(model, x, 0, method)
    spoilt = model.get_weights()
    spoilt[2][0] = np.inf
    model.set_weights(spoilt)
    with pytest.raises(InputError, match=r"weights must be finite, .*; received NaN or infinity in .*head/kernel$"):
        explain(model, samples(model), 0, method)


def test_models_without_a_graph_or_with_several_inputs_are_refused():
    class Subclassed(keras.Model):
        def call(self, inputs):
            return inputs

    subclassed = Subclassed(name="mine")
    subclassed(np.zeros((1, 2)))
    with pytest.raises(
        InputError, match=r"^only Functional and Sequential .*; received a subclassed model, Subclassed$"
    ):
        explain(subclassed, np.zeros((1, 2)), 0, "lrp_epsilon")
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    several = keras.Model([a, b], dense()(layers.Concatenate()([a, b])))
    for method in ("lrp_epsilon", "sensitivity"):
        with pytest.raises(
            InputError, match=r"^models with several inputs are not covered; .*; received 2 inputs: a, b$"
        ):
            explain(several, [np.zeros((1, 2)), np.zeros((1, 2))], 0, method)


def test_a_softmax_on_the_signal_path_is_refused():
    model = chain(dense(3, "softmax", name="odd"))
    with pytest.raises(InputError, match="layer 'odd' of class Dense: activation 'softmax' is not covered"):
        explain(model, samples(model), 0, "lrp_epsilon")


def test_models_that_have_no_shape_yet_are_refused():
    with pytest.raises(InputError, match=r"^the model has no inputs yet; begin it with keras.Input; received"):
        explain(keras.Sequential([dense()]), np.zeros((1, 2)), 0, "lrp_epsilon")


def test_several_embeddings_are_refused():
    tokens = keras.Input((2,), dtype="int32")
    model = keras.Model(
        tokens, dense()(layers.Flatten()(layers.Embedding(3, 2)(tokens) + layers.Embedding(3, 2)(tokens)))
    )
    with pytest.raises(InputError, match=r"one Embedding reads them; received 2 embeddings of an input of int32$"):
        explain(model, [[0, 1]], 0, "lrp_epsilon")
