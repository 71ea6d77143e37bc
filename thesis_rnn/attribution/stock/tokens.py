"""Tokens: which layers look up a model's inputs, and whether they know what they are given."""

import weakref

import keras
import numpy as np
from keras import tree

from thesis_rnn.attribution.stock.graph import Graph
from thesis_rnn.attribution.stock.layer_forwards import NotCovered, forward_of
from thesis_rnn.attribution.stock.signals import has_layers
from thesis_rnn.attribution.stock.tracing import traced
from thesis_rnn.errors import InputError


def takes_tokens(model: keras.Model, name: str | None = None) -> bool:
    """Whether an Embedding reads the model's input ``name``, or any of its inputs, by itself or in a user's layer."""
    graph = Graph(model, only=name)
    readers = [reader for reader in graph.operations.values() if graph.reads_input(reader)]
    return any(takes_tokens(reader) if has_layers(reader) else bool(_embeddings(reader, graph)) for reader in readers)


def check_tokens(model: keras.Model, x) -> None:
    """Refuses tokens that an Embedding of ``model`` does not know: processors would fail there, GPUs give zeros.

    Args:
      model: the user's model.
      x: its inputs, an array or a tree of them.

    Raises:
      InputError: with the sample, the step and the first such token.
    """
    for tensor, one in zip(model.inputs, tree.flatten(x), strict=True):
        for embedding in _readers_of_tokens(model, tensor.name):
            _check_vocabulary(embedding, one.astype(np.int64))


def _check_vocabulary(embedding: keras.layers.Embedding, tokens: np.ndarray) -> None:
    unknown = np.argwhere((tokens < 0) | (tokens >= embedding.input_dim))
    if len(unknown):
        sample, *steps = unknown[0]
        where = f"sample {sample}" + "".join(f", step {step}" for step in steps)
        raise InputError(
            f"tokens must lie in 0..{embedding.input_dim - 1}, the vocabulary of layer {embedding.name!r}; "
            f"received {tokens[tuple(unknown[0])]} at {where}"
        )


def _readers_of_tokens(model: keras.Model, name: str) -> list[keras.layers.Embedding]:
    """The Embeddings that look up the input ``name``, through layers that only rearrange it."""
    graph = Graph(model, only=name)
    readers = [
        (part, operation)
        for part in (graph, *graph.nested())
        for operation in part.operations.values()
        if isinstance(operation, keras.layers.Layer) and part.sees_input(operation)
    ]
    return [embedding for part, reader in readers for embedding in _embeddings(reader, part)]


def _embeddings(reader: keras.layers.Layer, graph: Graph) -> list[keras.layers.Embedding]:
    """The Embeddings that look up what ``reader`` is given: itself, or those that a layer of the user's own calls."""
    if isinstance(reader, keras.layers.Embedding):
        return [reader]
    if not isinstance(reader, keras.layers.Layer) or forward_of(reader) is not None or not _has_embeddings(reader):
        return []
    call = graph.nodes[id(reader)][0].arguments
    given = [place for place, one in enumerate(call.keras_tensors) if graph.gives_input(one._keras_history.operation)]
    if reader not in _inner:
        _inner[reader] = _embeddings_within(reader, call)
    return [embedding() for place in given for embedding in _inner[reader].get(place, ())]


_inner: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def _embeddings_within(reader: keras.layers.Layer, call) -> dict[int, list]:
    """For each tensor of a layer's ``call``, by its place, the Embeddings in the layer that look it up."""
    try:
        function = traced(reader, call.args, call.kwargs)
    except NotCovered:
        return {}
    looking: dict[int, list] = {}
    for place, symbol in enumerate(function.inputs):
        inner = Graph(function, only=symbol.name)
        seen = [one for one in inner.operations.values() if inner.sees_input(one)]
        looking[place] = [weakref.ref(one) for one in seen if isinstance(one, keras.layers.Embedding)]
    return looking


def _has_embeddings(layer: keras.layers.Layer) -> bool:
    return any(isinstance(part, keras.layers.Embedding) for part in layer._flatten_layers())


def as_tokens(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Tokens that were given as numbers as the integers that they are: else they would be varied by a little.

    Raises:
      InputError: for tokens that are not whole.
    """
    if x.dtype.kind in "iu" or not takes_tokens(model):
        return x
    if (x != np.round(x)).any():
        raise InputError(f"tokens must be whole numbers; received {x[x != np.round(x)][0]}")
    return x.astype(np.int32)


def present_steps(model: keras.Model, x: np.ndarray) -> np.ndarray | None:
    """The steps that the model's first layer does not mask, bool [n, steps]; None where no layer masks."""
    graph = Graph(model, only=model.inputs[0].name)
    for layer in graph.operations.values():
        masks = isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False)
        if masks and graph.reads_input(layer):
            return np.asarray(layer.compute_mask(keras.ops.convert_to_tensor(x)), bool)
    return None
