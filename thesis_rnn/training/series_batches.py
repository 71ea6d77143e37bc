"""Batches of series that are in memory, drawn anew each epoch and the same for the same (seed, epoch)."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf


@dataclass(frozen=True)
class SeriesBatches:
    """Series in random order, gathered batch by batch.

    Attributes:
      x: float32 [n, steps, features].
      y: int32 [n].
      batch_size: series per batch.
      steps_per_epoch: batches per epoch, whatever the number of series: several passes through them, or a part of one.
      seed: with the number of the epoch, decides the order.
    """

    x: np.ndarray
    y: np.ndarray
    batch_size: int
    steps_per_epoch: int
    seed: int = 0

    def draw(self, epoch: int) -> np.ndarray:
        """The series of an epoch, [steps_per_epoch * batch_size]: whole passes through them, the last one cut."""
        rng = np.random.default_rng((self.seed, epoch))
        size, count = self.steps_per_epoch * self.batch_size, len(self.y)
        return np.concatenate([rng.permutation(count) for _ in range(-(-size // count))])[:size]

    def dataset(self, first: int, last: int) -> tf.data.Dataset:
        """The batches (x, y) of the epochs first, ..., last - 1."""
        x, y = tf.constant(self.x), tf.constant(self.y)

        def one_epoch(epoch):
            order = tf.numpy_function(self.draw, [epoch], tf.int64, stateful=False)
            return tf.data.Dataset.from_tensor_slices(tf.ensure_shape(order, (None,))).batch(self.batch_size)

        def gathered(order):
            return tf.gather(x, order), tf.gather(y, order)

        return tf.data.Dataset.range(first, last).flat_map(one_epoch).map(gathered).prefetch(8)
