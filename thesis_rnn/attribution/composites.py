"""Composites: named choices of a rule for every kind of layer and position.

To define one: ``COMPOSITES.add("mine", lambda: Composite(Epsilon(1e-2), first=Flat(), convolution=Gamma(0.25)))``; then
``explain(model, x, method="mine")``, or ``--method=mine`` where the module that adds it is imported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from thesis_rnn.attribution.gates import GATE_RULES
from thesis_rnn.attribution.rules import AlphaBeta, Epsilon, Flat, Gamma, Rule
from thesis_rnn.errors import InputError
from thesis_rnn.linear_maps import Mixing, Window
from thesis_rnn.primitives import Domain, Site
from thesis_rnn.registry import Registry

MAX_POOLING = ("winner", "proportional")


@dataclass(frozen=True)
class Composite:
    """Which rule acts where.

    Attributes:
      rule: for every affine map that nothing below names.
      first: for affine maps that see the network's input, their recurrent inputs included.
      convolution: for convolutions.
      mixing: for products with attention weights, which count as constants.
      gates: for gated products: "all" (relevance goes to the signal), "half", "prop" or "abs"; see ``gates``.
      max_pooling: "winner" takes all, or "proportional" to the activations in the window.
      stabiliser: epsilon of sums of two signals.
      inputs: where the network's input lives: "bounded" in the box of the alpha-beta rule, "positive" or "real".
      signed: relevance starts at the logit itself, sign included; otherwise at max(0, logit).
    """

    rule: Rule
    first: Rule | None = None
    convolution: Rule | None = None
    mixing: Rule | None = None
    gates: str = "all"
    max_pooling: str = "winner"
    stabiliser: float = 0.0
    inputs: str = "bounded"
    signed: bool = False

    def __post_init__(self):
        if self.gates not in GATE_RULES:
            raise InputError(f"gates must be one of {', '.join(GATE_RULES)}; received {self.gates!r}")
        if self.max_pooling not in MAX_POOLING:
            raise InputError(f"max_pooling must be one of {', '.join(MAX_POOLING)}; received {self.max_pooling!r}")
        if self.inputs not in get_args(Domain):
            raise InputError(f"inputs must be one of {', '.join(get_args(Domain))}; received {self.inputs!r}")
        if not self.stabiliser >= 0:
            raise InputError(f"the stabiliser must be at least 0; received {self.stabiliser:g}")

    def __call__(self, site: Site) -> Rule:
        """The rule at ``site``."""
        if site.first and self.first:
            return self.first
        if isinstance(site.form, Window) and self.convolution:
            return self.convolution
        if isinstance(site.form, Mixing) and self.mixing:
            return self.mixing
        return self.rule


COMPOSITES: Registry[Callable[..., Composite]] = Registry("composite")
"""Name -> a function from the composite's parameters to the composite; its docstring says where it comes from."""


def deep_taylor(low: Any = None, high: Any = None, inputs: str = "bounded") -> Composite:
    """z-beta on pixels in [low, high], z+ above (thesis, table 2.1; Montavon et al., 2017)."""
    return Composite(AlphaBeta(1.0, 0.0, *box(low, high)), inputs=inputs)


def lrp_alpha_beta(
    alpha: float = 1.5, beta: float | None = None, low: Any = None, high: Any = None, inputs: str = "bounded"
) -> Composite:
    """alpha-beta, z-beta on pixels in [low, high]; beta defaults to alpha - 1 (thesis, equation 2.34)."""
    return Composite(AlphaBeta(alpha, alpha - 1 if beta is None else beta, *box(low, high)), inputs=inputs)


def lrp_epsilon(epsilon: float = 1e-3, bias: str = "absorb", gates: str = "all") -> Composite:
    """epsilon everywhere (Bach et al., 2015, equation 58), from the logit itself."""
    return Composite(Epsilon(epsilon, bias), gates=gates, stabiliser=epsilon, signed=True)


def lstm_arras_2017(epsilon: float = 1e-3, bias: str = "absorb") -> Composite:
    """epsilon everywhere, gated products give all to the signal (Arras et al., 2017), from the logit itself."""
    return lrp_epsilon(epsilon, bias, gates="all")


def epsilon_plus_flat(epsilon: float = 1e-3, bias: str = "absorb") -> Composite:
    """flat where the input is seen, epsilon above (Bach et al., 2016), from the logit itself."""
    return Composite(Epsilon(epsilon, bias), first=Flat(), stabiliser=epsilon, signed=True)


def epsilon_gamma(epsilon: float = 1e-3, gamma: float = 0.25) -> Composite:
    """gamma on convolutions, epsilon on dense layers (Montavon et al., 2019, section 10.3), from the logit itself."""
    return Composite(Epsilon(epsilon), convolution=Gamma(gamma), stabiliser=epsilon, signed=True)


for factory in (deep_taylor, lrp_alpha_beta, lrp_epsilon, lstm_arras_2017, epsilon_plus_flat, epsilon_gamma):
    COMPOSITES.add(factory.__name__, factory)
COMPOSITES.add("lrp", lrp_alpha_beta)

ALPHA_BETA = ("lrp", "lrp_alpha_beta")
"""The names of the alpha-beta composite, whose negative relevance the thesis leaves out of its scores."""


def box(low, high) -> tuple:
    """The pixels' box; the thesis' [-1, 1] unless both are given."""
    if (low is None) != (high is None):
        raise InputError(f"pixels need both low and high, or neither; received low={low}, high={high}")
    return (-1.0, 1.0) if low is None else (_hashable(low), _hashable(high))


def _hashable(bound):
    """A number, or a tuple of one for each feature."""
    return tuple(float(value) for value in bound) if hasattr(bound, "__len__") else float(bound)
