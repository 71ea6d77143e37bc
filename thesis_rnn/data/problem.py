"""What a problem is: labelled samples in splits, what their evidence is, and how training on them ends by default."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from thesis_rnn.support.registry import Registry

Domain = Literal["bounded", "real", "tokens"]
"""Where inputs live: pixels in a box, real numbers, or tokens."""
EvidenceKind = Literal["blocks", "cells", "tokens"]
"""Evidence [n, blocks] of column blocks, or 0 and 1 in the shape of the input; None where nothing is known."""


class Split(NamedTuple):
    """Samples side by side.

    Attributes:
      x: float32 [n, steps, rows, columns] or [n, steps, features], or integers [n, steps].
      y: int32 [n], the classes.
      evidence: 0 and 1, [n, blocks] or in the shape of ``x``; None if unknown.
      lengths: int32 [n], how many steps of each sample are its own; None if all are.
    """

    x: np.ndarray
    y: np.ndarray
    evidence: np.ndarray | None = None
    lengths: np.ndarray | None = None

    def take(self, places: Sequence[int] | slice | np.ndarray) -> "Split":
        """The samples at ``places``, in that order."""
        return Split(*(None if array is None else array[places] for array in self))


@dataclass(frozen=True)
class Training:
    """How a model is trained on a problem unless the user says otherwise: the defaults of the flags of these names.

    Attributes:
      epochs: passes through the training data, at most.
      updates: updates, at most; 0 for no limit.
      patience: epochs without a better one after which training ends; 0 to train all epochs.
      batch_size: samples per update.
      learning_rate: Adam's.
      schedule: "cosine" (to zero over all updates) or "constant".
      dropout: the rate at the architecture's sites of dropout.
      loss: "zero_logit", the thesis' cross-entropy with an extra logit of zero, or "softmax".
    """

    epochs: int = 10
    updates: int = 0
    patience: int = 0
    batch_size: int = 50
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    dropout: float = 0.2
    loss: str = "zero_logit"


class Source(Protocol):
    """Where a problem's samples come from."""

    def load(self, split: str, steps: int | None, data_dir, seed: int, limit: int | None, fold) -> Split: ...

    def batches(self, steps: int | None, data_dir, seed: int, fold, batch_size: int, sequences_per_epoch: int):
        """Training batches, drawn anew each epoch: an object like ``training.batches.Batches``."""

    def shape(self, steps: int | None) -> tuple[int, ...]: ...

    def class_names(self) -> tuple[str, ...]: ...

    def is_available(self, data_dir=None) -> bool: ...


@dataclass(frozen=True)
class Problem:
    """A row of the table of problems.

    Attributes:
      title: the name for tables and figures.
      source: where splits come from.
      domain: where inputs live.
      low, high: the box of bounded inputs.
      background: the value that "removed" means, in occlusion, integrated gradients and flipping alike.
      evidence: the kind of evidence; None if there is none.
      training: the defaults of a training.
      methods, measures: the default lists, in the grammar of ``support.calls``.
      feature_names: what the features of a series are called.
      text: what the problem is, with its source, in a line.
    """

    title: str
    source: Any
    domain: Domain = "real"
    low: float = -1.0
    high: float = 1.0
    background: float = 0.0
    evidence: EvidenceKind | None = None
    training: Training = field(default_factory=Training)
    methods: str = "sensitivity"
    measures: str = ""
    feature_names: tuple[str, ...] | None = None
    text: str = ""

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes in words, in the order of the labels."""
        return self.source.class_names()

    def shape(self, steps: int | None = None) -> tuple[int, ...]:
        """The shape of a sample: (steps, rows, columns) or (steps, features)."""
        return self.source.shape(steps)


PROBLEMS: Registry[Problem] = Registry("problem")
