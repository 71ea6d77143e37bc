"""RETAIN: its own contributions are exact, and propagation gives them too."""

import keras
import numpy as np
import pytest

from thesis_rnn import build, explain
from thesis_rnn.errors import InputError

SHAPE = {"steps": 3, "features": 4, "classes": 2}


@pytest.fixture(scope="module")
def model():
    model = build("retain", **SHAPE, sizes={"visit": 3, "units": 2}, seed=1)
    model.get_layer("logits").bias.assign([0.3, -0.7])
    return model


def slow_contributions(model, x, target):
    """alpha_t W (beta_t o E_d) x_td, by loops over steps and features; the weights are the model's own."""
    outputs = [model.get_layer(name).output for name in ("step_scores", "feature_weights")]
    scores, beta = (one.numpy() for one in keras.Model(model.input, outputs)(x))
    alpha = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    embedding, kernel = (model.get_layer(name).get_weights()[0] for name in ("visit_embedding", "logits"))
    relevance = np.zeros(x.shape)
    for sample, step, feature in np.ndindex(x.shape):
        visit = embedding[feature] * x[sample, step, feature]
        relevance[sample, step, feature] = alpha[sample, step, 0] * kernel[:, target].dot(beta[sample, step] * visit)
    return relevance


def test_contributions_are_the_published_ones_and_sum_to_the_logit_without_its_bias(model):
    x = np.random.default_rng(0).normal(size=(5, 3, 4)).astype("float32")
    own = explain(model, x, 1, "contributions", dtype="float64")
    np.testing.assert_allclose(own.relevance, slow_contributions(model, x, 1), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(own.received, own.value + 0.7, atol=1e-7)  # its bias, in float32, is -0.7
    propagated = explain(model, x, 1, "lrp_epsilon(epsilon=0)", dtype="float64").relevance
    np.testing.assert_allclose(propagated, own.relevance, rtol=1e-6, atol=1e-12)
    # What x does to the weights counts for the gradient.
    assert abs(explain(model, x, 1, "gradient_x_input").relevance - own.relevance).max() > 1e-4


def test_weights_of_a_step_depend_on_it_and_on_later_ones_alone(model):
    x = np.random.default_rng(1).normal(size=(1, 3, 4)).astype("float32")
    changed = x.copy()
    changed[:, 1] += 1
    beta = keras.Model(model.input, model.get_layer("feature_weights").output)
    differs = abs(beta(x) - beta(changed)).numpy().max(axis=(0, 2)) > 0
    assert differs.tolist() == [True, True, False]  # read from the last step to the first


def test_padding_changes_nothing(model):
    x = np.random.default_rng(2).normal(size=(2, 3, 4)).astype("float32")
    long = build("retain", **SHAPE | {"steps": 4}, sizes={"visit": 3, "units": 2}, masked=True)
    long.set_weights(model.get_weights())
    padded = np.pad(x, ((0, 0), (0, 1), (0, 0)))
    np.testing.assert_allclose(long(padded), model(x), atol=1e-6)
    relevance = explain(long, padded, 1, "contributions").relevance
    np.testing.assert_allclose(relevance[:, :3], explain(model, x, 1, "contributions").relevance, atol=1e-6)
    assert (relevance[:, 3:] == 0).all()


def test_other_models_have_no_contributions():
    with pytest.raises(InputError, match=r"^contributions are of a model that explains itself, such as retain; .*"):
        explain(build("lstm", **SHAPE), np.zeros((1, 3, 4)), 0, "contributions")
