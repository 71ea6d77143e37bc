"""Batches for training, drawn anew each epoch and the same for the same (seed, epoch)."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from thesis_rnn.data.images.majority import BLOCKS, draw_triples
from thesis_rnn.data.images.sequences import columns_per_step
from thesis_rnn.data.images.splits import Images
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

    def dataset(self, first: int, last: int) -> tf.data.Dataset:
        """The batches (x, y) of the epochs first, ..., last - 1, assembled while the network trains."""
        pixels = tf.constant(self.images.pixels)

        def one_epoch(epoch):
            indices, labels = tf.numpy_function(self.draw, [epoch], [tf.int64, tf.int32], stateful=False)
            blocks = BLOCKS if self.majority else 1
            drawn = tf.ensure_shape(indices, (None, blocks)), tf.ensure_shape(labels, (None,))
            return tf.data.Dataset.from_tensor_slices(drawn).batch(self.batch_size)

        def assembled(indices, labels):
            return self._assemble(tf.gather(pixels, indices)), labels

        return tf.data.Dataset.range(first, last).flat_map(one_epoch).map(assembled).prefetch(8)

    def _assemble(self, images):
        """``data.assemble`` in TensorFlow: [n, blocks, rows, width] bytes -> [n, steps, rows, columns] in [-1, 1]."""
        _, blocks, rows, width = images.shape
        columns = columns_per_step(blocks * width, self.steps)
        joined = tf.transpose(images, (0, 2, 1, 3))
        cut = tf.transpose(tf.reshape(joined, (-1, rows, self.steps, columns)), (0, 2, 1, 3))
        return tf.cast(cut, tf.float32) / 127.5 - 1
