"""Every kind of head: softmax, one sigmoid unit, regression, an output per step, several outputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.helpers.stock_models import chain, dense, randomised, samples
from thesis_rnn import explain
from thesis_rnn.errors import InputError


def head(units, activation, **arguments):
    return chain(dense(activation="relu"), units=units, activation=activation), {"method": "lrp_epsilon"} | arguments


def test_a_softmax_head_is_explained_before_the_softmax():
    model, method = head(3, "softmax")
    plain = chain(dense(activation="relu"), units=3)
    plain.set_weights(model.get_weights())
    x = samples(model)
    explanation = explain(model, x, **method)
    np.testing.assert_array_equal(explanation.target, model(x).numpy().argmax(axis=1))
    np.testing.assert_allclose(explanation.logits, plain(x).numpy(), rtol=1e-4, atol=1e-5)
    expected = explain(plain, x, explanation.target, **method).relevance
    np.testing.assert_allclose(explanation.relevance, expected, rtol=1e-4, atol=1e-6)


def test_a_sigmoid_unit_has_two_classes():
    model, method = head(1, "sigmoid")
    x = samples(model, 6)
    probability = model(x).numpy()[:, 0]
    no, yes = (explain(model, x, target, **method) for target in (0, 1))
    np.testing.assert_allclose(yes.value, np.log(probability / (1 - probability)), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(no.value, -yes.value, rtol=1e-6)
    np.testing.assert_allclose(no.relevance, -yes.relevance, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(explain(model, x, **method).target, probability > 0.5)
    of_probability = explain(model, x, 1, "sensitivity", output="probability")
    np.testing.assert_allclose(of_probability.value, probability, rtol=1e-4)
    of_odds = explain(model, x, 1, "sensitivity", output="log_odds")
    np.testing.assert_allclose(of_odds.value, yes.value, rtol=1e-6)


def test_a_regression_has_one_class():
    model, method = head(1, None)
    x = samples(model)
    explanation = explain(model, x, **method)
    np.testing.assert_allclose(explanation.explained, model(x).numpy()[:, 0], rtol=1e-4)
    with pytest.raises(InputError, match=r"^target must lie in 0\.\.0; received 1\.\.1$"):
        explain(model, x, 1, **method)
    with pytest.raises(InputError, match=r"^a regression has no probabilities"):
        explain(model, x, 0, "sensitivity", output="probability")


def test_a_step_of_an_output_per_step():
    model = randomised(
        keras.Sequential([keras.Input((4, 3)), layers.SimpleRNN(2, return_sequences=True), layers.Dense(2, "softmax")])
    )
    x = samples(model)
    explanation = explain(model, x, 1, "lrp_epsilon", step=1)
    np.testing.assert_allclose(tf.nn.softmax(explanation.logits), model(x).numpy()[:, 1], rtol=1e-4)
    assert abs(explanation.relevance[:, :2]).max() > 0
    np.testing.assert_array_equal(explanation.relevance[:, 2:], 0)
    for step, message in ((None, r"each of 4 steps; name one with step=; received None$"), (4, r"0\.\.3; received 4$")):
        with pytest.raises(InputError, match=message):
            explain(model, x, 1, "lrp_epsilon", step=step)


def test_one_of_several_outputs():
    x = keras.Input((3,))
    hidden = dense(4, "relu")(x)
    outputs = [layers.Dense(2, "softmax", name="kind")(hidden), layers.Dense(1, name="size")(hidden)]
    model = randomised(keras.Model(x, outputs))
    values = model(samples(model))
    kind, size = (explain(model, samples(model), 0, "lrp_epsilon", head=place) for place in (0, 1))
    np.testing.assert_allclose(tf.nn.softmax(kind.logits), values[0], rtol=1e-4)
    np.testing.assert_allclose(size.value, values[1][:, 0], rtol=1e-4, atol=1e-6)
    with pytest.raises(InputError, match=r"^head must be one of the model's outputs: 0 .*, 1 .*; received 2$"):
        explain(model, samples(model), 0, "lrp_epsilon", head=2)


def test_an_activation_inside_a_loop_is_not_a_head():
    """The sigmoid of a cell that is the output acts at every step; leaving it out would explain another model."""
    model = randomised(keras.Sequential([keras.Input((3, 2)), layers.SimpleRNN(2, "sigmoid")]))
    x = samples(model)
    np.testing.assert_allclose(explain(model, x, 0, "lrp_epsilon").logits, model(x).numpy(), rtol=1e-4)


def regression(**named):
    return keras.Sequential([keras.Input((2,)), layers.Dense(3, **named)])


def test_a_regression_of_several_outputs_asks_for_a_target():
    model = regression()
    with pytest.raises(InputError, match=r"^the model has 3 outputs and nothing .* target=, one of 0\.\.2, .*=None$"):
        explain(model, np.ones((2, 2)), method="gradient_x_input")
    model.compile(loss="mse")
    with pytest.raises(InputError, match=r"^the model has 3 outputs and nothing says that they are classes"):
        explain(model, np.ones((2, 2)), method="gradient_x_input")
    assert explain(model, np.ones((2, 2)), 1, "gradient_x_input").target.tolist() == [1, 1]


@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        keras.losses.CategoricalCrossentropy(from_logits=True),
        keras.losses.categorical_hinge,
        [keras.losses.SparseCategoricalCrossentropy(from_logits=True)],
    ],
)
def test_a_loss_of_classes_says_that_outputs_are_classes(loss):
    model = regression()
    model.compile(loss=loss)
    x = np.random.default_rng(0).normal(size=(4, 2))
    explanation = explain(model, x, method="gradient_x_input")
    np.testing.assert_array_equal(explanation.target, model(x).numpy().argmax(axis=1))


@pytest.mark.parametrize("named", [{"name": "logits"}, {"activation": "sigmoid"}, {"activation": "log_softmax"}])
def test_names_and_activations_say_that_outputs_are_classes(named):
    assert explain(regression(**named), np.ones((1, 2)), method="gradient_x_input").target.shape == (1,)
