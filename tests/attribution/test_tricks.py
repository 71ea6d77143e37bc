"""The translation trick and sliding windows."""

import keras
import numpy as np
import pytest

from thesis_rnn import explain
from thesis_rnn.attribution import explain_translated, explain_windows
from thesis_rnn.errors import InputError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 6, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((6, 2)), keras.layers.SimpleRNN(3), keras.layers.Dense(2, name="logits")])


def test_one_shift_of_zero_is_the_explanation_itself(model):
    record = explain(model, X, method="gradient_x_input")
    found = explain_translated(model, X, method="gradient_x_input", shifts=[0])
    np.testing.assert_allclose(found.relevance, record.relevance, rtol=1e-6)
    np.testing.assert_array_equal(found.target, record.target)
    np.testing.assert_allclose(found.values[:, 0], record.value, rtol=1e-5)


def test_translations_like_a_loop(model):
    shifts, target = (-2, 0, 1), np.array([0, 1, 1])
    lengths = np.array([6, 4, 5])
    own = np.arange(6) < lengths[:, None]
    found = explain_translated(model, X, target, "gradient_x_input", shifts, background=0.3, own_steps=own)
    for n in range(3):
        total, count = np.zeros((6, 2)), np.zeros(6)
        for shift in shifts:
            moved = X[n].copy()
            for t in range(lengths[n]):
                moved[t] = X[n, t - shift] if 0 <= t - shift < lengths[n] else 0.3
            r = explain(model, moved[None], int(target[n]), "gradient_x_input").relevance[0]
            for t in range(lengths[n]):
                if 0 <= t + shift < lengths[n]:
                    total[t] += r[t + shift]
                    count[t] += 1
            total[lengths[n] :] += r[lengths[n] :]
            count[lengths[n] :] += 1
        np.testing.assert_allclose(found.relevance[n], total / np.maximum(count, 1)[:, None], atol=1e-6)
        np.testing.assert_array_equal(found.covered[n, :, 0], count)


def test_images_move_along_both_axes():
    images = keras.Sequential([keras.Input((4, 5, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    x = RNG.normal(size=(2, 4, 5, 1)).astype(np.float32)
    w = images.get_weights()[0][:, 0].reshape(4, 5, 1)
    found = explain_translated(
        images, x, 0, "gradient_x_input", shifts=[(1, 0), (0, -1)], channels_last=True, dtype="float64"
    )
    # x_i w at the place to which x_i was moved, where that is inside
    total, count = np.zeros(x.shape), np.zeros(x.shape)
    total[:, :, :4] += x[:, :, :4] * w[:, 1:]
    total[:, 1:] += x[:, 1:] * w[:3]
    count[:, :, :4] += 1
    count[:, 1:] += 1
    np.testing.assert_array_equal(found.covered, count)
    np.testing.assert_allclose(found.relevance, total / np.maximum(count, 1), rtol=1e-5)


def test_windows_add_up(model):
    long = RNG.normal(size=(2, 15, 2)).astype(np.float32)
    found = explain_windows(model, long, 1, "lrp_epsilon", stride=4, dtype="float64")
    assert found.starts.tolist() == [0, 4, 8, 9]  # once more at the end
    expected, lost = np.zeros(long.shape), 0
    for place, start in enumerate(found.starts):
        record = explain(model, long[:, start : start + 6], 1, "lrp_epsilon", dtype="float64")
        expected[:, start : start + 6] += record.relevance
        np.testing.assert_allclose(found.values[:, place], record.value)
        lost = lost + record.absorbed
    np.testing.assert_allclose(found.relevance, expected, atol=1e-12)
    np.testing.assert_allclose(found.relevance.sum(axis=(1, 2)) + lost, found.value)
    assert found.coverage.tolist() == [1, 1, 1, 1, 2, 2, 1, 1, 2, 3, 2, 2, 2, 2, 1]
    predicted = explain_windows(model, long, None, "gradient_x_input", stride=6)
    logits = sum(model(long[:, start : start + 6]).numpy() for start in predicted.starts)
    np.testing.assert_array_equal(predicted.target, logits.argmax(axis=1))


def test_one_window_is_the_explanation_itself(model):
    found = explain_windows(model, X, 0, "gradient_x_input")
    np.testing.assert_allclose(found.relevance, explain(model, X, 0, "gradient_x_input").relevance)


def test_bad_input(model):
    with pytest.raises(InputError, match="windows need at least 6 steps"):
        explain_windows(model, X[:, :5], 0)
    with pytest.raises(InputError, match="stride=7"):
        explain_windows(model, X, 0, stride=7)
    with pytest.raises(InputError, match="not tokens"):
        explain_translated(model, np.ones((2, 3), int))
    with pytest.raises(InputError, match="at least one"):
        explain_translated(model, X, shifts=[])
    any_length = keras.Sequential([keras.Input((None, 2)), keras.layers.SimpleRNN(3), keras.layers.Dense(2)])
    with pytest.raises(InputError, match="an input with a fixed number of steps"):
        explain_windows(any_length, X, 0)
