"""Occlusion: how much the explained output falls when a part of the input is hidden."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf
from keras import ops, tree

from thesis_rnn.attribution.methods.base import Method, freeze_reference
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one

UNITS = ("cells", "features", "steps", "blocks")


@METHODS.register("occlusion")
@dataclass(frozen=True)
class Occlusion(Method):
    """R_i = f(x) - f(x with the unit of i replaced by the baseline), the same for all cells of a unit.

    Inputs are [n, steps, ...]. Units do not overlap; the last one may be smaller.

    Args:
      unit: "cells": each cell alone; "features": a feature at all steps; "steps": ``size`` steps with all features;
        "blocks": ``size`` x ... x ``size`` cells.
      size: the length of "steps" and the edge of "blocks".
      baseline: what hides: a number or an array that broadcasts to one sample; None is what "removed" means for the
        problem, its background, or 0 without a problem. Tokens are hidden as embeddings: None is an embedding of zeros,
        whole numbers are tokens, "mean" is the mean of the vocabulary, other numbers are embeddings.
    """

    source: ClassVar[str] = "Zeiler and Fergus (2014)"
    needs: ClassVar[tuple[str, ...]] = ("value",)
    removed_by: ClassVar[str] = "baseline"
    unit: str = "steps"
    size: int = 1
    baseline: Any = None

    def __post_init__(self):
        object.__setattr__(self, "baseline", freeze_reference(self.baseline))
        if self.unit not in UNITS:
            raise InputError(f"unit must be one of {', '.join(UNITS)}; received {self.unit!r}")
        at_least_one(size=self.size)

    def attribute(self, explained):
        hidden = tree.flatten(explained.point(self.baseline))
        falls = [self._falls(explained, place, one) for place, one in enumerate(hidden)]
        falls = tree.pack_sequence_as(explained.x, falls)
        return tree.map_structure(lambda fall, seen: tf.where(seen, fall, 0), falls, explained.varied_seen)

    def _falls(self, explained, place: int, hidden):
        """How much f falls for each cell of the leaf at ``place``, or for each token; the other leaves stay."""
        x, value = tree.flatten(explained.x)[place], explained.value()
        leaves = tree.flatten(explained.varied)
        as_tokens = leaves[place] is not x
        units = self.units(ops.shape(x)[1:])
        cells = units[..., tf.newaxis] if as_tokens else units  # all of an embedding is hidden at once

        def occlude(k, relevance):
            mask = cells == k
            occluded = [*leaves[:place], tf.where(mask, hidden, leaves[place]), *leaves[place + 1 :]]
            fall = value - explained.value(tree.pack_sequence_as(explained.x, occluded))
            fall = tf.reshape(fall, [-1] + [1] * cells.shape.rank)
            return k + 1, relevance + tf.where(mask, fall, tf.zeros_like(fall))

        start = tf.zeros_like(leaves[place][..., :1] if as_tokens else x)
        _, relevance = tf.while_loop(lambda k, _: k <= tf.reduce_max(units), occlude, (tf.constant(0), start))
        return relevance

    def gradients(self, shape: tuple[int, ...]) -> float:
        return (1 + int(tf.reduce_max(self.units(shape)))) / 3  # a forward pass costs a third of a gradient

    def units(self, shape) -> tf.Tensor:
        """The number of the unit that each cell of a sample belongs to, int32 in ``shape``, numbers or scalars."""
        steps, *others = shape
        edges = {
            "cells": (1,) * len(shape),
            "features": (steps, *(1,) * len(others)),
            "steps": (self.size, *others),
            "blocks": (self.size,) * len(shape),
        }[self.unit]
        number = tf.constant(0)
        for length, edge in zip(shape, edges, strict=True):  # row-major: the last axis counts fastest
            number = number[..., tf.newaxis] * -(-length // edge) + tf.range(length) // edge
        return number
