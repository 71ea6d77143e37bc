"""Constraints on weights."""

import keras
import numpy as np

from thesis_rnn import explain
from thesis_rnn.layers import NonPositive, StepPooling


def test_biases_stay_non_positive_and_come_back_with_the_model(tmp_path):
    keras.utils.set_random_seed(0)
    cell = keras.layers.SimpleRNN(3, "relu", return_sequences=True, bias_constraint=NonPositive())
    head = keras.layers.Dense(1, bias_constraint=NonPositive())
    model = keras.Sequential([keras.Input((4, 2)), cell, StepPooling("sum"), head])
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(20, 4, 2)).astype(np.float32)
    model.fit(x, np.full((20, 1), 9.0), epochs=2, verbose=0)  # asks for larger biases
    assert all((weights <= 0).all() for weights in model.get_weights() if weights.ndim == 1)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(again.layers[-1].bias_constraint, NonPositive)
    record = explain(again, x, 0, "lrp_epsilon(epsilon=1e-9, bias=ignore)", dtype="float64")
    np.testing.assert_allclose(record.received + record.absorbed, record.explained, rtol=1e-6)
