"""Subclassed models as graphs: their ``call`` runs once on symbolic tensors, and what it called are the layers."""

import weakref
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops, tree

from thesis_rnn.attribution.inputs.callables import TRIED, unassigned
from thesis_rnn.attribution.stock.layer_forwards import NotCovered
from thesis_rnn.attribution.stock.tracing import taken_apart, traced, unchanged_layers

CLOSE = 1e-4
"""How far the graph's outputs may be from the model's own, as a part of the greatest: rounding."""

KEPT = 8
"""Graphs of one model, for inputs of so many shapes; the oldest makes room for the next."""

_graphs: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def graph_of(model: keras.Model, x: list, names: list[str], packed: Callable) -> keras.Model:
    """A subclassed ``model`` as a Functional one that shares its layers, made once for each form of its inputs.

    Its outputs are compared with the model's own at every call, as code may depend on what changes in the meantime.

    Args:
      model: the user's model, of which nothing is changed.
      x: samples, an array for each input.
      names: of the inputs.
      packed: puts them into the structure that the model takes.

    Raises:
      InputError: if ``call`` cannot run on symbolic tensors, with the line that does not; or if its graph computes
        something else, such as what is drawn at random.
    """
    few = [tf.constant(one[:TRIED].tolist() if _is_text(one) else one[:TRIED], _dtype(model, one)) for one in x]
    expected = _called(model, packed(few))
    known = _graphs.setdefault(model, {})
    key = (*names, *((one.shape[1:], _dtype(model, one)) for one in x))
    if key not in known or not _gives(known[key], few, expected):
        known.pop(key, None)
        graph = _traced(model, few, names, packed)
        if not _gives(graph, few, expected):
            raise NotCovered(
                f"model {model.name!r} computes something else on symbolic tensors than on samples; rebuild it from "
                f"keras.Input, or use a gradient method; received class {type(model).__name__}"
            )
        known[key] = graph
        while len(known) > KEPT:
            del known[next(iter(known))]
    return known[key]


def _dtype(model: keras.Model, one: np.ndarray) -> str:
    return model.compute_dtype if one.dtype.kind == "f" else "string" if _is_text(one) else one.dtype.name


def _is_text(one: np.ndarray) -> bool:
    return one.dtype.kind in "OSU"


def _called(model: keras.Model, x) -> list:
    """The model's outputs for a few samples; a call that builds it is the user's first."""
    with unassigned(model):
        return tree.flatten(model(x, training=False))


def _traced(model: keras.Model, few: list, names: list[str], packed: Callable) -> keras.Model:
    inputs = [
        keras.Input(one.shape[1:], dtype=keras.backend.standardize_dtype(one.dtype), name=name)
        for name, one in zip(names, few, strict=True)
    ]
    given = inputs[0] if len(inputs) == 1 else inputs

    def made(outputs):
        return keras.Model(given, tree.map_structure(_columns, outputs), name=f"graph_of_{model.name}")

    try:
        graph = taken_apart(model, (packed(inputs),), {}, made)
    except NotCovered:
        traced(model, (packed(inputs),), {})  # refuses what does not run for a number of samples either
        with unchanged_layers(model):
            graph = made(model(packed(inputs), training=False))  # the model itself is the graph's one layer
    if getattr(model, "loss", None) is not None:
        graph.compile(loss=model.loss)  # tells whether outputs are classes
    return graph


def _columns(output):
    """One output for each sample, [n], as [n, 1]."""
    return ops.expand_dims(output, -1) if len(output.shape) == 1 else output


def _gives(graph: keras.Model, few: list, expected: list) -> bool:
    with keras.StatelessScope():
        found = tree.flatten(graph(few[0] if len(few) == 1 else few, training=False))
    return len(found) == len(expected) and all(map(_alike, found, map(_columns, expected)))


def _alike(one, other) -> bool:
    one, other = (ops.convert_to_numpy(ops.cast(each, "float64")) for each in (one, other))
    return one.shape == other.shape and bool(abs(one - other).max() <= CLOSE * abs(other).max())
