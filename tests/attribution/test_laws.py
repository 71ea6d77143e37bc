"""What holds for explanations of every architecture: conservation, positivity, and agreement with slower ways."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.logit_gradient import gradient
from tests.helpers.small_networks import THESIS, lift, perturb, samples, small, weights_by_path
from tests.helpers.thinned import thinned
from tests.oracle import networks
from tests.oracle.layers import Parameters
from thesis_rnn import explain
from thesis_rnn.layers import RLSTM, Dense

every_architecture = pytest.mark.parametrize("name", thinned(THESIS))


def network(name, steps=2, seed=0):
    return lift(small(name, 3 if name == "lenet" else steps, seed=seed))


def over_input(relevance):
    return relevance.sum(axis=(1, 2, 3), dtype=np.float64)


# ---- conservation and positivity


@every_architecture
@pytest.mark.parametrize("method", ["deep_taylor", "lrp"])
def test_relevance_is_conserved(name, method):
    model = network(name)
    for _ in range(2):
        x, target = samples(model)
        explanation = explain(model, x, target, method=method)
        logit = np.take_along_axis(explanation.logits, target[:, None], axis=1)[:, 0]
        assert (logit > 0).any()
        assert explanation.relevance.shape == x.shape
        np.testing.assert_array_equal(explanation.explained, np.maximum(logit, 0))
        received = over_input(explanation.relevance)
        assert (abs(received - explanation.explained) <= 1e-4 * explanation.explained).all()
        np.testing.assert_array_equal(explanation.received, received)
        np.testing.assert_array_equal(explanation.unexplained, logit <= 0)
        if method == "deep_taylor":
            assert (explanation.relevance >= 0).all()
        perturb(model)  # once more, with dead and one-sided neurons


@pytest.mark.parametrize("name", ["shallow", "conv_plus_rlstm_sd"])
def test_large_alphas_lose_rounding_errors_only(name):
    model = perturb(network(name))
    x, target = samples(model)
    explanation = explain(model, x, target, method="lrp", alpha=5, beta=4)
    assert (explanation.relevance < 0).any()
    assert (abs(explanation.absorbed) <= 1e-5 * over_input(abs(explanation.relevance))).all()


def test_targets_without_a_positive_logit_are_flagged_and_get_nothing():
    model = perturb(network("rlstm"))
    x, _ = samples(model)
    target = model(x).numpy().argmin(axis=1)
    target[:3] = model(x).numpy().argmax(axis=1)[:3]
    explanation = explain(model, x, target, method="lrp")
    negative = np.take_along_axis(explanation.logits, target[:, None], axis=1)[:, 0] <= 0
    assert 0 < negative.sum() < len(x)
    np.testing.assert_array_equal(explanation.unexplained, negative)
    assert (explanation.relevance[negative] == 0).all()
    assert (abs(explanation.relevance[~negative]).sum(axis=(1, 2, 3)) > 0).all()
    assert (explanation.explained[negative] == 0).all()


# ---- gradient methods against slower ways


@pytest.mark.parametrize("name", ["shallow", "conv_plus_deep", "conv_plus_rlstm_sd", "lenet"])
def test_sensitivity_is_the_squared_gradient(name):
    model = perturb(network(name))
    x, target = samples(model)
    expected = gradient(model, x, target)
    assert (expected != 0).any()
    relevance = explain(model, x, target, method="sensitivity").relevance
    np.testing.assert_allclose(relevance, expected**2, rtol=1e-4, atol=1e-6 * (expected**2).max())


def test_gradient_x_input_is_the_gradient_times_the_input():
    model = perturb(network("rlstm"))
    x, target = samples(model)
    expected = gradient(model, x, target) * x
    relevance = explain(model, x, target, method="gradient_x_input").relevance
    np.testing.assert_allclose(relevance, expected, rtol=1e-4, atol=1e-6 * abs(expected).max())


@pytest.mark.parametrize("name", ["shallow", "conv_plus_deep", "conv_plus_rlstm_sd", "lenet"])  # all kinds of layers
def test_guided_backprop_covers_every_layer(name):
    model = perturb(network(name))
    relevance = explain(model, *samples(model), method="guided_backprop").relevance
    assert (relevance >= 0).all()
    assert (relevance > 0).any()


@pytest.mark.parametrize("seed", range(3))
def test_guided_backprop_against_loops(seed):
    rng = np.random.default_rng(seed)
    layers = [Dense(7, domain="bounded"), Dense(6), Dense(4, rectified=False)]
    model = keras.Sequential([keras.Input((5,)), *layers])
    model.set_weights([rng.normal(0, 1, variable.shape) for variable in model.weights])
    x, target = rng.uniform(-1, 1, (10, 5)), rng.integers(0, 4, 10)
    expected = [guided_by_loops(layers, *sample) for sample in zip(x, target, strict=True)]
    assert any(np.any(relevance > 0) for relevance in expected)
    relevance = explain(model, x, target, method="guided_backprop").relevance
    np.testing.assert_allclose(relevance, expected, rtol=1e-3, atol=1e-6)


def guided_by_loops(layers, a, target):
    active = []
    for layer in layers:
        kernel, bias = (weights.astype(np.float64) for weights in layer.get_weights())
        z = a @ kernel - np.log1p(np.exp(bias))
        active.append(z > 0)
        a = np.maximum(z, 0)
    signal = np.zeros(len(z))
    signal[target] = 1
    for layer, fired in zip(reversed(layers), reversed(active), strict=True):
        kernel = layer.get_weights()[0].astype(np.float64)
        if layer.rectified:
            signal = [s if s > 0 and is_active else 0 for s, is_active in zip(signal, fired, strict=True)]
        signal = [sum(kernel[j, k] * signal[k] for k in range(len(signal))) for j in range(len(kernel))]
    return np.square(signal)


# ---- gates are constants


@pytest.fixture(scope="module")
def gated():
    """An R-LSTM whose signal path is positive throughout, and whose gates vary with the input."""
    rng = np.random.default_rng(0)
    layers = [RLSTM(6, domain="bounded", name="cell"), Dense(3, rectified=False, name="logits")]
    model = keras.Sequential([keras.Input((3, 4)), *layers])
    for variable in model.trainable_variables:
        values = rng.normal(0, 1, variable.shape)
        variable.assign(values if "gate" in variable.name else abs(values))
    return model


def with_constant_gates(model, x):
    """The logits, computed with the gates of ``x`` as numbers that no gradient passes."""
    cell, logits = model.get_layer("cell"), model.get_layer("logits")
    gates = {name: tf.constant(a.numpy()) for name, a in cell.activations(x).items() if name.endswith("gate")}
    kernel, bias = cell.candidate_kernel, tf.nn.softplus(cell.candidate_bias)
    memory = hidden = tf.zeros((len(x), cell.units))
    for step in range(x.shape[1]):
        candidate = tf.nn.relu(tf.concat([x[:, step], hidden], axis=1) @ kernel - bias)
        memory = gates["forget_gate"][:, step] * memory + gates["input_gate"][:, step] * candidate
        hidden = gates["output_gate"][:, step] * memory
    return hidden @ logits.kernel - tf.nn.softplus(logits.bias)


def test_guided_backprop_takes_gates_as_constants(gated):
    # Where every weight of the signal path is positive, no signal is negative: guided is the gradient with fixed gates.
    x = tf.random.stateless_uniform((5, 3, 4), seed=(0, 0))
    target = np.array([0, 1, 2, 0, 1])
    with tf.GradientTape() as tape:
        tape.watch(x)
        logit = tf.gather(with_constant_gates(gated, x), target, batch_dims=1)
    expected = tape.gradient(logit, x).numpy() ** 2
    relevance = explain(gated, x, target, method="guided_backprop").relevance
    np.testing.assert_allclose(relevance, expected, rtol=1e-4, atol=1e-6)
    assert abs(explain(gated, x, target, method="sensitivity").relevance - expected).max() > 0.1 * expected.max()


def test_gates_of_one_step_scale_relevance_and_do_not_redirect_it(gated):
    # One step, one cell: h = o i c. Whatever the gates are, their share of the relevance is zero.
    cell = RLSTM(1, domain="bounded")
    model = keras.Sequential([keras.Input((1, 4)), cell, Dense(1, rectified=False)])
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 1, (5, 1, 4))
    distributions = []
    for _ in range(2):
        cell.gate_kernel.assign(rng.normal(0, 2, cell.gate_kernel.shape))
        cell.candidate_kernel.assign([[0.5], [1], [-0.1], [2], [0]])
        model.layers[-1].set_weights([np.array([[3.0]]), np.array([-100.0])])
        explanation = explain(model, x, 0, method="lrp", alpha=2)
        assert (explanation.explained > 0).all()
        distributions.append(explanation.relevance / explanation.explained[:, None, None])
    np.testing.assert_allclose(*distributions, rtol=1e-4)


# ---- time


@pytest.mark.parametrize("name", ["shallow", "deep", "rlstm_sd"])
@pytest.mark.parametrize("alpha", [1.0, 2.0])
def test_a_cell_is_explained_with_the_inputs_of_each_step(name, alpha):
    """Against an unrolled NumPy version, in the order of the steps and in another."""
    model = lift(small(name, 3))
    x, target = samples(model)
    parameters, weights = Parameters(alpha, alpha - 1, -1.0, 1.0), weights_by_path(model)
    method = {"method": "deep_taylor"} if alpha == 1 else {"method": "lrp", "alpha": alpha}
    relevances = []
    for order in ([0, 1, 2], [2, 0, 1]):
        relevance = explain(model, x[:2, order], target[:2], **method).relevance
        expected = [
            networks.explain(name, weights, sequence[order].astype(np.float64), y, parameters)[0]
            for sequence, y in zip(x[:2], target[:2], strict=True)
        ]
        assert abs(relevance - expected).sum() <= 1e-3 * np.abs(expected).sum()
        relevances.append(relevance)
    assert abs(relevances[0][:, [2, 0, 1]] - relevances[1]).sum() > 1e-2 * abs(relevances[0]).sum()


@pytest.mark.parametrize("method", ["deep_taylor", "lrp", "sensitivity", "guided_backprop"])
def test_where_the_order_of_steps_is_nothing_relevance_moves_with_them(method):
    """One layer at all steps, summed with the same weights: permuted steps have permuted relevance."""
    rng = np.random.default_rng(0)
    shared, logits = Dense(6, domain="bounded"), Dense(3, rectified=False)
    model = keras.Sequential([keras.Input((4, 5)), shared, keras.layers.Reshape((24,)), logits])
    shared.kernel.assign(rng.normal(0, 1, (5, 6)))
    logits.kernel.assign(np.tile(rng.normal(0, 1, (6, 3)), (4, 1)))
    x, order = rng.uniform(-1, 1, (6, 4, 5)), [2, 0, 3, 1]
    target = model(x).numpy().argmax(axis=1)
    straight = explain(model, x, target, method=method).relevance
    permuted = explain(model, x[:, order], target, method=method).relevance
    assert abs(straight - straight[:, order]).max() > 0.01
    np.testing.assert_allclose(permuted, straight[:, order], rtol=1e-4, atol=1e-5)


def test_the_method_learns_nothing_from_the_order_of_samples():
    model = network("deep")
    x, target = samples(model)
    straight = explain(model, x, target, method="lrp").relevance
    backwards = explain(model, x[::-1], target[::-1], method="lrp").relevance
    np.testing.assert_allclose(backwards[::-1], straight, rtol=1e-4, atol=1e-6)
