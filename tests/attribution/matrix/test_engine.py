"""The matrix engine: its layers by hand and by law, and whole networks against the oracle."""

import ast
import pathlib
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tests.helpers.small_networks import perturb, samples, small, weights_by_path
from tests.oracle import connections, networks, rules
from tests.oracle.layers import Parameters
from thesis_rnn.attribution import matrix
from thesis_rnn.attribution.matrix import explain_batch
from thesis_rnn.attribution.matrix.convolution import ConvolutionMatrix
from thesis_rnn.attribution.matrix.network import matrix_layer
from thesis_rnn.attribution.matrix.pooling import SumPooling
from thesis_rnn.attribution.matrix.rlstm import RLSTM
from thesis_rnn.attribution.matrix.rule import Rule
from thesis_rnn.errors import InputError

DISTINCT = [  # the others differ from these by their dropout only, which no explanation sees
    "shallow",
    "deep",
    "deep_v2",
    "convdeep",
    "conv_plus_deep",
    "rlstm",
    "convrlstm",
    "conv_plus_rlstm_sd",
    "lenet",
]


# ---- worked by hand (the rules are, for every engine, in test_oracle.py)


def test_accumulation_in_the_rlstm_by_hand():
    # One cell, one feature; zero gate kernel and bias: every gate is 1/2. c_t = max(0, x_t + 0 h - softplus(b)) with
    # b = -40, so that softplus(b) < 1e-17 and c_t = x_t. x = (4, 2): C_1 = 4/2 = 2, C_2 = 2/2 + 2/2 = 2, h_2 = 1.
    # R(h_2) = 8 -> R(C_2) = 8 -> R(C_1) = 1/2 * 8 = 4 and R(c_2) = 4. The candidate layer has only x: R(x) = (4, 4).
    layer = SimpleNamespace(
        gate_kernel=np.zeros((2, 3)),
        gate_bias=np.zeros(3),
        candidate_kernel=np.array([[1.0], [0.0]]),
        candidate_bias=np.array([-40.0]),
        units=1,
        domain="positive",
    )
    cells = RLSTM(layer, Rule(1.0, 0.0, -1.0, 1.0), "float64")
    np.testing.assert_allclose(cells.forward(np.array([[[4.0], [2.0]]])), [[1]])
    np.testing.assert_allclose(cells.backward(np.array([[8.0]])), [[[4], [4]]])


def test_pooling_windows_that_stick_out_by_hand():
    # Rows (1 2 | 3) and (0 1 | 0): sums 4 and 3; relevance (8, 6): quarters of 8, and all of 6 to the 3.
    pool = SumPooling(SimpleNamespace(size=2), None, None)
    a = np.array([[1.0, 2, 3], [0, 1, 0]]).reshape(1, 2, 3, 1)
    np.testing.assert_allclose(pool.forward(a).ravel(), [4, 3])
    received = pool.backward(np.array([8.0, 6.0]).reshape(1, 1, 2, 1))
    np.testing.assert_allclose(received[0, ..., 0], [[2, 4, 6], [0, 2, 0]])


def test_a_dead_denominator_loses_its_relevance():
    excitatory, inhibitory = Rule(2.0, 1.0, -1.0, 1.0).shares(np.array([3.0, 3.0]), np.array([0.0, 1e-31]), np.zeros(2))
    np.testing.assert_array_equal(excitatory, 0)
    np.testing.assert_array_equal(inhibitory, 0)


# ---- layers against the oracle, and laws


@pytest.mark.parametrize("shape", [(3, 4, 2), (1, 1, 1), (5, 3, 1), (6, 7, 3)])
@pytest.mark.parametrize("size", [2, 3])
def test_pooling_agrees_with_the_oracle(shape, size):
    rng = np.random.default_rng(0)
    a = np.maximum(0, rng.normal(size=(2, *shape)))
    pool = SumPooling(SimpleNamespace(size=size), None, None)
    relevance = rng.normal(size=pool.forward(a).shape)
    received = pool.backward(relevance)
    for one, R, expected in zip(a, relevance, received, strict=True):
        by_loops = rules.sum_pooling(one.ravel(), connections.pooling(*shape, size), R.ravel())
        np.testing.assert_allclose(expected.ravel(), by_loops, atol=1e-12)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_patches_and_their_sum_are_transposes(size, padding):
    """<W a, s> = <a, W^T s>, with any leading axes."""
    rng = np.random.default_rng(0)
    kernel = ConvolutionMatrix(rng.normal(size=(size, size, 2, 3)), padding)
    a = rng.normal(size=(2, 3, 6, 7, 2))
    z = kernel.product(a, kernel.all)
    shares = rng.normal(size=z.shape)
    assert (z * shares).sum() == pytest.approx((a * kernel.transposed_product(shares, kernel.all)).sum())


@pytest.mark.parametrize(
    "layer",
    [keras.layers.Permute((3, 1, 2)), keras.layers.Reshape((3, -1)), keras.layers.Flatten()],
    ids=lambda layer: layer.name,
)
def test_relevance_goes_back_the_way_the_numbers_came(layer):
    a = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    rearranging = matrix_layer(layer, None, None)
    output = rearranging.forward(a)
    np.testing.assert_array_equal(output, layer(a).numpy())
    np.testing.assert_array_equal(rearranging.backward(output), a)


@pytest.mark.parametrize("alpha", [1.0, 2.0])
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("name", DISTINCT)
def test_networks_agree_with_the_oracle(name, steps, alpha):
    model = perturb(small(name, steps))
    x, target = samples(model)
    parameters = Parameters(alpha, alpha - 1, -1.0, 1.5)
    relevance, logits, explained = explain_batch(model, x, target, *parameters, "float64")
    assert (explained > 0).any()
    for i in explained.argsort()[-2:]:
        expected, expected_logits = networks.explain(
            name, weights_by_path(model), x[i].astype(float), target[i], parameters
        )
        np.testing.assert_allclose(logits[i], expected_logits, atol=1e-9)
        assert np.abs(relevance[i] - expected).sum() <= 1e-9 * np.abs(expected).sum()


@pytest.mark.parametrize("alpha", [1.0, 5.0])
@pytest.mark.parametrize("name", DISTINCT)
def test_the_pixels_receive_the_logit(name, alpha):
    model = perturb(small(name, steps=3))
    x, target = samples(model)
    relevance, logits, explained = explain_batch(model, x, target, alpha, alpha - 1, -1.0, 1.0, "float64")
    np.testing.assert_array_equal(explained, np.maximum(0, logits[np.arange(len(x)), target]))
    absorbed = np.abs(explained - relevance.sum(axis=(1, 2, 3)))
    assert (absorbed <= 1e-12 * np.abs(relevance).sum(axis=(1, 2, 3))).all()
    if alpha == 1:
        assert relevance.min() >= 0  # deep Taylor decomposition is positive


def test_float32_stays_float32_and_the_model_stays_as_it_was():
    model = small("conv_plus_rlstm_sd", steps=2)
    before = [variable.numpy().copy() for variable in model.variables]
    x, target = samples(model)
    results = explain_batch(model, x, target, 1.5, 0.5, -1.0, 1.0, "float32")
    assert [result.dtype for result in results] == [np.float32] * 3
    assert results[0].shape == x.shape
    for old, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, variable.numpy())


def test_a_logit_that_is_not_positive_has_no_relevance():
    model = small("deep", steps=2)
    x, _ = samples(model)
    target = np.asarray(model(x)).argmin(axis=1)
    relevance, logits, explained = explain_batch(model, x, target, 2.0, 1.0, -1.0, 1.0, "float64")
    negative = logits.min(axis=1) <= 0
    assert negative.any()
    np.testing.assert_array_equal(explained[negative], 0)
    np.testing.assert_array_equal(relevance[negative], 0)


# ---- bad input, and independence


def test_layers_of_other_networks_are_refused_by_name():
    inputs = keras.Input((3, 4, 5))
    hidden = keras.layers.Dense(2, name="stock")(inputs)
    model = keras.Model(inputs, keras.layers.Flatten()(hidden))
    with pytest.raises(InputError, match=r"received the layer 'stock' of class keras\.Dense$"):
        explain_batch(model, np.zeros((1, 3, 4, 5)), [0], 1.0, 0.0, -1.0, 1.0, "float32")


def test_the_matrix_engine_imports_nothing_that_it_checks():
    package = "thesis_rnn.attribution.matrix"
    allowed = {"dataclasses", "math", "typing", "numpy", "scipy", "thesis_rnn.errors", package}
    imported = set()
    for path in pathlib.Path(matrix.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path.name}: a relative import hides what is imported"
                imported.add(node.module)
    assert len(imported) > 5
    for name in imported:
        assert name in allowed or name.startswith(("numpy.", "scipy.", package)), name
