"""Tokens where they can vary: which input an Embedding looks up, and what stands in the place of what it gives."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods.base import point_like
from thesis_rnn.errors import InputError

KNOWN_SHAPES = {"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike"}
"""Operations that look at the shape of what they are given, and not at its numbers."""
IN_ORDER = frozenset(
    "Identity Cast EnsureShape Reshape ExpandDims Squeeze StopGradient AddV2 Sub Mul Neg Abs FloorMod FloorDiv Maximum "  # noqa: SIM905
    "Minimum ClipByValue Select SelectV2 Less LessEqual Greater GreaterEqual Equal NotEqual LogicalAnd LogicalOr "
    "LogicalNot Round Rint Floor".split()
)
"""Operations that leave what they are given in its order, so that an embedding belongs to the token in its place."""


class Lookup(NamedTuple):
    """What an Embedding gives of the samples [n, steps, size], and its table [vocabulary, size]."""

    output: tf.Tensor
    table: tf.Tensor


class Joined:
    """What the Embeddings that look up one input give, in the order of its tokens, one behind the other.

    Args:
      parts: what each gives.
      tokens: the input, some of it or others in its place.

    Attributes:
      output: all of it [*tokens, sizes].
    """

    def __init__(self, parts: Sequence[Lookup], tokens: tf.Tensor):
        self.parts = list(parts)
        self.tokens = tokens
        self.output = self.together([one.output for one in parts])

    def together(self, tensors: Sequence[tf.Tensor]) -> tf.Tensor:
        """Tensors in the shapes of the parts as one."""
        shaped = [self._in_order_of_tokens(one) for one in tensors]
        return shaped[0] if len(shaped) == 1 else tf.concat(shaped, axis=-1)

    def _in_order_of_tokens(self, tensor: tf.Tensor) -> tf.Tensor:
        wanted, size = self.tokens.shape[1:], tensor.shape[-1]
        if wanted.is_fully_defined() and tensor.shape[1:] == (*wanted, size):
            return tensor
        shape = tf.concat([[-1], tf.shape(self.tokens)[1:], [size]], axis=0)
        return tf.ensure_shape(tf.reshape(tensor, shape), (None, *wanted, size))

    def apart(self, embedding: tf.Tensor) -> list[tf.Tensor]:
        """The way back."""
        found = tf.split(embedding, [one.output.shape[-1] for one in self.parts], axis=-1)
        return [
            tf.ensure_shape(tf.reshape(one, tf.concat([[-1], tf.shape(part.output)[1:]], 0)), part.output.shape)
            for one, part in zip(found, self.parts, strict=True)
        ]

    def is_like(self, point: tf.Tensor) -> bool:
        """Whether a point is an embedding, and not tokens."""
        same_rank = point.shape.rank == self.output.shape.rank
        return same_rank and point.dtype == self.output.dtype and point.shape[-1] == self.output.shape[-1]

    def gathered(self, tokens):
        """The embeddings of ``tokens``."""
        return tf.concat([tf.gather(one.table, tokens) for one in self.parts], axis=-1)

    @property
    def mean(self):
        """The mean of the vocabulary."""
        return tf.concat([tf.reduce_mean(one.table, axis=0) for one in self.parts], axis=-1)

    @property
    def vocabulary(self) -> int:
        """How many tokens all of the parts know."""
        return min(one.table.shape[0] for one in self.parts)


class Lookups:
    """The Embeddings that look up inputs, as the pass at the samples met them.

    Where several look up one input, its embedding is theirs one behind the other.

    Attributes:
      places: for each Embedding, in the order of their uses, the number of the input that it looks up; None where it
        looks up numbers of the model, such as positions.
      of_input: number of an input -> its Embeddings.
    """

    def __init__(self, x, found: Sequence[Lookup], outputs):
        self.inputs = tree.flatten(x)
        self.places = [_place(one.output, self.inputs) for one in found]
        self.of_input = self._by_input(found)
        for place, one in enumerate(self.inputs):
            self._check(place, one, outputs)

    def _by_input(self, found: Sequence[Lookup]) -> dict[int, Joined]:
        read = sorted({place for place in self.places if place is not None})
        return {place: Joined(self._reading(place, found), self.inputs[place]) for place in read}

    def _reading(self, place: int, found: Sequence[Lookup]) -> list[Lookup]:
        return [one for own, one in zip(self.places, found, strict=True) if own == place]

    def _check(self, place: int, one, outputs) -> None:
        looked_up = place in self.of_input
        if not one.dtype.is_floating and one.dtype != tf.bool and not looked_up:
            received = f"input {place} of {one.dtype.name}"
            raise InputError(
                "whole numbers are covered where an Embedding looks them up; declare numbers float32, masks bool; "
                f"received {received}"
            )
        # Keras' inputs are floating-point unless they are told otherwise, also where they are tokens.
        if looked_up and one.dtype.is_floating and tf.gradients(outputs, one)[0] is not None:
            raise InputError(f"an input is tokens or numbers; received input {place}, which is read as both")

    def again(self, found: Sequence[Lookup]) -> "Lookups":
        """The same uses in another pass."""
        same = copy(self)
        same.of_input = self._by_input(found)
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
        put = {k: self.of_input[k].apart(leaf) for k, leaf in enumerate(leaves) if self.is_embedding(k, leaf)}
        own = [token if k in put else leaf for k, (leaf, token) in enumerate(zip(leaves, tokens, strict=True))]
        given = [put[place].pop(0) if place in put else None for place in self.places] if put else None
        return tree.pack_sequence_as(points, own), given

    def is_embedding(self, place: int, point) -> bool:
        """Whether the ``point`` at an input is an embedding, and not tokens or numbers."""
        return place in self.of_input and self.of_input[place].is_like(point)

    def walked_back(self, walk: Callable[[list], list], wanted: Sequence) -> list:
        """What ``walk`` finds at the ``wanted`` tensors; at embeddings by way of their parts, which the graph has."""
        joined = {id(one.output): one for one in self.of_input.values()}
        parts = [[part.output for part in joined[id(one)].parts] if id(one) in joined else [one] for one in wanted]
        found = walk(parts)
        return [
            joined[id(one)].together(signals) if id(one) in joined else signals[0]
            for one, signals in zip(wanted, found, strict=True)
        ]

    def point(self, place: int, reference):
        """What a reference means where input ``place`` varies.

        None is an embedding of zeros, "mean" the mean of the vocabulary, whole numbers are tokens, others the
        embedding itself.
        """
        read = self.of_input[place]
        if reference is None:
            return tf.zeros_like(read.output)
        if isinstance(reference, str):
            return point_like(read.mean, read.output)
        if np.asarray(reference).dtype.kind in "iu":
            _check_tokens(reference, read.vocabulary)
            return point_like(read.gathered(tf.constant(reference, tf.int32)), read.output)
        return point_like(reference, read.output)


def _check_tokens(reference, vocabulary: int) -> None:
    tokens = np.asarray(reference)
    if tokens.min() < 0 or tokens.max() >= vocabulary:
        raise InputError(f"tokens of reference must lie in 0..{vocabulary - 1}; received {tokens.max()}")


def _place(embedding: tf.Tensor, inputs: list) -> int | None:
    """The number of the input that ``embedding`` was looked up by, found by walking back through the graph.

    Raises:
      InputError: for tokens that were moved before they were looked up: relevance would be that of another place.
    """
    known: dict = {one.ref(): {place} for place, one in enumerate(inputs)}
    found = set().union(*(_inputs_of(tensor, known) for tensor in embedding.op.inputs))
    if len(found) > 1:
        raise InputError(f"tokens are covered where one input is looked up at a time; received inputs {sorted(found)}")
    if not found:
        return None
    [place] = found
    at_inputs = {one.ref() for one in inputs}
    passed = {one.deref().op for one, from_inputs in known.items() if from_inputs and one not in at_inputs}
    if moving := sorted({one.type for one in passed if not _keeps_order(one)}):
        raise InputError(
            "tokens are covered where an Embedding looks up an input in the order of its steps; give parts of it an "
            f"Input of their own; received input {place}, which {', '.join(moving)} rearranges before"
        )
    return place


def _inputs_of(tensor: tf.Tensor, known: dict) -> set[int]:
    """The numbers of the inputs that ``tensor`` is computed from, kept in ``known``."""
    if tensor.ref() not in known:
        known[tensor.ref()] = set()
        if tensor.op.type not in KNOWN_SHAPES:
            known[tensor.ref()] = set().union(*(_inputs_of(one, known) for one in tensor.op.inputs))
    return known[tensor.ref()]


def _keeps_order(operation: tf.Operation) -> bool:
    """Whether what the operation gives has the order of what it takes; a slice of everything has."""
    if operation.type != "StridedSlice":
        return operation.type in IN_ORDER
    sizes = [one.shape[1:].num_elements() for one in (operation.inputs[0], operation.outputs[0])]
    strides = tf.get_static_value(operation.inputs[3])
    return strides is not None and (strides == 1).all() and sizes[0] is not None and sizes[0] == sizes[1]
