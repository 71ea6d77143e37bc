"""What integrated gradients say of their own error, and how it is made small."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

from thesis_rnn import explain
from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.methods.averaged import RULES
from thesis_rnn.errors import ConvergenceWarning, InputError


@pytest.fixture(scope="module")
def steep():
    """f(x) = tanh(40 x_1 - 21) + tanh(x_2), whose step in the midst of the path few points find."""
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2, "tanh"), layers.Dense(1)])
    model.set_weights([np.array([[40.0, 0], [0, 1]]), np.array([-21.0, 0]), np.ones((2, 1)), np.zeros(1)])
    return model


X = np.array([[1.0, 0.5], [0.0, 0.5]])
EXPECTED = np.tanh([19, -21]) + np.tanh(0.5) - np.tanh(-21)  # f(x) - f(0), of which the second sample has no step


def test_the_error_is_recorded_and_told_in_one_line(steep, tmp_path):
    with pytest.warns(
        ConvergenceWarning, match=r"^the relevance of integrated_gradients misses .* 1 of 2 samples.*auto"
    ):
        explanation = explain(steep, X, method="integrated_gradients(points=4)", dtype="float64")
    np.testing.assert_allclose(explanation.expected, EXPECTED, rtol=1e-12)
    np.testing.assert_allclose(explanation.convergence_delta, explanation.relevance.sum(1) - EXPECTED, atol=1e-12)
    assert explanation.unconverged.tolist() == [True, False]
    explanation.save(tmp_path / "r.npz")
    np.testing.assert_array_equal(Explanation.load(tmp_path / "r.npz").convergence_delta, explanation.convergence_delta)


@pytest.mark.parametrize("rule", RULES)
def test_automatic_points_reach_the_tolerance(steep, rule):
    with warnings.catch_warnings(action="error"):
        explanation = explain(
            steep, X, method="integrated_gradients", points="auto", rule=rule, tolerance=1e-4, dtype="float64"
        )
    assert (abs(explanation.convergence_delta) <= 1e-4 * abs(EXPECTED) + 1e-5).all()
    alone = explain(
        steep, X[1:], method=f"integrated_gradients(points=auto, rule={rule}, tolerance=1e-4)", dtype="float64"
    )
    # whatever the rest of the batch needs
    np.testing.assert_allclose(alone.relevance, explanation.relevance[1:], rtol=1e-12)


def test_automatic_points_come_to_an_end():
    # A step that no number of points finds: the largest number is used, and the record says what is missing.
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, "tanh"), layers.Dense(1, use_bias=False)])
    model.set_weights([np.full((1, 1), 1e6), np.array([-333333.0]), np.ones((1, 1))])
    with pytest.warns(ConvergenceWarning):
        explanation = explain(model, [[1.0]], method="integrated_gradients(points=auto)", dtype="float64")
    assert explanation.unconverged.all()


@pytest.mark.parametrize("count", [1, 5, 33, 64, 96])
def test_rules_integrate_polynomials(count):
    # Gauss-Legendre of m points is exact up to degree 2m - 1, in parts of 32 points up to 63; midpoints up to degree 1.
    places, weights = RULES["gauss_legendre"](count)
    for degree in {0, min(2 * count - 1, 63)}:
        np.testing.assert_allclose((weights * places**degree).sum(), 1 / (degree + 1), rtol=1e-12)
    places, weights = RULES["midpoint"](count)
    np.testing.assert_allclose([(weights).sum(), (weights * places).sum()], [1, 0.5], rtol=1e-12)


def test_each_class_has_its_own_error(steep):
    two = keras.Sequential([keras.Input((2,)), layers.Dense(3, "tanh"), layers.Dense(2, "softmax")])
    explanation = explain(two, X, method="integrated_gradients(points=64)", every_class=True)
    assert explanation.convergence_delta.shape == (2, 2)
    np.testing.assert_allclose(explanation.convergence_delta, 0, atol=1e-4)


def test_methods_that_are_not_complete_have_no_error(steep):
    explanation = explain(steep, X, method="gradient_x_input")
    assert np.isnan(explanation.convergence_delta).all()
    assert not explanation.unconverged.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"points": "many"}, r"^points must be a whole number or 'auto'; received 'many'$"),
        ({"points": 0}, "^points must be a whole number of at least 1"),
        ({"rule": "simpson"}, "^rule must be one of midpoint, gauss_legendre; received 'simpson'$"),
        ({"tolerance": 0.0}, "^tolerance must be above 0; received 0$"),
    ],
)
def test_bad_arguments(steep, arguments, message):
    with pytest.raises(InputError, match=message):
        explain(steep, X, method="integrated_gradients", **arguments)


def test_methods_on_the_host_are_compared_with_their_own_sum(steep):
    background = np.array([[0.0, 0.0], [0.3, -0.2]])
    explanation = explain(steep, X, method="shapley", players="cells", background=background, dtype="float64")
    mean = np.mean([np.tanh(40 * a - 21) + np.tanh(b) for a, b in background])
    np.testing.assert_allclose(explanation.expected, np.tanh(40 * X[:, 0] - 21) + np.tanh(X[:, 1]) - mean, rtol=1e-9)
    np.testing.assert_allclose(explanation.convergence_delta, 0, atol=1e-9)
