"""From a data set's name to arrays."""

import os

import numpy as np

from thesis_rnn.data.images.datasets import DATA_SETS
from thesis_rnn.data.images.folds import Fold, take_fold
from thesis_rnn.data.images.majority import draw_triples
from thesis_rnn.data.images.sequences import Sequences, assemble, sequence_shape
from thesis_rnn.data.images.splits import Images, stored_part, take_split
from thesis_rnn.errors import InputError

DEFAULT = "mnist_maj"
FALLBACK = "digits_maj"


def names() -> list[str]:
    """The names of the data sets."""
    return DATA_SETS.names()


def class_names(name: str) -> tuple[str, ...]:
    """The classes of the data set ``name`` in words, in the order of the labels."""
    return DATA_SETS[name].class_names


def is_available(name: str, data_dir: str | os.PathLike | None = None) -> bool:
    """Whether the data set's images are at hand or could be downloaded; probes the connection for at most 5 s.

    Damaged files count as available: loading then says what is wrong with them.
    """
    return DATA_SETS[name].source.is_available(data_dir)


def default_dataset(data_dir: str | os.PathLike | None = None) -> tuple[str, str | None]:
    """Returns the data set for a user who named none, and the line to print if it is not the usual one.

    That is ("mnist_maj", None) where MNIST can be found or downloaded, else ("digits_maj", notice).
    """
    if is_available(DEFAULT, data_dir):
        return DEFAULT, None
    place = f" in {os.fspath(data_dir)}" if data_dir else " on this machine and cannot be downloaded"
    return FALLBACK, (
        f"ATTENTION: MNIST was not found{place}: using {FALLBACK}, scikit-learn's 1,797 embedded digits, instead; "
        f"every result is about those; --dataset={DEFAULT} says how to provide MNIST"
    )


def load_images(name: str, split: str, data_dir: str | os.PathLike | None = None, fold: Fold | None = None) -> Images:
    """Loads the single images behind a data set (those of mnist for mnist_maj), in their canonical order.

    Args:
      name: a data set's name.
      split: "train", "validation" (the last 5,000 images of the train file; its last sixth if it has fewer than
        30,000) or "test".
      data_dir: the folder to search; by default THESIS_RNN_DATA_DIR, then tensorflow-datasets.
      fold: the fold of a cross-validation that is the test set; by default the original split.

    Raises:
      InputError: an unknown name or split, images that are nowhere to be found, damaged files.
    """
    source, part = DATA_SETS[name].source, stored_part(split)
    if fold is not None:
        return take_fold(source.read("train", data_dir), source.read("test", data_dir), fold, split)
    return take_split(source.read(part, data_dir), split)


def load(
    name: str,
    split: str,
    steps: int | None = None,
    data_dir: str | os.PathLike | None = None,
    seed: int = 0,
    limit: int | None = None,
    fold: Fold | None = None,
) -> Sequences:
    """Loads a data set as sequences: x float32 [n, steps, 28, columns] in [-1, 1], y int32 [n], evidence.

    A majority data set has one triple per image of the split, in canonical order, drawn from (seed, split): the same
    whatever ``steps`` and ``limit``, and drawn anew for each split. All three images of a triple are of that split, and
    of that fold.

    Args:
      name, split, data_dir, fold: as for ``load_images``.
      steps: into how many column blocks a sequence is cut; by default 12 for majority triples, 4 for single images.
      seed: what the majority triples are drawn from; single images do not depend on it.
      limit: how many sequences to keep, from the first; by default, and where there are fewer, all of them.

    Raises:
      InputError: what ``load_images`` refuses, steps that do not divide the width, a limit below 1, a seed that is no
        non-negative integer.
    """
    steps, _, _ = sequence_shape(name, steps)
    if limit is not None and limit < 1:
        raise InputError(f"limit must be at least 1; received {limit}")
    images = load_images(name, split, data_dir, fold)
    originals = np.arange(len(images.labels))
    indices, evidence = originals[:, np.newaxis], None
    if DATA_SETS[name].majority:
        # The split's name as numbers, not its position: never the same stream as a caller's (seed, epoch).
        indices, evidence = draw_triples(images.labels, originals, (seed, *split.encode()))
        evidence = evidence[:limit]
    return Sequences(assemble(images.pixels, indices[:limit], steps), images.labels[:limit], evidence)
