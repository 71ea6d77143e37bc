"""Samples in whatever form: one array for each of the model's inputs, and the way back into the user's structure."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.inputs.axes import Axes, named_axes
from thesis_rnn.attribution.inputs.structure import leaves_of, mapped, packed_as
from thesis_rnn.attribution.inputs.tables import is_frame, table_of
from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class Samples:
    """The samples that a user passed.

    Attributes:
      leaves: for each input of the model, in its order, an array [n, ...], or a list of n arrays of different lengths.
      axes: the names of each input's axes.
      names: of the samples; empty where they are numbers.
      packed: puts a relevance for each input into the structure that the inputs came in.
    """

    leaves: list
    axes: tuple[Axes, ...]
    names: tuple[str, ...]
    packed: Callable[[list], Any]

    @property
    def count(self) -> int:
        """The number of samples."""
        return _count(self.leaves[0])

    @property
    def lengths(self) -> list[tuple[int, ...]] | None:
        """The lengths of every sample, one for each input that varies; None where all are the same."""
        varying = [leaf for leaf in self.leaves if isinstance(leaf, list)]
        return [tuple(len(leaf[k]) for leaf in varying) for k in range(self.count)] if varying else None

    def of_tokens(self, are_tokens: list[bool]) -> "Samples":
        """With those inputs marked whose steps are words."""
        axes = [replace(axes, tokens=axes.tokens or each) for axes, each in zip(self.axes, are_tokens, strict=True)]
        return replace(self, axes=tuple(axes))

    def named(self, steps, features) -> "Samples":
        """With the names of steps and features that the user gave besides: of the one input, or a dict by input.

        Raises:
          InputError: for other names or another number of them than there are.
        """
        given = [_by_input("step_names", steps, self.axes), _by_input("feature_names", features, self.axes)]
        shapes = [
            (len(leaf), None, *leaf[0].shape[1:]) if isinstance(leaf, list) else leaf.shape for leaf in self.leaves
        ]
        axes = (named_axes(*each) for each in zip(self.axes, shapes, *given, strict=True))
        return replace(self, axes=tuple(axes))


def read_samples(x, specs: list | None) -> Samples:
    """What ``x`` holds, for a model whose inputs are ``specs`` (``tf.TensorSpec``, in order; None for any callable).

    Raises:
      InputError: for another structure than the model's inputs, or what is no array of numbers or text.
    """
    if isinstance(x, tf.data.Dataset):
        x = _from_dataset(x, specs)
    values, packed, found = _in_order(x, specs)
    ranks = [None] * len(values) if specs is None else [spec.shape.rank for spec in specs]
    names = found if specs is None else [spec.name for spec in specs]
    said = [f"input {name}" if len(values) > 1 else "x" for name in names]
    tables = [table_of(*each) for each in zip(values, ranks, said, strict=True)]
    received = [_count(one.values) for one in tables]
    if len(set(received)) > 1:
        raise InputError(f"all inputs must have the same number of samples; received {received}")
    axes = [
        Axes(name if len(values) > 1 else "", table.steps, table.features)
        for name, table in zip(names, tables, strict=True)
    ]
    samples = next((one.samples for one in tables if one.samples), ())
    return Samples([one.values for one in tables], tuple(axes), samples, packed)


def _in_order(x, specs: list | None) -> tuple[list, Callable, list[str]]:
    """The inputs in the model's order, the way back into the structure of ``x``, and the names found there."""
    if specs is None:
        return _any_structure(x)
    names = [spec.name for spec in specs]
    if len(names) == 1:
        return _only_one(x, specs[0])
    if isinstance(x, dict) or (is_frame(x) and hasattr(x, "columns")) or hasattr(x, "data_vars"):
        keys = list(x)
        order = names if set(names) <= set(map(str, keys)) else _keys_in_order(keys, names)
        known = {str(key): key for key in keys}
        return [x[known[name]] for name in order], lambda found: dict(zip(order, found, strict=True)), names
    if isinstance(x, list | tuple) and len(x) == len(names):
        return list(x), list if isinstance(x, list) else tuple, names
    raise InputError(f"x must be a list or dict of the model's inputs, {', '.join(names)}; received {_described(x)}")


def _keys_in_order(keys: list, names: list[str]) -> list[str]:
    missing = [name for name in names if name not in map(str, keys)]
    near = difflib.get_close_matches(missing[0], map(str, keys), n=1)
    hint = f"; is {near[0]!r} meant for {missing[0]!r}?" if near else ""
    received = ", ".join(map(str, keys))
    raise InputError(f"x must be a dict of the model's inputs, {', '.join(names)}{hint}; received a dict of {received}")


def _only_one(x, spec) -> tuple[list, Callable, list[str]]:
    """The one input, as it is or alone in a list or dict."""
    if isinstance(x, dict) and len(x) == 1:
        [key] = x
        return [x[key]], lambda found: {key: found[0]}, [spec.name]
    alone = isinstance(x, list | tuple) and len(x) == 1 and _rank(x[0]) == spec.shape.rank
    if alone:
        return [x[0]], list if isinstance(x, list) else tuple, [spec.name]
    if isinstance(x, dict):
        raise InputError(f"x must be the model's one input, {spec.name}; received a dict of {', '.join(map(str, x))}")
    return [x], lambda found: found[0], [spec.name]


def _any_structure(x) -> tuple[list, Callable, list[str]]:
    """A dict, a tuple, or a list of arrays is several inputs; everything else is one."""
    several = isinstance(x, dict | tuple) or (isinstance(x, list) and len(x) and all(_rank(one) for one in x))
    if not several:
        return [x], lambda found: found[0], ["x"]
    structure = mapped(lambda _: 0, x)  # what is kept must not keep the samples
    return leaves_of(x), lambda found: packed_as(structure, found), _paths(x)


def _paths(x, path: str = "") -> list[str]:
    """What leads to each leaf: keys and places."""
    if not isinstance(x, dict | list | tuple):
        return [path or "x"]
    parts = x.items() if isinstance(x, dict) else enumerate(x)
    return [found for key, part in parts for found in _paths(part, f"{path}.{key}" if path else f"{key}")]


def _count(values) -> int:
    return len(values) if isinstance(values, list) or values.ndim else 0


def _rank(value) -> int | None:
    """The axes of an array or tensor; None for what is none."""
    shape = getattr(value, "shape", None)
    return None if shape is None else len(shape)


def _described(x: Any) -> str:
    if isinstance(x, list | tuple):
        return f"a {type(x).__name__} of {len(x)}"
    return f"a {type(x).__name__}"


def _by_input(argument: str, given, axes: tuple[Axes, ...]) -> list:
    """The names for each input: a dict by input, or those of the only one."""
    if not isinstance(given, dict):
        if given is not None and len(axes) > 1:
            names = ", ".join(one.input for one in axes)
            raise InputError(f"{argument} must be a dict by input, {names}, of a model of several; received others")
        return [given] * len(axes)
    unknown = [str(name) for name in given if name not in [one.input for one in axes]]
    if unknown:
        names = ", ".join(one.input for one in axes)
        raise InputError(f"{argument} must name inputs among {names}; received {', '.join(unknown)}")
    return [given.get(one.input) for one in axes]


def _from_dataset(dataset: tf.data.Dataset, specs: list | None):
    """The inputs of a dataset, whose elements are x, (x, y) or (x, y, weight), in batches or not; labels are left out.

    Raises:
      InputError: for a dataset without end, or an empty one.
    """
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise InputError("a dataset must end; use dataset.take(n); received one that repeats for ever")
    elements = [_without_labels(one, specs) for one in dataset]
    if not elements:
        raise InputError("a dataset must have samples; received an empty one")
    first = tree.flatten(elements[0])[0]
    rank = None if specs is None else specs[0].shape.rank
    without_last = rank == 2 and specs[0].shape[-1] == 1 and first.shape.rank == 1  # an axis that Keras would add
    if first.shape.rank == rank or ((rank is None or without_last) and _is_batched(dataset)):
        return tree.map_structure(lambda *parts: _rejoined([row for part in parts for row in part]), *elements)
    return tree.map_structure(lambda *rows: _rejoined(rows), *elements)


def _without_labels(element, specs: list | None):
    """The inputs of an element, by the convention of ``fit``; a tuple of all inputs is all inputs."""
    if not isinstance(element, tuple):
        return element
    bare = specs is not None and len(specs) == len(element) > 1 and not isinstance(element[0], tuple | dict)
    return element if bare else element[0]


def _is_batched(dataset: tf.data.Dataset) -> bool:
    spec = tree.flatten(dataset.element_spec)[0]
    return spec.shape.rank is not None and spec.shape.rank > 0 and spec.shape[0] is None


def _rejoined(rows):
    """One array of samples; a list where their lengths differ."""
    arrays = [np.asarray(row) for row in rows]
    return np.stack(arrays) if len({one.shape for one in arrays}) == 1 else arrays
