"""Training a model into a run folder, from the start or from where it was interrupted."""

import math
import sys
import time
from collections.abc import Sequence

import keras

from thesis_rnn.errors import InputError
from thesis_rnn.training.batches import Batches
from thesis_rnn.training.checkpoints import (
    NOTHING_YET,
    Checkpoints,
    Score,
    keep_best,
    read_history,
    remove_checkpoints,
    resume_point,
    updates_of,
)
from thesis_rnn.training.early_stopping import EarlyStopping
from thesis_rnn.training.run_folder import RunFolder

DIVERGED = 1e4
"""A loss that no learning comes back from: the true classes have probabilities near exp(-10,000)."""
LONGEST_EXECUTION = 50
"""Batches that one call of the compiled training function may run; beyond, nothing more is gained."""


def learning_rate_schedule(learning_rate: float, schedule: str, updates: int):
    """``learning_rate`` held "constant" or, with "cosine", brought to zero over all ``updates``."""
    return keras.optimizers.schedules.CosineDecay(learning_rate, updates) if schedule == "cosine" else learning_rate


def fit(
    model: keras.Model,
    batches: Batches,
    validation,
    epochs: int,
    folder: RunFolder,
    verbose: int = 1,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    patience: int = 0,
) -> None:
    """Trains ``model`` for ``epochs`` and leaves the weights of the best epoch in ``folder.model``.

    What was trained before an interruption is not repeated, and the outcome is the same to the bit.

    Args:
      model: a compiled model, used if there is nothing to resume.
      batches: the training sequences.
      validation: ``(x, y)``; its accuracy chooses the epoch.
      epochs: the number of epochs of the whole training, at most.
      folder: where checkpoints, history, TensorBoard logs and the model go; a run was started there.
      verbose: 1 shows Keras' progress bar, 0 nothing.
      callbacks: are called before the history is written: what they add to an epoch's logs becomes columns of it.
      patience: epochs without a better one after which training ends; 0 to train all.
    """
    folder.check_goes_on()
    if not _is_trained(folder):
        model, first, best = resume_point(folder, batches.steps_per_epoch) or (model, 0, NOTHING_YET)
        stopping = [EarlyStopping(patience, read_history(folder) if first else ())] if patience else []
        if first < epochs and not any(each.reason for each in stopping):
            _fit(model, batches, validation, first, epochs, folder, best, verbose, [*callbacks, *stopping])
        keep_best(folder, batches.steps_per_epoch)
    remove_checkpoints(folder)


def _is_trained(folder: RunFolder) -> bool:
    """Whether the model is there; a damaged one makes way, aloud, while the checkpoints it came from are there."""
    if folder.is_intact(folder.model):
        return True
    if folder.model.is_file() and not folder.last_checkpoint.is_file():
        return True  # whoever loads it says that it is damaged
    if folder.model.is_file():
        print(f"ATTENTION: {folder.model} is damaged; it is made again from a checkpoint", file=sys.stderr)
        folder.forget(folder.model)
    return False


def _fit(model, batches, validation, first: int, epochs: int, folder: RunFolder, best: Score, verbose, added) -> None:
    devices = model.distribute_strategy.num_replicas_in_sync
    # On several devices TensorFlow's loop over batches finds no input.
    model.steps_per_execution = _divisor_up_to(LONGEST_EXECUTION, batches.steps_per_epoch) if devices == 1 else 1
    callbacks = [
        StopAtDivergence(folder),
        Seconds(),
        Updates(),
        *added,
        keras.callbacks.CSVLogger(folder.history, append=first > 0),
        keras.callbacks.TensorBoard(folder.tensorboard, histogram_freq=1),
        Checkpoints(folder, best),
    ]
    try:
        model.fit(
            batches.dataset(first, epochs),
            validation_data=validation,
            validation_batch_size=_validation_batch(len(validation[1]), devices),
            initial_epoch=first,
            epochs=epochs,
            steps_per_epoch=batches.steps_per_epoch,
            shuffle=False,  # each epoch's batches are drawn in random order already
            verbose=verbose,
            callbacks=callbacks,
        )
    except BaseException:
        for callback in callbacks:
            callback.on_train_end()  # closes its files, which Keras does only after a training that succeeds
        raise


class Seconds(keras.callbacks.Callback):
    """Adds the ``seconds`` that an epoch took, with its validation, to what the callbacks after this one log."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        logs["seconds"] = time.perf_counter() - self.start


class Updates(keras.callbacks.Callback):
    """Adds the number of ``updates`` since the first epoch to what an epoch logs."""

    def on_epoch_end(self, epoch, logs=None):
        logs["updates"] = updates_of(self.model)


class StopAtDivergence(keras.callbacks.Callback):
    """Ends a training whose loss is no longer finite, or beyond ``DIVERGED``, before anything of that epoch is kept.

    The checkpoints of the epochs before stay, and the run is marked: it cannot go on.
    """

    def __init__(self, folder: RunFolder):
        super().__init__()
        self.folder = folder

    def on_epoch_end(self, epoch, logs=None):
        losses = logs["loss"], logs["val_loss"]
        if all(math.isfinite(loss) and loss < DIVERGED for loss in losses):
            return
        received = "loss {:.4g} and validation loss {:.4g}".format(*losses)
        reason = f"the training diverged in epoch {epoch + 1} with {received}"
        self.folder.end_training(reason)
        raise InputError(f"the training diverged; use a lower learning_rate; received {received} in epoch {epoch + 1}")


def _validation_batch(samples: int, devices: int) -> int:
    """How many are validated at once: at first an equal part for each device, from which Keras reads the shapes."""
    return max(min(500, samples) // devices, 1) * devices


def _divisor_up_to(limit: int, number: int) -> int:
    """The largest divisor of ``number`` that is at most ``limit``: executions must end where epochs do."""
    return next(divisor for divisor in range(limit, 0, -1) if number % divisor == 0)
