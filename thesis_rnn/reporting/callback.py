"""Watching explanations while a model trains."""

import os
from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from thesis_rnn.attribution import METHODS, Explanation, explain, make_method
from thesis_rnn.errors import InputError
from thesis_rnn.measures import block_relevance, cosine_similarity
from thesis_rnn.reporting.heatmaps.explanations import plot
from thesis_rnn.reporting.tensorboard import as_pixels


class ExplanationLogger(keras.callbacks.Callback):
    """Logs heatmaps of the same samples to TensorBoard after every ``every`` epochs, and what they are worth.

    The image ``heatmaps/<method>`` shows the first samples; the scalar ``cosine/<method>``, where there is evidence,
    is the mean cosine similarity over all of them (thesis, equation 3.7). The step is the number of finished epochs.

    Args:
      x: the samples, in the shape that the model takes.
      y: the classes to explain, [n].
      evidence: [n, blocks] of 0 and 1, which blocks of columns speak for the class; x is then [n, steps, rows,
        columns].
      methods: names of methods or composites, or name -> the method's parameters.
      log_dir: where the events are written.
      every: how many epochs lie between two explanations.

    Raises:
      InputError: for an unknown method or parameter, or arrays that do not belong to the same samples. What ``explain``
        refuses, it refuses after the first epoch that is explained.
    """

    def __init__(
        self,
        x,
        y,
        evidence=None,
        methods: Sequence[str] | Mapping[str, dict] = ("lrp",),
        log_dir: str | os.PathLike = "logs",
        every: int = 1,
    ):
        super().__init__()
        self.x, self.y = np.asarray(x), np.asarray(y)
        self.evidence = None if evidence is None else np.asarray(evidence)
        self.methods = dict(methods) if isinstance(methods, Mapping) else {name: {} for name in methods}
        self.log_dir = log_dir
        self.every = every
        self._writer = None
        for name, parameters in self.methods.items():
            make_method(name, parameters)
        if not self.methods or every < 1:
            raise InputError(f"expected at least one method, and every >= 1; received {list(self.methods)} and {every}")
        self._check_samples()

    def on_train_begin(self, logs=None):
        self._writer = tf.summary.create_file_writer(os.fspath(self.log_dir))

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        with self._writer.as_default(step=epoch + 1):
            for name, parameters in self.methods.items():
                self._log(name, explain(self.model, self.x, self.y, name, **parameters))
        self._writer.flush()

    def on_train_end(self, logs=None):
        self._writer.close()

    def _log(self, name: str, explanation: Explanation) -> None:
        tf.summary.image(f"heatmaps/{name}", as_pixels(plot(explanation, self.x))[np.newaxis])
        if self.evidence is not None:
            blocks = block_relevance(explanation.relevance, self.evidence.shape[1], METHODS[name].positive_only)
            tf.summary.scalar(f"cosine/{name}", cosine_similarity(self.evidence, blocks).mean())

    def _check_samples(self) -> None:
        n = len(self.x) if self.x.ndim else 0
        if not n or self.y.shape != (n,):
            raise InputError(f"y must have a class for each of the {n} samples; received shape {list(self.y.shape)}")
        if self.evidence is not None and (self.x.ndim != 4 or self.evidence.ndim != 2 or len(self.evidence) != n):
            raise InputError(
                f"evidence must be [n, blocks] for x of shape [n, steps, rows, columns]; received "
                f"{list(self.evidence.shape)} for {list(self.x.shape)}"
            )
