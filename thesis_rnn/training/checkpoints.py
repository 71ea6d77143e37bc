"""Checkpoints that a kill cannot damage, and the way back from them."""

import csv
import io
import math

import keras

from thesis_rnn.errors import InputError
from thesis_rnn.support import files
from thesis_rnn.training.run_folder import RunFolder, load

Score = tuple[float, float]
"""Validation accuracy and, among equals, the negative validation loss: the larger the better."""

NOTHING_YET: Score = (-math.inf, -math.inf)


class Checkpoints(keras.callbacks.Callback):
    """Saves the model after each epoch: the last, to resume from, and the best on the validation data, to keep.

    Each file is written beside its place and renamed, so that a kill leaves the one before. A ``.keras`` file holds the
    weights, the optimizer's state with its number of updates, and the dropout layers' random state.

    Args:
      folder: the run's folder.
      best: the best score of earlier epochs.
    """

    def __init__(self, folder: RunFolder, best: Score = NOTHING_YET):
        super().__init__()
        self.folder = folder
        self.best = best

    def on_epoch_end(self, epoch, logs=None):
        # The last checkpoint comes last: a kill before it repeats the epoch, and with it what was written above.
        if score(logs) > self.best:
            self.best = score(logs)
            self._save(self.folder.best_checkpoint)
        self._save(self.folder.last_checkpoint)

    def _save(self, path):
        with files.replacing(path) as temporary:
            self.model.save(temporary)


def score(epoch) -> Score:
    """The score of an epoch's logs or of its row in ``history.csv``."""
    return float(epoch["val_accuracy"]), -float(epoch["val_loss"])


def resume_point(folder: RunFolder, steps_per_epoch: int) -> tuple[keras.Model, int, Score] | None:
    """The model of the last checkpoint, the epochs it has trained, and the best score among them.

    The history is cut to those epochs. None if there is no checkpoint yet.
    """
    if not folder.last_checkpoint.is_file():
        folder.history.unlink(missing_ok=True)
        return None
    model = load(folder.last_checkpoint)
    epochs = int(model.optimizer.iterations) // steps_per_epoch
    rows = read_history(folder)[:epochs]
    files.write_text(folder.history, _as_csv(rows))
    return model, epochs, max(map(score, rows))


def read_history(folder: RunFolder) -> list[dict[str, str]]:
    """The rows of ``history.csv``: one for each epoch."""
    path = folder.required(folder.history, "train --resume")
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"val_accuracy", "val_loss"} <= set(rows[0]):
        raise InputError(f"expected a row with val_accuracy and val_loss for each epoch; received {path}")
    return rows


def _as_csv(rows: list[dict[str, str]]) -> str:
    """``rows`` in the dialect of Keras' ``CSVLogger``, which goes on below them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
