"""Two ways to explain more than one input at once (Montavon et al., 2018, section 6): translations and windows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.attribution.explaining import Explainer
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import MethodSpec
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.shifting import shifted
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one


class Translated(NamedTuple):
    """A heatmap that is the mean over translations.

    Attributes:
      relevance: in the shape of ``x``.
      covered: of how many translations each cell's relevance is the mean, in the shape of ``x``.
      target: the class that was explained of every translation [n].
      values: the explained output of each translation [n, translations].

    Example:
      >>> Translated(np.zeros((1, 2)), np.ones((1, 2)), np.zeros(1), np.zeros((1, 3))).values.shape
      (1, 3)
    """

    relevance: np.ndarray
    covered: np.ndarray
    target: np.ndarray
    values: np.ndarray


class Windowed(NamedTuple):
    """An explanation of g(X) = the sum of f over windows of X.

    Attributes:
      relevance: summed over the windows that hold a step, ``[n, long, ...]``.
      value: g [n].
      values: f of each window [n, windows].
      starts: the first step of each window [windows].
      coverage: how many windows hold each step [long].
      target: the class that was explained [n].

    Example:
      >>> zeros = np.zeros(1)
      >>> Windowed(np.zeros((1, 4)), zeros, np.zeros((1, 1)), zeros, np.ones(4), zeros).coverage.tolist()
      [1.0, 1.0, 1.0, 1.0]
    """

    relevance: np.ndarray
    value: np.ndarray
    values: np.ndarray
    starts: np.ndarray
    coverage: np.ndarray
    target: np.ndarray


def explain_translated(
    model,
    x: ArrayLike,
    target=None,
    method: str | MethodSpec = "lrp",
    shifts: Sequence = (-2, -1, 0, 1, 2),
    *,
    background: float = 0.0,
    own_steps: ArrayLike | None = None,
    channels_last: bool = False,
    batch_size: int = 500,
    **options,
) -> Translated:
    """R*(x) = the mean over t of t^-1 R(t x): each translation is explained, its map moved back, and averaged.

    The same class is explained of all translations. A cell is averaged over the translations in which it was not moved
    out of the picture. One shift of 0 gives R(x) itself. The sum of a mean of maps is not f(x), but near the mean of
    the outputs.

    Args:
      model: as for ``explain``.
      x: ``[n, steps, features]``, or images of four axes.
      target: the class or classes to explain; by default those predicted for ``x``.
      method: a method of ``explain``.
      shifts: along time; for images along the columns of the joined image, or pairs (right, down).
      background: what moves in.
      own_steps: bool ``[n, steps]``, where samples are padded: the others do not move.
      channels_last: whether inputs of four axes are [n, height, width, channels].
      batch_size: samples that are explained at once.
      **options: further arguments of ``explain``, such as ``dtype``.

    Returns:
      The mean heatmap, and what it is a mean of.

    Raises:
      InputError: tokens, no shifts, or what ``explain`` refuses.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(2)])
      >>> x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
      >>> explain_translated(model, x, 0, "gradient_x_input", shifts=(0, 1)).covered[0, :, 0].tolist()
      [2, 2, 2, 1]
    """
    x, moves = np.asarray(x), _moves(shifts)
    if x.ndim < 3:
        raise InputError(f"series and images are translated, not tokens; received shape {x.shape}")
    own = None if own_steps is None else np.asarray(own_steps, bool)
    explainer = _explainer(model, method, background, options)
    target = _predicted(explainer, x, batch_size) if target is None else np.broadcast_to(target, len(x))

    def move(one, right, down, fill=0.0):
        return shifted(one, right, fill, own, down, channels_last)

    moved = np.concatenate([move(x, right, down, background) for right, down in moves])
    record = explainer(moved, np.tile(target, len(moves)), batch_size=batch_size)
    maps = record.relevance.reshape(len(moves), *x.shape)
    back = np.stack([move(one, -right, -down) for one, (right, down) in zip(maps, moves, strict=True)])
    ones = np.ones(x.shape, int)
    covered = sum(move(move(ones, right, down), -right, -down) for right, down in moves)
    total = np.stack([move(move(ones, *by), -by[0], -by[1]) * one for one, by in zip(back, moves, strict=True)]).sum(0)
    mean = np.divide(total, covered, out=np.zeros(x.shape), where=covered > 0)
    return Translated(mean, covered, target, record.value.reshape(len(moves), -1).T)


def explain_windows(
    model,
    x: ArrayLike,
    target=None,
    method: str | MethodSpec = "lrp",
    stride: int = 1,
    *,
    background: float = 0.0,
    batch_size: int = 500,
    **options,
) -> Windowed:
    """Explains inputs longer than the model takes: g(X) = sum over windows s of f(X[s]), R_i summed over the windows.

    Windows are as long as the model's input and start every ``stride`` steps, and once more at the end, so that every
    step is held by one. Each starts with states of zero. For methods that conserve, the sum of R is g but for what each
    window's explanation absorbed.

    Args:
      model: a model whose input has a fixed number of steps.
      x: ``[n, long, ...]``, series or tokens.
      target: the class or classes to explain; by default those with the largest sum of logits over the windows.
      method: a method of ``explain``.
      stride: how far a window starts after the one before, at most a window.
      background: what "removed" means to the method.
      batch_size: windows that are explained at once.
      **options: further arguments of ``explain``, such as ``dtype``.

    Returns:
      The explanation of g.

    Raises:
      InputError: for a model without a fixed number of steps, inputs that are shorter, or a stride that leaves steps
        out.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((3, 2)), keras.layers.Flatten(), keras.layers.Dense(2)])
      >>> found = explain_windows(model, np.ones((1, 7, 2), "float32"), 0, "gradient_x_input", stride=2)
      >>> found.starts.tolist(), found.coverage.tolist()
      ([0, 2, 4], [1, 1, 2, 1, 2, 1, 1])
    """
    x, length = np.asarray(x), model.inputs[0].shape[1] if len(model.inputs) == 1 else None
    at_least_one(stride=stride)
    if length is None or x.ndim < 2 or x.shape[1] < length or stride > length:
        steps = "an input with a fixed number of steps" if length is None else f"at least {length} steps, stride too"
        raise InputError(f"windows need {steps}; received inputs of shape {x.shape} and stride={stride}")
    starts = np.unique(np.append(np.arange(0, x.shape[1] - length + 1, stride), x.shape[1] - length))
    places = starts[:, None] + np.arange(length)
    windows = x[:, places].reshape(-1, length, *x.shape[2:])
    explainer = _explainer(model, method, background, options)
    if target is None:
        logits = explainer(windows, 0, batch_size=batch_size).logits
        target = logits.reshape(len(x), len(starts), -1).sum(axis=1).argmax(axis=1)
    target = np.broadcast_to(target, len(x))
    record = explainer(windows, np.repeat(target, len(starts)), batch_size=batch_size)
    relevance = np.zeros(x.shape)
    parts = record.relevance.reshape(len(x), len(starts), length, *x.shape[2:])
    for place, part in zip(places, np.moveaxis(parts, 1, 0), strict=True):
        relevance[:, place] += part
    values = record.value.reshape(len(x), len(starts))
    coverage = np.bincount(places.ravel(), minlength=x.shape[1])
    return Windowed(relevance, values.sum(axis=1), values, starts, coverage, target)


def _explainer(model, method, background: float, options: dict) -> Explainer:
    return Explainer(model, Request.of(method, background=background, **options))


def _predicted(explainer: Explainer, x: np.ndarray, batch_size: int) -> np.ndarray:
    record: Explanation = explainer(x, batch_size=batch_size)
    return record.target


def _moves(shifts: Sequence) -> list[tuple[int, int]]:
    pairs = [(one, 0) if np.ndim(one) == 0 else tuple(one) for one in shifts]
    if not pairs or any(len(one) != 2 for one in pairs):
        raise InputError(f"shifts are numbers of steps, or pairs (right, down), at least one; received {shifts!r}")
    return [(int(right), int(down)) for right, down in pairs]
