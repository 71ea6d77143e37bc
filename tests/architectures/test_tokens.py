"""Tokens: an Embedding in front of the form that series get, its padding, and what is refused."""

import keras
import numpy as np
import pytest

import thesis_rnn
from thesis_rnn.errors import InputError

TOKENS = np.array([[1, 2, 3, 0], [4, 5, 0, 0], [2, 2, 2, 2]], np.int32)


def test_padding_changes_nothing_and_gets_no_relevance():
    model = thesis_rnn.build("lstm", steps=4, vocabulary=6, classes=2, units=3, sizes={"embedding": 5}, masked=True)
    assert model.get_layer("embedding").output.shape == (None, 4, 5)
    by_hand = model.get_layer("logits")(model.get_layer("cell")(model.get_layer("embedding")(TOKENS[1:2, :2])))
    np.testing.assert_allclose(model.predict_on_batch(TOKENS)[1], by_hand[0], rtol=1e-5, atol=1e-6)
    relevance = thesis_rnn.explain(model, TOKENS, 0, "gradient_x_input").relevance
    assert relevance.shape == TOKENS.shape
    assert (relevance[TOKENS == 0] == 0).all()


def test_embedded_tokens_are_real_numbers_to_the_first_layer():
    # Without a box: its first layer would take -1 and 1 for the ends of an embedding otherwise.
    for name, layer in (("rlstm", "cell"), ("deep", "in1"), ("lstm_ica", "input_cell_attention")):
        of_tokens = thesis_rnn.build(name, steps=4, vocabulary=6, classes=2).get_layer(layer)
        of_series = thesis_rnn.build(name, steps=4, features=2, classes=2).get_layer(layer)
        assert (of_tokens.domain, of_series.domain) == ("real", "bounded")


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("lstm", {"features": 2}, r"^a shape has rows and columns, or features, or a vocabulary; received "),
        ("lstm", {"vocabulary": 0}, r"^vocabulary must be a whole number from 1 to 100000000; received 0$"),
        ("rlstm", {"masked": True}, r"^series of different lengths need an architecture that leaves out padding, "),
        ("lenet", {}, r"^series need an architecture that takes them, "),
    ],
)
def test_requests_that_fit_no_model_are_refused(name, arguments, message):
    with pytest.raises(InputError, match=message):
        thesis_rnn.build(name, steps=4, **{"vocabulary": 6} | arguments)


def test_the_same_seed_gives_the_same_model_and_another_one_another():
    weights = [
        thesis_rnn.build("gru", steps=3, vocabulary=5, classes=2, units=2, seed=seed).get_weights()[0]
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(weights[0], weights[1])
    assert (weights[0] != weights[2]).any()
    assert isinstance(thesis_rnn.build("gru", steps=3, vocabulary=5, classes=2), keras.Model)
