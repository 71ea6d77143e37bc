"""Ending a training that has nothing more to learn."""

import keras

from thesis_rnn.training.checkpoints import NOTHING_YET, read_history, score
from thesis_rnn.training.run_folder import RunFolder


class StopWhenSettled(keras.callbacks.Callback):
    """Ends training when all samples of an epoch were right, or after ``patience`` epochs without a better one.

    Better is a higher validation accuracy or, among equals, a lower validation loss. What happened before an
    interruption is read from the run's history.
    """

    def __init__(self, folder: RunFolder, patience: int):
        super().__init__()
        self.folder = folder
        self.patience = patience
        self.best = NOTHING_YET
        self.since_best = 0

    def on_train_begin(self, logs=None):
        self.best, self.since_best = NOTHING_YET, 0
        for epoch in read_history(self.folder) if self.folder.history.is_file() else []:
            self._count(epoch)

    def on_epoch_end(self, epoch, logs=None):
        self._count(logs)
        if self.since_best >= self.patience or logs["accuracy"] == 1:
            self.model.stop_training = True

    def _count(self, epoch) -> None:
        better = score(epoch) > self.best
        self.best = max(self.best, score(epoch))
        self.since_best = 0 if better else self.since_best + 1
