"""Rows of result files from run folders that are made up."""

import json

import numpy as np

from tests.helpers import planned
from thesis_rnn.plans.collecting import collect

FACTS = {"variables": 12, "epochs": 2, "best_epoch": 1, "accuracy": 0.95, "updates": 40, "ended_by": "patience"}
VERSIONS = {"thesis_rnn": "1", "tensorflow": "2", "keras": "3", "numpy": "4", "machine": "a, b"}


def score(method, measure, value, label="", step="", class_="", n=30, **ends):
    key = {"method": method, "label": label or method, "measure": measure, "class": class_, "step": step, "epoch": ""}
    return key | {"value": value, "low": None, "high": None, "n": n} | ends


def finished(folder, *scores, history="epoch,seconds,val_accuracy,val_loss\n0,2,0.5,1\n1,3,0.75,1\n", **flags):
    task = planned.started(folder, "a_paper", **flags)
    task.folder.metrics.write_text(json.dumps({"facts": FACTS, "scores": scores}))
    task.folder.history.write_text(history)
    task.folder.versions.write_text(json.dumps(VERSIONS))
    return task


def rows(collected, name, *columns):
    return collected[name][list(columns)].values.tolist()


def test_a_run_has_one_row_of_facts(tmp_path):
    task = finished(tmp_path, dataset="digits_maj", arch="deep", fold=2, folds=3, seed=1)
    [row] = collect([task], "quick")["runs"].to_dict("records")
    assert row == {
        **{"paper": "a_paper", "profile": "quick", "dataset": "digits_maj", "architecture": "deep", "steps": "12"},
        **{"fold": "2", "folds": "3", "seed": "1", "variant": "", "accuracy": "0.950000", "variables": "12"},
        **{"epochs": "2", "best_epoch": "1", "learning_rate": "0.002", "schedule": "cosine", "updates": "40"},
        **{"ended_by": "patience", "seconds": "5", **VERSIONS},
    }


def test_scores_keep_their_interval_and_go_to_the_file_of_their_evidence(tmp_path):
    blocks = [
        score("deep_taylor", "cosine", 0.5, label="DTD", low=0.25, high=0.75),
        score("deep_taylor", "n_unexplained", 3),
        score("deep_taylor", "step_share", 0.1, step=1, class_=4),
        score("(uniform)", "cosine", 0.8165),
    ]
    cells = [score("saliency", "roc_auc", 0.5), score("saliency", "half_life", None)]
    tasks = [finished(tmp_path, *blocks, dataset="digits_maj", arch="deep")]
    tasks += [finished(tmp_path, *cells, dataset="box_earlier", arch="lstm_ica", attend_last_steps=10)]
    made = collect(tasks, "p")
    assert rows(made, "cross_validation", "architecture", "method", "measure", "value", "low", "high", "n") == [
        ["deep", "deep_taylor", "cosine", "0.500000", "0.250000", "0.750000", "30"],
        ["deep", "deep_taylor", "n_unexplained", "3", "", "", "30"],
        ["deep", "(uniform)", "cosine", "0.816500", "", "", "30"],
    ]
    assert rows(made, "boxes", "architecture", "variant", "steps", "method", "measure", "value") == [
        ["lstm_ica", "attend_last_steps=10", "100", "saliency", "roc_auc", "0.500000"]
    ]


def test_images_without_evidence_keep_the_shares_of_each_step_and_class(tmp_path):
    scores = [
        score("deep_taylor", "step_share", 0.25, step=step, class_=class_) for step in (1, 2) for class_ in ("", 3)
    ]
    made = collect([finished(tmp_path, *scores, dataset="digits", arch="deep", steps=4)], "p")
    assert rows(made, "step_shares", "class", "step", "value") == [["3", "1", "0.250000"], ["3", "2", "0.250000"]]


def test_series_without_evidence_keep_what_is_of_all_steps_too(tmp_path):
    scores = [score("erasure", "selectivity", 0.5), score("(random)", "selectivity", 0.1)]
    scores += [score("erasure", "step_share", 0.25, step=1, class_=3)]
    made = collect([finished(tmp_path, *scores, dataset="japanese_vowels", arch="lstm")], "p")
    assert rows(made, "all_steps", "method", "value") == [["erasure", "0.500000"], ["(random)", "0.100000"]]
    assert rows(made, "step_shares", "method", "value") == [["erasure", "0.250000"]]


def test_what_knows_nothing_of_the_model_stands_once_for_each_problem(tmp_path):
    tasks = [
        finished(tmp_path, score("(uniform)", "roc_auc", 0.5 + seed), dataset="box_earlier", arch="lstm", seed=seed)
        for seed in (0, 1)
    ]
    made = collect(tasks, "p")["boxes"]
    assert set(zip(made.architecture, made.seed, strict=True)) == {("(chance)", "0")}
    assert made.value.tolist()[-1] == "0.500000"  # the last one is kept: that of seed 0


def test_what_was_tracked_is_a_score_of_each_epoch(tmp_path):
    history = "epoch,cosine/DTD,val_accuracy,val_loss\n0,0.5,0.75,1\n"
    task = finished(tmp_path, score("deep_taylor", "cosine", 0.6, label="DTD"), history=history, dataset="digits_maj")
    made = collect([task], "p")
    assert rows(made, "epochs", "epoch", "method", "measure", "value") == [
        ["1", "deep_taylor", "cosine", "0.500000"],
        ["1", "", "val_accuracy", "0.750000"],
    ]
    assert made["runs"]["seconds"].tolist() == [""]  # of epochs that were not timed


def test_seeds_of_one_model_agree_or_not(tmp_path):
    tasks = [finished(tmp_path, dataset="digits_maj", arch="deep", seed=seed) for seed in (0, 1)]
    tasks += [finished(tmp_path, dataset="digits_maj", arch="shallow")]
    for task, sign in zip(tasks, (1, -1), strict=False):
        task.folder.heatmaps.mkdir()
        relevance = sign * np.arange(24.0).reshape(2, 3, 4)
        arrays = {"relevance": relevance, "method": "deep_taylor", "label": "DTD", "target": [0, 1]}
        arrays |= dict.fromkeys(("x", "logits"), relevance) | {"y": [0, 1]}
        np.savez(task.folder.heatmaps / "deep_taylor.npz", **arrays)
    [row] = collect(tasks, "p")["seed_agreement"].to_dict("records")
    assert (row["architecture"], row["method"], row["seed"], row["seeds"]) == ("deep", "deep_taylor", "", "2")
    assert (row["measure"], row["value"]) == ("rank_correlation", "-1.000000")
