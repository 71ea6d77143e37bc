"""The models of multivariate series: their size by hand, how they start, and their explanations."""

import keras
import numpy as np
import pytest

from tests.helpers.logit_gradient import gradient
from tests.helpers.thinned import thinned
from thesis_rnn import build, explain
from thesis_rnn.errors import InputError
from thesis_rnn.layers import InputCellAttention, SelfAttention
from thesis_rnn.layers.attention_hops import VARIANTS
from thesis_rnn.papers.ismail_2019.published import TABLE_2
from thesis_rnn.runs.settings import ModelSettings

PAPER = {"steps": 100, "features": 100, "classes": 2}
SMALL = {"steps": 2, "features": 4, "classes": 3, "units": 3}
ATTENTION = {"attention_units": 6, "attention_hops": 2}
OTHERS = ("gru_max_ica", "rlstm_sd_ica")


def series(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


# ---- the networks


def test_the_nine_models_of_table_2_have_the_papers_size():
    # LSTM: 4 (100 + 5 + 1) 5 = 2,120; logits: 5 * 2 + 2 = 12. Two directions: twice, and 10 * 2 + 2 = 22.
    # Input-cell attention: 50 (100 + 20) = 6,000. Self-attention over 5 units: 50 (5 + 20) = 1,250.
    lstm, attention, self_attention = 2120 + 12, 6000, 1250
    sizes = [lstm, 2 * 2120 + 22, lstm + attention, lstm, lstm + attention, lstm, lstm + attention]
    sizes += [lstm + self_attention, lstm + self_attention + attention]
    assert [build(name, **PAPER).count_params() for name in TABLE_2] == sizes


@pytest.mark.parametrize("name", ["lstm_self_attention_ica", "bigru"])
def test_kernels_start_xavier_uniform_and_biases_at_zero(name):
    model = build(name, **PAPER, units=20)
    assert {variable.name for variable in model.trainable_variables} >= {"kernel", "recurrent_kernel", "bias"}
    for variable in model.trainable_variables:
        values = variable.numpy()
        if "bias" in variable.name:
            assert (values == 0).all()
        else:
            limit = np.sqrt(6 / sum(values.shape))
            assert 0.9 * limit < np.abs(values).max() <= limit
            assert values.std() == pytest.approx(limit / np.sqrt(3), rel=0.2)


def test_the_seed_decides_the_weights():
    one, twin, other = (build("lstm_ica", **SMALL, **ATTENTION, seed=seed).get_weights() for seed in (3, 3, 4))
    for index, kernel in enumerate(one):
        np.testing.assert_array_equal(kernel, twin[index])
    assert (one[0] != other[0]).all()


def test_inputs_and_outputs_of_the_cell_are_dropped_in_training_only():
    model = build("lstm", **SMALL, dropout=0.5)
    x = series(64, 2, 4)
    np.testing.assert_array_equal(model(x), model(x))
    dropped = keras.Model(model.input, [model.get_layer(f"{name}_dropout").output for name in ("input", "cell")])
    assert [0.4 < np.mean(part == 0) < 0.6 for part in dropped(x, training=True)] == [True, True]


def test_options_reach_the_attention():
    model = build("lstm_ica", **SMALL, **ATTENTION, attention_window=3, attend_last_steps=2)
    config = model.get_layer("input_cell_attention").get_config()
    assert [config[name] for name in ("units", "hops", "variant", "window", "last_steps")] == [6, 2, "mean", 3, 2]
    flat = build("lstm_ica", **SMALL, **ATTENTION, attention_variant="flatten")
    assert flat.get_layer("input_cell_attention").output.shape[-1] == 2 * flat.input_shape[-1]  # two hops
    assert [ModelSettings(attention_variant=name).attention_variant for name in VARIANTS] == [*VARIANTS]


@pytest.mark.parametrize("name", ["lstm_mean_ica", "gru_max"])
def test_padding_changes_nothing(name):
    long, short = build(name, **SMALL | {"steps": 7}, masked=True), build(name, **SMALL)
    x = series(3, 2, 4)
    for before in (0, 2):  # at the end alone, or at the start too
        padded = np.pad(x, ((0, 0), (before, 5 - before), (0, 0)))
        np.testing.assert_allclose(long(padded), short(x), rtol=1e-5, atol=1e-6)
    assert np.isfinite(long(np.zeros((1, 7, 4)))).all()  # of no step of its own


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("gpt", {}, r"^unknown architecture; known ones are shallow, .* received 'gpt'$"),
        ("lstm", {"attention_window": 3}, r"^attention_window needs .* with input-cell attention, .* received 'lstm'$"),
        ("lstm", {"attention_variant": "mean"}, r"^attention_variant needs .*; received 'lstm'$"),
        ("lstm_ica", {"attention_variant": "max"}, r"^variant must be one of mean, flatten; received 'max'$"),
        ("lstm", ATTENTION, r"^lstm has sizes for units; received attention_hops, attention_units$"),
        ("lstm_ica", {"attention_window": 0}, r"^attention_window must be .+ from 1 to 1000000; received 0$"),
        ("lstm", {"units": 0}, r"^units must be a whole number from 1 to 1000000; received 0$"),
        ("lstm", {"features": 0}, r"^features must be a whole number from 1 to 1000000; received 0$"),
        ("lstm", {"rows": 3}, r"^a shape has rows and columns, or features, or a vocabulary; received rows, features$"),
        ("lstm", {"loss": "mse"}, r"^loss must be one of zero_logit, softmax; received 'mse'$"),
        ("rlstm", {"masked": True}, r"^series of different lengths need .* leaves out padding, .*; received 'rlstm'$"),
        ("lenet", {}, r"^series need an architecture that takes them, one of shallow, .*; received 'lenet'$"),
    ],
)
def test_requests_that_fit_no_model_are_refused(name, arguments, message):
    with pytest.raises(InputError, match=message):
        build(name, **{"steps": 2, "features": 4, "classes": 3} | arguments)


# ---- explanations

METHODS = {
    "sensitivity": {},
    "gradient_x_input": {},
    "integrated_gradients": {"points": 8},
    "lrp_epsilon": {"epsilon": 1e-9},
    "lstm_arras_2017": {"epsilon": 1e-9},
}


@pytest.mark.slow  # the conformance tests explain each of them by one method
@pytest.mark.parametrize("name", [*TABLE_2, *OTHERS])
def test_every_model_is_explained_by_every_method(name):
    model, x, target = build(name, **SMALL), series(3, 2, 4), np.arange(3)
    explained = {method: explain(model, x, target, method, **more) for method, more in METHODS.items()}
    for explanation in explained.values():
        assert explanation.relevance.shape == x.shape
        np.testing.assert_allclose(explanation.logits, model(x), rtol=1e-4, atol=1e-6)
        assert np.abs(explanation.relevance).max() > 0
    derivative = gradient(model, x, target)
    np.testing.assert_allclose(explained["sensitivity"].relevance, derivative**2, rtol=1e-3, atol=1e-8)
    np.testing.assert_allclose(explained["gradient_x_input"].relevance, derivative * x, rtol=1e-3, atol=1e-6)
    for method in ("lrp_epsilon", "lstm_arras_2017"):
        if "rlstm" not in name:  # whose biases are not zero
            np.testing.assert_allclose(explained[method].received, explained[method].value, rtol=1e-3, atol=1e-5)


LINEAR = {
    "input-cell": lambda: (InputCellAttention(6, 2), keras.layers.GlobalAveragePooling1D()),
    "flattened": lambda: (InputCellAttention(6, 2, "flatten"), keras.layers.GlobalAveragePooling1D()),
    "partial": lambda: (InputCellAttention(6, 2, window=3, last_steps=4), keras.layers.GlobalAveragePooling1D()),
    "self": lambda: (SelfAttention(6, 2, domain="bounded"),),
    "self, flattened": lambda: (SelfAttention(6, 2, "flatten", domain="bounded"),),
}


@pytest.mark.parametrize("kind", thinned([*LINEAR]))
def test_attention_weights_are_constants_to_propagation(kind):
    """With A constant the model is linear, f = sum_sf c_sf x_sf, and each x_sf is due c_sf x_sf: nothing for scores."""
    layers = LINEAR[kind]()
    model = keras.Sequential([keras.Input((7, 4)), *layers, keras.layers.Dense(1, use_bias=False)])
    x = series(5, 7, 4)
    weights = np.asarray(layers[0].attention_weights(x))  # [n, hops, (steps t,) steps s]
    weights = weights.mean(axis=2) if weights.ndim == 4 else weights
    kernel = model.get_weights()[-1].reshape(-1, 4)  # [hops or 1, features]
    coefficients = np.einsum("nhs,hf->nsf", weights, np.broadcast_to(kernel, (2, 4))) / (3 - len(kernel))
    explanation = explain(model, x, 0, "lrp_epsilon", epsilon=1e-12, ledger=True)
    np.testing.assert_allclose(explanation.relevance, coefficients * x, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(explanation.received, model(x)[:, 0], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(explanation.unaccounted, 0, atol=1e-5)
    gradient = explain(model, x, 0, "gradient_x_input").relevance  # whereas scores have a derivative
    assert np.abs(gradient - explanation.relevance).max() > 1e-3


@pytest.mark.slow
def test_padding_receives_no_relevance():
    model = build("lstm_ica", **SMALL | {"steps": 7}, masked=True)
    x = np.pad(series(3, 2, 4), ((0, 0), (0, 5), (0, 0)))
    for method in ("sensitivity", "lrp_epsilon"):
        relevance = explain(model, x, 1, method).relevance
        assert (relevance[:, 2:] == 0).all()
        assert (np.abs(relevance[:, :2]).sum(axis=2) > 0).all()
