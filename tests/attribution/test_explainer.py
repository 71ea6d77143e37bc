"""An explainer checks and compiles once and reads live weights; a method sees a network that it may ask."""

from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, tree

from tests.helpers.small_networks import lift, samples, small
from tests.helpers.thinned import thinned
from thesis_rnn import explain
from thesis_rnn.attribution import METHODS, Explainer, Method, Request, method_spec
from thesis_rnn.attribution.semantics import RelevanceSemantics
from thesis_rnn.attribution.tape import network as network_module
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError


def stock():
    """A model of Keras' own layers."""
    return keras.Sequential([keras.Input((3, 4)), layers.SimpleRNN(3), layers.Dense(2)])


@pytest.fixture
def x():
    return np.random.default_rng(0).uniform(-1, 1, (5, 3, 4)).astype(np.float32)


# ---- two phases


def test_what_is_asked_for_is_refused_before_there_are_samples():
    model = stock()
    for method, message in (
        ("sensitvity", r"^unknown attribution method; .*; did you mean sensitivity\?; received 'sensitvity'$"),
        ("lrp_epsilon(output=probability)", r"^relevance propagation starts at a logit; "),
        ("sensitivity(engine=matrix)", r"^the matrix engine computes deep_taylor and lrp "),
    ):
        with pytest.raises(InputError, match=message):
            Explainer(model, method)
    with pytest.raises(InputError, match=r"^head must be one of the model's outputs"):
        Explainer(model, Request.of("sensitivity", head=1))


def test_an_explainer_gives_what_explain_gives(x):
    model = stock()
    explainer = Explainer(model, Request.of("lrp_epsilon", {"epsilon": 0.01}, ledger=True))
    for target in (0, [0, 1, 0, 1, 1]):
        explanation = explainer(x, target, batch_size=2)
        expected = explain(model, x, target, "lrp_epsilon(0.01)", ledger=True, batch_size=2)
        np.testing.assert_array_equal(explanation.relevance, expected.relevance)
        assert explanation.parameters == expected.parameters
        assert len(explanation.ledger) == len(expected.ledger) > 0


def test_names_for_the_same_computation_are_compiled_once(x, monkeypatch):
    model = stock()
    explainer = Explainer(model, "lrp(inputs=real)")
    explainer(x, 0)
    for method in ("lrp(alpha=1.5, beta=0.5, inputs=real)", "lrp_alpha_beta(inputs=real)"):
        Explainer(model, method)(x, 0)
    assert len(explainer.network.traces) == 1


@pytest.mark.parametrize("dtype", thinned(["float32", "float64"]))
@pytest.mark.parametrize("make", [stock, lambda: lift(small("rlstm", 2, seed=0))], ids=["stock", "thesis"])
def test_weights_that_change_are_seen_by_an_explainer_that_was_made_before(make, dtype):
    model = make()
    x = np.random.default_rng(0).uniform(-1, 1, (3, *model.input_shape[1:]))
    explainer = Explainer(model, Request.of("lrp_epsilon", dtype=dtype))
    before = explainer(x, 0).relevance
    model.set_weights([0.5 * weights for weights in model.get_weights()])
    after = explainer(x, 0).relevance
    fresh = keras.models.clone_model(model)
    fresh.set_weights(model.get_weights())
    np.testing.assert_array_equal(after, explain(fresh, x, 0, "lrp_epsilon", dtype=dtype).relevance)
    assert abs(after - before).max() > 1e-4


def test_running_reads_no_weight_into_memory(x, monkeypatch):
    explainer = Explainer(stock(), "lrp_epsilon")
    explainer(x, 0)
    monkeypatch.setattr(network_module, "check_weights", lambda model: pytest.fail("looked at"))
    monkeypatch.setattr(network_module, "check_forward", lambda *arguments: pytest.fail("compared"))
    monkeypatch.setattr(keras.ops, "convert_to_numpy", lambda variable: pytest.fail("read"))
    assert np.isfinite(explainer(x, 1).relevance).all()


def test_weights_that_are_no_numbers_are_named_where_relevance_would_hide_them(x):
    model = stock()
    explainer = Explainer(model, "sensitivity")
    explainer(x, 0)
    weights = model.get_weights()
    weights[-1][1] = np.nan  # a bias of the other class, which no relevance of the first one sees
    model.set_weights(weights)
    with pytest.raises(InputError, match=r"^weights must be finite, .*; received NaN or infinity in .*bias$"):
        explainer(x, 0)


# ---- several inputs


def two_inputs(structure):
    """A model that adds what a series and a vector of 2 give, without biases."""
    series, static = keras.Input((3, 4), name="series"), keras.Input((2,), name="static")
    inputs = {"list": [series, static], "dict": {"series": series, "static": static}}[structure]
    joined = layers.Concatenate()([layers.Flatten()(series), static])
    return keras.Model(inputs, layers.Dense(2, use_bias=False)(layers.Dense(5, "relu", use_bias=False)(joined)))


@pytest.mark.parametrize("structure", ["list", "dict"])
@pytest.mark.parametrize(
    "method",
    ["gradient_x_input", "integrated_gradients(points=4)", "smoothgrad(copies=3)", "occlusion", "simple_taylor"]
    + ["lrp_epsilon(epsilon=0)", "lrp(inputs=real)", "saliency", "guided_backprop"],
)
def test_several_inputs_are_explained_as_the_same_model_of_one_is(x, structure, method):
    model = two_inputs(structure)
    static = np.random.default_rng(1).uniform(-1, 1, (5, 2)).astype(np.float32)
    inputs = [x, static] if structure == "list" else {"series": x, "static": static}
    explanation = explain(model, inputs, 1, method)
    parts = explanation.relevance if structure == "list" else list(explanation.relevance.values())
    assert type(explanation.relevance) is type(inputs)
    assert [part.shape for part in parts] == [x.shape, static.shape]
    if "smoothgrad" in method or method == "occlusion":
        return  # noise and units depend on how the input is divided
    whole = keras.Sequential(
        [keras.Input((14,)), layers.Dense(5, "relu", use_bias=False), layers.Dense(2, use_bias=False)]
    )
    whole.set_weights(model.get_weights())
    expected = explain(whole, np.concatenate([x.reshape(5, 12), static], axis=1), 1, method)
    relevance = np.concatenate([parts[0].reshape(5, 12), parts[1]], axis=1)
    np.testing.assert_allclose(relevance, expected.relevance, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(explanation.received, expected.received, rtol=1e-4, atol=1e-6)


def test_occlusion_of_several_inputs_hides_one_part_at_a_time(x):
    model = two_inputs("list")
    static = np.ones((5, 2), np.float32)
    falls = explain(model, [x, static], 0, "occlusion(unit=cells)").relevance[1]
    logits = model([x, static]).numpy()[:, 0]
    for cell in range(2):
        hidden = static.copy()
        hidden[:, cell] = 0
        expected = logits - model([x, hidden]).numpy()[:, 0]
        np.testing.assert_allclose(falls[:, cell], expected, rtol=1e-4, atol=1e-5)


def test_all_classes_and_files_of_several_inputs(x, tmp_path):
    model = two_inputs("dict")
    inputs = {"static": np.ones((5, 2)), "series": x}
    explanation = explain(model, inputs, method="gradient_x_input", every_class=True)
    assert {name: part.shape for name, part in explanation.relevance.items()} == {
        "series": (5, 2, 3, 4),
        "static": (5, 2, 2),
    }
    explanation.save(tmp_path / "one.npz")
    loaded = type(explanation).load(tmp_path / "one.npz")
    tree.map_structure(np.testing.assert_array_equal, dict(loaded.relevance), dict(explanation.relevance))
    np.testing.assert_array_equal(loaded.received, explanation.received)


def test_inputs_of_another_structure_are_refused(x):
    for structure, inputs, message in (
        ("list", x, r"^x must be a list or dict of the model's inputs, series, static; received a ndarray$"),
        ("list", [x], r"^x must be a list or dict of .*; received a list of 1$"),
        ("dict", {"series": x}, r"^x must be a dict of .*; received a dict of series$"),
        ("list", [x, np.ones((5, 3))], r"^input static must have the shape \[n, 2\] with n >= 1; received \[5, 3\]$"),
        ("list", [x, np.ones((4, 2))], r"^all inputs must have the same number of samples; received \[5, 4\]$"),
    ):
        with pytest.raises(InputError, match=message):
            explain(two_inputs(structure), inputs, 0, "sensitivity")


# ---- what a method may ask


@dataclass(frozen=True)
class Curious(Method):
    """Asks everything there is to ask; gives what the test has stored under ``answer``."""

    source: ClassVar[str] = "this test"
    asked: ClassVar[dict] = {}
    answer: str = "value"

    def attribute(self, explained):
        x = explained.x
        if self.answer == "value":
            return tf.ones_like(x) * (explained.value() - explained.value(0 * x))[:, None, None]
        if self.answer == "gradient":
            return explained.gradient(2 * x).signal
        if self.answer == "propagate":
            composite = method_spec("lrp_epsilon").made().composite
            return explained.propagate(semantics=RelevanceSemantics(composite), start=lambda outputs: outputs).signal
        if self.answer == "forward":
            done = explained.forward(x, ForwardSemantics())
            return done.walk_back(done.leaf, tf.ones_like(done.outputs))
        if self.answer == "activations":
            return tf.ones_like(x) * explained.activations(["inner"])["inner"][:, :, :1]
        weights = explained.attention()["input_cell_attention"]
        return tf.ones_like(x) * tf.reduce_sum(weights, axis=tuple(range(1, weights.shape.rank)))[:, None, None]


def curious_model():
    """A model with a layer named "inner"."""
    return keras.Sequential(
        [keras.Input((3, 4)), layers.Dense(2, "tanh", name="inner"), layers.Flatten(), layers.Dense(2, name="head")]
    )


def asked(model, x, answer, target=0):
    with METHODS.replaced("curious", Curious):
        return explain(model, x, target, f"curious(answer={answer})").relevance


def test_a_method_of_ones_own_may_ask_for_values_gradients_and_relevance(x):
    model = curious_model()
    logits, at_zero = (model(one).numpy()[:, 0] for one in (x, 0 * x))
    np.testing.assert_allclose(asked(model, x, "value")[:, 0, 0], logits - at_zero, rtol=1e-4, atol=1e-6)
    gradient = np.sqrt(explain(model, 2 * x, 0, "sensitivity").relevance)
    np.testing.assert_allclose(abs(asked(model, x, "gradient")), gradient, rtol=1e-4, atol=1e-6)
    expected = explain(model, x, 0, "lrp_epsilon").relevance
    np.testing.assert_allclose(asked(model, x, "propagate"), expected, rtol=1e-5, atol=1e-7)
    every = explain(model, x, method="gradient_x_input", every_class=True).relevance.sum(axis=1)
    np.testing.assert_allclose(x * asked(model, x, "forward"), every, rtol=1e-4, atol=1e-6)


def test_a_method_of_ones_own_may_ask_for_activations_and_attention(x):
    model = curious_model()
    inner = keras.Model(model.inputs, model.get_layer("inner").output)([x]).numpy()
    np.testing.assert_allclose(asked(model, x, "activations")[:, :, 0], inner[:, :, 0], rtol=1e-5)
    from thesis_rnn.layers import InputCellAttention

    attending = keras.Sequential(
        [
            keras.Input((3, 4)),
            InputCellAttention(3, 2, name="input_cell_attention"),
            layers.SimpleRNN(2),
            layers.Dense(2),
        ]
    )
    np.testing.assert_allclose(asked(attending, x, "attention")[:, 0, 0], 2 * 3, rtol=1e-5)  # hops x steps


# ---- parameters


@pytest.mark.slow
def test_saliency_is_the_root_of_sensitivity_in_float64(x):
    model = stock()
    saliency = explain(model, x, 0, "saliency")
    assert saliency.relevance.dtype == np.float64
    squared = explain(model, x, 0, "sensitivity", dtype="float64").relevance
    np.testing.assert_allclose(saliency.relevance, np.sqrt(squared), rtol=1e-12)
    assert explain(model, x, 0, "saliency", dtype="float32").relevance.dtype == np.float32
    gated = keras.Sequential([keras.Input((3, 4)), layers.GRU(2), layers.Dense(2)])
    assert explain(gated, x, 0, "lrp_epsilon(gates=half)").relevance.dtype == np.float64


@pytest.mark.parametrize("method", thinned(["occlusion", "integrated_gradients"]))
def test_removed_means_the_background_unless_a_baseline_is_given(x, method):
    model = stock()
    hidden = explain(model, x, 0, method, background=-1)
    assert hidden.parameters["baseline"] == -1
    np.testing.assert_array_equal(hidden.relevance, explain(model, x, 0, method, baseline=-1.0).relevance)
    given = explain(model, x, 0, f"{method}(baseline=0)", background=-1)
    np.testing.assert_array_equal(given.relevance, explain(model, x, 0, method).relevance)
    assert abs(given.relevance - hidden.relevance).max() > 1e-4


def test_an_array_is_read_from_its_file(x, tmp_path):
    model, baseline = stock(), np.linspace(-0.5, 0.5, 4)
    np.save(tmp_path / "b.npy", baseline)
    text = f"occlusion(baseline=file('{tmp_path / 'b.npy'}'))"
    explanation = explain(model, x, 0, text)
    expected = explain(model, x, 0, "occlusion", baseline=baseline)
    np.testing.assert_array_equal(explanation.relevance, expected.relevance)
    assert method_spec(text).text == text
    np.testing.assert_array_equal(explanation.parameters["baseline"], baseline)
    with pytest.raises(InputError, match=r"^expected a \.npy file of numbers; received .*c\.npy: "):
        explain(model, x, 0, f"occlusion(baseline=file('{tmp_path / 'c.npy'}'))")
    with pytest.raises(
        InputError, match=r"^an array is read from one file, as in file\('b\.npy'\); received file\(1\)$"
    ):
        explain(model, x, 0, "occlusion(baseline=file(1))")


def test_options_in_the_text_hold_where_no_argument_says_otherwise():
    pixels, target = samples(small("deep", 1))
    model = small("deep", 1)
    in_text = explain(model, pixels, target, "saliency(output=log_odds, dtype=float32)")
    argument = explain(model, pixels, target, "saliency", output="log_odds", dtype="float32")
    np.testing.assert_array_equal(in_text.relevance, argument.relevance)
    assert explain(model, pixels, target, "saliency(dtype=float32)", dtype="float64").relevance.dtype == np.float64
