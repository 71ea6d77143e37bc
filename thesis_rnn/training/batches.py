"""Batches for training, drawn anew each epoch and the same for the same (seed, epoch)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from thesis_rnn.data.images import Images
from thesis_rnn.data.majority import BLOCKS, draw_triples
from thesis_rnn.data.sequences import assemble, columns_per_step
from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class Batches:
    """Training sequences, assembled batch by batch from images that are held once, as bytes.

    Attributes:
      images: what sequences are made of.
      majority: fresh majority triples each epoch; otherwise single images in a fresh order.
      steps: the number of steps a sequence is cut into.
      batch_size: sequences per batch; the last batch of an epoch may be smaller.
      epoch_size: sequences per epoch; 0 for as many as there are images.
      seed: with the number of the epoch, decides everything that is drawn.
    """

    images: Images
    majority: bool
    steps: int
    batch_size: int = 50
    epoch_size: int = 0
    seed: int = 0

    def __post_init__(self):
        if self.batch_size < 1 or self.epoch_size < 0:
            raise InputError(
                f"batch_size must be at least 1 and epoch_size at least 0; received {self.batch_size} and "
                f"{self.epoch_size}"
            )

    @property
    def steps_per_epoch(self) -> int:
        """Batches per epoch."""
        return -(-(self.epoch_size or len(self.images.labels)) // self.batch_size)

    def draw(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """The images of each sequence [epoch_size, blocks] and its class [epoch_size]."""
        rng = np.random.default_rng((self.seed, epoch))
        count = len(self.images.labels)
        size = self.epoch_size or count
        rounds = [rng.permutation(count) for _ in range(-(-size // count))]
        originals = np.concatenate(rounds)[:size]
        indices = draw_triples(self.images.labels, originals, rng)[0] if self.majority else originals[:, None]
        return indices, self.images.labels[originals]

    def epochs(self, first: int, last: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches (x, y) of the epochs first, ..., last - 1, one after another."""
        for epoch in range(first, last):
            indices, labels = self.draw(epoch)
            for start in range(0, len(labels), self.batch_size):
                batch = slice(start, start + self.batch_size)
                yield assemble(self.images.pixels, indices[batch], self.steps), labels[batch]

    def dataset(self, first: int, last: int) -> tf.data.Dataset:
        """The batches of ``epochs`` for ``fit``, assembled while the network trains."""
        blocks, rows = (BLOCKS if self.majority else 1), self.images.pixels.shape[1]
        columns = columns_per_step(blocks * self.images.pixels.shape[2], self.steps)
        signature = (
            tf.TensorSpec((None, self.steps, rows, columns), tf.float32),
            tf.TensorSpec((None,), tf.int32),
        )
        return tf.data.Dataset.from_generator(lambda: self.epochs(first, last), output_signature=signature).prefetch(8)
