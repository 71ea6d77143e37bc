"""Scoring a model of series: what is written is what the scores say, and the front end that does it all."""

import dataclasses
import json
import shutil

import keras
import numpy as np
import pytest

from tests.helpers.front_end_process import run
from thesis_rnn import build
from thesis_rnn.attribution import explain
from thesis_rnn.data import PROBLEMS, Box, BoxData, Split
from thesis_rnn.errors import InputError
from thesis_rnn.measures import localisation_scores
from thesis_rnn.measures.vanishing.decay import half_life
from thesis_rnn.measures.vanishing.state_influence import jacobian_norms
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.box_report import box_table
from thesis_rnn.runs import box_methods
from thesis_rnn.runs.box_methods import VARIANTS, methods_of_series, saliency
from thesis_rnn.runs.box_scoring import score_boxes, vanishing
from thesis_rnn.runs.box_settings import BoxSettings
from thesis_rnn.runs.box_training import load_series
from thesis_rnn.training.run_folder import RunFolder

DATA = BoxData((Box(0, 4, 1, 7),), steps=12, features=8, train=40, validation=20, test=30)
HISTORY = """epoch,accuracy,seconds,updates,val_accuracy,val_loss
0,0.5,2,20,0.5,0.9
1,0.6,2,40,0.7,0.8
2,0.6,2,60,0.6,0.7
"""


@pytest.fixture(scope="module")
def data():
    """Data of 12 steps x 8 features in the place of "earlier"."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PROBLEMS._entries, "box_earlier", dataclasses.replace(PROBLEMS["box_earlier"], source=DATA))
        yield DATA


@pytest.fixture(scope="module")
def task(data, tmp_path_factory):
    """A run with an untrained model, scored."""
    settings = BoxSettings(epochs=3, method="sensitivity,gradient_x_input")
    made = Task(settings, "made_up", tmp_path_factory.mktemp("runs"))
    made.folder.start(settings.as_flagfile())
    made.folder.history.write_text(HISTORY)
    build("lstm", 12, features=8, classes=2, units=3).save(made.folder.model)
    score_boxes(made.folder)
    return made


# ---- vanishing


def test_shares_of_steps_and_their_half_life_by_hand():
    # Sample 0: |R| of 1, 1 and 2 on the steps, so 1/4, 1/4, 1/2: the last step holds half. Sample 1: 0, 0, 4: half of
    # the last step. Median of 1 and 0.5: 0.75. A sample without relevance counts in neither.
    relevance = np.array([[[-1, 0], [0.5, -0.5], [2, 0]], [[0, 0], [0, 0], [-4, 0]], [[0, 0], [0, 0], [0, 0]]])
    shares, life = vanishing(relevance)
    np.testing.assert_allclose(shares, [1 / 8, 1 / 8, 3 / 4])
    assert life == pytest.approx(0.75)
    assert vanishing(np.zeros((2, 3, 2))) == ([0.0, 0.0, 0.0], None)


# ---- methods


def test_methods_of_series():
    chosen = methods_of_series("sensitivity, deep_taylor,lrp_epsilon,lrp_epsilon_half")
    assert list(chosen) == ["deep_taylor", "lrp_epsilon", "lrp_epsilon_half"]
    assert chosen["deep_taylor"].parameters == {"inputs": "real"}  # no box of pixels
    assert chosen["lrp_epsilon"].parameters == {}
    assert chosen["lrp_epsilon_half"].parameters == {"gates": "half", "dtype": "float64"}  # it may exceed float32
    assert methods_of_series("sensitivity") == {}
    assert {"lrp", "lrp_epsilon_prop", "lrp_epsilon_abs"} <= set(VARIANTS)
    with pytest.raises(InputError, match=r"received 'lrpp'$"):
        methods_of_series("lrpp")


def test_saliency_of_the_log_odds_is_that_of_the_probability_divided_by_p_q(task):
    # p_c = sigmoid(f_c - f_d), so dp_c / dx = p_c p_d d(f_c - f_d) / dx: central differences know nothing of explain.
    model, test = keras.models.load_model(task.folder.model), load_series(task.settings, "test")
    first = type(test)(test.x[:1], test.y[:1], test.evidence[:1])
    found, step = saliency(model, first, "log_odds")[0], 1e-2

    def probability(x):
        return keras.ops.softmax(model(x, training=False)).numpy()[:, first.y[0]].astype(np.float64)

    shifts = step * np.eye(12 * 8, dtype=np.float32).reshape(-1, 12, 8)
    expected = np.abs(probability(first.x + shifts) - probability(first.x - shifts)) / (2 * step)
    p = probability(first.x)
    np.testing.assert_allclose(found * p * (1 - p), expected.reshape(12, 8), atol=3e-5)


def test_saliency_of_what_has_nearly_vanished(task):
    # An LSTM that forgets: after 59 steps with forget gates near sigmoid(-1) = 0.269, 0.269^59 = 2e-34 of its first
    # state is left, whose square is 0 in float32.
    series = Split(np.ones((1, 60, 2), np.float32), np.array([0], np.int32), np.ones((1, 60, 2), bool))
    model = build("lstm", 60, features=2, classes=2, units=2)
    kernel, recurrent, bias = model.get_layer("cell").get_weights()
    model.get_layer("cell").set_weights([kernel / 10, 0 * recurrent, bias - np.repeat([0, 1, 0, 0], 2)])
    found = saliency(model, series, "logit")[0]
    assert 0 < found[0].max() < 1e-25
    assert (found > 0).all()


# ---- scoring


def test_what_is_written_is_what_the_scores_say(task):
    metrics = task.folder.read_metrics()
    model, test = keras.models.load_model(task.folder.model), load_series(task.settings, "test")
    relevance = explain(model, test.x, test.y, "gradient_x_input").relevance
    expected = localisation_scores(relevance, test.evidence)
    assert metrics["maps"]["gradient_x_input"] == pytest.approx({k: v.mean() for k, v in expected.items()}, rel=1e-4)
    assert list(metrics["maps"]) == ["saliency", "saliency_probability", "gradient_x_input"]
    predicted = model.predict(test.x, verbose=0).argmax(axis=1)
    assert metrics["accuracy"] == pytest.approx((predicted == test.y).mean())
    # Three epochs of at most three, and the second had the highest validation accuracy.
    assert [metrics[name] for name in ("epochs", "updates", "hit_the_cap", "best_epoch")] == [3, 60, True, 2]
    with np.load(task.folder.path / "maps.npz") as arrays:
        assert {name: own.shape for name, own in arrays.items()} == dict.fromkeys(metrics["maps"], (12, 8))
        assert 0 <= arrays["saliency"].min() < arrays["saliency"].max() <= 1
    with np.load(task.folder.path / "samples.npz") as arrays:
        assert arrays["y"].tolist() == [0, 0, 1, 1]
        np.testing.assert_array_equal(arrays["x"][0], test.x[test.y == 0][0])
    assert "gradient_x_input" in box_table(metrics)


def test_a_method_that_fails_leaves_all_as_it_was(task, tmp_path, monkeypatch):
    folder = RunFolder(shutil.copytree(task.folder.path, tmp_path / "run"))
    before = {path: path.read_bytes() for path in folder.path.iterdir()}

    def overflow(*arguments, **options):
        raise InputError("relevance must be finite; received infinity")

    monkeypatch.setattr(box_methods, "explain", overflow)
    with pytest.raises(InputError, match=r"received infinity$"):
        score_boxes(folder, "deep_taylor")
    assert {path: path.read_bytes() for path in folder.path.iterdir()} == before


def test_accuracy_without_a_tenth_of_the_cells(task):
    # A tenth of 96 cells is 10. Sorted here by NumPy: saliency has no equal cells among the highest.
    metrics, test = task.folder.read_metrics(), load_series(task.settings, "test")
    model = keras.models.load_model(task.folder.model)
    amounts = saliency(model, test, "logit").reshape(len(test.y), -1)
    masked = test.x.reshape(amounts.shape).copy()
    np.put_along_axis(masked, amounts.argsort(axis=1)[:, -10:], 0, axis=1)
    predicted = model.predict(masked.reshape(test.x.shape), verbose=0).argmax(axis=1)
    assert metrics["masked_accuracy"]["saliency"] == pytest.approx((predicted == test.y).mean())
    assert set(metrics["masked_accuracy"]) == {*metrics["maps"], "(random)", "(evidence)"}


# ---- the front end


def test_a_run_from_the_command_line(tmp_path):
    flags = ("--dataset=digits_rows", "--epochs=1", "--hidden=2", "--method=sensitivity", "--run_dir=run")
    done = run("boxes", "--arch=simple_rnn", *flags, cwd=tmp_path)
    assert done.status == 0, done.err
    assert "| saliency_probability |" in done.out
    assert done.out.strip().endswith("The run is in run")
    assert json.loads((tmp_path / "run/metrics.json").read_text())["architecture"] == "simple_rnn"
    trained = (tmp_path / "run/model.keras").read_bytes()
    again = run("boxes", "--resume", "--run_dir=run", "--method=gradient_x_input", cwd=tmp_path)
    assert again.status == 0, again.err
    assert "simple_rnn on digits_rows" in again.out  # what the command line does not name is the run's
    maps = json.loads((tmp_path / "run/metrics.json").read_text())["maps"]
    assert list(maps) == ["saliency", "saliency_probability", "gradient_x_input"]
    assert BoxSettings.of_run(RunFolder(tmp_path / "run"), "boxes").method == "gradient_x_input"
    assert (tmp_path / "run/model.keras").read_bytes() == trained


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--arch=lstn"], "received 'lstn'"),
        (["--dataset=early"], "received 'early'"),
        (["--overwrite", "--resume"], "received --overwrite and --resume"),
        (["--r=0"], "received 0"),
    ],
)
def test_a_wrong_command_is_one_line(tmp_path, flags, message):
    done = run("boxes", *flags, cwd=tmp_path)
    assert done.status != 0
    assert done.error.endswith(message)
    assert list(tmp_path.iterdir()) == []


def test_models_are_listed(tmp_path):
    done = run("boxes", "--list_models", cwd=tmp_path)
    assert done.status == 0
    assert ["lstm_ica", "LSTM, input-cell attention"] in [line.split(maxsplit=1) for line in done.out.splitlines()]
