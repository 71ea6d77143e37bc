"""The table from a flag's value to an architecture, and the plan that every family fills in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from thesis_rnn.support.registry import Registry


@dataclass(frozen=True)
class Plan:
    """What a builder needs to know beside the input.

    Attributes:
      sizes: numbers of neurons, filters or cells by layer name.
      classes: the number of logits.
      dropout: the dropout rate of the sites at which the architecture drops activations.
      seeds: an endless supply of seeds, one for each layer.
    """

    sizes: dict[str, int]
    classes: int
    dropout: float
    seeds: Iterator[int]

    def seed(self) -> int:
        return next(self.seeds)


@dataclass(frozen=True)
class Architecture:
    """A row of the table.

    Attributes:
      title: the name in the thesis.
      sizes: the default sizes by layer name.
      connect: maps the Keras input [batch, steps, rows, columns] and a plan to logits.
      published_variables: the thesis' count of trainable variables for 12 steps of 28x7, None where it gives none.
    """

    title: str
    sizes: dict[str, int]
    connect: Callable
    published_variables: int | None = None
    options: dict = field(default_factory=dict)

    def logits(self, inputs, plan: Plan):
        return partial(self.connect, **self.options)(inputs, plan)


ARCHITECTURES: Registry[Architecture] = Registry("architecture")


def endless_seeds(seed: int) -> Iterator[int]:
    """Seeds that differ for every layer and are the same for the same ``seed``."""
    generator = np.random.default_rng(seed)
    while True:
        # Layers derive neighbours from their seed (seed + 1, ...): an even spacing of 16 keeps them apart.
        yield int(generator.integers(2**26)) * 16
