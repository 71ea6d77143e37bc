"""Composites by name.

To define one: ``COMPOSITES.add("mine", lambda: Composite(Epsilon(1e-2), first=Flat(), convolution=Gamma(0.25)))``; then
``explain(model, x, method="mine")``, or ``--method=mine`` where the module that adds it is imported. Without a name:
``explain(model, x, method="composite", rules="epsilon(0.01); first=flat; convolution=gamma(0.25)")``, or
``--method=composite --rules='epsilon(0.01); first=flat; convolution=gamma(0.25)'``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.composites.text import EXAMPLE, read_composite
from thesis_rnn.attribution.rules import AlphaBeta, Epsilon, Flat, Gamma
from thesis_rnn.errors import InputError
from thesis_rnn.support.registry import Registry

COMPOSITES: Registry[Callable[..., Composite]] = Registry("composite")
"""Name -> a function from the composite's parameters to the composite; its docstring says where it comes from."""


def deep_taylor(low: Any = None, high: Any = None, inputs: str = "bounded") -> Composite:
    """z-beta on pixels in [low, high], z+ above (thesis, table 2.1; Montavon et al., 2017)."""
    return Composite(AlphaBeta(1.0, 0.0, *bounds(low, high)), inputs=inputs)


def lrp_alpha_beta(
    alpha: float = 1.5, beta: float | None = None, low: Any = None, high: Any = None, inputs: str = "bounded"
) -> Composite:
    """alpha-beta, z-beta on pixels in [low, high]; beta defaults to alpha - 1 (thesis, equation 2.34)."""
    return Composite(AlphaBeta(alpha, alpha - 1 if beta is None else beta, *bounds(low, high)), inputs=inputs)


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


def composite(rules: str = "") -> Composite:
    """one of your own: the rules that you name, as in "epsilon(0.01); first=flat; convolution=gamma(0.25)"."""
    if not rules:
        raise InputError(f"composite needs rules, as in {EXAMPLE!r}; received none")
    return read_composite(rules)


for factory in (deep_taylor, lrp_alpha_beta, lrp_epsilon, lstm_arras_2017, epsilon_plus_flat, epsilon_gamma, composite):
    COMPOSITES.add(factory.__name__, factory)
COMPOSITES.add("lrp", lrp_alpha_beta)

ALPHA_BETA = ("lrp", "lrp_alpha_beta")
"""The names of the alpha-beta composite, whose negative relevance the thesis leaves out of its scores."""


def bounds(low, high) -> tuple:
    """The pixels' box; the thesis' [-1, 1] unless both are given."""
    if (low is None) != (high is None):
        raise InputError(f"pixels need both low and high, or neither; received low={low}, high={high}")
    return (-1.0, 1.0) if low is None else (_hashable(low), _hashable(high))


def _hashable(bound):
    """A number, or a tuple of one for each feature."""
    try:
        return tuple(float(value) for value in bound) if np.ndim(bound) else float(bound)
    except (TypeError, ValueError):
        expected = "low and high must be numbers, or arrays of one for each feature"
        raise InputError(f"{expected}; received {bound!r}") from None
