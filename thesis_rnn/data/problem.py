"""What a problem is: labelled samples in splits, what their evidence is, and how training on them ends by default."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, cast

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.support.registry import Registry

Domain = Literal["bounded", "real", "tokens"]
"""Where inputs live: pixels in a box, real numbers, or tokens."""
EvidenceKind = Literal["blocks", "cells", "tokens"]
"""Evidence [n, blocks] of column blocks, or 0 and 1 in the shape of the input; None where nothing is known."""

SPLITS = ("train", "validation", "test")


class Split(NamedTuple):
    """Samples side by side.

    Attributes:
      x: float32 [n, steps, rows, columns] or [n, steps, features], or integers [n, steps].
      y: int32 [n], the classes.
      evidence: 0 and 1, [n, blocks] or in the shape of ``x``; None if unknown.
      lengths: int32 [n], how many steps of each sample are its own; None if all are.

    Example:
      >>> split = Split(x=np.zeros((3, 4, 2), np.float32), y=np.array([0, 1, 1]))
      >>> split.take([2, 0]).y.tolist()
      [1, 0]
    """

    x: np.ndarray
    y: np.ndarray
    evidence: np.ndarray | None = None
    lengths: np.ndarray | None = None

    def take(self, places: Sequence[int] | slice | np.ndarray) -> "Split":
        """The samples at ``places``, in that order."""
        evidence, lengths = (None if array is None else array[places] for array in (self.evidence, self.lengths))
        return Split(self.x[places], self.y[places], evidence, lengths)


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

    Example:
      >>> Training(epochs=3).epochs, Training().learning_rate
      (3, 0.002)
    """

    epochs: int = 10
    updates: int = 0
    patience: int = 0
    batch_size: int = 50
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    dropout: float = 0.2
    loss: str = "zero_logit"


@dataclass(frozen=True)
class Pool:
    """What training samples are made of, held once.

    Attributes:
      x: what is drawn from, [m, ...].
      y: int32 [m], the classes.
      whole_batches: whether an epoch is filled up to whole batches, with what a further pass begins with.

    Example:
      >>> pool = Pool(x=np.array([[0.1], [0.2], [0.3]]), y=np.array([0, 1, 0]))
      >>> pool.draw(np.array([2, 0]), np.random.default_rng(0)).tolist()
      [[2], [0]]
    """

    x: np.ndarray
    y: np.ndarray
    whole_batches: bool = True

    @property
    def parts(self) -> int:
        """Of how many entries of ``x`` a sample is made."""
        return 1

    def draw(self, originals: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """For each of ``originals`` [n] the places in ``x`` that its sample is made of, int64 [n, parts]."""
        return originals[:, np.newaxis]

    def assemble(self, parts):
        """The tensor of samples [n, ...] made of the tensor of their parts [n, parts, ...]."""
        return parts[:, 0]


class DrawnWhole:
    """What sources share whose training samples are drawn as they are."""

    def pool(self: "Source", steps: int | None = None, data_dir=None, seed: int = 0, fold=None) -> Pool:
        """The training samples of a seed."""
        train = self.load("train", steps, data_dir, seed, fold=fold)
        return Pool(train.x, train.y)


class Source(Protocol):
    """Where a problem's samples come from.

    A source of tokens also has ``vocabulary_size``, and what :class:`Words` has; ``valence`` where people rated words.
    """

    @property
    def evidence(self) -> EvidenceKind | None:
        """The kind of evidence; None if there is none."""

    @property
    def masked(self) -> bool:
        """Whether samples differ in length, so that a model must leave out padded steps."""

    def load(
        self, split: str, steps: int | None = None, data_dir=None, seed: int = 0, limit: int | None = None, fold=None
    ) -> Split:
        """The samples of a split; the arguments are those of ``data.load``."""

    def pool(self, steps: int | None = None, data_dir=None, seed: int = 0, fold=None) -> Pool:
        """What the training samples of each epoch are drawn from."""

    def shape(self, steps: int | None = None) -> tuple[int, ...]:
        """The shape of a sample."""

    def class_names(self) -> tuple[str, ...]:
        """The classes in words, in the order of the labels."""

    def feature_names(self) -> tuple[str, ...] | None:
        """What the features of a series are called; None if nobody says."""

    def is_available(self, data_dir=None) -> bool:
        """Whether the samples are at hand or could be downloaded."""


class Words(Source, Protocol):
    """A source of tokens whose words people rated."""

    def vocabulary(self, data_dir=None) -> Sequence[str]:
        """The word of each token."""

    def valence(self, data_dir=None) -> np.ndarray:
        """What people say of each token, NaN for those that nobody rated."""


@dataclass(frozen=True)
class Problem:
    """A row of the table of problems.

    Attributes:
      title: the name for tables and figures.
      source: where splits come from.
      domain: where inputs live.
      low, high: the box of bounded inputs.
      background: the value that "removed" means, in occlusion, integrated gradients and flipping alike.
      training: the defaults of a training.
      methods, measures: the default lists, in the grammar of ``support.calls``.
      test_seed: what test samples are drawn from, whatever the run's seed, so that runs can be compared on them; None
        where they are drawn from the run's.
      units: of the recurrent cell, unless the user says otherwise; 0 for the architecture's own.
      text: what the problem is, with its source, in a line.

    Example:
      >>> PROBLEMS["box_earlier"].class_names, PROBLEMS["box_earlier"].shape()
      (('lowered', 'raised'), (100, 100))
    """

    title: str
    source: Source
    domain: Domain = "real"
    low: float = -1.0
    high: float = 1.0
    background: float = 0.0
    training: Training = field(default_factory=Training)
    methods: str = "sensitivity"
    measures: str = ""
    test_seed: int | None = None
    units: int = 0
    text: str = ""

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes in words, in the order of the labels."""
        return self.source.class_names()

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """What the features of a series are called; None if nobody says."""
        return self.source.feature_names()

    @property
    def evidence(self) -> EvidenceKind | None:
        """The kind of evidence; None if there is none."""
        return self.source.evidence

    @property
    def masked(self) -> bool:
        """Whether samples differ in length, so that a model must leave out padded steps."""
        return self.source.masked

    @property
    def vocabulary_size(self) -> int | None:
        """How many tokens there are; None where samples are no tokens."""
        return getattr(self.source, "vocabulary_size", None)

    def words(self, x: np.ndarray, data_dir=None) -> np.ndarray | None:
        """The words of the tokens ``x``, in their shape, padding as ""; None where samples are no tokens."""
        return np.asarray(cast(Words, self.source).vocabulary(data_dir))[x] if self.domain == "tokens" else None

    @property
    def is_rated(self) -> bool:
        """Whether people rated its tokens' words."""
        return hasattr(self.source, "valence")

    def valence(self, x: np.ndarray, data_dir=None) -> np.ndarray | None:
        """What people say of each token of ``x``, in its shape, NaN where nobody did; None where nobody was asked."""
        return cast(Words, self.source).valence(data_dir)[x] if self.is_rated else None

    def shape(self, steps: int | None = None) -> tuple[int, ...]:
        """The shape of a sample: (steps, rows, columns), (steps, features), or (steps,) of tokens.

        Raises:
          InputError: for a number of steps that the samples cannot be cut into.
        """
        return self.source.shape(steps)

    def seed_of(self, split: str, seed: int) -> int:
        """The seed that a run with ``seed`` draws ``split`` from."""
        return self.test_seed if split == "test" and self.test_seed is not None else seed


PROBLEMS: Registry[Problem] = Registry("problem")


def check_split(split: str) -> None:
    """Raises ``InputError`` unless ``split`` is train, validation or test."""
    if split not in SPLITS:
        raise InputError(f"unknown split; known ones are {', '.join(SPLITS)}; received {split!r}")


def check_uncut(own: int, steps: int | None, fold) -> None:
    """What a source of series of ``own`` steps says of the arguments that only images have.

    Raises:
      InputError: for another number of steps, or a fold.
    """
    if steps is not None and steps != own:
        raise InputError(f"these series have {own} steps and are not cut; leave steps out; received {steps}")
    if fold is not None:
        raise InputError(f"only problems of images are cut into folds; leave fold out; received {fold}")
