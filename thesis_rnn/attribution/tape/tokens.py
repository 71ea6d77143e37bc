"""Tokens where they can vary: which input an Embedding looks up, and what stands in the place of what it gives."""

from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods.base import point_like
from thesis_rnn.errors import InputError

KNOWN_SHAPES = {"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike"}
"""Operations that look at the shape of what they are given, and not at its numbers."""


class Lookup(NamedTuple):
    """What an Embedding gives of the samples [n, steps, size], and its table [vocabulary, size]."""

    output: tf.Tensor
    table: tf.Tensor


class Lookups:
    """The Embeddings that look up inputs, as the pass at the samples met them.

    Attributes:
      places: for each Embedding, in the order of their uses, the number of the input that it looks up; None where it
        looks up numbers of the model, such as positions.
      of_input: number of an input -> its Embedding.
    """

    def __init__(self, x, found: Sequence[Lookup], outputs):
        inputs = tree.flatten(x)
        self.places = [_place(one.output, inputs) for one in found]
        read = [place for place in self.places if place is not None]
        if twice := sorted({place for place in read if read.count(place) > 1}):
            raise InputError(f"tokens are covered where one Embedding reads them; received more for inputs {twice}")
        self.of_input = {place: one for place, one in zip(self.places, found, strict=True) if place is not None}
        for place, one in enumerate(inputs):
            self._check(place, one, outputs)

    def _check(self, place: int, one, outputs) -> None:
        looked_up = place in self.of_input
        if not one.dtype.is_floating and one.dtype != tf.bool and not looked_up:
            received = f"input {place} of {one.dtype.name}"
            raise InputError(f"whole numbers are covered where an Embedding looks them up; received {received}")
        # Keras' inputs are floating-point unless they are told otherwise, also where they are tokens.
        if looked_up and one.dtype.is_floating and tf.gradients(outputs, one)[0] is not None:
            raise InputError(f"an input is tokens or numbers; received input {place}, which is read as both")

    def again(self, found: Sequence[Lookup]) -> "Lookups":
        """The same uses in another pass."""
        same = copy(self)
        same.of_input = {place: one for place, one in zip(self.places, found, strict=True) if place is not None}
        return same

    def leaves(self, x):
        """``x`` with embeddings in the place of tokens."""
        given = [self.of_input[k].output if k in self.of_input else one for k, one in enumerate(tree.flatten(x))]
        return tree.pack_sequence_as(x, given)

    def seen(self, cells: Sequence):
        """Which cells of the leaves masks let through, from those of the inputs; None where they hide none."""
        return [
            one[..., tf.newaxis] if one is not None and place in self.of_input else one
            for place, one in enumerate(cells)
        ]

    def apart(self, points, tokens) -> tuple[Any, list | None]:
        """Points as the network takes them, the samples' ``tokens`` under embeddings, and what these are.

        Returns:
          Points, and for each use of an Embedding what it gives, or None for what it looks up.
        """
        leaves = tree.flatten(points)
        put = {k: leaf for k, leaf in enumerate(leaves) if self._is_embedding(k, leaf)}
        own = [token if k in put else leaf for k, (leaf, token) in enumerate(zip(leaves, tokens, strict=True))]
        return tree.pack_sequence_as(points, own), [put.get(place) for place in self.places] if put else None

    def _is_embedding(self, place: int, leaf) -> bool:
        return place in self.of_input and leaf.shape.rank == self.of_input[place].output.shape.rank

    def point(self, place: int, reference):
        """What a reference means where input ``place`` varies.

        None is an embedding of zeros, "mean" the mean of the vocabulary, whole numbers are tokens, others the
        embedding itself.
        """
        output, table = self.of_input[place]
        if reference is None:
            return tf.zeros_like(output)
        if isinstance(reference, str):
            return point_like(tf.reduce_mean(table, axis=0), output)
        if np.asarray(reference).dtype.kind in "iu":
            _check_tokens(reference, table)
            return point_like(tf.gather(table, tf.constant(reference, tf.int32)), output)
        return point_like(reference, output)


def _check_tokens(reference, table) -> None:
    tokens = np.asarray(reference)
    if tokens.min() < 0 or tokens.max() >= table.shape[0]:
        raise InputError(f"tokens of reference must lie in 0..{table.shape[0] - 1}; received {tokens.max()}")


def _place(embedding: tf.Tensor, inputs: list) -> int | None:
    """The number of the input that ``embedding`` was looked up by, found by walking back through the graph."""
    numbers = {one.ref(): place for place, one in enumerate(inputs)}
    seen, left, found = set(), [embedding], set()
    while left:
        tensor = left.pop()
        if tensor.ref() in numbers:
            found.add(numbers[tensor.ref()])
        elif tensor.op not in seen and tensor.op.type not in KNOWN_SHAPES:
            seen.add(tensor.op)
            left += tensor.op.inputs
    if len(found) > 1:
        raise InputError(f"tokens are covered where one input is looked up at a time; received inputs {sorted(found)}")
    return found.pop() if found else None
