"""A user's own labelled series, of one length or of several: checked and put side by side."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from thesis_rnn.data.problem import Split
from thesis_rnn.errors import InputError
from thesis_rnn.support.kinds import is_number


class Samples(NamedTuple):
    """Series as they come, one by one.

    Attributes:
      values: for each sample, numbers [its steps, features].
      labels: for each sample, its class: an integer or a word.
      evidence: for each sample, 0 or 1 (or bool) [its steps, features], 1 where a cell is known to tell of the class;
        or [its steps] if that is known of steps only. None if nothing is known.
      names: what the samples are called in messages; by default their numbers from 0.
      features: the same for features.

    Example:
      >>> Samples(values=[np.zeros((3, 1)), np.ones((2, 1))], labels=["rest", "task"]).labels
      ['rest', 'task']
    """

    values: Sequence[np.ndarray]
    labels: Sequence[int | str]
    evidence: Sequence[np.ndarray] | None = None
    names: Sequence[str] | None = None
    features: Sequence[str] | None = None


def pad(
    samples: Samples, class_names: Sequence[str] | None = None, padding: float = 0.0, steps: int | None = None
) -> Split:
    """Checks series and puts them side by side; those that are shorter than the longest are padded at their end.

    Args:
      samples: what to put side by side.
      class_names: all classes, in the order that ``y`` counts them; by default ``classes_of`` the labels. Give the
        training set's to the test set, or a class that is missing there shifts the others.
      padding: what stands behind the end of a shorter series. ``keras.layers.Masking(padding)`` then skips those steps,
        and any real step whose features all have that value; so it is a finite number.
      steps: up to how many steps; by default, and at least, as many as the longest has.

    Returns:
      A ``Split`` with the ``lengths`` of all samples; its evidence is bool [n, steps, features], False where padded.

    Raises:
      InputError: no samples, a sample that is not [steps, features] or has no step, different numbers of features, a
        value that is not finite (sample, step and feature are named), another number of labels than of samples, a label
        that is not among ``class_names``, evidence that is not 0 or 1 or of another shape than the sample.

    Example:
      >>> split = pad(Samples(values=[np.ones((3, 1)), np.ones((2, 1))], labels=["rest", "task"]))
      >>> split.x[:, :, 0].tolist(), split.y.tolist(), split.lengths.tolist()
      ([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]], [0, 1], [3, 2])
    """
    names = list(map(str, samples.names if samples.names is not None else range(len(samples.values))))
    values = _checked_values(samples, names)
    lengths = np.array([len(value) for value in values], np.int32)
    y = _classes(samples.labels, class_names, names)
    longest = max(map(len, values))
    steps = longest if steps is None else steps
    if not is_number(padding) or abs(padding) > float(np.finfo(np.float32).max):
        raise InputError(f"padding must be a finite number; received {padding!r}")
    if not isinstance(steps, int | np.integer) or steps < longest:
        raise InputError(f"steps must be a whole number of at least {longest}, the longest series; received {steps!r}")
    evidence = None
    if samples.evidence is not None:
        evidence = _side_by_side(_checked_evidence(samples.evidence, values, names), steps, bool, False)
    return Split(_side_by_side(values, steps, np.float32, padding), y, evidence, lengths)


def step_mask(lengths: np.ndarray, steps: int) -> np.ndarray:
    """bool [n, steps], True at a series' own steps and False where it is padded.

    Args:
      lengths: integers [n].
      steps: up to how many steps series are padded.

    Returns:
      The mask.

    Example:
      >>> step_mask(np.array([1, 3]), steps=3).tolist()
      [[True, False, False], [True, True, True]]
    """
    return np.arange(steps) < np.asarray(lengths)[:, np.newaxis]


def classes_of(labels: Sequence[int | str]) -> tuple[str, ...]:
    """The labels that occur, as words: integers by their value, then words in alphabetical order.

    Args:
      labels: integers, words, or both.

    Returns:
      Each class once.

    Example:
      >>> classes_of(["task", 10, 2, "rest", 2])
      ('2', '10', 'rest', 'task')
    """
    return tuple(sorted({str(label) for label in labels}, key=_in_order))


def _side_by_side(values: Sequence[np.ndarray], steps: int, dtype: type, padding: float) -> np.ndarray:
    joined: np.ndarray = np.full((len(values), steps, values[0].shape[1]), padding, dtype)
    for place, value in zip(joined, values, strict=True):
        place[: len(value)] = value
    return joined


def _checked_values(samples: Samples, names: list[str]) -> list[np.ndarray]:
    values = [np.asarray(value) for value in samples.values]
    if not values:
        raise InputError("expected at least one series; received none")
    for name, value in zip(names, values, strict=True):
        if value.ndim != 2 or not value.size or value.shape[1] != values[0].shape[-1]:
            expected = "[steps, features] with a step, and as many features in each"
            raise InputError(f"a series must be {expected}; received shape {list(value.shape)} for sample {name}")
        if not (np.issubdtype(value.dtype, np.number) or value.dtype == bool) or np.iscomplexobj(value):
            raise InputError(f"a series must consist of real numbers; received {value.dtype} for sample {name}")
        if not _finite(value).all():
            raise InputError(_broken_cell(value, name, samples.features))
    return values


def _finite(value: np.ndarray) -> np.ndarray:
    """Where a number is finite, also in float32."""
    with np.errstate(over="ignore"):
        return np.isfinite(value.astype(np.float32))


def _broken_cell(value: np.ndarray, name: str, features: Sequence[str] | None) -> str:
    step, feature = np.argwhere(~_finite(value))[0].tolist()
    cell = value[step, feature]
    feature = feature if features is None else features[feature]
    place = f"sample {name}, step {step}, feature {feature}"
    return f"a series must be finite in every cell (steps count from 0); received {cell} at {place}"


def _classes(labels: Sequence[int | str], class_names: Sequence[str] | None, names: list[str]) -> np.ndarray:
    words = [str(label) for label in labels]
    if len(words) != len(names):
        raise InputError(f"expected one label per series; received {len(words)} labels for {len(names)} series")
    known = classes_of(words) if class_names is None else list(map(str, class_names))
    for name, word in zip(names, words, strict=True):
        if word not in known:
            raise InputError(f"labels must be among {', '.join(known)}; received {word!r} for sample {name}")
    index = {word: place for place, word in enumerate(known)}
    return np.array([index[word] for word in words], np.int32)


def _in_order(word: str) -> tuple[bool, int, str]:
    """Integers by their value, before all other words in alphabetical order."""
    digits = word.removeprefix("-")
    is_integer = digits.isascii() and digits.isdigit()
    return not is_integer, int(word) if is_integer else 0, word


def _checked_evidence(evidence: Sequence[np.ndarray], values: list[np.ndarray], names: list[str]) -> list[np.ndarray]:
    if len(evidence) != len(values):
        raise InputError(f"expected one evidence mask per series; received {len(evidence)} for {len(values)} series")
    masks = []
    for name, mask, value in zip(names, map(np.asarray, evidence), values, strict=True):
        if mask.shape not in (value.shape, value.shape[:1]):
            expected = f"{list(value.shape)} like the series, or {list(value.shape[:1])}"
            raise InputError(f"evidence must have shape {expected}; received {list(mask.shape)} for sample {name}")
        if not np.isin(mask, (0, 1)).all():
            raise InputError(f"evidence must be 0 or 1; received {mask[~np.isin(mask, (0, 1))][0]} for sample {name}")
        mask = mask.astype(bool)
        masks.append(np.broadcast_to(mask if mask.ndim == 2 else mask[:, np.newaxis], value.shape))
    return masks
