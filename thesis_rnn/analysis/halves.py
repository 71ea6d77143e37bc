"""Samples that something is fitted on, and others that it is tested on."""

import numpy as np

from thesis_rnn.errors import InputError

LEAST = 20
"""Samples that are enough for two halves."""


def halves(values: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of two random halves of the samples.

    Raises:
      InputError: fewer than 20 samples, or values that do not vary in the first half: nothing to learn.

    Example:
      >>> [len(half) for half in halves(np.arange(21), seed=0)]
      [11, 10]
    """
    if len(values) < LEAST:
        raise InputError(f"a fit and its test need at least {LEAST} samples; received {len(values)}")
    fitted, held_out = np.array_split(np.random.default_rng(seed).permutation(len(values)), 2)
    if len(np.unique(values[fitted], axis=0)) < 2:
        raise InputError("what the network gives must vary over the samples; received the same for all")
    return fitted, held_out
