"""What an attribution method is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import tensorflow as tf

from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError


class Backward(NamedTuple):
    """One backward pass.

    Attributes:
      signal: what arrives at the leaf, in its shape.
      leaf: the tensor that the signal belongs to: the input, or its embedding where the input is tokens.
      value: the explained output f(x) [n]: a logit, a probability, or the difference of two.
      started: the value that the backward pass started from [n].
    """

    signal: tf.Tensor
    leaf: tf.Tensor
    value: tf.Tensor
    started: tf.Tensor


Differentiate = Callable[[tf.Tensor], Backward]


@dataclass(frozen=True)
class Method:
    """How backward passes become an explanation; a method's fields are its parameters.

    Attributes:
      source: where the method is defined.
      conserves: whether the relevance of the input sums to the explained value, up to what was absorbed.
      tokens: whether the method explains embedded tokens.
    """

    source: ClassVar[str]
    conserves: ClassVar[bool] = False
    tokens: ClassVar[bool] = True

    def semantics(self) -> ForwardSemantics:
        """What the primitives do in the backward pass."""
        return ForwardSemantics()

    @property
    def is_derivative(self) -> bool:
        """Whether it asks for nothing but derivatives, which layers that are not covered have as well."""
        return type(self.semantics()) is ForwardSemantics

    def start(self, logits):
        """What the backward pass starts from at each logit, if it is explained."""
        return tf.ones_like(logits)

    def attribute(self, differentiate: Differentiate, x) -> tuple[tf.Tensor, Backward]:
        """The relevance of ``x``, and the backward pass at ``x`` itself."""
        backward = differentiate(x)
        return self.finish(backward.signal, backward.leaf), backward

    def finish(self, signal, x):
        """The relevance, from the ``signal`` that arrives at the leaf ``x``."""
        return signal

    def check(self, x: np.ndarray) -> None:
        """Refuses inputs for which the method is not defined."""


def freeze(value):
    """Arrays as nested tuples, so that parameters can be compared and hashed."""
    if isinstance(value, str):
        raise InputError(f"points of reference are numbers or arrays; received {value!r}")
    return tuple(map(freeze, value)) if isinstance(value, list | tuple | np.ndarray) else value
