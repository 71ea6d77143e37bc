"""From a seed to a stream of random numbers."""

import numpy as np

from thesis_rnn.errors import InputError

Seed = np.random.Generator | np.random.SeedSequence | int | tuple[int, ...]


def generator(rng_or_seed: Seed) -> np.random.Generator:
    """Returns the generator of a seed; a generator is returned as it is.

    Raises:
      InputError: a seed that is no non-negative integer and no tuple of them.
    """
    try:
        return np.random.default_rng(rng_or_seed)
    except (TypeError, ValueError):
        message = f"a seed is a non-negative integer or a tuple of them; received {rng_or_seed!r}"
        raise InputError(message) from None
