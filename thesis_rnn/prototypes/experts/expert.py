"""What an expert is: fitted to data, it tells how likely an input is, or makes inputs of codes."""

from typing import ClassVar, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from thesis_rnn.errors import InputError
from thesis_rnn.support.registry import Registry

HELD_OUT = 5
"""One sample in so many is held out, to see whether an expert has learned."""


class Expert(Protocol):
    """An expert of inputs as rows of numbers [n, cells].

    Attributes:
      weight: how much it counts beside the log-probability of the class, unless the user says otherwise.
      codes: the length of a code, for experts that search among codes; 0 for those that search among inputs.
      learned: whether held-out data say that it learned something.
      verdict: that in words, with numbers.
    """

    weight: ClassVar[float]
    codes: int
    learned: bool
    verdict: str

    @classmethod
    def fit(cls, x: np.ndarray, seed: int) -> "Expert":
        """The expert of the rows of ``x`` [m, cells]."""

    def log_density(self, point: tf.Tensor) -> tf.Tensor:
        """log p [n], up to a constant, of inputs [n, cells]; of codes [n, codes] where it has such."""

    def data_density(self, x: np.ndarray) -> np.ndarray:
        """The same of the data that it is compared with."""


class Parts(NamedTuple):
    """Data to fit an expert to, and data to judge it by."""

    train: np.ndarray
    held_out: np.ndarray


def parts_of(x: np.ndarray, seed: int, least: int = 10) -> Parts:
    """Rows to fit to and rows to judge by, drawn by the seed.

    Raises:
      InputError: for fewer than ``least`` rows.
    """
    if len(x) < least:
        raise InputError(f"an expert needs at least {least} samples of data; received {len(x)}")
    order = np.random.default_rng(seed).permutation(len(x))
    held_out = max(1, len(x) // HELD_OUT)
    return Parts(x[order[held_out:]].astype(np.float32), x[order[:held_out]].astype(np.float32))


EXPERTS: Registry = Registry("expert")
