"""Ending a training that has nothing more to learn."""

from collections.abc import Mapping, Sequence

import keras

from thesis_rnn.training.checkpoints import NOTHING_YET, score


class EarlyStopping(keras.callbacks.Callback):
    """Ends training when all samples of an epoch were right, or after ``patience`` epochs without a better one.

    Better is a higher validation accuracy or, among equals, a lower validation loss.

    Args:
      patience: at least 1.
      history: the rows of epochs before an interruption.
    """

    def __init__(self, patience: int, history: Sequence[Mapping[str, str]] = ()):
        super().__init__()
        self.patience = patience
        self.best = NOTHING_YET
        self.since_best = 0
        self.reason = ""
        for row in history:
            self._count(row)

    def on_epoch_end(self, epoch, logs=None):
        self._count(logs)
        if self.reason:
            self.model.stop_training = True

    def _count(self, epoch) -> None:
        better = score(epoch) > self.best
        self.best = max(self.best, score(epoch))
        self.since_best = 0 if better else self.since_best + 1
        self.reason = (
            "fitted" if float(epoch["accuracy"]) == 1 else "patience" if self.since_best >= self.patience else ""
        )
