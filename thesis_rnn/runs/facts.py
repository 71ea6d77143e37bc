"""What metrics.json says of a run itself, beside its scores."""

import keras
import numpy as np

from thesis_rnn.runs.settings import Settings
from thesis_rnn.training.checkpoints import read_history, score
from thesis_rnn.training.early_stopping import EarlyStopping
from thesis_rnn.training.run_folder import RunFolder


def run_facts(folder: RunFolder, settings: Settings, model: keras.Model) -> dict:
    """Which model it is, its size, and how its training went; ``best_epoch`` counts from 1, accuracy is in [0, 1].

    ``ended_by`` is "epochs" or "updates" where the training reached its limit, "patience" where it no longer got
    better, "fitted" where all training samples were right.
    """
    history = read_history(folder, finished=True)
    kept = _kept_epoch(folder, history, model)
    return {
        "architecture": settings.model.architecture,
        "dataset": settings.data.dataset,
        "steps": settings.data.steps,
        "seed": settings.training.seed,
        "variables": int(sum(np.prod(variable.shape) for variable in model.trainable_variables)),
        "epochs": len(history),
        "best_epoch": kept + 1,
        "validation_accuracy": score(history[kept])[0],
        "updates": int(history[-1]["updates"]),
        "ended_by": _end(settings, history),
    }


def _kept_epoch(folder: RunFolder, history, model: keras.Model) -> int:
    """The epoch of the model, by its updates; the best one where the model does not say."""
    updates = int(model.optimizer.iterations) if model.optimizer else 0
    places = [place for place, row in enumerate(history) if int(row["updates"]) == updates]
    if updates and not places:
        raise folder.damaged(folder.history, f"no row of the model's {updates} updates", "train --overwrite")
    scores = list(map(score, history))
    return places[0] if places else scores.index(max(scores))


def _end(settings: Settings, history) -> str:
    training = settings.training
    if training.updates and int(history[-1]["updates"]) >= training.updates:
        return "updates"
    if len(history) == training.epochs or not training.patience:
        return "epochs"
    return EarlyStopping(training.patience, history).reason or "epochs"
