"""Runs on series with evidence, and on series of one's own: the same pipeline, every verb, as runs on images have."""

import keras
import numpy as np
import pytest

import thesis_rnn
from tests.helpers import tiny_run
from tests.helpers.front_end_process import run
from thesis_rnn.attribution import method_specs
from thesis_rnn.data import PROBLEMS, Box, BoxData, Problem, load
from thesis_rnn.data.series import MEASURES, METHODS, TRAINING
from thesis_rnn.errors import InputError
from thesis_rnn.measures import accuracy, mask_most_salient, scaled_saliency
from thesis_rnn.measures.vanishing.decay import half_life
from thesis_rnn.measures.vanishing.state_influence import jacobian_norms
from thesis_rnn.runs import evaluating
from thesis_rnn.runs.evaluating import evaluate_run
from thesis_rnn.runs.pipeline import make_run
from thesis_rnn.runs.settings import Settings
from thesis_rnn.runs.stored import read_heatmaps, stored_settings
from thesis_rnn.runs.training import prepare, train
from thesis_rnn.training.checkpoints import Checkpoints, read_history
from thesis_rnn.training.run_folder import RunFolder

TEXTS = ["saliency(output=log_odds)", "gradient_x_input"]


@pytest.fixture(scope="module")
def problem():
    """A problem of 6 steps x 8 features in the place of a row: 4 updates are an epoch of 40 series."""
    boxes = BoxData((Box(0, 3, 1, 7),), steps=6, features=8, train=40, validation=20, test=30)
    tiny = Problem("tiny box", boxes, training=TRAINING, methods=METHODS, measures=MEASURES)
    with PROBLEMS.replaced("box_earlier", tiny):
        yield tiny


@pytest.fixture
def settings(problem):
    usual = {"epochs": 3, "batch_size": 10, "units": 3, "patience": 9, "samples": 4}
    return Settings.of(arch="lstm", dataset="box_earlier", methods="; ".join(TEXTS), **usual)


@pytest.fixture(scope="module")
def finished(problem, tmp_path_factory):
    """A run through all stages, and its table; tests only read it."""
    folder = RunFolder(tmp_path_factory.mktemp("series") / "run")
    usual = {"epochs": 2, "batch_size": 10, "units": 3, "samples": 4}
    settings = Settings.of(arch="lstm", dataset="box_earlier", methods="; ".join(TEXTS), **usual)
    return folder, make_run(settings, folder)


# ---- training


def trained(settings, folder, **options):
    train(settings, folder, verbose=0, **options)
    return keras.models.load_model(folder.model).get_weights()


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_weights(tmp_path, settings, monkeypatch):
    whole = trained(settings, RunFolder(tmp_path / "whole"))
    killed, save = RunFolder(tmp_path / "killed"), Checkpoints.on_epoch_end

    def die_in_the_second_epoch(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt
        save(self, epoch, logs)

    monkeypatch.setattr(Checkpoints, "on_epoch_end", die_in_the_second_epoch)
    with pytest.raises(KeyboardInterrupt):
        trained(settings, killed)
    monkeypatch.setattr(Checkpoints, "on_epoch_end", save)
    for one, other in zip(whole, trained(settings, killed, resume=True), strict=True):
        np.testing.assert_array_equal(one, other)
    assert tiny_run.learned(RunFolder(tmp_path / "whole")) == tiny_run.learned(killed)
    assert len(read_history(killed)) == 3


@pytest.mark.parametrize(("updates", "counts"), [(1, [4]), (8, [4, 8]), (9, [4, 8, 12]), (99, [4, 8, 12])])
def test_training_ends_with_the_epoch_in_which_the_updates_are_reached(tmp_path, settings, updates, counts):
    prepared = prepare(settings.replaced(updates=updates), RunFolder(tmp_path / "run"))
    each = prepared.batches.steps_per_epoch
    assert [each * epoch for epoch in range(1, prepared.epochs + 1)] == counts


def test_the_history_counts_updates(finished):
    folder, _ = finished
    assert [int(epoch["updates"]) for epoch in read_history(folder)] == [4, 8]


def test_another_run_s_folder_is_refused(finished):
    folder, _ = finished
    with pytest.raises(InputError, match=r"^the run folder exists; use --overwrite or --resume; received "):
        train(stored_settings(folder), folder)
    other = stored_settings(folder, seed=1, methods="gradient_x_input")
    with pytest.raises(InputError, match=r"^--resume continues a run with its own settings, --seed=0; .*--seed=1$"):
        train(other, folder, resume=True)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"arch": "lstn"}, r"; received 'lstn'$"),
        ({"methods": "sensitivity; lrpp"}, r"'lrpp'$"),
        ({"measures": "cosine"}, r"^cosine needs evidence by column blocks; .*; received 'cosine'$"),
        ({"attention_window": 5}, r"needs an architecture with input-cell attention, .*; received 'lstm'$"),
        ({"steps": 5}, r"^these series have 6 steps and are not cut; .*; received 5$"),
        ({"fold": 1}, r"^only problems of images are cut into folds; .* received "),
    ],
)
def test_what_does_not_fit_is_refused_before_the_training(tmp_path, settings, flags, message):
    with pytest.raises(InputError, match=message):
        train(settings.replaced(**flags), RunFolder(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


# ---- all stages


def test_a_run_leaves_what_every_other_stage_reads(finished):
    folder, table = finished
    files = {path.name for path in folder.path.iterdir() if path.is_file()}
    texts = {"flags.txt", "versions.json", "history.csv", "metrics.json", "manifest.json", ".lock"}
    arrays = {"maps.npz", "samples.npz", "states.npz", "hidden.npz"}
    assert files == {"model.keras", "report.html", "heatmaps.png", "steps.png", "scores.png"} | texts | arrays
    assert sorted(read_heatmaps(folder)) == ["gradient_x_input", "saliency_output_log_odds"]
    assert "| gradient x input" in table
    assert folder.manifest().strangers(folder.path) == []
    assert thesis_rnn.load(folder.path).name == "lstm"


def test_what_is_written_is_what_the_scores_say(finished):
    folder, _ = finished
    model, test = thesis_rnn.load(folder.path), load("box_earlier", "test")
    scores = {(row["method"], row["measure"]): row["value"] for row in folder.read_metrics()["scores"]}
    relevance = thesis_rnn.explain(model, test.x, test.y, "saliency(output=log_odds, dtype=float64)").relevance
    with np.load(folder.path / "maps.npz") as arrays:
        assert list(arrays) == TEXTS
        np.testing.assert_allclose(arrays[TEXTS[0]], scaled_saliency(relevance).mean(axis=0), rtol=1e-6, atol=1e-9)
    masked = model.predict(mask_most_salient(test.x, relevance, 0.1), verbose=0)
    assert scores[TEXTS[0], "masked_accuracy"] == pytest.approx(accuracy(masked, test.y))
    norms = jacobian_norms(model, test.x[:20])["hidden"]
    assert scores["(hidden)", "half_life"] == pytest.approx(np.median(half_life(norms)), rel=1e-5)
    with np.load(folder.path / "states.npz") as arrays:
        np.testing.assert_allclose(arrays["(hidden)"], norms, rtol=1e-5)
        np.testing.assert_allclose(arrays["(forget_gates)"][:, -1], 1)
    with np.load(folder.path / "hidden.npz") as arrays:
        [layer] = set(arrays) - {"y", "logits"}
        read = keras.Model(model.inputs, model.get_layer(layer).output)
        np.testing.assert_allclose(arrays[layer], read.predict(test.x, verbose=0), rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(arrays["y"], test.y)
    with np.load(folder.path / "samples.npz") as arrays:
        assert arrays["y"].tolist() == [0, 0, 1, 1]
        np.testing.assert_array_equal(arrays["x"][0], test.x[test.y == 0][0])
    assert {"(uniform)", "(oracle)", "(random)", "(evidence)"} < {method for method, _ in scores}
    facts = folder.read_metrics()["facts"]
    assert (facts["steps"], facts["updates"], facts["test_sequences"]) == (6, 8, 30)


def test_a_method_that_fails_leaves_all_as_it_was(finished, monkeypatch):
    folder, _ = finished
    before = {path: path.read_bytes() for path in folder.path.iterdir() if path.is_file()}

    def overflow(*arguments, **options):
        raise InputError("relevance must be finite; received infinity")

    monkeypatch.setattr(evaluating, "explain_on", overflow)
    with pytest.raises(InputError, match=r"received infinity$"):
        evaluate_run(folder, method_specs("deep_taylor"))
    assert {path: path.read_bytes() for path in folder.path.iterdir() if path.is_file()} == before


@pytest.mark.slow
def test_pixels_of_a_rule_are_not_asked_of_real_numbers(finished):
    folder, _ = finished
    evaluate_run(folder, method_specs("lrp(alpha=1.5, beta=0.5)"), limit=5)  # whose first layer asks where inputs live


# ---- series of one's own, by the command line


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A file of series of one's own: the class is the sign of the first three steps."""
    home = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    x = rng.normal(size=(60, 6, 3))
    evidence = np.zeros(x.shape, bool)
    evidence[:, :3] = True
    x[evidence] += np.repeat(2.0 * y - 1, 9)
    np.savez(home / "my.npz", x=x, y=y, evidence=evidence)
    return home


def test_series_of_one_s_own_pass_every_verb(own):
    flags = ("--dataset=file:my.npz", "--epochs=2", "--units=3", "--samples=3", "--methods=saliency")
    done = run("train", "--arch=simple_rnn", "--measures=roc_auc", *flags, cwd=own)
    assert done.status == 0, done.err
    assert done.err == ""
    folder = RunFolder(own / "runs" / "file_my.npz" / "simple_rnn" / "0")
    settings = stored_settings(RunFolder(folder.path))
    assert (settings.data.dataset, settings.data.steps, settings.training.patience) == ("file:my.npz", 6, 20)
    assert "simple_rnn on file:my.npz, seed 0: accuracy " in done.out
    place = f"--run_dir={folder.path}"
    methods = "--methods=gradient_x_input"
    assert run("explain", place, methods, cwd=own).status == 0
    evaluated = run("evaluate", place, methods, "--measures=roc_auc", cwd=own)
    assert "| gradient x input" in evaluated.out
    assert run("report", place, cwd=own).status == 0
