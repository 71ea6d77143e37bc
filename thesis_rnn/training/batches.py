"""Batches for training, drawn anew each epoch and the same for the same (seed, epoch)."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from thesis_rnn.data.problem import Pool
from thesis_rnn.errors import InputError
from thesis_rnn.support.arrays import check_fits

INDEX = 8
"""Bytes of a place in the pool, of which an epoch has one for each part of a sample and one for its class."""


@dataclass(frozen=True)
class Batches:
    """Training samples in random order, assembled batch by batch from what is held once.

    Attributes:
      pool: what samples are made of, and how.
      batch_size: samples per batch; the last batch of an epoch may be smaller.
      sequences_per_epoch: samples per epoch; 0 for as many as there are, which a pool may fill up to whole batches.
      seed: with the number of the epoch, decides everything that is drawn.
    """

    pool: Pool
    batch_size: int = 50
    sequences_per_epoch: int = 0
    seed: int = 0

    def __post_init__(self):
        if self.batch_size < 1 or self.sequences_per_epoch < 0:
            raise InputError(
                f"batch_size must be at least 1 and sequences_per_epoch at least 0; received {self.batch_size} and "
                f"{self.sequences_per_epoch}"
            )
        if len(self.pool.y) == 0:
            raise InputError("training needs data of at least one sample; received none")
        try:
            check_fits(self.size * (self.pool.parts + 1) * INDEX)
        except ValueError as error:
            raise InputError(f"sequences_per_epoch must fit into the memory; received {self.size}: {error}") from None

    @property
    def steps_per_epoch(self) -> int:
        """Batches per epoch."""
        return -(-(self.sequences_per_epoch or len(self.pool.y)) // self.batch_size)

    @property
    def size(self) -> int:
        """Samples per epoch."""
        own = self.steps_per_epoch * self.batch_size if self.pool.whole_batches else len(self.pool.y)
        return self.sequences_per_epoch or own

    def draw(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """The places in the pool of each sample's parts [size, parts] and its class [size].

        An epoch goes through all samples before it repeats one.
        """
        rng = np.random.default_rng((self.seed, epoch))
        count = len(self.pool.y)
        rounds = [rng.permutation(count) for _ in range(-(-self.size // count))]
        originals = np.concatenate(rounds)[: self.size]
        return self.pool.draw(originals, rng), self.pool.y[originals]

    def dataset(self, first: int, last: int) -> tf.data.Dataset:
        """The batches (x, y) of the epochs first, ..., last - 1, assembled while the network trains."""
        held = tf.constant(self.pool.x)

        def one_epoch(epoch):
            indices, labels = tf.numpy_function(self.draw, [epoch], [tf.int64, tf.int32], stateful=False)
            drawn = tf.ensure_shape(indices, (None, self.pool.parts)), tf.ensure_shape(labels, (None,))
            return tf.data.Dataset.from_tensor_slices(drawn).batch(self.batch_size)

        def assembled(indices, labels):
            return self.pool.assemble(tf.gather(held, indices)), labels

        return tf.data.Dataset.range(first, last).flat_map(one_epoch).map(assembled).prefetch(8)
