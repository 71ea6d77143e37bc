"""The stages after training, on a run of a few seconds: what they write, and how they read what others wrote."""

import csv
import dataclasses
import math

import numpy as np
import pytest
from PIL import Image

import thesis_rnn
from tests.helpers import tiny_run
from thesis_rnn.attribution import method_names
from thesis_rnn.data import load
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.run_report import run_table
from thesis_rnn.runs import evaluating
from thesis_rnn.runs.evaluating import absorbed_share, evaluate_run, score_model
from thesis_rnn.runs.explaining import explain_run, read_heatmaps
from thesis_rnn.runs.methods import Choice, choices
from thesis_rnn.runs.old_settings import Settings
from thesis_rnn.runs.reporting import report_run
from thesis_rnn.runs.training import stored_settings, train

METHODS = ("sensitivity", "guided_backprop", "deep_taylor", "lrp")


@pytest.fixture
def run(tmp_path):
    return tiny_run.copy(tmp_path / "run")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A copy that tests only read."""
    return tiny_run.copy(tmp_path_factory.mktemp("finished") / "run")


@pytest.fixture(scope="module")
def model(finished):
    return thesis_rnn.load(finished.path)


@pytest.fixture(scope="module")
def sequences():
    return load("digits_maj", "test", steps=2, seed=0)


def test_a_run_leaves_what_every_other_stage_reads(finished):
    files = {str(path.relative_to(finished.path)) for path in finished.path.rglob("*") if path.is_file()}
    logs = {file for file in files if file.startswith("tensorboard/")}
    heatmaps = {f"heatmaps/{method}.{suffix}" for method in METHODS for suffix in ("npz", "png")}
    figures = {"heatmaps.png", "scores.png", "steps.png"}
    texts = {"flags.txt", "versions.json", "history.csv", "metrics.json"}
    assert files - logs == {"model.keras"} | texts | figures | heatmaps
    assert {log.split("/")[1] for log in logs} == {"train", "validation", "report", "steps"}


def test_the_stored_settings_are_the_resolved_ones(finished):
    expected = Settings(arch="shallow", dataset="digits_maj", steps=2, epoch_size=200, epochs=2, samples=6)
    assert stored_settings(finished) == expected
    assert stored_settings(finished, alpha=2.0, beta=1.0) == dataclasses.replace(expected, alpha=2.0, beta=1.0)


# ---- explaining


@pytest.mark.parametrize("method", METHODS)
def test_heatmaps_explain_the_true_class_of_the_first_test_sequences(finished, model, sequences, method):
    arrays = read_heatmaps(finished)[method]
    parameters = {"alpha": 1.5, "beta": 0.5} if method == "lrp" else {}
    x, y = sequences.x[:6], sequences.y[:6]
    expected = thesis_rnn.explain(model, x, target=y, method=method, **parameters)
    for name, array in (("x", x), ("y", y), ("target", y), ("evidence", sequences.evidence[:6])):
        np.testing.assert_array_equal(arrays[name], array)
    for name in ("relevance", "logits", "explained"):
        np.testing.assert_allclose(arrays[name], getattr(expected, name), rtol=1e-4, atol=1e-6)
    assert {name: float(arrays[f"parameter_{name}"]) for name in parameters} == parameters


def test_other_parameters_are_told_in_the_file_and_in_the_figures(run, model, sequences):
    explain_run(run, choices("lrp", 2.0, 1.0), range(3))
    heatmaps = read_heatmaps(run)
    expected = thesis_rnn.explain(model, sequences.x[:3], sequences.y[:3], "lrp", alpha=2.0, beta=1.0)
    np.testing.assert_allclose(heatmaps["lrp"]["relevance"], expected.relevance, rtol=1e-4, atol=1e-6)
    assert str(heatmaps["lrp"]["label"]) == "LRP-a2b1"
    assert (len(heatmaps["lrp"]["x"]), len(heatmaps["sensitivity"]["x"])) == (3, 6)
    assert "LRP-a1.5b0.5" in report_run(run)  # the scores are still those of the evaluation


@pytest.mark.parametrize("method", method_names())
def test_every_method_leaves_heatmaps_that_are_read_back(run, method):
    for path in run.heatmaps.iterdir():
        path.unlink()
    explain_run(run, choices(method, 1.5, 0.5, "epsilon(0.01)" if method == "composite" else ""), range(2))
    [(name, arrays)] = read_heatmaps(run).items()
    assert name == method
    assert arrays["relevance"].shape == arrays["x"].shape == (2, 2, 28, 42)


def test_what_a_kill_left_half_written_is_not_read(run):
    (run.heatmaps / ".lrp-abc123.npz").write_bytes(b"PK\x03\x04 half")
    assert sorted(read_heatmaps(run)) == sorted(METHODS)


@pytest.mark.parametrize("damage", ["empty", "text", "half", "flipped"])
def test_damaged_heatmaps_are_told(run, damage):
    path = run.heatmaps / "lrp.npz"
    data = path.read_bytes()
    flipped = data[:1000] + bytes(byte ^ 255 for byte in data[1000:1100]) + data[1100:]
    path.write_bytes({"empty": b"", "text": b"notes", "half": data[: len(data) // 2], "flipped": flipped}[damage])
    with pytest.raises(InputError, match=r"^expected heatmaps of a run, repeat .*explain; received .*lrp.npz: .+"):
        read_heatmaps(run)


def test_a_run_without_heatmaps_is_told(run):
    for path in run.heatmaps.glob("*.npz"):
        path.unlink()
    with pytest.raises(InputError, match=r"^no heatmaps; make them with python -m thesis_rnn.explain; received "):
        report_run(run)


# ---- evaluating


def test_the_metrics_name_what_was_trained_and_measured(finished):
    metrics = finished.read_metrics()
    with finished.history.open(newline="") as lines:
        accuracies = [float(row["val_accuracy"]) for row in csv.DictReader(lines)]
    # Shallow on 28x42 columns: ([1176 + 256] 256 + 256) + (256 256 + 256) + (256 10 + 10) variables.
    assert metrics["variables"] == (1176 + 256) * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10
    described = {name: metrics[name] for name in ("architecture", "dataset", "seed", "epochs", "test_sequences")}
    assert described == {
        "architecture": "shallow",
        "dataset": "digits_maj",
        "seed": 0,
        "epochs": 2,
        "test_sequences": 360,  # a fifth of 1,797 images
    }
    assert metrics["validation_accuracy"] == max(accuracies)
    assert metrics["best_epoch"] == accuracies.index(max(accuracies)) + 1


def slow_scores(model, sequences, choice):
    """The scores of a method, one sequence after the other, written from the definitions."""
    relevance = thesis_rnn.explain(model, sequences.x, sequences.y, choice.name, **choice.parameters).relevance
    cosines, right, steps, zeros = [], [], [], 0
    for sample, evidence in zip(relevance.astype(np.float64), sequences.evidence, strict=True):
        wide = np.concatenate(list(sample), axis=1)  # 28 x 84, from left to right
        if choice.name == "lrp":
            wide = np.maximum(wide, 0)
        blocks = [wide[:, 28 * block : 28 * (block + 1)].sum() for block in range(3)]
        zeros += not any(blocks)
        length = math.sqrt(sum(block**2 for block in blocks)) * math.sqrt(2)
        cosines.append(sum(block * mark for block, mark in zip(blocks, evidence, strict=True)) / (length or 1))
        positive = [max(block, 0) for block in blocks]
        hits = sum(block * mark for block, mark in zip(positive, evidence, strict=True))
        right.append(100 * hits / (sum(positive) or 1))
        shares = [np.maximum(step, 0).sum() for step in sample]
        steps.append(np.array(shares) / (sum(shares) or 1))
    return np.mean(cosines), np.mean(right), np.mean(steps, axis=0), zeros


@pytest.mark.parametrize("method", ["sensitivity", "gradient_x_input", "lrp"])
def test_scores_are_those_of_the_definitions(model, sequences, method):
    [choice] = choices(method, 1.5, 0.5)
    cosine, right, steps, zeros = slow_scores(model, sequences, choice)
    scores = score_model(model, sequences, [choice])["methods"][method]
    np.testing.assert_allclose(scores["cosine"]["mean"], cosine, rtol=1e-4)
    np.testing.assert_allclose(scores["right_percentage"]["mean"], right, rtol=1e-4)
    np.testing.assert_allclose(scores["step_distribution"], steps, rtol=1e-3, atol=1e-6)
    assert scores["zero_relevance"] == zeros
    assert scores["cosine"]["low"] < scores["cosine"]["mean"] < scores["cosine"]["high"]


def test_a_run_is_scored_on_the_whole_test_set(finished, model, sequences):
    metrics, scores = finished.read_metrics(), score_model(model, sequences, choices("lrp", 1.5, 0.5))
    np.testing.assert_allclose(metrics["methods"]["lrp"]["cosine"]["mean"], scores["methods"]["lrp"]["cosine"]["mean"])
    assert metrics["accuracy"] == np.mean(model.predict(sequences.x, verbose=0).argmax(axis=1) == sequences.y)
    assert metrics["pixel_mass"] == scores["pixel_mass"]
    assert metrics["baselines"] == scores["baselines"]


def test_scores_do_not_depend_on_how_many_sequences_are_held_at_once(model, sequences, monkeypatch):
    few = sequences.take(slice(50))
    at_once = score_model(model, few, choices("deep_taylor", 1.5, 0.5))
    monkeypatch.setattr(evaluating, "CHUNK", 7)
    in_chunks = score_model(model, few, choices("deep_taylor", 1.5, 0.5))
    one, other = at_once["methods"]["deep_taylor"], in_chunks["methods"]["deep_taylor"]
    np.testing.assert_allclose(one["step_distribution"], other["step_distribution"], rtol=1e-4)
    np.testing.assert_allclose(one["cosine"]["mean"], other["cosine"]["mean"], rtol=1e-4)
    assert one["zero_relevance"] == other["zero_relevance"]


def test_the_share_that_was_lost_by_hand():
    # 3 of relevance started; 1 - 0.5 + 1.5 = 2 arrived, with sum |R| = 3: lost 1 / 3. Where all is zero, nothing is.
    relevance = np.array([[[[1.0, -0.5, 1.5]]], [[[0.0, 0.0, 0.0]]]])
    explanation = thesis_rnn.Explanation(
        relevance, np.zeros((2, 2)), np.zeros(2, int), np.array([3.0, 0]), np.array([3.0, 0]), "lrp", conserves=True
    )
    np.testing.assert_allclose(absorbed_share(explanation), [1 / 3, 0])


def test_a_part_of_the_test_set_by_other_methods(run):
    metrics = evaluate_run(run, [Choice("gradient_x_input")], limit=1)
    single = metrics["methods"]["gradient_x_input"]["cosine"]
    assert (single["low"], single["high"], single["n"]) == (None, None, 1)
    assert "NaN" not in run.metrics.read_text()
    assert "-" in [cell.strip() for cell in run_table(metrics).split("|")]

    metrics = evaluate_run(run, [Choice("gradient_x_input")], limit=20)
    assert metrics["test_sequences"] == 20
    assert list(metrics["methods"]) == ["gradient_x_input"]
    assert run.read_metrics() == metrics


# ---- reporting


def test_a_report_repeats_the_figures_to_the_bit(run):
    figures = {path: path.read_bytes() for path in run.path.rglob("*.png")}
    assert len(figures) == 7
    for path in figures:
        path.unlink()
    table = report_run(run)
    assert {path: path.read_bytes() for path in figures} == figures
    assert all(np.asarray(Image.open(path)).std() > 0 for path in figures)
    assert table in tiny_run.output()


def test_methods_that_explain_different_sequences_are_not_drawn_side_by_side(run):
    path = run.heatmaps / "lrp.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez(path, **(arrays | {"x": -arrays["x"]}))
    with pytest.raises(InputError, match=r"^expected heatmaps of the same sequences; .*; received .*lrp"):
        report_run(run)


# ---- training again


def test_a_finished_run_that_is_resumed_with_its_own_settings_stays_as_it_is(run):
    before = run.model.read_bytes(), run.history.read_bytes(), run.flags.read_bytes()
    train(stored_settings(run), run, resume=True, verbose=0)
    assert (run.model.read_bytes(), run.history.read_bytes(), run.flags.read_bytes()) == before


def test_a_run_is_not_resumed_with_other_settings(run):
    before = run.flags.read_bytes()
    with pytest.raises(InputError) as refusal:
        train(stored_settings(run, epochs=5, seed=1), run, resume=True, verbose=0)
    assert str(refusal.value) == (
        "--resume continues a run with its own settings, --epochs=2 --seed=0; received --epochs=5 --seed=1"
    )
    assert run.flags.read_bytes() == before


def test_the_data_of_a_resumed_run_may_have_moved(run, tmp_path):
    train(stored_settings(run, data_dir=str(tmp_path)), run, resume=True, verbose=0)
    assert stored_settings(run).data_dir == str(tmp_path)  # where later stages look for it


def test_nothing_is_left_behind_by_settings_that_do_not_fit(tmp_path):
    fitting = Settings(arch="shallow", dataset="digits_maj", steps=2)
    for changes in ({"steps": 5}, {"arch": "nope"}, {"dropout": 1.0}, {"dataset": "nope"}, {"epoch_size": -1}):
        with pytest.raises(InputError):
            train(dataclasses.replace(fitting, **changes), tiny_run.RunFolder(tmp_path / "run"))
        assert list(tmp_path.iterdir()) == []
