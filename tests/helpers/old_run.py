"""A finished run in the format before manifests, as the program of then wrote it: a network that learned nothing."""

import json
import pathlib

import numpy as np

from thesis_rnn import build, data, explain

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
--alpha=2.0
--beta=1.0
--rules=
--samples=4
--indices=
--track=0
--data_dir=
"""
HISTORY = """epoch,accuracy,loss,seconds,val_accuracy,val_loss
0,0.1,2.31,1.5,0.1,2.31
1,0.2,2.30,1.5,0.15,2.30
"""


def write(folder: pathlib.Path, scores: dict[str, dict]) -> np.ndarray:
    """Writes the run; ``scores`` are the entries of metrics.json by the method's name. Returns lrp's relevance."""
    heatmaps = folder / "heatmaps"
    heatmaps.mkdir(parents=True)
    (folder / "flags.txt").write_text(FLAGS)
    (folder / "history.csv").write_text(HISTORY)
    (folder / "versions.json").write_text(json.dumps({"python": "3.11.7", "packages": {"thesis_rnn": "0.1.0"}}))
    test = data.load("digits_maj", "test", steps=2, limit=4)
    model = build("shallow", steps=2, columns=42)
    model.optimizer.iterations.assign(8)
    model.save(folder / "model.keras")
    explanation = explain(model, test.x, test.y, "lrp", alpha=2, beta=1)
    arrays = {name: getattr(explanation, name) for name in ("relevance", "logits", "target", "explained")}
    parameters = {"alpha": 2.0, "beta": 1.0, "low": -1.0, "high": 1.0, "inputs": "bounded"}
    arrays |= {f"parameter_{name}": np.array(value) for name, value in parameters.items()}
    np.savez_compressed(heatmaps / "lrp.npz", label="LRP", x=test.x, y=test.y, evidence=test.evidence, **arrays)
    (folder / "metrics.json").write_text(json.dumps(_metrics(scores)))
    return explanation.relevance


def _metrics(scores: dict[str, dict]) -> dict:
    return {
        "architecture": "shallow",
        "dataset": "digits_maj",
        "seed": 0,
        "variables": 184330,
        "epochs": 2,
        "best_epoch": 2,
        "validation_accuracy": 0.15,
        "test_sequences": 360,
        "accuracy": 0.125,
        "pixel_mass": [0.5, 0.5],
        "methods": scores,
        "baselines": {"uniform": {"mean": 0.816, "low": 0.816, "high": 0.816, "n": 360}},
        "chance": {"ink_share": {"mean": 0.61, "low": 0.6, "high": 0.62, "n": 360}},
    }
