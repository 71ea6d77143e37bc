"""The two engines agree on trained weights too, on digits: neurons that died, kernels that took sides."""

import functools

import keras
import numpy as np
import pytest

from tests.helpers.small_networks import SIZES
from thesis_rnn.architectures import ARCHITECTURES, build
from thesis_rnn.attribution import explain
from thesis_rnn.data import load

NAMES = ("shallow", "deep", "rlstm_sd", "convrlstm_sd", "conv_plus_rlstm_sd")
TOLERANCES = {"float32": 1e-3, "float64": 1e-9}
"""Of sum|R|, for each sample."""

STEPS, SEQUENCES, BATCH, EPOCHS, SAMPLES = 2, 600, 50, 4, 12

METHODS = {1.0: {"method": "deep_taylor"}} | {alpha: {"method": "lrp", "alpha": alpha} for alpha in (1.5, 2.0, 5.0)}
ALL = [(name, alpha, dtype) for name in NAMES for alpha in METHODS for dtype in TOLERANCES]
# Training and tracing take seconds each time: one architecture of each kind, the slow run gets all.
FAST = [("rlstm_sd", 1.5, "float64")]


def digits(part, count):
    """Pixels and classes of majority sequences, every second row and column of them."""
    sequences = load("digits_maj", part, STEPS, limit=count)
    return sequences.x[:, :, ::2, ::2], sequences.y


@pytest.fixture(scope="module")
def trained():
    """name -> the architecture after a few dozen updates, each made once."""
    x, y = digits("train", SEQUENCES)

    @functools.cache
    def train(name):
        keras.utils.set_random_seed(0)
        sizes = {layer: SIZES[layer] for layer in ARCHITECTURES[name].images.sizes}
        model = build(name, *x.shape[1:], sizes=sizes, learning_rate=1e-2)
        losses = model.fit(x, y, BATCH, EPOCHS, verbose=0).history["loss"]
        assert losses[-1] < 0.95 * losses[0]
        return model

    return train


@pytest.mark.parametrize(
    ("name", "alpha", "dtype"),
    [pytest.param(*case, marks=() if case in FAST else pytest.mark.slow) for case in ALL],
)
def test_engines_agree_on_trained_weights(trained, name, alpha, dtype):
    model, (x, y) = trained(name), digits("test", SAMPLES)
    target = model(x).numpy().argmax(axis=1)
    target[: SAMPLES // 2] = y[: SAMPLES // 2]
    tape, matrix = (
        explain(model, x, target, engine=engine, dtype=dtype, **METHODS[alpha]) for engine in ("tape", "matrix")
    )
    assert tape.relevance.dtype == matrix.relevance.dtype == dtype
    assert (tape.explained > 0).sum() >= SAMPLES // 3
    total = np.abs(tape.relevance).sum(axis=(1, 2, 3))
    assert (total[tape.explained > 0] > 0).all()
    assert (np.abs(matrix.relevance - tape.relevance).sum(axis=(1, 2, 3)) <= TOLERANCES[dtype] * total).all()
    np.testing.assert_allclose(matrix.logits, tape.logits, rtol=TOLERANCES[dtype], atol=TOLERANCES[dtype])
