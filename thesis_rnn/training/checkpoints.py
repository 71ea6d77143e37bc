"""Checkpoints that neither a kill nor a damaged file costs a training, and the way back from them."""

import csv
import io
import math
import pathlib
import shutil
import sys
import zipfile

import keras

from thesis_rnn.errors import InputError
from thesis_rnn.support import files
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder

Score = tuple[float, float]
"""Validation accuracy and, among equals, the negative validation loss: the larger the better."""

NOTHING_YET: Score = (-math.inf, -math.inf)


class Checkpoints(keras.callbacks.Callback):
    """Saves the model after each epoch: the last, to resume from, and the best on the validation data, to keep.

    Each file is written beside its place, read back, and renamed; the one before it stays as ``<name>_before.keras``.
    A ``.keras`` file holds the weights, the optimizer's state with its number of updates, and the dropout layers'
    random state: a training can go on from any of the four.

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

    def _save(self, path: pathlib.Path) -> None:
        with files.replacing(path, durable=True) as temporary:
            self.model.save(temporary)
            _check_archive(temporary)
            self.folder.note_digests({path: files.sha256(temporary), before(path): None})
            if path.is_file():
                path.replace(before(path))


def before(path: pathlib.Path) -> pathlib.Path:
    """Where the generation before a checkpoint is kept."""
    return path.with_name(f"{path.stem}_before{path.suffix}")


def _check_archive(path: pathlib.Path) -> None:
    """Reads a checkpoint back: what cannot be read takes nobody's place."""
    with zipfile.ZipFile(path) as archive:
        if damaged := archive.testzip():
            raise OSError(f"a checkpoint was not written as it should be, look at the disk; received {damaged}")


def score(epoch) -> Score:
    """The score of an epoch's logs or of its row in ``history.csv``."""
    return float(epoch["val_accuracy"]), -float(epoch["val_loss"])


# ---- going on


def updates_of(model: keras.Model) -> int:
    """The updates that a model has had, also where several devices keep their number."""
    return int(keras.ops.convert_to_numpy(model.optimizer.iterations))


def resume_point(folder: RunFolder, steps_per_epoch: int) -> tuple[keras.Model, int, Score] | None:
    """The model of the newest checkpoint, the epochs it has trained, and the best score among them.

    A damaged checkpoint is told in a line, and the one before it taken. The history is cut to the epochs of the
    checkpoint. None if there is no checkpoint yet.

    Raises:
      InputError: if there are checkpoints, and none can be read.
    """
    model = _newest(folder)
    if model is None:
        folder.history.unlink(missing_ok=True)
        return None
    epochs = updates_of(model) // steps_per_epoch
    rows = read_history(folder)[:epochs]
    files.write_text(folder.history, _as_csv(rows))
    return model, epochs, _best_score(folder, rows, steps_per_epoch)


def keep_best(folder: RunFolder, steps_per_epoch: int) -> None:
    """Makes the best checkpoint the run's model, read before anything else goes."""
    if _loaded(folder, folder.best_checkpoint) is None:
        _best_score(folder, read_history(folder), steps_per_epoch)
    folder.note_digests({folder.model: files.sha256(folder.best_checkpoint)})
    folder.best_checkpoint.replace(folder.model)
    files.to_disk(folder.path)


def remove_checkpoints(folder: RunFolder) -> None:
    """Removes what a finished training no longer needs."""
    folder.forget(*_checkpoints(folder))
    if folder.checkpoints.is_dir() and not any(folder.checkpoints.iterdir()):
        folder.checkpoints.rmdir()


def _checkpoints(folder: RunFolder) -> list[pathlib.Path]:
    """The places of checkpoints, the newest first."""
    last, best = folder.last_checkpoint, folder.best_checkpoint
    return [last, before(last), best, before(best)]


def _newest(folder: RunFolder) -> keras.Model | None:
    there = [path for path in _checkpoints(folder) if path.is_file()]
    for path in there:
        model = _loaded(folder, path)
        if model is not None:
            return model
        _tell(folder, f"the checkpoint {path} is damaged; the training goes on from the one before it")
    if there:
        expected = "a checkpoint that can be read; train again with --overwrite"
        raise InputError(f"expected {expected}; received only damaged ones in {folder.checkpoints}")
    return None


def _loaded(folder: RunFolder, path: pathlib.Path) -> keras.Model | None:
    """The model of a checkpoint; None if it is missing or damaged."""
    if not folder.is_intact(path):
        return None
    try:
        return load_model(path)
    except InputError:
        return None


def _best_score(folder: RunFolder, rows: list[dict[str, str]], steps_per_epoch: int) -> Score:
    """The score of the best checkpoint; a damaged one is replaced by the best of the others, and told in a line."""
    scores, best = list(map(score, rows)), folder.best_checkpoint
    if folder.is_intact(best):
        return max(scores)
    found = []
    for path in _checkpoints(folder):
        model = _loaded(folder, path) if path != best else None
        epoch = updates_of(model) // steps_per_epoch if model is not None else 0
        if 0 < epoch <= len(rows):
            found.append((scores[epoch - 1], epoch, path))
    if not found:
        raise InputError(f"expected a checkpoint that can be read; train again with --overwrite; received {best}")
    kept, epoch, path = max(found, key=lambda item: item[0])
    _tell(folder, f"the checkpoint {best} is damaged; in its place stands that of epoch {epoch}")
    with files.replacing(best, durable=True) as temporary:
        shutil.copyfile(path, temporary)
        folder.note_digests({best: files.sha256(temporary)})
    return kept


def _tell(folder: RunFolder, line: str) -> None:
    print(f"ATTENTION: {line}", file=sys.stderr)
    folder.add_note(line)


# ---- the history


def read_history(folder: RunFolder, finished: bool = False) -> list[dict[str, str]]:
    """The rows of ``history.csv``: one for each epoch; a last row that a kill cut short is left out until ``finished``.

    Raises:
      InputError: if it is missing or damaged.
    """
    text = folder.read_text(folder.history, "train --resume")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if rows and not text.endswith("\n"):
        if finished:
            raise folder.damaged(folder.history, "its last row is cut", "train --overwrite")
        rows.pop()
    if not rows or not {"val_accuracy", "val_loss"} <= set(rows[0]):
        expected = "a row with val_accuracy and val_loss for each epoch"
        raise InputError(
            f"expected {expected}, repeat python -m thesis_rnn train --overwrite; received {folder.history}"
        )
    for number, row in enumerate(rows, start=1):
        if not _is_row(row):
            raise folder.damaged(folder.history, f"row {number} has no numbers", "train --overwrite")
    return rows


def _is_row(row: dict) -> bool:
    try:
        return None not in row and all(value is not None and (float(value), True)[1] for value in row.values())
    except ValueError:
        return False


def _as_csv(rows: list[dict[str, str]]) -> str:
    """``rows`` in the dialect of Keras' ``CSVLogger``, which goes on below them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
