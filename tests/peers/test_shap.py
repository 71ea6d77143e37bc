"""Shapley values against shap's KernelExplainer on the same model, background and coalitions: all there are.

``pip install '.[test,peers]'``, then ``pytest -m peers``. Its ``l1_reg`` drops players by default; 0 keeps them.
"""

import keras
import numpy as np
import pytest
from keras import layers

from thesis_rnn import explain

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("method", ["shapley", "kernel_shap"])
def test_all_coalitions_of_cells(method):
    shap = pytest.importorskip("shap")
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4, 2), dtype="float64"), layers.GRU(3), layers.Dense(2)])
    rng = np.random.default_rng(0)
    x, data = rng.normal(size=(2, 4, 2)), rng.normal(size=(3, 4, 2))

    def logit(flat):
        return model.predict_on_batch(flat.reshape(-1, 4, 2))[:, 1].astype(np.float64)

    explainer = shap.KernelExplainer(logit, data.reshape(3, -1))
    expected = np.reshape(explainer.shap_values(x.reshape(2, -1), nsamples=2**8, l1_reg=0, silent=True), x.shape)
    record = explain(model, x, 1, f"{method}(players=cells)", background=data, dtype="float64")
    np.testing.assert_allclose(record.relevance, expected, atol=1e-6)


def test_sampled_coalitions_agree_within_their_errors():
    shap = pytest.importorskip("shap")
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((9, 2)), layers.GRU(4), layers.Dense(2)])
    rng = np.random.default_rng(0)
    x, data = rng.normal(size=(2, 9, 2)).astype(np.float32), rng.normal(size=(2, 9, 2)).astype(np.float32)
    explainer = shap.KernelExplainer(
        lambda flat: model.predict_on_batch(flat.reshape(-1, 9, 2).astype(np.float32))[:, 1], data.reshape(2, -1)
    )
    expected = explainer.shap_values(x.reshape(2, -1), nsamples=20_000, l1_reg=0, silent=True).reshape(x.shape)
    record = explain(model, x, 1, "kernel_shap(players=cells, samples=4000)", background=data)
    assert (np.abs(record.relevance - expected) <= 6 * record.details["errors"] + 1e-4).all()
