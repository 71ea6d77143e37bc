"""What every public layer promises: one contract, and a test that fails if a layer has no entry in it."""

import inspect
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from thesis_rnn import layers

BATCH = 4


class Case(NamedTuple):
    """A layer, with arguments that are none of the defaults.

    Attributes:
      shape: of one input sample.
      output: of one output sample, by hand.
      fan_in: by kernel, by hand; kernels are large enough to estimate a standard deviation.
    """

    arguments: dict[str, Any]
    shape: tuple[int, ...]
    output: tuple[int, ...]
    fan_in: dict[str, int]


CASES = {
    "Dense": Case({"units": 60, "rectified": False, "domain": "bounded", "seed": 3}, (3, 50), (3, 60), {"kernel": 50}),
    # 3x3 unpadded: two rows and two columns are lost; 3 * 3 * 8 = 72 inputs.
    "Convolution": Case(
        {"filters": 40, "size": 3, "padding": "valid", "domain": "bounded", "seed": 3},
        (2, 6, 5, 8),
        (2, 4, 3, 40),
        {"kernel": 72},
    ),
    # 7 rows in windows of 3: 3 + 3 + 1; 5 columns: 3 + 2.
    "SumPooling": Case({"size": 3}, (2, 7, 5, 4), (2, 3, 2, 4), {}),
    "StepPooling": Case({"kind": "max"}, (7, 4), (4,), {}),
    # 3 * 3 * (6 input channels + 20 filters of the step before) = 234 inputs.
    "LiteralConvolution": Case(
        {"filters": 20, "size": 3, "domain": "bounded", "seed": 3}, (2, 4, 5, 6), (2, 4, 5, 20), {"kernel": 234}
    ),
    # [30 features, 50 recurrent] -> 40 -> 50.
    "DenseRecurrence": Case(
        {
            "hidden": 40,
            "recurrent": 50,
            "dropout_rate": 0.3,
            "stationary": True,
            "drop_all": False,
            "domain": "bounded",
            "seed": 3,
        },
        (3, 30),
        (40,),
        {"kernel": 80, "recurrent_kernel": 40},
    ),
    # [30 features, 40 hidden].
    "RLSTM": Case(
        {"units": 40, "dropout_rate": 0.3, "stationary": True, "domain": "bounded", "seed": 3},
        (3, 30),
        (40,),
        {"gate_kernel": 70, "candidate_kernel": 70},
    ),
    # The fan-in is left out: their kernels start Xavier-uniform, which test_attention_layers tests.
    "InputCellAttention": Case(
        {
            "units": 6,
            "hops": 3,
            "variant": "flatten",
            "window": 4,
            "last_steps": 5,
            "domain": "real",
            "seed": 3,
        },
        (7, 4),
        (7, 12),
        {},
    ),
    "SelfAttention": Case(
        {"units": 6, "hops": 3, "variant": "flatten", "domain": "positive", "seed": 3}, (7, 4), (12,), {}
    ),
    "LastStep": Case({}, (7, 4), (4,), {}),
    # The fan-in is left out: kernels start Xavier-uniform.
    "VariableLSTM": Case({"units": 2, "shared_gates": True, "domain": "real", "seed": 3}, (4, 3), (4, 3, 2), {}),
    "InputAttentionLSTM": Case({"units": 2, "return_sequences": True, "domain": "real", "seed": 3}, (4, 3), (4, 2), {}),
    "MinGRU": Case({"units": 2, "return_sequences": True, "domain": "real", "seed": 3}, (4, 3), (4, 2), {}),
    "AdaptiveDecay": Case(
        {"units": 2, "order": 3, "return_sequences": False, "domain": "real", "seed": 3}, (4, 3), (2,), {}
    ),
    "Positions": Case({"seed": 3}, (3, 5), (3, 5), {}),
    "Dropout": Case({"rate": 0.3, "seed": 3}, (3, 5), (3, 5), {}),
    "StationaryDropout": Case({"rate": 0.3, "seed": 3}, (3, 5), (3, 5), {}),
}
RANDOM = ["DenseRecurrence", "RLSTM", "Dropout", "StationaryDropout"]

every_layer = pytest.mark.parametrize("name", CASES)
layers_with_kernels = pytest.mark.parametrize("name", [name for name in CASES if CASES[name].fan_in])


def made(name, **more):
    return getattr(layers, name)(**CASES[name].arguments, **more)


def inputs(name, dtype="float32"):
    return np.random.default_rng(0).uniform(0, 1, (BATCH, *CASES[name].shape)).astype(dtype)


def modelled(name):
    """A model of that layer alone, whose weights are not those it was built with."""
    model = keras.Sequential([keras.Input(CASES[name].shape), made(name)])
    rng = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign_add(rng.normal(0, 0.1, variable.shape))
    return model


def saved_and_loaded(model, folder):
    model.save(folder / "model.keras")
    return keras.models.load_model(folder / "model.keras")


def test_every_public_layer_has_an_entry():
    public = {name: getattr(layers, name) for name in layers.__all__}
    kinds = {name for name, kind in public.items() if isinstance(kind, type) and issubclass(kind, keras.layers.Layer)}
    assert kinds - {"WeightedSum", "Gaps", "GRUD", "Reconstruction"} == set(
        CASES
    )  # of several inputs or outputs; have their own tests
    assert set(public) - kinds == {"NonPositive", "ZeroLogitCrossentropy", "make_dropout"}  # have tests of their own


@every_layer
def test_arguments_survive_the_config(name):
    layer = made(name)
    config = layer.get_config()
    assert {argument: config[argument] for argument in CASES[name].arguments} == CASES[name].arguments
    own = {parameter.name for parameter in inspect.signature(type(layer)).parameters.values()} - {"kwargs"}
    assert own <= set(CASES[name].arguments)  # no argument is left out of this test
    assert type(layer).from_config(config).get_config() == config
    twin = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(twin) is type(layer)
    assert twin.get_config() == config


@every_layer
def test_a_saved_layer_computes_the_same(name, tmp_path):
    model, x = modelled(name), inputs(name)
    np.testing.assert_array_equal(saved_and_loaded(model, tmp_path)(x), model(x))


@pytest.mark.parametrize("name", RANDOM)
def test_a_saved_layer_draws_the_next_masks(name, tmp_path):
    model, x = modelled(name), inputs(name)
    first, second = model(x, training=True), model(x, training=True)
    loaded = saved_and_loaded(model, tmp_path)
    third = model(x, training=True).numpy()
    np.testing.assert_array_equal(loaded(x, training=True), third)
    assert (third != first.numpy()).any()
    assert (third != second.numpy()).any()


@every_layer
def test_the_output_shape_is_as_computed(name):
    layer, case = made(name), CASES[name]
    assert layer(inputs(name)).shape == (BATCH, *case.output)
    assert layer.compute_output_shape((BATCH, *case.shape)) == (BATCH, *case.output)
    assert layer.compute_output_shape((None, *case.shape)) == (None, *case.output)


in_both_modes = pytest.mark.parametrize(
    ("name", "keywords"),
    [(name, {}) for name in CASES] + [(name, {"training": True}) for name in RANDOM],
)


@in_both_modes
def test_float64_is_float64_throughout(name, keywords):
    layer, x = made(name, dtype="float64"), inputs(name, "float64")
    assert layer(x, **keywords).dtype == tf.float64
    assert {variable.dtype for variable in layer.weights} <= {"float64"}
    assert {a.dtype for a in layer.activations(x).values()} == {tf.float64}


@in_both_modes
def test_a_graph_computes_what_eager_calls_do(name, keywords):
    x = inputs(name)
    eager, traced = made(name), made(name)  # twins: the same seed, and so the same weights and masks
    traced.build(x.shape)
    graph = tf.function(
        lambda x: traced(x, **keywords), input_signature=[tf.TensorSpec((None, *CASES[name].shape), tf.float32)]
    )
    np.testing.assert_allclose(graph(x), eager(x, **keywords), rtol=1e-5, atol=1e-6)


@every_layer
def test_activations_are_those_of_the_forward_pass(name):
    layer, x = made(name), inputs(name)
    output, activations = layer(x), layer.activations(x)
    last = activations["hidden"][:, -1] if "hidden" in activations else activations["output"]
    np.testing.assert_array_equal(last, output)
    assert all(len(a) == BATCH for a in activations.values())


# ---- where the weights start (thesis, section 3.1)


@layers_with_kernels
def test_kernels_start_from_a_normal_distribution_cut_at_two_deviations(name):
    layer = made(name)
    layer.build((BATCH, *CASES[name].shape))
    kernels = {variable.name: variable.numpy() for variable in layer.weights if "kernel" in variable.name}
    assert set(kernels) == set(CASES[name].fan_in)
    for kernel, fan_in in CASES[name].fan_in.items():
        scaled = kernels[kernel] * np.sqrt(fan_in)
        assert 1.9 < np.abs(scaled).max() <= 2 * (1 + 1e-6)
        # A standard normal cut at 2 has the variance 1 - 4 phi(2) / (2 Phi(2) - 1) = 1 - 0.21596 / 0.95450 = 0.77374,
        # and so the deviation 0.8796: smaller than 1, because the cut is not compensated.
        assert scaled.std() == pytest.approx(0.8796, rel=0.05)
        assert scaled.mean() == pytest.approx(0, abs=0.06)


@layers_with_kernels
def test_biases_start_at_a_softplus_of_one_hundredth_and_gates_at_zero(name):
    layer = made(name)
    layer.build((BATCH, *CASES[name].shape))
    biases = {variable.name: variable.numpy() for variable in layer.weights if "bias" in variable.name}
    assert biases
    for bias, values in biases.items():
        if bias == "gate_bias":
            np.testing.assert_array_equal(values, 0)
        else:  # a start of log(0) = -inf would pass as a bias of zero
            assert np.isfinite(values).all()
            np.testing.assert_allclose(np.log1p(np.exp(values.astype(np.float64))), 0.01, rtol=1e-6)


@layers_with_kernels
def test_the_seed_decides_the_kernels(name):
    shape = (BATCH, *CASES[name].shape)
    layer, twin, other = made(name), made(name), type(made(name)).from_config(made(name).get_config() | {"seed": 4})
    for each in (layer, twin, other):
        each.build(shape)
    for kernel in CASES[name].fan_in:
        values = getattr(layer, kernel).numpy()
        np.testing.assert_array_equal(values, getattr(twin, kernel))
        assert (values != getattr(other, kernel).numpy()).mean() > 0.9


@pytest.mark.parametrize(("name", "kernels"), [(n, list(c.fan_in)) for n, c in CASES.items() if len(c.fan_in) > 1])
def test_kernels_of_a_layer_do_not_start_alike(name, kernels):
    layer = made(name)
    layer.build((BATCH, *CASES[name].shape))
    one, another = (
        getattr(layer, kernel).numpy().ravel()[:1000] * np.sqrt(CASES[name].fan_in[kernel]) for kernel in kernels
    )
    assert abs(np.corrcoef(one, another)[0, 1]) < 0.2  # 6 standard errors of 1,000 independent pairs


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Dense(0), "units must be a whole number of at least 1; received 0"),
        (lambda: layers.Convolution(3, 2.5), "size must be a whole number of at least 1; received 2.5"),
        (lambda: layers.LiteralConvolution(-1, 3), "filters must be a whole number of at least 1; received -1"),
        (lambda: layers.StepPooling("middle"), "kind must be mean, sum or max; received 'middle'"),
        (lambda: layers.SumPooling(0), "size must be a whole number of at least 1; received 0"),
        (lambda: layers.DenseRecurrence(4, 0), "recurrent must be a whole number of at least 1; received 0"),
        (lambda: layers.RLSTM(0), "units must be a whole number of at least 1; received 0"),
        (lambda: layers.InputCellAttention(units=0), "units must be a whole number of at least 1; received 0"),
        (lambda: layers.InputCellAttention(window=0), "window must be a whole number of at least 1; received 0"),
        (
            lambda: layers.InputCellAttention(last_steps=-1),
            "last_steps must be a whole number of at least 1; received -1",
        ),
        (lambda: layers.SelfAttention(hops=1.5), "hops must be a whole number of at least 1; received 1.5"),
        (lambda: layers.SelfAttention(variant="max"), "variant must be one of mean, flatten; received 'max'"),
        (lambda: layers.Dense(3, domain="box"), "domain must be one of bounded, positive, real; received 'box'"),
    ],
)
def test_arguments_that_no_layer_can_have_are_refused(make, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        make()
