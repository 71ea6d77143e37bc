"""The stages after training, on a run of a few seconds: what they write, and how they read what others wrote."""

import csv
import pathlib
import shutil

import numpy as np
import pytest
from PIL import Image

import thesis_rnn
from tests.helpers import tiny_run
from tests.helpers.thinned import thinned
from thesis_rnn.attribution import method_names, method_spec, method_specs
from thesis_rnn.data import load, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.measures import measure_specs
from thesis_rnn.measures.scoring import score_model
from thesis_rnn.reporting.run_report import run_table
from thesis_rnn.runs.evaluating import evaluate_run
from thesis_rnn.runs.explaining import explain_run
from thesis_rnn.runs.reporting import report_run
from thesis_rnn.runs.settings import Settings
from thesis_rnn.runs.stored import read_heatmaps, stored_settings
from thesis_rnn.runs.training import train
from thesis_rnn.training.checkpoints import read_history
from thesis_rnn.training.run_folder import RunFolder

METHODS = method_specs("sensitivity; guided_backprop; deep_taylor; lrp(alpha=1.5, beta=0.5)")
LRP = METHODS[3].file_name


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
    heatmaps = {f"heatmaps/{method.file_name}.{suffix}" for method in METHODS for suffix in ("npz", "png")}
    figures = {"report.html", "heatmaps.png", "scores.png", "steps.png"}
    texts = {"flags.txt", "versions.json", "history.csv", "metrics.json", "manifest.json", ".lock"}
    assert files - logs == {"model.keras", "hidden.npz"} | texts | figures | heatmaps
    assert {log.split("/")[1] for log in logs} == {"train", "validation", "report", "steps"}


def test_the_stored_settings_are_the_resolved_ones(finished):
    named = {"arch": "shallow", "dataset": "digits_maj", "steps": 2, "sequences_per_epoch": 200, "epochs": 2}
    expected = Settings.of(**named, samples=6).complete()
    assert stored_settings(finished) == expected
    assert stored_settings(finished, methods="saliency") == expected.replaced(methods="saliency")


def test_flags_that_were_changed_since_are_told(run):
    run.flags.write_text(run.flags.read_text().replace("--steps=2", "--steps=4"))
    with pytest.raises(InputError, match=r"^expected the flags that the run was made with, .*; received .*flags.txt"):
        report_run(run)
    for damage, reason in ((b"\xff", "not UTF-8 at byte 0"), (b"", "with others")):
        run.flags.write_bytes(damage)
        with pytest.raises(InputError, match=rf"received .*flags.txt.* ?{reason}$"):
            report_run(run)


# ---- explaining


@pytest.mark.parametrize("method", METHODS)
def test_heatmaps_explain_the_true_class_of_the_first_test_sequences(finished, model, sequences, method):
    arrays = read_heatmaps(finished)[method.file_name]
    x, y = sequences.x[:6], sequences.y[:6]
    expected = thesis_rnn.explain(model, x, target=y, method=method.name, **method.parameters)
    for name, array in (("x", x), ("y", y), ("target", y), ("evidence", sequences.evidence[:6])):
        np.testing.assert_array_equal(arrays[name], array)
    for name in ("relevance", "logits", "explained"):
        np.testing.assert_allclose(arrays[name], getattr(expected, name), rtol=1e-4, atol=1e-6)
    assert (str(arrays["method"]), str(arrays["label"])) == (method.text, method.label)
    stored = thesis_rnn.Explanation.load(finished.heatmaps / f"{method.file_name}.npz")
    assert stored.parameters == expected.parameters
    np.testing.assert_allclose(stored.value, expected.value, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_other_parameters_are_told_in_the_file_and_in_the_figures(run, model, sequences):
    explain_run(run, method_specs("lrp(alpha=2, beta=1)"), range(3))
    heatmaps = read_heatmaps(run)
    expected = thesis_rnn.explain(model, sequences.x[:3], sequences.y[:3], "lrp", alpha=2.0, beta=1.0)
    found = heatmaps["lrp_alpha_2_beta_1"]
    np.testing.assert_allclose(found["relevance"], expected.relevance, rtol=1e-4, atol=1e-6)
    assert str(found["label"]) == "LRP-a2b1"
    assert (len(found["x"]), len(heatmaps["sensitivity"]["x"])) == (3, 6)
    assert "LRP-a1.5b0.5" in report_run(run)  # the scores are still those of the evaluation


NOT_OF_THIS_RUN = {
    "attention": "a model without",
    "attention_rollout": "a model without",
    "attention_x_gradient": "a model without",
    "beta_decomposition": "defined for an LSTM",
    "cam": "a head of global average pooling",
    "contributions": "of a model that explains itself",
    "counterfactual": "needs data",
    "gamma_decomposition": "defined for an LSTM",
    "grad_cam": "without stock convolutions",
    "grad_cam_plus_plus": "without stock convolutions",
    "mutation_map": "is for tokens",
}
"""Methods that are not defined for a dense network on images, and what they say of it."""


@pytest.mark.parametrize("method", NOT_OF_THIS_RUN)
def test_a_method_that_does_not_apply_says_why(run, model, method):
    with pytest.raises(InputError, match=NOT_OF_THIS_RUN[method]):
        explain_run(run, [method_spec(method)], range(2), model=model)


@pytest.mark.parametrize("method", thinned([name for name in method_names() if name not in NOT_OF_THIS_RUN]))
def test_every_method_leaves_heatmaps_that_are_read_back(run, model, method):
    for path in run.heatmaps.iterdir():
        path.unlink()
    spec = method_spec("composite(epsilon(0.01))" if method == "composite" else method)
    explain_run(run, [spec], range(2), model=model)
    [(name, arrays)] = read_heatmaps(run).items()
    assert name == spec.file_name
    assert arrays["relevance"].shape == arrays["x"].shape == (2, 2, 28, 42)


def test_what_a_kill_left_half_written_is_not_read(run):
    (run.heatmaps / ".lrp-abc_1234.part.npz").write_bytes(b"PK\x03\x04 half")
    assert sorted(read_heatmaps(run)) == sorted(method.file_name for method in METHODS)


@pytest.mark.parametrize("damage", ["empty", "text", "half", "flipped"])
def test_damaged_heatmaps_are_told(run, damage):
    path = run.heatmaps / f"{LRP}.npz"
    data = path.read_bytes()
    flipped = data[:1000] + bytes(byte ^ 255 for byte in data[1000:1100]) + data[1100:]
    path.write_bytes({"empty": b"", "text": b"notes", "half": data[: len(data) // 2], "flipped": flipped}[damage])
    with pytest.raises(
        InputError,
        match=r"^a file of the run is damaged, repeat .*explain --run_dir; received .*lrp.*.npz: .+",
    ):
        read_heatmaps(run)


def test_a_run_without_heatmaps_is_told(run):
    for path in run.heatmaps.glob("*.npz"):
        path.unlink()
    with pytest.raises(InputError, match=r"^no heatmaps; make them with .*thesis_rnn explain --run_dir; received "):
        report_run(run)


# ---- evaluating


def test_the_metrics_name_what_was_trained_and_measured(finished):
    metrics = finished.read_metrics()
    with finished.history.open(newline="") as lines:
        accuracies = [float(row["val_accuracy"]) for row in csv.DictReader(lines)]
    # Shallow on 28x42 columns: ([1176 + 256] 256 + 256) + (256 256 + 256) + (256 10 + 10) variables.
    facts = metrics["facts"]
    assert facts["variables"] == (1176 + 256) * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10
    assert {name: value for name, value in facts.items() if "accuracy" not in name} == {
        "architecture": "shallow",
        "dataset": "digits_maj",
        "seed": 0,
        "epochs": 2,
        "steps": 2,
        "test_sequences": 360,  # a fifth of 1,797 images
        "variables": facts["variables"],
        "best_epoch": accuracies.index(max(accuracies)) + 1,
        "updates": 8,  # 200 sequences are 4 batches of 50, twice
        "ended_by": "epochs",
        "guessed": 37 / 360,  # of the most frequent class there are 37
    }
    assert facts["validation_accuracy"] == max(accuracies)


def test_a_run_is_scored_on_the_whole_test_set(finished, model, sequences):
    metrics = finished.read_metrics()
    problem = problem_of("digits_maj")
    expected = score_model(model, sequences, METHODS[3:], problem=problem)
    found = [row for row in metrics["scores"] if row["method"] in (METHODS[3].text, "(uniform)", "(pixel mass)")]
    expected = [row for row in expected if row["method"] in (METHODS[3].text, "(uniform)", "(pixel mass)")]
    assert [tuple(row.values())[:6] for row in found] == [tuple(row.values())[:6] for row in expected]
    values = [[row["value"] for row in rows] for rows in (found, expected)]
    np.testing.assert_allclose(*values, rtol=1e-5, atol=1e-7)
    predicted = model.predict(sequences.x, verbose=0).argmax(axis=1)
    assert metrics["facts"]["accuracy"] == np.mean(predicted == sequences.y)
    assert {row["epoch"] for row in metrics["scores"]} == {""}


def test_a_part_of_the_test_set_by_other_methods(run):
    specs = method_specs("gradient_x_input")
    metrics = evaluate_run(run, specs, limit=1)
    [single] = [row for row in metrics["scores"] if row["measure"] == "cosine" and row["method"] == "gradient_x_input"]
    assert (single["low"], single["high"], single["n"]) == (None, None, 1)
    assert "NaN" not in run.metrics.read_text()
    assert "-" in [cell.strip() for cell in run_table(metrics).split("|")]

    metrics = evaluate_run(run, specs, measure_specs("cosine"), limit=20)
    assert metrics["facts"]["test_sequences"] == 20
    references = ["(uniform)", "(pixel mass)", "(last step)"]
    assert [(row["method"], row["measure"]) for row in metrics["scores"]] == [
        (method, "cosine") for method in ["gradient_x_input", *references]
    ]
    assert run.read_metrics() == metrics


def test_only_the_first_samples_are_scored_if_the_flags_say_so(run, tmp_path):
    copied = RunFolder(pathlib.Path(shutil.copytree(run.path, tmp_path / "copied")))
    copied.flags.write_text(copied.flags.read_text().replace("--scored=0\n", "--scored=7\n"))
    metrics = evaluate_run(copied, method_specs("gradient_x_input"), measure_specs("cosine"), limit=20)
    assert metrics["facts"]["test_sequences"] == 20
    assert {row["n"] for row in metrics["scores"] if row["method"] == "gradient_x_input"} == {7}


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
    path = run.heatmaps / f"{LRP}.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    with run.writing(path) as temporary:
        np.savez(temporary, **(arrays | {"x": -arrays["x"]}))
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
        "--resume continues a run with its own settings, --seed=0 --epochs=2; received --seed=1 --epochs=5"
    )
    assert run.flags.read_bytes() == before


def test_the_data_of_a_resumed_run_may_have_moved(run, tmp_path):
    train(stored_settings(run, data_dir=str(tmp_path)), run, resume=True, verbose=0)
    assert stored_settings(run).data.data_dir == str(tmp_path)  # where later stages look for it


def test_nothing_is_left_behind_by_settings_that_do_not_fit(tmp_path):
    fitting = Settings.of(arch="shallow", dataset="digits_maj", steps=2)
    unknown = ({"arch": "nope"}, {"dataset": "nope"}, {"methods": "lrpp"}, {"measures": "cosin"})
    for changes in ({"steps": 5}, {"attention_window": 3}, {"measures": "roc_auc"}, *unknown):
        with pytest.raises(InputError):
            train(fitting.replaced(**changes), tiny_run.RunFolder(tmp_path / "run"))
        assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_tracked_training_has_the_columns_in_its_history_and_the_same_weights(tmp_path):
    usual = {"arch": "shallow", "dataset": "digits_maj", "steps": 2, "epochs": 2, "sequences_per_epoch": 100}
    states = []
    for count in (0, 4):
        folder = tiny_run.RunFolder(tmp_path / str(count))
        train(Settings.of(methods="sensitivity", track_sequences=count, **usual), folder, verbose=0)
        columns = [name for name in read_history(folder)[0] if name.startswith("cosine/")]
        assert columns == (["cosine/SA"] if count else [])
        states.append(tiny_run.trained_state(folder.model))
    assert all(0 <= float(epoch["cosine/SA"]) <= 1 for epoch in read_history(folder))
    assert states[0] == states[1]


def test_single_images_have_no_evidence_to_track(tmp_path):
    with pytest.raises(InputError, match=r"^track_sequences needs evidence, .*; received single images$"):
        train(Settings.of(arch="shallow", dataset="digits", track_sequences=3), tiny_run.RunFolder(tmp_path / "run"))
