"""Rules chosen by a measure."""

import keras
import numpy as np
import pytest

from thesis_rnn import explain
from thesis_rnn.errors import InputError
from thesis_rnn.judging import choose_rules

X = np.random.default_rng(0).normal(size=(16, 4, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    layers = [keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(5, "relu", name="hidden")]
    return keras.Sequential([*layers, keras.layers.Dense(2, "softmax", name="head")])


@pytest.fixture(scope="module")
def choice(model):
    return choose_rules(model, X, layers=1)


def test_the_order_is_the_tutorials_and_the_best_stays(choice):
    texts = [text for text, _ in choice.tried]
    assert texts[0] == "composite(alpha_beta(1, 0), inputs=real, signed=true)"
    assert texts[1] == "composite(alpha_beta(2, 1), inputs=real, signed=true)"
    assert len(set(texts)) == len(texts) == 5 + 5  # for all layers, then at the head
    assert all("at('head', " in text for text in texts[5:])
    values = dict(choice.tried)
    assert values[choice.method] == max(values.values())


def test_the_choice_explains_and_is_scored_on_the_other_half(choice, model):
    assert explain(model, X, method=choice.method).relevance.shape == X.shape
    assert choice.low <= choice.value <= choice.high
    np.testing.assert_allclose(choice.gain[0], choice.value - choice.start)
    assert "tried" in str(choice)
    assert choice.method in str(choice)


def test_lower_may_be_better(model):
    choice = choose_rules(model, X, measure="entropy", layers=0)
    values = dict(choice.tried)
    assert values[choice.method] == min(values.values()) > 0


def test_rules_of_another_output_and_step():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, 2))
    each = keras.layers.Dense(3, "relu", name="each")(inputs)
    sums = keras.layers.Dense(2, name="sums")(keras.layers.Flatten()(each))
    several = keras.Model(inputs, [sums, keras.layers.Dense(1, name="steps")(each)])
    choice = choose_rules(several, X, 0, layers=1, head=1, step=2)
    assert all("at('steps', " in text for text, _ in choice.tried[5:])
    relevance = explain(several, X, 0, choice.method, head=1, step=2).relevance
    assert relevance[:, 2].any()
    assert not relevance[:, [0, 1, 3]].any()  # a dense layer of each step by itself
    with pytest.raises(InputError, match="the model gives an output for each of 4 steps; name one with step="):
        choose_rules(several, X, 0, layers=0, head=1)
    with pytest.raises(InputError, match="rules are chosen for the layers of a model; received the callable"):
        choose_rules(lambda x: np.asarray(x).sum(axis=1), X, 0)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"measure": "agreement"}, "a measure of one method with a better side"),
        ({"measure": "step_share"}, "a measure of one method with a better side"),
        ({"x": X[:7]}, "at least 8 samples"),
        ({"layers": -1}, "layers at least 0"),
    ],
)
def test_bad_input(model, more, message):
    with pytest.raises(InputError, match=message):
        choose_rules(model, **({"x": X} | more))


def test_rules_by_evidence(model):
    evidence = np.zeros(X.shape, int)
    evidence[:, 1] = 1
    choice = choose_rules(model, X, measure="roc_auc", layers=0, evidence=evidence)
    assert all(0 <= value <= 1 for _, value in choice.tried)
    with pytest.raises(InputError, match=r"^roc_auc needs evidence cell by cell; received none$"):
        choose_rules(model, X, measure="roc_auc", layers=0)
    with pytest.raises(InputError, match=r"^evidence must have an entry for each of 16 samples; received 3$"):
        choose_rules(model, X, measure="roc_auc", layers=0, evidence=evidence[:3])
