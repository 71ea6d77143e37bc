"""Models that look up text or categories by themselves: explained at the tokens that their lookups give.

What comes before, such as ``TextVectorization``, runs on the host, once for all samples. What comes behind is a model
of its own that shares the layers, and relevance is that of its inputs: a number for each token.
"""

import weakref
from dataclasses import replace
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers, tree

from thesis_rnn.attribution.inputs.axes import Axes, texts
from thesis_rnn.attribution.inputs.samples import Samples
from thesis_rnn.attribution.inputs.tables import table_of
from thesis_rnn.attribution.stock.signals import has_layers
from thesis_rnn.attribution.stock.tracing import unchanged_layers
from thesis_rnn.errors import InputError

LOOKUPS = (
    layers.TextVectorization,
    layers.StringLookup,
    layers.IntegerLookup,
    layers.Hashing,
    layers.HashedCrossing,
    layers.CategoryEncoding,
    layers.Discretization,
)
"""Layers without a derivative, whose outputs are tokens, or numbers that stand for categories."""


class Split(NamedTuple):
    """A model in two.

    Attributes:
      before: from the inputs that are looked up to what the lookups give.
      behind: from there, and from the other inputs, to the outputs; its inputs have the names of the model's.
      places: the numbers of the inputs that are looked up.
      lookups: the last layer of ``before`` for each of these.
    """

    before: keras.Model
    behind: keras.Model
    places: tuple[int, ...]
    lookups: tuple[keras.layers.Layer, ...]


_splits: weakref.WeakKeyDictionary[keras.Model, Split | None] = weakref.WeakKeyDictionary()


def behind_lookups(model) -> keras.Model:
    """The part of ``model`` that is explained: behind its lookups, or all of it where it has none."""
    split = split_of(model)
    return model if split is None else split.behind


def looked_up(model, samples: Samples) -> tuple[keras.Model, Samples, tuple[str, ...]]:
    """The part of ``model`` behind its lookups, the ``samples`` as that takes them, and a note that says so.

    Raises:
      InputError: for lookups that are not covered.
    """
    split = split_of(model)
    if split is None:
        return model, samples, ()
    given = [_in_rank(samples.leaves[k], model.inputs[k]) for k in split.places]
    found = split.before(given[0] if len(given) == 1 else given, training=False)
    leaves, axes = list(samples.leaves), list(samples.axes)
    for place, one, lookup in zip(
        split.places, found if isinstance(found, list) else [found], split.lookups, strict=True
    ):
        taken = split.behind.inputs[place].dtype  # which Keras' lookups do not always give
        leaves[place] = table_of(tf.cast(one, taken), None).values
        axes[place] = _named(axes[place], samples.leaves[place], leaves[place], lookup)
    names = ", ".join(repr(one.name) for one in split.lookups)
    note = f"relevance is that of what layer {names} gives: text and categories have none of their own"
    return split.behind, replace(samples, leaves=leaves, axes=tuple(axes)), (note,)


def split_of(model) -> Split | None:
    """``model`` in two, made once; None for a model without lookups of its inputs."""
    if not has_layers(model) or not getattr(model, "inputs", None):
        return None
    if model not in _splits:
        _splits[model] = _split(model)
    return _splits[model]


def _split(model: keras.Model) -> Split | None:
    nodes = _nodes(model)
    readers: dict[int, list] = {}
    for node in nodes:
        for tensor in node.input_tensors:
            readers.setdefault(id(tensor), []).append(node.operation)

    def is_raw(tensor) -> bool:
        reading = readers.get(id(tensor), [])
        return tensor.dtype == "string" or (bool(reading) and all(isinstance(one, LOOKUPS) for one in reading))

    raw = {id(tensor): place for place, tensor in enumerate(model.inputs) if is_raw(tensor)}
    found: dict[int, list] = {place: [] for place in raw.values()}
    for node in nodes:
        places = {raw.get(id(tensor)) for tensor in node.input_tensors}
        if places == {None}:
            continue
        _check_one(node.operation, places)
        [place] = places
        for tensor in node.output_tensors:
            if is_raw(tensor):
                raw[id(tensor)] = place
            else:
                found[place].append(tensor)
    return _made(model, found) if found else None


def _check_one(operation, places: set) -> None:
    if len(places) > 1 or has_layers(operation):
        raise InputError(
            "lookups of one input each, in the model itself, are covered: put them in front of the model, and explain "
            f"what is behind; received layer {operation.name!r} of class {type(operation).__name__}"
        )


def _made(model: keras.Model, found: dict[int, list]) -> Split:
    several = [model.inputs[place].name for place, tensors in found.items() if len(tensors) != 1]
    if several:
        raise InputError(
            f"an input is explained where one layer looks it up; give each an Input of its own; received {several[0]!r}"
        )
    tensors = {place: one for place, [one] in found.items()}
    with unchanged_layers(model):
        raw = [model.inputs[place] for place in tensors]
        before = _again(model, raw, [one.name for one in raw], list(tensors.values()))
        inputs = [tensors.get(k, one) for k, one in enumerate(model.inputs)]
        behind = _again(model, inputs, [one.name for one in model.inputs], getattr(model, "_functional", model).output)
    if getattr(model, "loss", None) is not None:
        behind.compile(loss=model.loss)  # tells whether outputs are classes
    lookups = tuple(tensor._keras_history.operation for tensor in tensors.values())
    return Split(before, behind, tuple(tensors), lookups)


def _again(model: keras.Model, inputs: list, names: list[str], outputs) -> keras.Model:
    """The part of the graph from the tensors ``inputs`` to ``outputs``, of the same layers, its inputs called so."""
    symbols = [
        keras.Input(batch_shape=one.shape, dtype=one.dtype, name=name) for one, name in zip(inputs, names, strict=True)
    ]
    known = {id(one): symbol for one, symbol in zip(inputs, symbols, strict=True)}
    for node in _nodes(model):
        if all(id(one) in known for one in node.input_tensors):
            args, options = node.arguments.fill_in(known)
            given = tree.flatten(node.operation(*args, **options))
            known |= {id(one): new for one, new in zip(node.output_tensors, given, strict=True) if id(one) not in known}
    return keras.Model(symbols, tree.map_structure(lambda one: known[id(one)], outputs), name=model.name)


def _nodes(model: keras.Model) -> list:
    """The calls of the model's operations, in the order in which they run."""
    by_depth = getattr(model, "_functional", model)._nodes_by_depth
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth] if not node.is_input]


def _in_rank(leaf, tensor) -> tf.Tensor:
    """The samples of one input as its lookup takes them: with the axis of one that Keras would add."""
    if isinstance(leaf, list):
        raise InputError("samples of different lengths need padding where the model looks them up; received some")
    is_text = tensor.dtype == "string"
    wrong = [one for one in leaf.flat if isinstance(one, str | bytes) != is_text]
    if wrong:
        raise InputError(f"input {tensor.name} must be of type {tensor.dtype}; received {str(wrong[0])!r}")
    given = tf.constant(leaf.tolist()) if is_text else tf.cast(leaf, tensor.dtype)
    return given[..., tf.newaxis] if given.shape.rank == len(tensor.shape) - 1 else given


def _named(axes: Axes, given, found, lookup) -> Axes:
    """Steps are called by their words, and features of counted or encoded words by these."""
    known = lookup.get_vocabulary() if hasattr(lookup, "get_vocabulary") else []
    if isinstance(found, list) or found.ndim != 2:
        return axes
    if found.dtype.kind == "f":
        return axes if axes.features or len(known) != found.shape[1] else replace(axes, features=texts(known))
    words = given if given.shape == found.shape else _words(found, known)
    return axes if axes.steps or words is None else replace(axes, steps=tuple(map(_decoded, words)))


def _words(tokens: np.ndarray, known: list) -> np.ndarray | None:
    return np.array(known, object)[tokens] if len(known) and tokens.max() < len(known) else None


def _decoded(words) -> tuple[str, ...]:
    return tuple(one.decode() if isinstance(one, bytes) else str(one) for one in words)
