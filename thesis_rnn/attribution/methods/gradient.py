"""Methods that take the gradient once: sensitivity analysis, guided backprop, gradient x input, simple Taylor."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from thesis_rnn.attribution.methods.base import Method, freeze
from thesis_rnn.attribution.semantics import Guided
from thesis_rnn.core.primitives import ForwardSemantics


@dataclass(frozen=True)
class Sensitivity(Method):
    """R_i = (df/dx_i)^2."""

    source: ClassVar[str] = "thesis, equation 2.26; Simonyan et al. (2013)"

    def finish(self, signal, x):
        return tf.square(signal)


@dataclass(frozen=True)
class Saliency(Method):
    """R_i = |df/dx_i|: the root of the sensitivity, which does not underflow where a gradient has nearly vanished."""

    source: ClassVar[str] = "Simonyan et al. (2013), section 3.1"

    def finish(self, signal, x):
        return tf.abs(signal)


@dataclass(frozen=True)
class GuidedBackprop(Method):
    """R_i = (d*f/dx_i)^2, where only positive signals pass active ReLUs and gates are constants; signed: d*f/dx_i."""

    source: ClassVar[str] = "thesis, equations 2.29 and 2.30; Springenberg et al. (2014)"
    signed: bool = False

    def semantics(self) -> ForwardSemantics:
        return Guided()

    def finish(self, signal, x):
        return signal if self.signed else tf.square(signal)


@dataclass(frozen=True)
class GradientTimesInput(Method):
    """R_i = x_i df/dx_i."""

    source: ClassVar[str] = "thesis, equation 2.40; Montavon et al. (2018), section 4.2"

    def finish(self, signal, x):
        return signal * x


@dataclass(frozen=True)
class SimpleTaylor(Method):
    """R_i = (x_i - r_i) df/dx_i at the root point r; by default the near-zero root of equation 2.38.

    Equation 2.38 takes the gradient at the root r = lim epsilon x to be the gradient at x, as in a ReLU network without
    biases, so that the near-zero root gives x_i df/dx_i at x (equation 2.40).

    Args:
      root: an array that broadcasts to one sample, or None for the near-zero root.
    """

    source: ClassVar[str] = "thesis, equations 2.36 and 2.38; Montavon et al. (2018), section 4.2"
    tokens: ClassVar[bool] = False
    root: Any = None

    def __post_init__(self):
        object.__setattr__(self, "root", freeze(self.root))

    def attribute(self, differentiate, x):
        at_x = differentiate(x)
        if self.root is None:
            return x * at_x.signal, at_x
        root = tf.zeros_like(x) + tf.constant(self.root, x.dtype)
        return (x - root) * differentiate(root).signal, at_x
