"""What every run's metrics.json says of the run itself."""

import keras
import numpy as np

from thesis_rnn.training.checkpoints import read_history, score
from thesis_rnn.training.run_folder import RunFolder


def run_facts(folder: RunFolder, settings, model: keras.Model) -> dict:
    """Which model it is, its size, and how its training went; ``best_epoch`` counts from 1, accuracy is in [0, 1]."""
    epochs = [score(epoch) for epoch in read_history(folder)]
    return {
        "architecture": settings.arch,
        "dataset": settings.dataset,
        "seed": settings.seed,
        "variables": int(sum(np.prod(variable.shape) for variable in model.trainable_variables)),
        "epochs": len(epochs),
        "best_epoch": epochs.index(max(epochs)) + 1,
        "validation_accuracy": max(epochs)[0],
    }
