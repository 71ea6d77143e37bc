"""Methods that take the gradient once: sensitivity, saliency, guided backprop, gradient x input, simple Taylor."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods.base import Method, freeze_reference
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.attribution.semantics import Deconvolution, Guided
from thesis_rnn.core.primitives import ForwardSemantics


@METHODS.register("sensitivity")
@dataclass(frozen=True)
class Sensitivity(Method):
    """R_i = (df/dx_i)^2."""

    source: ClassVar[str] = "thesis, equation 2.26; Simonyan et al. (2013)"
    label: ClassVar[str] = "SA"

    def finish(self, signal, x):
        return tf.square(signal)


@METHODS.register("saliency")
@dataclass(frozen=True)
class Saliency(Method):
    """R_i = |df/dx_i|: the root of the sensitivity, in float64, where what has nearly vanished is not yet 0."""

    source: ClassVar[str] = "Simonyan et al. (2013), section 3.1"
    label: ClassVar[str] = "saliency"
    dtype: ClassVar[str] = "float64"

    def finish(self, signal, x):
        return tf.abs(signal)


@METHODS.register("guided_backprop")
@dataclass(frozen=True)
class GuidedBackprop(Method):
    """R_i = (d*f/dx_i)^2, where only positive signals pass active ReLUs and gates are constants; signed: d*f/dx_i.

    Args:
      signed: d*f/dx_i itself.
    """

    source: ClassVar[str] = "thesis, equations 2.29 and 2.30; Springenberg et al. (2014)"
    label: ClassVar[str] = "GB"
    needs: ClassVar[tuple[str, ...]] = ("propagation",)
    signed: bool = False

    def semantics(self) -> ForwardSemantics:
        return Guided()

    def finish(self, signal, x):
        return signal if self.signed else tf.square(signal)


@METHODS.register("deconvolution")
@dataclass(frozen=True)
class Deconvolve(Method):
    """R_i = d*f/dx_i, where positive signals pass ReLUs, active or not, and gates are constants.

    Maximum pooling passes signals to the winner, as its switches do. What is seen is a pattern that f likes, which
    depends on x by the switches and gates alone. Nothing is conserved.
    """

    source: ClassVar[str] = "Zeiler and Fergus (2014), section 2.1; Shickel and Rashidi (2020)"
    needs: ClassVar[tuple[str, ...]] = ("propagation",)

    def semantics(self) -> ForwardSemantics:
        return Deconvolution()


@METHODS.register("gradient_x_input")
@dataclass(frozen=True)
class GradientTimesInput(Method):
    """R_i = x_i df/dx_i."""

    source: ClassVar[str] = "thesis, equation 2.40; Montavon et al. (2018), section 4.2"
    label: ClassVar[str] = "gradient x input"

    def finish(self, signal, x):
        return signal * x


@METHODS.register("simple_taylor")
@dataclass(frozen=True)
class SimpleTaylor(Method):
    """R_i = (x_i - r_i) df/dx_i at the root point r; by default the near-zero root of equation 2.38.

    Equation 2.38 takes the gradient at the root r = lim epsilon x to be the gradient at x, as in a ReLU network without
    biases, so that the near-zero root gives x_i df/dx_i at x (equation 2.40).

    Args:
      root: an array that broadcasts to one sample, or None for the near-zero root; for tokens as the baseline of
        integrated gradients.
    """

    source: ClassVar[str] = "thesis, equations 2.36 and 2.38; Montavon et al. (2018), section 4.2"
    label: ClassVar[str] = "simple Taylor"
    root: Any = None

    def __post_init__(self):
        object.__setattr__(self, "root", freeze_reference(self.root))

    def attribute(self, explained):
        x = explained.varied
        if self.root is None:
            return tree.map_structure(tf.multiply, x, explained.gradient().signal)
        root = explained.point(self.root)
        return tree.map_structure(lambda x, root, signal: (x - root) * signal, x, root, explained.gradient(root).signal)
