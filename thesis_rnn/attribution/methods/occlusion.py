"""Occlusion: how much the explained output falls when a part of the input is hidden."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from thesis_rnn.attribution.methods.base import Method, freeze
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one

UNITS = ("cells", "features", "steps", "blocks")


@dataclass(frozen=True)
class Occlusion(Method):
    """R_i = f(x) - f(x with the unit of i replaced by the baseline), the same for all cells of a unit.

    Inputs are [n, steps, ...]. Units do not overlap; the last one may be smaller.

    Args:
      unit: "cells": each cell alone; "features": a feature at all steps; "steps": ``size`` steps with all features;
        "blocks": ``size`` x ... x ``size`` cells.
      size: the length of "steps" and the edge of "blocks".
      baseline: what hides: a number or an array that broadcasts to one sample.
    """

    source: ClassVar[str] = "Zeiler and Fergus (2014); Montavon et al. (2018), section 6.2"
    tokens: ClassVar[bool] = False
    unit: str = "steps"
    size: int = 1
    baseline: Any = 0.0

    def __post_init__(self):
        object.__setattr__(self, "baseline", freeze(self.baseline))
        if self.unit not in UNITS:
            raise InputError(f"unit must be one of {', '.join(UNITS)}; received {self.unit!r}")
        at_least_one(size=self.size)

    def attribute(self, differentiate, x):
        backward = differentiate(x)
        units = self.units(x.shape[1:])
        hidden = tf.zeros_like(x) + tf.constant(self.baseline, x.dtype)

        def occlude(k, relevance):
            mask = tf.constant(units) == k
            fall = backward.value - differentiate(tf.where(mask, hidden, x)).value
            fall = tf.reshape(fall, [-1] + [1] * (x.shape.rank - 1))
            return k + 1, relevance + tf.where(mask, fall, tf.zeros_like(fall))

        _, relevance = tf.while_loop(lambda k, _: k <= units.max(), occlude, (tf.constant(0), tf.zeros_like(x)))
        return relevance, backward

    def units(self, shape: tuple[int, ...]) -> np.ndarray:
        """The number of the unit that each cell of a sample belongs to, int32 in ``shape``."""
        steps, *others = shape
        edges = {
            "cells": (1,) * len(shape),
            "features": (steps, *(1,) * len(others)),
            "steps": (self.size, *others),
            "blocks": (self.size,) * len(shape),
        }[self.unit]
        places = np.indices(shape) // np.reshape(edges, (-1,) + (1,) * len(shape))
        counts = [-(-length // edge) for length, edge in zip(shape, edges, strict=True)]
        return np.ravel_multi_index(tuple(places), counts).astype(np.int32)
