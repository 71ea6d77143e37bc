"""Samples of different lengths: padded where the model masks padding, otherwise explained in groups of one length."""

from typing import NamedTuple

import keras
import numpy as np

from thesis_rnn.attribution.inputs.samples import Samples
from thesis_rnn.attribution.stock.graph import Graph, operations_of
from thesis_rnn.errors import InputError


class Part(NamedTuple):
    """Samples of one shape.

    Attributes:
      places: where they stand among all samples.
      arrays: one for each input of the model.
    """

    places: np.ndarray
    arrays: list[np.ndarray]


def parts_of(model: keras.Model, samples: Samples, specs: list) -> list[Part]:
    """The samples in parts of one shape: one part where lengths are the same, or padding is masked.

    Raises:
      InputError: for a model of a fixed length that masks nothing.
    """
    lengths = samples.lengths
    if lengths is None:
        return [
            Part(
                np.arange(samples.count),
                [_ranked(leaf, spec) for leaf, spec in zip(samples.leaves, specs, strict=True)],
            )
        ]
    marks = [
        _mark(model, spec.name) if isinstance(leaf, list) else None
        for leaf, spec in zip(samples.leaves, specs, strict=True)
    ]
    varying = [place for place, leaf in enumerate(samples.leaves) if isinstance(leaf, list)]
    masked = all(marks[place] is not None for place in varying)
    fixed = [specs[place] for place in varying if specs[place].shape[1] is not None]
    if fixed and not masked:
        raise InputError(
            f"samples of different lengths need a model that masks padding or takes any: keras.Input((None, ...)); "
            f"received lengths {min(lengths)[0]} to {max(lengths)[0]} for {fixed[0].shape[1]} steps"
        )
    if masked:
        padded = [_padded(leaf, spec, mark) for leaf, spec, mark in zip(samples.leaves, specs, marks, strict=True)]
        if fixed or _is_neutral(model, samples, specs, padded, lengths):
            return [Part(np.arange(samples.count), padded)]
    return [
        _group(samples, specs, np.flatnonzero([one == length for one in lengths])) for length in sorted(set(lengths))
    ]


def _group(samples: Samples, specs: list, places: np.ndarray) -> Part:
    chosen = [
        np.stack([leaf[k] for k in places]) if isinstance(leaf, list) else leaf[places] for leaf in samples.leaves
    ]
    return Part(places, [_ranked(leaf, spec) for leaf, spec in zip(chosen, specs, strict=True)])


def _ranked(leaf: np.ndarray, spec) -> np.ndarray:
    """``leaf`` with the last axis of one that Keras would add or take away."""
    rank = spec.shape.rank
    if leaf.ndim == rank - 1 and spec.shape[-1] == 1:
        return leaf[..., np.newaxis]
    if leaf.ndim == rank + 1 and leaf.shape[-1] == 1:
        return leaf[..., 0]
    return leaf


def _padded(leaf, spec, mark: float | None) -> np.ndarray:
    if not isinstance(leaf, list):
        return _ranked(leaf, spec)
    longest = max(map(len, leaf)) if spec.shape[1] is None else spec.shape[1]
    if any(len(one) > longest for one in leaf):
        raise InputError(f"samples must have at most {longest} steps; received {max(map(len, leaf))}")
    rows = np.full((len(leaf), longest, *leaf[0].shape[1:]), mark, leaf[0].dtype)
    for row, one in zip(rows, leaf, strict=True):
        row[: len(one)] = one
    return _ranked(rows, spec)


def _mark(model: keras.Model, name: str) -> float | None:
    """The value of padding that the model masks in the input ``name``; None where it masks nothing."""
    graph = Graph(model, only=name)
    readers = [one for one in operations_of(model) if graph.reads_input(one)]
    marks = {_mark_of(one) for one in readers if type(one).__name__ != "NotEqual"}  # what a mask is computed by
    return marks.pop() if len(marks) == 1 else None


def _mark_of(operation) -> float | None:
    if isinstance(operation, keras.layers.Masking):
        return operation.mask_value
    return 0 if isinstance(operation, keras.layers.Embedding) and operation.mask_zero else None


def _is_neutral(model: keras.Model, samples: Samples, specs: list, padded: list, lengths: list) -> bool:
    """Whether the shortest sample has the same outputs with padding as without: not every layer heeds a mask."""
    shortest = np.array([min(range(len(lengths)), key=lambda k: lengths[k])])
    alone = _group(samples, specs, shortest).arrays
    outputs = [
        keras.tree.flatten(model(arrays[0] if len(arrays) == 1 else arrays, training=False))
        for arrays in (alone, [one[shortest] for one in padded])
    ]
    return all(
        one.shape[0] == other.shape[0] and one.shape == other.shape and np.allclose(one, other, rtol=1e-4, atol=1e-5)
        for one, other in zip(*outputs, strict=True)
    )
