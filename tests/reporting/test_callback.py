"""Heatmaps and cosine scores in TensorBoard while a model trains, read back from the event file."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import thesis_rnn
from tests.helpers.small_networks import lift, samples, small
from thesis_rnn import explain, plot
from thesis_rnn.attribution import method_specs
from thesis_rnn.data import load
from thesis_rnn.errors import InputError
from thesis_rnn.measures import block_relevance, cosine_similarity, measure_specs
from thesis_rnn.reporting.callback import ExplanationLogger
from thesis_rnn.reporting.saving import png_of
from thesis_rnn.reporting.style import SCREEN_DPI


def logged(folder):
    """tag -> [(step, value)] of the only event file in ``folder``."""
    events = EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()
    return {
        tag: [(event.step, tf.make_ndarray(event.tensor_proto)) for event in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
    }


def picture(value):
    _width, _height, png = value
    return tf.io.decode_png(png).numpy()


def test_every_second_epoch_is_logged_as_the_model_then_explains(tmp_path):
    model = lift(small("rlstm", 2))
    x, y = samples(model)
    evidence = np.tile([[0, 1], [1, 1]], (len(x) // 2, 1))
    expected = {}

    class Expected(keras.callbacks.Callback):
        """What the model's explanations are worth at the end of each epoch, by the public functions."""

        def on_epoch_end(self, epoch, logs=None):
            if epoch % 2 == 0:
                return
            deep_taylor, lrp = explain(model, x, y, "deep_taylor"), explain(model, x, y, "lrp", alpha=2.0)
            expected[epoch + 1] = {
                "deep_taylor": cosine_similarity(evidence, block_relevance(deep_taylor.relevance, 2)).mean(),
                "lrp": cosine_similarity(evidence, block_relevance(np.maximum(lrp.relevance, 0), 2)).mean(),
                "picture": tf.io.decode_png(png_of(plot(lrp, x), SCREEN_DPI)).numpy(),
            }

    methods = {"deep_taylor": {}, "lrp": {"alpha": 2.0}}
    logger = ExplanationLogger(x, y, evidence, methods, tmp_path, every=2)
    model.fit(x, y, epochs=5, verbose=0, callbacks=[logger, Expected()])

    found = logged(tmp_path)
    assert {tag for tag in found if "heatmaps" in tag or "cosine" in tag} == {
        *("heatmaps/deep_taylor", "heatmaps/lrp(alpha=2)", "cosine/DTD", "cosine/LRP-a2b1"),
    }
    for name, label in {"deep_taylor": "DTD", "lrp": "LRP-a2b1"}.items():
        steps, values = zip(*found[f"cosine/{label}"], strict=True)
        assert steps == (2, 4)
        np.testing.assert_allclose(values, [expected[step][name] for step in steps], rtol=1e-5)
        assert values[0] != values[1]  # the model has moved
    for step, value in found["heatmaps/lrp(alpha=2)"]:
        np.testing.assert_array_equal(picture(value), expected[step]["picture"])


@pytest.mark.slow
def test_a_stock_model_on_series_is_logged_without_evidence(tmp_path):
    model = keras.Sequential([keras.Input((4, 3)), keras.layers.SimpleRNN(5), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = np.random.default_rng(0).normal(size=(6, 4, 3)), np.arange(6) % 2
    logger = ExplanationLogger(x, y, methods=["lrp_epsilon"], log_dir=tmp_path, ledger=True)
    model.fit(x, y, epochs=2, verbose=0, callbacks=[logger])
    assert [step for step, _ in logged(tmp_path)["heatmaps/lrp_epsilon"]] == [1, 2]
    assert [step for step, _ in logged(tmp_path)["steps/lrp_epsilon"]] == [1, 2]
    kept = explain(model, x, y, "lrp_epsilon", ledger=True)
    names, events = ("absorbed", "bias", "stabiliser"), logged(tmp_path)
    found = [float(events[f"ledger/{name}/lrp_epsilon"][-1][1]) for name in names]
    biases, rest = (sum(r.relevance.mean() for r in kept.ledger if r.kind == kind) for kind in ("bias", "stabiliser"))
    np.testing.assert_allclose(found, [kept.absorbed.mean(), biases, rest], rtol=1e-4, atol=1e-6)
    assert not [tag for tag in logged(tmp_path) if "cosine" in tag]


X, Y = np.zeros((4, 2, 6, 5)), np.zeros(4, int)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": Y[:3]}, r"^y must have a class for each of the 4 samples; received shape \[3\]$"),
        ({"x": X[:0]}, r"^y must have a class for each of the 0 samples; received shape \[4\]$"),
        ({"evidence": np.ones((3, 2))}, r"^evidence must be \[n, blocks\] .*; received \[3, 2\] for \[4, 2, 6, 5\]$"),
        ({"x": X[:, :, 0], "evidence": np.ones((4, 2))}, r"; received \[4, 2\] for \[4, 2, 5\]$"),
        ({"every": 0}, r"every >= 1; received \['lrp'\] and 0$"),
        ({"methods": []}, r"^expected at least one method, .*; received \[\] and 1$"),
        ({"methods": ["lrpp"]}, r"^unknown attribution method; .*; received 'lrpp'$"),
        ({"methods": {"lrp": {"gamma": 1}}}, r"^lrp has the parameters .*; received gamma$"),
    ],
)
def test_bad_arguments_are_refused_before_the_training(arguments, message):
    with pytest.raises(InputError, match=message):
        ExplanationLogger(**{"x": X, "y": Y} | arguments)


# ---- columns of a run's history


def test_what_is_logged_is_the_models_own_cosine():
    split = load("digits_maj", "validation", steps=2).take(slice(5))
    model = thesis_rnn.build("shallow", 2, 28, 42, sizes={"hidden": 8, "recur": 8})
    logger = ExplanationLogger.of_split(
        split, method_specs("lrp(alpha=2, beta=1); sensitivity"), measure_specs("cosine")
    )
    logger.set_model(model)
    logs = {"loss": 1.0}
    logger.on_train_begin()
    logger.on_epoch_end(0, logs)
    relevance = explain(model, split.x, split.y, "lrp", alpha=2.0, beta=1.0).relevance
    blocks = block_relevance(relevance, 3, positive_only=True)
    assert logs["cosine/LRP-a2b1"] == pytest.approx(cosine_similarity(split.evidence, blocks).mean())
    assert set(logs) == {"loss", "cosine/LRP-a2b1", "cosine/SA"}


def test_series_with_evidence_are_scored_by_the_measures_that_are_named(tmp_path):
    model = keras.Sequential([keras.Input((4, 3)), keras.layers.SimpleRNN(5), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = np.random.default_rng(0).normal(size=(6, 4, 3)), np.arange(6) % 2
    logger = ExplanationLogger(x, y, x > 0, ["saliency"], None, measures="roc_auc; mass_accuracy")
    history = model.fit(x, y, epochs=2, verbose=0, callbacks=[logger]).history
    assert set(history) >= {"roc_auc/saliency", "mass_accuracy/saliency"}
