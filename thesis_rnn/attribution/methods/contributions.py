"""The contributions that models which explain themselves give: exact, as their attention weighs the input itself."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.core.backward import with_backward
from thesis_rnn.core.primitives import VARIABLES, ForwardSemantics
from thesis_rnn.errors import InputError


@METHODS.register("contributions")
@dataclass(frozen=True)
class Contributions(Method):
    """R_td = x_td df/dx_td with the model's own attention weights held: RETAIN's alpha_t W (beta_t o E_d) x_td.

    Of a model that attends to a state h_td of each variable, as IMV-LSTM does, it is sum_k h_tdk df/dh_tdk: what the
    state of variable d adds after step t. The relevance sums to the logit minus its bias, exactly, as the model is
    linear once the weights are given; another one is refused. What x does to the weights is not told: ``deep_lift`` and
    ``lrp_epsilon(gates=half)`` do.
    """

    source: ClassVar[str] = "Choi et al. (2016), equation 5; Guo et al. (2019)"
    needs: ClassVar[tuple[str, ...]] = ("propagation",)

    def semantics(self) -> ForwardSemantics:
        return HeldWeights()

    def attribute(self, explained):
        done = explained.recorded
        read = done.semantics.leaves.get(VARIABLES)
        if read is None:
            return super().attribute(explained)
        signals = explained.walk_back(read)
        told = [tf.reduce_sum(signal * states, axis=-1) for signal, states in zip(signals, read, strict=True)]
        return tree.pack_sequence_as(done.leaf, told)

    def finish(self, signal, x):
        return signal * x


class HeldWeights(ForwardSemantics):
    """Gradients that take the attention weights for constants, and pass what is linear alone."""

    def __init__(self):
        super().__init__()
        self.met = False

    def gate(self, g, signal, role="other"):
        if role == "attention":
            self.met = True
            return tf.stop_gradient(g) * signal
        return (g if isinstance(g, float) else _refused(g, "gates")) * signal

    def rectify(self, z):
        return _refused(super().rectify(z), "ReLU")

    def squash(self, z, function, controls, layer):
        return _refused(function(z), layer or getattr(function, "__name__", "function"))

    def pool(self, a, function, average=None, layer=""):
        pooled = function(a)
        return pooled if average is None else _refused(pooled, layer)

    def greatest(self, a, b, function):
        return _refused(function(a, b), "greatest")

    def product(self, a, b, function, layer="", mixing=None):
        return _refused(function(a, b), layer)

    def normalise(self, a, scale, layer=""):
        return a * _refused(scale, layer)

    def softmax(self, z, function, layer=""):
        return _refused(function(z), layer)

    def check(self) -> None:
        """Refuses a model that does not weigh its input itself."""
        if not self.met:
            raise InputError(
                "contributions are of a model that explains itself, such as retain; use lrp_epsilon or deep_lift; "
                "received a model without attention to its own input"
            )


def _refused(a, place: str):
    """``a``, which no signal may pass on its way back."""

    @with_backward
    def passed(a):
        def backward(_):
            raise InputError(
                "contributions are exact where the model is linear in its input once its attention weights are given; "
                f"use lrp_epsilon or deep_lift; received one that is not, at {place!r}"
            )

        return tf.identity(a), backward

    return passed(tf.convert_to_tensor(a))
