"""What is drawn one by one: cells, steps or features by name, with their relevance and value in every sample."""

from dataclasses import dataclass, replace

import numpy as np

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.cells import AXES
from thesis_rnn.attribution.inputs.axes import Axes
from thesis_rnn.attribution.inputs.structure import leaves_of
from thesis_rnn.errors import InputError

BY = ("cells", "steps", "features")


@dataclass(frozen=True)
class Units:
    """Parts of the input, those of all inputs side by side.

    Attributes:
      names: of the units.
      relevance: [n, units] in float64, NaN where a sample has no such step.
      values: the input there [n, units], of features the mean over steps; NaN where it is no one number.
    """

    names: list[str]
    relevance: np.ndarray
    values: np.ndarray


def units_of(explanation: Explanation, by: str = "cells", sample: int | None = None) -> Units:
    """The cells of all samples or of one, or the sums of relevance over all but the steps, or but the features.

    Raises:
      InputError: another word than those of ``BY``, no such sample, or features of what has none.
    """
    if by not in BY:
        raise InputError(f"by is one of {', '.join(BY)}; received {by!r}")
    leaves = leaves_of(explanation.relevance)
    inputs = [None] * len(leaves) if explanation.x is None else leaves_of(explanation.x)
    axes = explanation.axes or (Axes(),) * len(leaves)
    chosen = slice(None) if sample is None else slice(sample, sample + 1)
    parts = [_of_input(*one, by, chosen) for one in zip(leaves, inputs, axes, strict=True)]
    names = [name for part in parts for name in part.names]
    return Units(names, *(np.hstack([getattr(part, what) for part in parts]) for what in ("relevance", "values")))


def with_inputs(explanation: Explanation, x) -> Explanation:
    """The explanation with the inputs ``x``, in the structure of its relevance.

    Raises:
      InputError: for inputs of another shape.
    """
    relevance = explanation.relevance
    x = np.asarray(x) if isinstance(relevance, np.ndarray) else type(relevance)(x)
    expected, received = ([_shape(leaf) for leaf in leaves_of(one)] for one in (relevance, x))
    if expected != received:
        expected, received = (shapes[0] if len(shapes) == 1 else shapes for shapes in (expected, received))
        raise InputError(f"x must have relevance's shape {expected}; received {received}")
    return replace(explanation, x=x)


def checked_sample(explanation: Explanation, sample: int) -> int:
    """The number of one of the samples.

    Raises:
      InputError: if there is none of this number.
    """
    n = len(explanation.target)
    if isinstance(sample, bool) or not isinstance(sample, int | np.integer) or not 0 <= sample < n:
        raise InputError(f"sample must be a whole number from 0 to {n - 1}; received {sample!r}")
    return int(sample)


def _of_input(leaf, x, axes: Axes, by: str, chosen: slice) -> Units:
    relevance, first = _filled(leaf[chosen]), chosen.start
    values = _values(x, chosen, relevance.shape, axes)
    kinds = _kinds(relevance.shape[1:], axes)
    if by == "features" and kinds[-1] != "feature":
        received = "tokens" if axes.tokens else f"the axes {', '.join(kinds)}"
        raise InputError(f"features are of series [n, steps, features]; received {received}")
    if by == "features" or len(kinds) == 1:
        keep = len(kinds)
        values = _mean(values, tuple(range(1, keep)))
    elif by == "steps":
        keep = 1
        values = values.reshape(*values.shape[:2], -1)
        values = values[..., 0] if values.shape[2] == 1 else np.full(values.shape[:2], np.nan)
    else:
        places = np.ndindex(relevance.shape[1:])
        names = [_name(axes, dict(zip(kinds, place, strict=True)), first) for place in places]
        return Units(names, relevance.reshape(len(relevance), -1), values.reshape(len(values), -1))
    others = tuple(axis for axis in range(1, relevance.ndim) if axis != keep)
    names = [_name(axes, {kinds[keep - 1]: place}, first) for place in range(relevance.shape[keep])]
    return Units(names, _sum(relevance, others), values)


def _shape(leaf):
    return list(map(np.shape, leaf)) if isinstance(leaf, list) else np.shape(leaf)


def _kinds(shape: tuple[int, ...], axes: Axes) -> tuple[str, ...]:
    """What the axes of one sample are."""
    if len(shape) == 1 and (axes.tokens or axes.steps):
        return ("step",)
    return AXES.get(len(shape), tuple(f"axis {k}" for k in range(len(shape))))


def _name(axes: Axes, place: dict[str, int], sample: int | None) -> str:
    """A unit in words; words and steps that differ between samples are those of the one sample."""
    differ = bool(axes.steps) and isinstance(axes.steps[0], tuple)
    parts = {kind: f"{kind} {number}" for kind, number in place.items()}
    if "step" in place and axes.steps and (sample is not None or not differ):
        named = axes.step(sample or 0, place["step"])
        parts["step"] = f"{named!r} at step {place['step']}" if axes.tokens else str(named)
    if "feature" in place and axes.features:
        parts["feature"] = str(axes.feature(place["feature"]))
    order = ("feature", "step") if set(parts) == {"feature", "step"} else tuple(parts)
    joined = (" at " if order[0] == "feature" else ", ").join(parts[kind] for kind in order)
    return f"{axes.input}: {joined}" if axes.input else joined


def _values(x, chosen: slice, shape: tuple[int, ...], axes: Axes) -> np.ndarray:
    """The numbers of the input, NaN where there are none: of tokens, texts, or an input of another shape."""
    if x is None or axes.tokens:
        return np.full(shape, np.nan)
    part = x[chosen]
    numbers = np.asarray(part[0] if isinstance(part, list) else part).dtype.kind in "fiub"
    filled = _filled(part) if numbers else np.empty(0)
    return filled if filled.shape == shape else np.full(shape, np.nan)


def _filled(leaf) -> np.ndarray:
    """An array [n, ...] in float64; samples of different lengths are filled up with NaN."""
    if not isinstance(leaf, list):
        return np.asarray(leaf, np.float64)
    longest = max(map(len, leaf))
    pads = [[(0, longest - len(one)), *[(0, 0)] * (np.ndim(one) - 1)] for one in leaf]
    return np.stack(
        [np.pad(np.asarray(one, np.float64), pad, constant_values=np.nan) for one, pad in zip(leaf, pads, strict=True)]
    )


def _sum(array: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """The sum of what is there; NaN where nothing is."""
    return np.where(np.isnan(array).all(axis=axes), np.nan, np.nansum(array, axis=axes))


def _mean(array: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    counts = (~np.isnan(array)).sum(axis=axes)
    return np.where(counts > 0, np.nansum(array, axis=axes) / np.maximum(counts, 1), np.nan)
