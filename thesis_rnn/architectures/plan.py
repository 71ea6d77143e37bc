"""What every architecture's ``connect`` function is given beside the input, and how it cuts images into features."""

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np


@dataclass(frozen=True)
class Plan:
    """What a ``connect`` function needs to know beside the input.

    Attributes:
      sizes: numbers of neurons, filters or cells by the names that the architecture gives them.
      classes: the number of logits.
      dropout: the dropout rate of the sites at which the architecture drops activations.
      seeds: an endless supply of seeds, one for each layer.
      domain: where the inputs of the first layer live: "bounded", or "real" where tokens are embedded.
      attention_variant: what becomes of the hops of input-cell attention: their "mean", or "flatten".
      attention_window: the last inputs that input-cell attention sees; None: all so far.
      attend_last_steps: the last steps at which there is input-cell attention; None: all.

    Example:
      >>> plan = Plan(sizes={"cells": 4}, classes=2, dropout=0.1, seeds=iter([16, 32]))
      >>> plan.seed(), plan.seed()
      (16, 32)
    """

    sizes: dict[str, int]
    classes: int
    dropout: float
    seeds: Iterator[int]
    domain: str = "bounded"
    attention_variant: str = "mean"
    attention_window: int | None = None
    attend_last_steps: int | None = None

    def seed(self) -> int:
        """The seed of the next layer."""
        return next(self.seeds)

    def xavier(self) -> keras.initializers.Initializer:
        """The start of a kernel of the series models (Ismail et al., 2019)."""
        return keras.initializers.GlorotUniform(self.seed())


def endless_seeds(seed: int) -> Iterator[int]:
    """Seeds that differ for every layer and are the same for the same ``seed``."""
    generator = np.random.default_rng(seed)
    while True:
        # Layers derive neighbours from their seed (seed + 1, ...): an even spacing of 16 keeps them apart.
        yield int(generator.integers(2**26)) * 16


def flat_steps(inputs):
    """[batch, steps, rows, columns] -> [batch, steps, rows * columns]; a series stays as it is."""
    if len(inputs.shape) == 3:
        return inputs
    return keras.layers.Reshape((inputs.shape[1], -1), name="pixels")(inputs)
