"""The contributions that models which explain themselves give: exact, as their attention weighs the input itself."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError


@METHODS.register("contributions")
@dataclass(frozen=True)
class Contributions(Method):
    """R_td = x_td df/dx_td with the model's own attention weights held: RETAIN's alpha_t W (beta_t o E_d) x_td.

    The relevance sums to the logit minus its bias, exactly, as RETAIN is linear in x once the weights are given. What x
    does to the weights is not told: ``deep_lift`` and ``lrp_epsilon(gates=half)`` do.
    """

    source: ClassVar[str] = "Choi et al. (2016), equation 5"
    needs: ClassVar[tuple[str, ...]] = ("propagation",)

    def semantics(self) -> ForwardSemantics:
        return HeldWeights()

    def finish(self, signal, x):
        return signal * x


class HeldWeights(ForwardSemantics):
    """Gradients that pass attention of models which explain themselves as a constant."""

    def __init__(self):
        super().__init__()
        self.met = False

    def gate(self, g, signal, role="other"):
        if role != "attention":
            return super().gate(g, signal, role)
        self.met = True
        return tf.stop_gradient(g) * signal

    def check(self) -> None:
        """Refuses a model that does not weigh its input itself."""
        if not self.met:
            raise InputError(
                "contributions are of a model that explains itself, such as retain; use lrp_epsilon or deep_lift; "
                "received a model without attention to its own input"
            )
