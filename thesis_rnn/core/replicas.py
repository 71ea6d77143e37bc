"""What every device draws of random numbers when several train together: its part of what one alone would draw."""

import keras
import tensorflow as tf


def uniform_of_batch(shape, seed: keras.random.SeedGenerator):
    """Numbers in [0, 1) for the samples of this device.

    Under ``tf.distribute`` the batch is cut into equal parts, one for each device. Each draws for the whole batch and
    takes its rows, so that a sample's numbers do not depend on how many devices there are.

    Args:
      shape: of this device's part, samples first.
      seed: the generator, which every device advances alike.

    Returns:
      The numbers, in ``shape``.

    Example:
      >>> uniform_of_batch((2, 3), keras.random.SeedGenerator(0)).shape
      TensorShape([2, 3])
    """
    context = tf.distribute.get_replica_context()
    devices = context.num_replicas_in_sync if context else 1
    if devices == 1:
        return keras.random.uniform(shape, seed=seed)
    samples = shape[0]
    whole = keras.random.uniform((samples * devices, *shape[1:]), seed=seed)
    first = context.replica_id_in_sync_group * samples
    return whole[first : first + samples]
