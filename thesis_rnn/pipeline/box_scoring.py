"""Scoring a model of series: how well its maps find the planted evidence, and whether it misses what they find."""

import keras
import numpy as np

from thesis_rnn import files
from thesis_rnn.attribution import explain
from thesis_rnn.data.series import Series
from thesis_rnn.evaluation import accuracy, localisation_scores, mask_most_salient
from thesis_rnn.pipeline.box_settings import EPOCH_UPDATES, BoxSettings
from thesis_rnn.pipeline.box_training import load_series, stored_box_settings
from thesis_rnn.training.checkpoints import read_history, score
from thesis_rnn.training.run_folder import RunFolder
from thesis_rnn.training.run_folder import load as load_model

SALIENCY = {"saliency": "logit", "saliency_probability": "probability"}
"""Map -> the output whose absolute gradient it is: of the true class' logit, or of its probability as published."""
MASKED_SHARE = 0.1
BATCH = 250


def score_boxes(folder: RunFolder) -> dict:
    """Scores the run's model on its test set; writes ``maps.npz`` and ``metrics.json`` and returns what that holds.

    ``maps`` has for each map the mean of every localisation score, ``step_shares`` the mean share of each time step,
    ``masked_accuracy`` the accuracy without the map's highest tenth of cells (figure 7). ``maps.npz`` has the mean map
    over the test set, [steps, features].
    """
    settings, model = stored_box_settings(folder), load_model(folder.path)
    test = load_series(settings, "test")
    maps = {name: saliency(model, test, output) for name, output in SALIENCY.items()}
    for method in settings.method.split(","):
        if method != "sensitivity":
            maps[method] = explain(model, test.x, test.y, method, batch_size=BATCH).relevance
    with files.replacing(folder.path / "maps.npz") as temporary:
        np.savez_compressed(temporary, **{name: np.abs(values).mean(axis=0) for name, values in maps.items()})
    metrics = _described(settings, folder) | {
        "variables": int(sum(np.prod(variable.shape) for variable in model.trainable_variables)),
        "accuracy": _accuracy(model, test.x, test.y),
        "maps": {name: _means(localisation_scores(values, test.evidence)) for name, values in maps.items()},
        "step_shares": {name: step_shares(values).tolist() for name, values in maps.items()},
        "masked_accuracy": {
            name: _accuracy(model, mask_most_salient(test.x, np.abs(values), MASKED_SHARE), test.y)
            for name, values in maps.items()
        },
    }
    files.write_json(folder.metrics, metrics)
    return metrics


def saliency(model: keras.Model, series: Series, output: str) -> np.ndarray:
    """|d output / dx| of the true class, [n, steps, features]: the root of the sensitivity."""
    squared = explain(model, series.x, series.y, "sensitivity", output=output, batch_size=BATCH).relevance
    return np.sqrt(squared)


def step_shares(relevance: np.ndarray) -> np.ndarray:
    """The mean share of |relevance| that lies on each time step, [steps]; samples without relevance are left out."""
    amounts = np.abs(relevance).sum(axis=2, dtype=np.float64)
    totals = amounts.sum(axis=1, keepdims=True)
    kept = totals[:, 0] > 0
    return (amounts[kept] / totals[kept]).mean(axis=0) if kept.any() else np.zeros(relevance.shape[1])


def _described(settings: BoxSettings, folder: RunFolder) -> dict:
    epochs = [score(epoch) for epoch in read_history(folder)]
    return {
        "architecture": settings.arch,
        "dataset": settings.dataset,
        "seed": settings.seed,
        "epochs": len(epochs),
        "updates": len(epochs) * EPOCH_UPDATES,
        "hit_the_cap": len(epochs) == settings.epochs,
        "best_epoch": epochs.index(max(epochs)) + 1,
        "validation_accuracy": max(epochs)[0],
    }


def _means(scores: dict[str, np.ndarray]) -> dict[str, float]:
    return {name: float(values.mean()) for name, values in scores.items()}


def _accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    return accuracy(model.predict(x, BATCH, verbose=0), y)
