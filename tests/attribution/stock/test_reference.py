"""Stock Keras layers against relevance that the authors of LRP for LSTMs computed with their own program.

``data/bilstm_epsilon_*.npz`` holds inputs, weights in Keras' order, logits and relevance of a bidirectional LSTM, from
the NumPy program published with Arras et al. (2017): epsilon rule, gates take no relevance, biases are not
redistributed, and the explained quantity is the target's logit itself, sign included.
"""

import pathlib

import keras
import numpy as np
import pytest
from keras import layers

from thesis_rnn import explain

FILES = sorted((pathlib.Path(__file__).parents[2] / "reference").glob("bilstm_epsilon_*.npz"))
IN_ORDER = [f"{way}_{part}" for way in ("forward", "backward") for part in ("kernel", "recurrent_kernel", "bias")]


def test_the_files_are_there():
    assert [path.name for path in FILES] == ["bilstm_epsilon_a.npz", "bilstm_epsilon_b.npz"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_stock_bidirectional_lstm_has_the_published_relevance(path):
    with np.load(path) as stored:
        reference = dict(stored)
    units = reference["forward_recurrent_kernel"].shape[0]
    model = keras.Sequential(
        [
            keras.Input(reference["x"].shape[1:]),
            layers.Bidirectional(layers.LSTM(units)),
            layers.Dense(reference["logits"].shape[1], use_bias=False),
        ]
    )
    model.set_weights([reference[name] for name in (*IN_ORDER, "dense_kernel")])
    explanation = explain(
        model, reference["x"], reference["target"], "lstm_arras_2017", epsilon=float(reference["epsilon"])
    )
    explained = np.take_along_axis(reference["logits"], reference["target"][:, None], axis=1)[:, 0]
    np.testing.assert_allclose(explanation.logits, reference["logits"], atol=1e-5)
    np.testing.assert_allclose(explanation.explained, explained, atol=1e-5)
    np.testing.assert_allclose(explanation.relevance, reference["relevance"], rtol=0, atol=1e-5)
