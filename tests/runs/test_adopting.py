"""Runs of before the manifest, written here as they were, made runs of today."""

import json
import shutil

import numpy as np
import pytest

import thesis_rnn
from tests.helpers import tiny_run
from tests.helpers.front_end_process import run
from thesis_rnn.attribution import method_specs
from thesis_rnn.errors import InputError
from thesis_rnn.runs.adopting import adopt_run
from thesis_rnn.runs.explaining import explain_run
from thesis_rnn.runs.reporting import report_run
from thesis_rnn.runs.stored import read_heatmaps, stored_settings
from thesis_rnn.training.checkpoints import read_history
from thesis_rnn.training.run_folder import RunFolder, versions

FLAGS = """--arch=shallow
--dataset=digits_maj
--steps=2
--epochs=2
--epoch_size=200
--batch_size=50
--learning_rate=0.002
--schedule=cosine
--dropout=0.2
--fold=0
--folds=7
--seed=0
--method=sensitivity,lrp
--alpha=1.5
--beta=0.5
--rules=
--samples=6
--indices=
--track=0
--data_dir=
"""
BOX_FLAGS = """--arch=lstm_ica
--dataset=latter
--seed=3
--epochs=400
--updates=8000
--patience=50
--batch_size=50
--learning_rate=0.001
--hidden=5
--d_a=50
--r=20
--window=0
--last_steps=10
--method=sensitivity,lrp,lrp_epsilon_half
"""


def interval(mean):
    return {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "n": 360}


def scores(label):
    return {
        "label": label,
        "step_distribution": [0.25, 0.75],
        "step_distribution_by_class": [[0.5, 0.5], None, [0.0, 1.0]],
        "unexplained": 8,
        "zero_relevance": 9,
        "cosine": interval(0.6),
        "right_percentage": interval(69.0),
        "ink_share": interval(0.5),
        "largest_absorbed_share": 5e-7,
    }


METRICS = {
    "architecture": "shallow",
    "dataset": "digits_maj",
    "seed": 0,
    "variables": 7,
    "epochs": 2,
    "best_epoch": 2,
    "validation_accuracy": 0.5,
    "test_sequences": 360,
    "accuracy": 0.46,
    "pixel_mass": [0.5, 0.5],
    "pixel_mass_by_class": [[0.4, 0.6]],
    "methods": {"sensitivity": scores("SA"), "lrp": scores("LRP-a1.5b0.5")},
    "chance": {"ink_share": interval(0.3)},
    "baselines": {"uniform": interval(0.8165)},
}


@pytest.fixture
def old(tmp_path):
    """A run of images as it was written before the manifest."""
    run = tiny_run.copy(tmp_path / "now")
    heatmaps = read_heatmaps(run)
    path = tmp_path / "old"
    (path / "heatmaps").mkdir(parents=True)
    (path / "flags.txt").write_text(FLAGS)
    (path / "metrics.json").write_text(json.dumps(METRICS))
    rows = [{name: value for name, value in row.items() if name != "updates"} for row in read_history(run)]
    rows = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    (path / "history.csv").write_text("\n".join(rows) + "\n")
    shutil.copy(run.versions, path)
    shutil.copy(run.model, path)
    shutil.copytree(run.tensorboard / "train", path / "tensorboard" / "train")
    for stem, name in {"sensitivity": "sensitivity", "lrp_alpha_1_5_beta_0_5": "lrp"}.items():
        arrays = heatmaps[stem]
        kept = ("label", "x", "y", "evidence", "relevance", "logits", "target", "explained")
        parameters = {"parameter_alpha": 1.5, "parameter_beta": 0.5} if name == "lrp" else {}
        np.savez(path / "heatmaps" / f"{name}.npz", **{key: arrays[key] for key in kept}, **parameters)
    return path


def test_a_run_of_images_is_one_of_today(old, tmp_path):
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    done = run("adopt", "old", "new", cwd=tmp_path)
    assert (done.status, done.out) == (0, "The run is in new\n"), done.err
    folder = RunFolder(tmp_path / "new")
    settings = stored_settings(folder)
    assert settings == stored_settings(RunFolder(tmp_path / "now")).replaced(
        methods="sensitivity; lrp(alpha=1.5, beta=0.5)"
    )
    assert read_history(folder) == read_history(RunFolder(tmp_path / "now"))
    stored = thesis_rnn.Explanation.load(folder.heatmaps / "lrp_alpha_1_5_beta_0_5.npz")
    assert (stored.method, stored.parameters, stored.conserves) == ("lrp", {"alpha": 1.5, "beta": 0.5}, True)
    assert folder.manifest().strangers(folder.path) == []
    assert "| LRP-a1.5b0.5 |  0.600 |" in report_run(folder)
    explain_run(folder, method_specs("gradient_x_input"), range(2))
    assert {path: path.read_bytes() for path in before} == before


def test_scores_become_rows(old, tmp_path):
    metrics = adopt_run(old, tmp_path / "new").read_metrics()
    assert metrics["facts"]["accuracy"] == 0.46
    assert (metrics["facts"]["ended_by"], metrics["facts"]["updates"]) == ("epochs", 8)
    rows = {
        (row["method"], row["measure"], row["class"], row["step"]): (row["value"], row["low"], row["n"])
        for row in metrics["scores"]
    }
    lrp = "lrp(alpha=1.5, beta=0.5)"
    assert rows[lrp, "evidence_percentage", "", ""] == (69.0, 68.9, 360)
    assert rows[lrp, "n_zero_relevance", "", ""] == (9, None, None)
    assert rows[lrp, "step_share", "", 2] == (0.75, None, None)
    assert rows[lrp, "step_share", 2, 1] == (0.0, None, None)
    assert (lrp, "step_share", 1, 1) not in rows  # a class without samples
    assert rows["(uniform)", "cosine", "", ""][0] == 0.8165
    assert rows["(chance)", "foreground_mass_accuracy", "", ""][0] == 0.3
    assert rows["(pixel mass)", "step_share", 0, 2][0] == 0.6


@pytest.fixture
def old_boxes(tmp_path):
    """A run on boxes as it was written before the manifest, of a model that was not trained."""
    path = tmp_path / "boxes"
    path.mkdir()
    (path / "flags.txt").write_text(BOX_FLAGS)
    (path / "versions.json").write_text(json.dumps(versions()))
    (path / "history.csv").write_text(
        "epoch,accuracy,loss,seconds,updates,val_accuracy,val_loss\n0,0.5,1,2,20,0.5,0.9\n1,1.0,1,2,40,0.7,0.8\n"
    )
    thesis_rnn.build("lstm_ica", 100, features=100, classes=2).save(path / "model.keras")
    names = ("saliency", "saliency_probability", "lrp", "lrp_epsilon_half")
    metrics = {
        **{"architecture": "lstm_ica", "dataset": "latter", "seed": 3, "variables": 7, "epochs": 2, "best_epoch": 2},
        **{"validation_accuracy": 0.7, "updates": 40, "hit_the_cap": False, "accuracy": 0.6},
        "maps": {name: {"roc_auc": 0.9, "weighted_jaccard": 0.1} for name in names},
        "step_shares": {name: [0.0] * 99 + [1.0] for name in names},
        "half_life": dict.fromkeys(names, 3.0) | {"lrp": None, "(hidden)": 2.0},
        "masked_accuracy": dict.fromkeys(names, 0.5) | {"(random)": 0.6},
    }
    (path / "metrics.json").write_text(json.dumps(metrics))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 100, 100)).astype(np.float32)
    samples = {"x": x, "y": np.array([0, 0, 1, 1], np.int32), "evidence": x > 0, "logits": rng.normal(size=(4, 2))}
    np.savez(path / "samples.npz", **samples, saliency=abs(x), saliency_probability=abs(x))
    np.savez(path / "maps.npz", **{name: abs(x[0]) for name in names})
    np.savez(path / "states.npz", **{"(hidden)": abs(x[0])})
    return path


def test_a_run_on_boxes_is_one_of_today(old_boxes, tmp_path):
    folder = adopt_run(old_boxes, tmp_path / "new")
    flags = stored_settings(folder).flags()
    wanted = {"dataset": "box_latter", "arch": "lstm_ica", "attend_last_steps": 10, "seed": 3, "dropout": 0.1}
    own_sizes = dict.fromkeys(("units", "attention_units", "attention_hops", "attention_window"), 0)
    methods = "saliency(output=log_odds); saliency; lrp(alpha=1.5, beta=0.5); lrp_epsilon(gates=half)"
    assert {name: flags[name] for name in [*wanted, *own_sizes, "methods"]} == wanted | own_sizes | {"methods": methods}
    facts = folder.read_metrics()["facts"]
    assert (facts["ended_by"], facts["updates"], facts["test_sequences"]) == ("fitted", 40, 1000)
    rows = {(row["method"], row["measure"]): row["value"] for row in folder.read_metrics()["scores"]}
    assert rows["saliency(output=log_odds)", "roc_auc"] == 0.9
    assert rows["lrp_epsilon(gates=half)", "masked_accuracy"] == 0.5
    assert rows["(hidden)", "half_life"] == 2.0
    assert ("lrp(alpha=1.5, beta=0.5)", "half_life") not in rows
    with np.load(folder.path / "maps.npz") as arrays:
        assert list(arrays) == ["saliency", "saliency(output=log_odds)", *methods.split("; ")[2:]]
    assert sorted(read_heatmaps(folder)) == ["saliency", "saliency_output_log_odds"]
    assert "| saliency " in report_run(folder)


@pytest.mark.parametrize("name", ["flags.txt", "metrics.json", "history.csv", "model.keras"])
@pytest.mark.parametrize("damage", ["missing", "empty", "not UTF-8"])
def test_what_is_no_finished_run_is_refused_and_nothing_is_made(old, tmp_path, name, damage):
    path = old / name
    path.unlink() if damage == "missing" else path.write_bytes(b"" if damage == "empty" else b"\xff\xfe")
    with pytest.raises(InputError, match=rf"received .*{name if damage != 'missing' else 'old'}") as refusal:
        adopt_run(old, tmp_path / "new")
    assert len(str(refusal.value).splitlines()) == 1
    assert not (tmp_path / "new").exists()


def test_a_run_of_today_needs_no_adoption(tmp_path):
    now = tiny_run.copy(tmp_path / "now")
    with pytest.raises(InputError, match=r"use it as it is; received .*now of this version$"):
        adopt_run(now.path, tmp_path / "new")
