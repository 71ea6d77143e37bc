"""From a problem's name to the problem, and from the problem to arrays."""

import os
from dataclasses import replace

from thesis_rnn.data import archives, boxes  # noqa: F401  (these and the next two lines add their rows to the table)
from thesis_rnn.data.images import problems, rows  # noqa: F401
from thesis_rnn.data.images.folds import Fold
from thesis_rnn.data.images.splits import Images
from thesis_rnn.data.own.source import OwnSeries
from thesis_rnn.data.problem import PROBLEMS, Problem, Split, check_split
from thesis_rnn.data.series import METHODS, TRAINING
from thesis_rnn.data.text import reviews, sentences  # noqa: F401
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import checked

DEFAULT = "mnist_maj"
FALLBACK = "digits_maj"
OWN = "file:"
"""What the names of problems of one's own series begin with, before their path."""


def names() -> list[str]:
    """The names of the problems in the table.

    Returns:
      Names in the order of the table.

    Example:
      >>> "mnist_maj" in names()
      True
    """
    return PROBLEMS.names()


@checked
def problem_of(name: str) -> Problem:
    """The problem called ``name``: a row of ``PROBLEMS``, or "file:PATH" for series of one's own.

    What a path may be, :class:`~thesis_rnn.data.own.source.OwnSeries` says; nothing is read yet.

    Returns:
      A ``Problem``.

    Raises:
      InputError: for an unknown name.

    Example:
      >>> problem_of("box_earlier").title, problem_of("file:runs.npz").title
      ('earlier box', 'runs.npz')
    """
    if not name.startswith(OWN):
        return PROBLEMS[name]
    path = name.removeprefix(OWN)
    if not path:
        raise InputError(f"expected a path behind {OWN}, as in {OWN}series.npz; received {name!r}")
    return Problem(
        os.path.basename(os.path.normpath(path)),
        OwnSeries(path),
        training=replace(TRAINING, epochs=100, updates=0, patience=20),
        methods=METHODS,  # and all usual measures for what the files give
        text=f"labelled series from {path}",
    )


@checked
def load(
    name: str,
    split: str,
    steps: int | None = None,
    data_dir: str | os.PathLike | None = None,
    seed: int = 0,
    limit: int | None = None,
    fold: Fold | None = None,
) -> Split:
    """Loads a split of a problem: x float32, y int32 [n], evidence and lengths where there are any.

    Args:
      name: a problem's name, or "file:PATH".
      split: "train", "validation" or "test".
      steps: into how many column blocks sequences of images are cut; by default the problem's own number. Series have
        one number only.
      data_dir: the folder with published images; by default THESIS_RNN_DATA_DIR, then tensorflow-datasets.
      seed: what is drawn is drawn from (seed, split); a problem in which nothing is drawn does not depend on it.
      limit: how many samples to keep, from the first; by default, and where there are fewer, all of them. The kept ones
        are the same whatever the limit.
      fold: the fold of a cross-validation that is the test set (images only); by default the original split.

    Returns:
      A ``Split``.

    Raises:
      InputError: an unknown name or split, steps that do not divide the width of images or are not those of series, a
        fold of series, a limit below 1, a seed that is no non-negative integer, data that are missing or damaged.

    Example:
      >>> split = load("box_earlier", "test", limit=2)
      >>> split.x.shape, split.evidence.shape
      ((2, 100, 100), (2, 100, 100))
    """
    problem = problem_of(name)
    check_split(split)
    if limit is not None and limit < 1:
        raise InputError(f"limit must be at least 1; received {limit}")
    return problem.source.load(split, steps, data_dir, seed, limit, fold)


def load_images(name: str, split: str, data_dir: str | os.PathLike | None = None, fold: Fold | None = None) -> Images:
    """Loads the single images behind a problem of images (those of mnist for mnist_maj), in their canonical order.

    Args:
      name: the problem's name.
      split: "train", "validation" (the last 5,000 images of the train file; its last sixth if it has fewer than
        30,000) or "test".
      data_dir: the folder to search; by default THESIS_RNN_DATA_DIR, then tensorflow-datasets.
      fold: the fold of a cross-validation that is the test set; by default the original split.

    Returns:
      ``Images``.

    Raises:
      InputError: an unknown name or split, a problem that has no images, images that are nowhere to be found, damaged
        files.

    Example:
      >>> load_images("digits", "test").pixels.shape[1:]
      (28, 28)
    """
    read = getattr(problem_of(name).source, "load_images", None)
    if read is None:
        raise InputError(f"expected a problem of images, such as {DEFAULT} or {FALLBACK}; received {name!r}")
    return read(split, data_dir, fold)


def class_names(name: str) -> tuple[str, ...]:
    """The classes of the problem ``name`` in words, in the order of the labels.

    Args:
      name: a problem's name, or "file:PATH".

    Returns:
      A word for each class.

    Raises:
      InputError: for an unknown name.

    Example:
      >>> class_names("box_earlier")
      ('lowered', 'raised')
    """
    return problem_of(name).class_names


def feature_names(name: str) -> tuple[str, ...] | None:
    """What the features of the problem's series are called; None if nobody says.

    Args:
      name: a problem's name, or "file:PATH".

    Returns:
      A word for each feature, or None.

    Raises:
      InputError: for an unknown name.

    Example:
      >>> feature_names("box_earlier") is None
      True
    """
    return problem_of(name).feature_names


def sequence_shape(name: str, steps: int | None = None) -> tuple[int, ...]:
    """The shape of a problem's samples: (steps, rows, columns) or (steps, features).

    Args:
      name: a problem's name, or "file:PATH".
      steps: into how many steps images are cut; by default the problem's own number.

    Returns:
      The shape without the axis of samples.

    Raises:
      InputError: an unknown problem, or a number of steps that its samples cannot be cut into.

    Example:
      >>> sequence_shape("mnist_maj", steps=7), sequence_shape("box_earlier")
      ((7, 28, 12), (100, 100))
    """
    return problem_of(name).shape(steps)


def is_available(name: str, data_dir: str | os.PathLike | None = None) -> bool:
    """Whether the problem's data are at hand or could be downloaded; probes the connection for at most 5 s.

    Damaged files count as available: loading then says what is wrong with them.

    Args:
      name: a problem's name, or "file:PATH".
      data_dir: the folder to search; by default THESIS_RNN_DATA_DIR, then tensorflow-datasets.

    Returns:
      True or False.

    Raises:
      InputError: for an unknown name.

    Example:
      >>> is_available("box_earlier")
      True
    """
    return problem_of(name).source.is_available(data_dir)


def default_dataset(data_dir: str | os.PathLike | None = None) -> tuple[str, str | None]:
    """Returns the problem for a user who named none, and the line to print if it is not the usual one.

    That is ("mnist_maj", None) where MNIST can be found or downloaded, else ("digits_maj", notice).

    Args:
      data_dir: the folder to search; by default THESIS_RNN_DATA_DIR, then tensorflow-datasets.

    Returns:
      The problem's name, and the line or None.

    Example:
      >>> default_dataset()  # may ask the network for MNIST # doctest: +SKIP
      ('mnist_maj', None)
    """
    if is_available(DEFAULT, data_dir):
        return DEFAULT, None
    place = f" in {os.fspath(data_dir)}" if data_dir else " on this machine and cannot be downloaded"
    return FALLBACK, (
        f"ATTENTION: MNIST was not found{place}: using {FALLBACK}, scikit-learn's 1,797 embedded digits, instead; "
        f"every result is about those; --dataset={DEFAULT} says how to provide MNIST"
    )
