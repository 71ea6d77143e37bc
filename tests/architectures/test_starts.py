"""The first weights are those of the trained models that there are: the same seeds, layer by layer."""

import numpy as np
import pytest

from thesis_rnn import build

# The sum of the absolute values of all kernels, as first built.
OF_IMAGES = {
    "shallow": 6725.0647,
    "deep_sd": 6689.3074,
    "deep_v2": 7644.0583,
    "convdeep": 6401.5112,
    "rlstm": 6018.3435,
    "convrlstm_sd": 6406.1051,
    "lenet": 1788.8679,
}
OF_SERIES = {
    "lstm": 50.1429,
    "bilstm": 97.6970,
    "gru_ica": 225.1461,
    "lstm_self_attention_ica": 413.8675,
    "rlstm_sd": 46.2934,
    "rlstm_sd_ica": 227.5547,
    "simple_rnn_max": 24.0959,
}


def size_of_kernels(model):
    return sum(np.abs(weights.astype(np.float64)).sum() for weights in model.get_weights() if weights.ndim > 1)


@pytest.mark.parametrize("name", OF_IMAGES)
def test_models_of_images_start_as_ever(name):
    assert size_of_kernels(build(name, 3, 21, 7, classes=4, seed=3)) == pytest.approx(OF_IMAGES[name], abs=1e-3)


@pytest.mark.parametrize("name", OF_SERIES)
def test_models_of_series_start_as_ever(name):
    assert size_of_kernels(build(name, 6, features=4, classes=3, seed=2)) == pytest.approx(OF_SERIES[name], abs=1e-3)
