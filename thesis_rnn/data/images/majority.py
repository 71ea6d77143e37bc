"""The majority problem (MAJ): three images in a row, two of one class; which class is it?

For each original image, a second image of its class and a third of another class are placed beside it in random order.
The label is the class of the two; ``evidence`` marks their places, so that an explanation can be judged against it
(Chormai, 2018, section 3.3).
"""

import numpy as np

from thesis_rnn.data.seeds import Seed, generator
from thesis_rnn.errors import InputError

BLOCKS = 3


def draw_triples(labels: np.ndarray, originals: np.ndarray, rng_or_seed: Seed) -> tuple[np.ndarray, np.ndarray]:
    """Draws one majority triple for each original image.

    The second image is uniform over the other images of the original's class, the third uniform over all images of
    other classes, and the order of the three uniform over the six permutations. Partners come from everything that
    ``labels`` describes: to stay inside a fold, pass ``labels[fold]`` and index ``fold`` with the result.

    Args:
      labels: non-negative integers [m], the classes of the images to draw from.
      originals: integers [n], indices into ``labels``; repeats are allowed.
      rng_or_seed: a generator, or a seed: a non-negative integer or a tuple of them such as (seed, epoch). The same
        seed gives the same triples.

    Returns:
      indices: int64 [n, 3], the images from left to right, as indices into ``labels``.
      evidence: int8 [n, 3], 1 where a block belongs to the majority class ``labels[originals]``, 0 at the odd one out.

    Raises:
      InputError: an original whose class has no second image, no image of another class, or a seed that is none.

    Example:
      >>> labels = np.array([0, 0, 1, 1])
      >>> indices, evidence = draw_triples(labels, originals=[0, 3], rng_or_seed=0)
      >>> indices.shape, evidence.sum(axis=1).tolist()
      ((2, 3), [2, 2])
    """
    rng = generator(rng_or_seed)
    labels, originals = np.asarray(labels), np.asarray(originals, dtype=np.int64)
    classes = labels[originals]
    counts = np.bincount(labels)
    _check_candidates(classes, counts, len(labels))
    by_class = np.argsort(labels, kind="stable")
    starts = np.cumsum(counts) - counts  # the images of class c are by_class[starts[c] : starts[c] + counts[c]]

    second = _same_class(by_class, starts[classes], counts[classes], originals, rng)
    third = _other_class(by_class, starts[classes], counts[classes], rng)
    order = rng.permuted(np.tile(np.arange(BLOCKS), (len(originals), 1)), axis=1)
    triples = np.stack([originals, second, third], axis=1)
    return np.take_along_axis(triples, order, axis=1), (order != BLOCKS - 1).astype(np.int8)


def _same_class(by_class, starts, counts, originals, rng) -> np.ndarray:
    """Another image of the original's class: one of count - 1 ranks, moved up by one from the original's own on."""
    ranks = np.empty(len(by_class), np.int64)
    ranks[by_class] = np.arange(len(by_class))
    drawn = starts + rng.integers(0, counts - 1)
    return by_class[drawn + (drawn >= ranks[originals])]


def _other_class(by_class, starts, counts, rng) -> np.ndarray:
    """An image of another class: one of m - count ranks, those from the class' own on moved up behind it."""
    drawn = rng.integers(0, len(by_class) - counts)
    return by_class[drawn + counts * (drawn >= starts)]


def _check_candidates(classes: np.ndarray, counts: np.ndarray, total: int) -> None:
    lonely = np.unique(classes[counts[classes] < 2])
    if lonely.size:
        raise InputError(f"a majority triple needs at least 2 images of each class; received 1 of class {lonely[0]}")
    if classes.size and counts[classes[0]] == total:
        raise InputError(f"a majority triple needs images of at least 2 classes; received only class {classes[0]}")
