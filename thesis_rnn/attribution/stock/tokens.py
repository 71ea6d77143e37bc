"""Tokens: which layers look up a model's inputs, and whether they know what they are given."""

import keras
import numpy as np
from keras import tree

from thesis_rnn.attribution.stock.graph import Graph
from thesis_rnn.errors import InputError


def takes_tokens(model: keras.Model, name: str | None = None) -> bool:
    """Whether an Embedding reads the model's input ``name``, or any of its inputs."""
    graph = Graph(model, only=name)
    readers = [reader for reader in graph.operations.values() if graph.reads_input(reader)]
    return any(
        takes_tokens(reader) if isinstance(reader, keras.Model) else isinstance(reader, keras.layers.Embedding)
        for reader in readers
    )


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
    return [
        operation
        for part in (graph, *graph.nested())
        for operation in part.operations.values()
        if isinstance(operation, keras.layers.Embedding) and part.sees_input(operation)
    ]
