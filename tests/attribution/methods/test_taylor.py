"""Simple Taylor decomposition at a root that was looked for."""

import keras
import numpy as np
import pytest

from thesis_rnn import explain
from thesis_rnn.errors import InputError


def test_a_linear_output_has_its_root_in_one_step():
    # f = 2 x1 - x2 + 1 at (3, 1) is 6; the nearest root is x - 6/5 (2, -1) = (0.6, 2.2): R = (4.8, 1.2)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[2.0], [-1.0]]), np.ones(1)])
    found = explain(model, np.array([[3.0, 1.0]]), 0, "taylor_at_root", dtype="float64")
    np.testing.assert_allclose(found.relevance, [[4.8, 1.2]])
    np.testing.assert_allclose(found.details["root"], [[0.6, 2.2]])
    np.testing.assert_allclose(found.details["root_value"], 0, atol=1e-12)
    np.testing.assert_allclose(found.details["remainder"], 0, atol=1e-12)
    np.testing.assert_allclose(found.details["distance"], 6 / np.sqrt(5))


def test_what_is_reported_adds_up():
    keras.utils.set_random_seed(0)
    layers = [keras.Input((5, 3)), keras.layers.Masking(), keras.layers.SimpleRNN(4), keras.layers.Dense(3)]
    model = keras.Sequential(layers)
    x = np.random.default_rng(0).normal(size=(6, 5, 3)).astype(np.float32)
    x[:3, 3:] = 0
    found = explain(model, x, 1, "taylor_at_root(steps=40)", dtype="float64")
    details = found.details
    np.testing.assert_allclose(found.received + details["root_value"] + details["remainder"], found.value)
    assert (np.abs(details["root_value"]) <= np.abs(found.value)).all()
    assert (np.abs(details["root_value"]) <= 1e-3 * np.abs(found.value)).mean() > 0.5
    gradient = explain(model, details["root"], 1, "gradient_x_input", dtype="float64").relevance
    slope = np.divide(gradient, details["root"], out=np.zeros(x.shape), where=details["root"] != 0)
    np.testing.assert_allclose(found.relevance, (x - details["root"]) * slope, atol=1e-9)
    assert (details["root"][:3, 3:] == 0).all()
    assert (found.relevance[:3, 3:] == 0).all()


def test_bad_parameters():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for text in ("taylor_at_root(steps=0)", "taylor_at_root(tolerance=0.0)"):
        with pytest.raises(InputError, match=r"; received "):
            explain(model, np.ones((1, 2)), 0, text)
