"""What is judged: functions beside Keras models, and what their outputs are."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import thesis_rnn
from thesis_rnn.errors import InputError
from thesis_rnn.judging.subject import subject_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 4, 2)).astype(np.float32)
KERNEL = RNG.normal(size=(8, 3)).astype(np.float32)
MEASURES = "selectivity; comprehensiveness; log_odds_drop; infidelity"


def logits(x):
    return np.asarray(x).reshape(len(x), -1) @ KERNEL


def probabilities(x):
    powers = np.exp(logits(x))
    return powers / powers.sum(axis=1, keepdims=True)


def in_tensorflow(x):
    return tf.reshape(x, (-1, 8)) @ KERNEL


def values(judgement, method="occlusion"):
    return {row["measure"]: row["value"] for row in judgement.rows if row["method"] == method}


def test_the_parts_of_a_linear_function_have_no_infidelity():
    # a step is a cell: f(x) - f(x without it) = w x, and removals of several take away their sum
    found = values(thesis_rnn.judge(logits, X.reshape(16, 8, 1), 0, "occlusion", MEASURES))
    assert found["infidelity"] == pytest.approx(0, abs=1e-9)


def test_a_function_is_judged_like_the_keras_model_that_does_the_same():
    layers = [keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(3, use_bias=False)]
    model = keras.Sequential(layers)
    model.layers[-1].set_weights([KERNEL])
    methods = "gradient_x_input; sensitivity"
    given = {"methods": methods, "measures": MEASURES, "outputs": "logits"}
    of_model, of_function = (thesis_rnn.judge(one, X, 1, **given) for one in (model, in_tensorflow))
    for method in methods.split("; "):
        for measure, value in values(of_model, method).items():
            assert values(of_function, method)[measure] == pytest.approx(value, rel=1e-4, abs=1e-6)
    assert of_model.ranking.methods == of_function.ranking.methods


def test_probabilities_are_known_by_their_sum_and_not_exponentiated_again():
    judgement = thesis_rnn.judge(probabilities, X, methods="occlusion", measures=MEASURES)
    assert any(note.startswith("Outputs are taken for probabilities") for note in judgement.notes)
    subject = subject_of(probabilities, X)
    np.testing.assert_array_equal(subject.scored.target, logits(X).argmax(axis=1))
    assert subject.scored.activation == "probabilities"
    # log p of probabilities is that of the logits that made them: the same order of removal, the same drop
    scored, order = subject.scored._replace(relevance=X.astype(float)), "log_odds_drop"
    drop = thesis_rnn.measures.MEASURES[order].function
    of_logits = scored._replace(predict=logits, activation="softmax")
    np.testing.assert_allclose(drop(scored), drop(of_logits), atol=1e-5)


def test_what_a_function_lacks_is_left_out_by_name():
    judgement = thesis_rnn.judge(logits, X, 0, "occlusion; saliency; lrp_epsilon", transfer=True)
    assert judgement.ranking.methods == ("occlusion",)
    assert "it computes in NumPy" in judgement.left_out["saliency"]
    assert "needs the layers" in judgement.left_out["lrp_epsilon"]
    assert "outputs='logits' says so" in judgement.left_out["log_odds_drop"]
    assert "a callable cannot be copied" in judgement.left_out["randomisation"]
    assert "Transfer: a callable cannot be copied; nothing was trained." in judgement.notes
    with pytest.raises(InputError, match=r"^no method applies; lrp_epsilon: lrp_epsilon needs the layers"):
        thesis_rnn.judge(logits, X, 0, "lrp_epsilon")


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (None, "linear"),
        ("mse", "linear"),
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), "softmax"),
        (keras.losses.BinaryCrossentropy(from_logits=True), "sigmoid"),  # classes that do not exclude each other
    ],
)
def test_linear_outputs_are_what_their_loss_says(loss, expected):
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(3)])
    if loss is not None:
        model.compile("sgd", loss)
    assert subject_of(model, X, 0).scored.activation == expected


@pytest.mark.parametrize(
    ("function", "more", "message"),
    [
        (logits, {"target": None}, "the model has 3 outputs and nothing says that they are classes"),
        (logits, {"outputs": "scores"}, "outputs are one of logits, probabilities, values; received 'scores'"),
        (logits, {"outputs": "probabilities"}, r"probabilities lie in \[0, 1\]; received outputs from -"),
        (lambda x: x[:, :, 0], {"target": 9}, r"target must lie in 0\.\.3"),
        (lambda x: np.cumsum(x, axis=1), {}, "the model gives an output for each of 4 steps"),
    ],
)
def test_bad_input(function, more, message):
    with pytest.raises(InputError, match=f"^{message}"):
        thesis_rnn.judge(function, X, **({"target": 0, "methods": "occlusion", "measures": "selectivity"} | more))
