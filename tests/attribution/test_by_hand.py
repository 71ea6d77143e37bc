"""Explanations of networks small enough to be worked by hand."""

import math

import keras
import numpy as np
import pytest

from thesis_rnn import explain
from thesis_rnn.layers import RLSTM, Dense, DenseRecurrence

NONE = -100.0  # a bias whose softplus, 4e-44, is nothing


def bias_of(softplus):
    return math.log(math.expm1(softplus))


def network(shape, *layers_and_weights):
    """A model of layers in a row, with the given weights."""
    a = inputs = keras.Input(shape)
    for layer, *weights in layers_and_weights:
        a = layer(a)
        layer.set_weights([np.asarray(values, np.float32) for values in weights])
    return keras.Model(inputs, a)


def assert_relevance(model, x, expected, **arguments):
    explanation = explain(model, [x], **arguments)
    np.testing.assert_allclose(explanation.relevance, [expected], rtol=1e-5, atol=1e-7)
    return explanation


# ---- two pixels x = (0.5, 0.5), two hidden neurons, three logits
#
# Hidden: z_1 = 0.5 * 1 + 0.5 * 2 - 0.5 = 1, z_2 = 0.5 * (-1) + 0.5 * 3 - 0.5 = 0.5, both active.
# Logits: 2 * 1 - 1 * 0.5 - 0.5 = 1; 1 * 1 + 2 * 0.5 - 0.5 = 1.5; -1 * 1 + 0 * 0.5 - 0.5 = -1.5.
# z-beta in the box [-1, 1]: numerators x w + w+ - w-: hidden 1: 1.5 and 3, shares 1/3 and 2/3; hidden 2: -0.5 + 1 = 0.5
# and 4.5, shares 0.1 and 0.9.

X = [0.5, 0.5]


@pytest.fixture(scope="module")
def dense():
    half = bias_of(0.5)
    return network(
        (2,),
        (Dense(2, domain="bounded"), [[1, -1], [2, 3]], [half, half]),
        (Dense(3, rectified=False), [[2, 1, -1], [-1, 2, 0]], [half, half, half]),
    )


def test_the_record_holds_what_was_explained(dense):
    explanation = explain(dense, [X, X, X], target=[0, 1, 2], method="lrp", alpha=2, beta=1)
    np.testing.assert_allclose(explanation.logits, [[1, 1.5, -1.5]] * 3, rtol=1e-6)
    assert explanation.target.tolist() == [0, 1, 2]
    assert explanation.predicted.tolist() == [1, 1, 1]
    np.testing.assert_allclose(explanation.explained, [1, 1.5, 0], rtol=1e-6)  # max(0, logit)
    np.testing.assert_allclose(explanation.received, [1, 1.5, 0], rtol=1e-6)
    np.testing.assert_allclose(explanation.absorbed, [0, 0, 0], atol=1e-6)
    assert explanation.unexplained.tolist() == [False, False, True]
    assert (explanation.relevance[2] == 0).all()
    assert (explanation.method, explanation.conserves) == ("lrp", True)
    assert (explanation.parameters["alpha"], explanation.parameters["beta"]) == (2, 1)
    assert (explanation.parameters["low"], explanation.parameters["high"]) == (-1, 1)


def test_deep_taylor(dense):
    # Logit 1: only hidden 1 excites it (2 * 1): R = (1, 0). Pixels: 1/3 and 2/3.
    assert_relevance(dense, X, [1 / 3, 2 / 3], target=0, method="deep_taylor")
    # Logit 2: excited by 1 * 1 and 2 * 0.5: R = (0.75, 0.75). Pixels: 0.25 + 0.075 and 0.5 + 0.675.
    assert_relevance(dense, X, [0.325, 1.175], target=1, method="deep_taylor")


def test_lrp(dense):
    # Logit 1: P = 2, N = -0.5: R = (alpha, -beta) * 1.
    # alpha = 2: 2/3 - 0.1 and 4/3 - 0.9. alpha = 1.5: 0.5 - 0.05 and 1 - 0.45.
    assert_relevance(dense, X, [2 / 3 - 0.1, 4 / 3 - 0.9], target=0, method="lrp", alpha=2, beta=1)
    assert_relevance(dense, X, [0.45, 0.55], target=0, method="lrp", alpha=1.5, beta=0.5)
    # Logit 2 has no inhibition: all relevance is excitation's, whatever alpha is.
    assert_relevance(dense, X, [0.325, 1.175], target=1, method="lrp", alpha=2, beta=1)


def test_beta_follows_from_alpha(dense):
    explanation = assert_relevance(dense, X, [2 / 3 - 0.1, 4 / 3 - 0.9], target=0, method="lrp", alpha=2)
    assert explanation.parameters["beta"] == 1


def test_another_box(dense):
    # Box [0, 1]: numerators x w - 0 - w-: hidden 1: 0.5 and 1, the shares as before; hidden 2: -0.5 + 1 = 0.5 and 1.5,
    # shares 1/4 and 3/4. Logit 2: 0.75 (1/3 + 1/4) and 0.75 (2/3 + 3/4).
    expected = [0.75 * (1 / 3 + 1 / 4), 0.75 * (2 / 3 + 3 / 4)]
    assert_relevance(dense, X, expected, target=1, method="deep_taylor", low=0.0, high=1.0)


def test_gradient_methods(dense):
    # Logit 1: d/da = (2, -1); d/dx = (2 * 1 - 1 * (-1), 2 * 2 - 1 * 3) = (3, 1).
    assert_relevance(dense, X, [9, 1], target=0, method="sensitivity")
    assert_relevance(dense, X, [1.5, 0.5], target=0, method="gradient_x_input")
    # Guided: -1 does not pass hidden 2: (2 * 1, 2 * 2), squared.
    assert_relevance(dense, X, [4, 16], target=0, method="guided_backprop")
    # Logit 3, which is negative: d/da = (-1, 0), d/dx = (-1, -2). Nothing passes guided.
    assert_relevance(dense, X, [1, 4], target=2, method="sensitivity")
    explanation = assert_relevance(dense, X, [0, 0], target=2, method="guided_backprop")
    assert not explanation.conserves
    assert np.isnan(explanation.absorbed).all()
    assert not explanation.unexplained.any()


# ---- pixels and recurrent activations meet in one neuron (equations 3.5 and 3.6)
#
# x = (0.5, 0.5), one pixel a step; hidden_1 = 2 * 0.5 = 1, r_2 = 3 * 1 = 3. z-beta numerator of a pixel: 1 + 2 = 3.


def recurrent(feedback):
    cell = DenseRecurrence(1, 1, domain="bounded")
    return network((2, 1), (cell, [[2], [feedback]], [NONE], [[3]], [NONE]), (Dense(1, rectified=False), [[1]], [NONE]))


def test_the_mixed_rule_with_excitation_only():
    # hidden_2 = 1 + 3 = 4 = the logit; P = 3 + 3: half to x_2, half to r_2 and through it to x_1.
    model = recurrent(feedback=1)
    assert_relevance(model, [[0.5], [0.5]], [[2], [2]], target=0, method="deep_taylor")
    assert_relevance(model, [[0.5], [0.5]], [[2], [2]], target=0, method="lrp", alpha=2, beta=1)


def test_the_mixed_rule_with_inhibition():
    # hidden_2 = 1 - 0.2 * 3 = 0.4; P = 3, N = -0.6. z+: all to x_2. alpha = 2: 2 * 0.4 to x_2, -1 * 0.4 to x_1.
    model = recurrent(feedback=-0.2)
    assert_relevance(model, [[0.5], [0.5]], [[0], [0.4]], target=0, method="deep_taylor")
    assert_relevance(model, [[0.5], [0.5]], [[-0.4], [0.8]], target=0, method="lrp", alpha=2, beta=1)


# ---- a gated cell: gates are constants, the memory is shared in proportion
#
# x = (0.5, 0.5); gates of 1/2; candidate weights 2 on x, 4 on h: c_1 = 1, C_1 = 0.5, h_1 = 0.25;
# c_2 = 1 + 4 * 0.25 = 2, C_2 = 0.25 + 1 = 1.25, h_2 = 0.625 = the logit.


@pytest.fixture(scope="module")
def gated():
    cell = RLSTM(1, domain="bounded")
    return network(
        (2, 1),
        (cell, np.zeros((2, 3)), np.zeros(3), [[2], [4]], [NONE]),
        (Dense(1, rectified=False), [[1]], [NONE]),
    )


@pytest.mark.parametrize("method", [{"method": "deep_taylor"}, {"method": "lrp", "alpha": 2}])
def test_relevance_of_a_gated_cell(gated, method):
    # The output gate passes 0.625 to C_2, which shares it 0.25 : 1: 0.125 to C_1, 0.5 to c_2.
    # c_2: numerator of x_2 1 + 2 = 3, of h_1 4 * 0.25 = 1: 0.375 to x_2, 0.125 to h_1, thence to C_1.
    # C_1 holds 0.25, all of it from c_1 and x_1. No inhibition: the same for every alpha.
    assert_relevance(gated, [[0.5], [0.5]], [[0.25], [0.375]], target=0, **method)


def test_gradients_of_a_gated_cell(gated):
    # dh_2/dc_2 = 0.5 * 0.5, dc_2/dx_2 = 2: 0.5. To x_1 through C_1: 0.5 * 0.5 * 0.5 * 2 = 0.25, through h_1:
    # 0.25 * 4 * (0.5 * 0.5) * 2 = 0.5; together 0.75. Gates of kernel zero do not depend on x: both methods agree.
    for method in ("sensitivity", "guided_backprop"):
        assert_relevance(gated, [[0.5], [0.5]], [[0.5625], [0.25]], target=0, method=method)
