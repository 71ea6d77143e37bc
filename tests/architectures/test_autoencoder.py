"""The sequence autoencoder: its loss by loops, a code that learns its series, no decoder in explanations."""

import keras
import numpy as np
import pytest
from keras import layers

from thesis_rnn import build, explain
from thesis_rnn.errors import InputError
from thesis_rnn.layers import Reconstruction

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 5, 2)).astype("float32")
SIZES = {"units": 4}


@pytest.fixture(scope="module")
def model():
    return build("autoencoder", steps=5, features=2, classes=2, sizes=SIZES, masked=True)


def decoded(layer, code):
    """x^ by loops over steps and gates."""
    kernel, recurrent, bias, reader, shift = (np.asarray(one, np.float64) for one in layer.get_weights())
    h = c = np.zeros((len(code), len(recurrent)))
    told = []
    for _ in range(5):
        i, f, g, o = np.split(code @ kernel + h @ recurrent + bias, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        told.append(h @ reader + shift)
    return np.stack(told, axis=1)


def test_the_loss_is_the_mean_square_of_own_steps():
    layer, code, own = Reconstruction(3, weight=0.5), RNG.normal(size=(6, 4)).astype("float32"), np.ones((6, 5), bool)
    own[2, 3:] = False
    passed = layer([code, X], mask=[None, own], training=True)
    np.testing.assert_array_equal(passed, code)
    square = [(X[n, t] - decoded(layer, code)[n, t]) ** 2 for n in range(6) for t in range(5) if own[n, t]]
    assert len(layer.losses) == 1
    np.testing.assert_allclose(layer.losses[0], 0.5 * np.mean(square), rtol=1e-5)
    np.testing.assert_allclose(layer.activations([code, X])["reconstruction"], decoded(layer, code), atol=1e-6)
    layer([code, X], training=False)
    assert layer.losses == []


def test_training_learns_the_series_and_its_class(tmp_path):
    steps = np.linspace(0, 3, 5)
    y = np.arange(64) % 2
    x = np.stack([np.sin(steps + one) for one in y])[..., np.newaxis].astype("float32")
    model = build("autoencoder", steps=5, features=1, classes=2, sizes=SIZES, learning_rate=0.02, dropout=0.0)
    before = error(model, x)
    model.fit(x, y, epochs=30, batch_size=16, verbose=0)
    assert error(model, x) < before / 4
    assert model.evaluate(x, y, verbose=0)[1] == 1
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again(x), model(x), atol=1e-6)
    assert error(again, x) == pytest.approx(error(model, x), rel=1e-5)


def error(model, x):
    coder = keras.Model(model.inputs[0], model.get_layer("reconstruction").input[0])
    told = model.get_layer("reconstruction").activations([coder(x), x])["reconstruction"]
    return float(np.mean((told - x) ** 2))


def test_the_decoder_has_no_part_in_an_explanation(model):
    head = layers.Dense(2)
    plain = keras.Sequential([keras.Input((5, 2)), layers.Masking(), layers.LSTM(4, unit_forget_bias=False), head])
    plain.set_weights([*model.get_layer("cell").get_weights(), *model.get_layer("logits").get_weights()])
    x = X.copy()
    x[1, 3:] = 0
    np.testing.assert_allclose(model(x), plain(x), atol=1e-6)
    for method in ("lrp_epsilon", "contextual_decomposition"):
        ours, theirs = (explain(one, x, 1, method).relevance for one in (model, plain))
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
        assert (ours[1, 3:] == 0).all()


def test_other_inputs_are_refused():
    with pytest.raises(InputError, match=r"^a code \[batch, units\] and its series .*; received \[\(6, 5, 2\)"):
        Reconstruction(3)([X, X])
