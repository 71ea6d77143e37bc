"""The methods that propagate relevance, each a choice of rules.

To add one, write a function that makes its ``Composite``, with ``preset`` above it; its parameters are the method's.
For rules that need no name there is ``composite(epsilon(0.01), first=flat, convolution=gamma(0.25))``.
"""

from typing import Any

import numpy as np

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.composites.spelling import rules_of
from thesis_rnn.attribution.methods.propagation import preset
from thesis_rnn.attribution.rules import AlphaBeta, Epsilon, Flat, Gamma
from thesis_rnn.errors import InputError


@preset("deep_taylor", source="thesis, table 2.1; Montavon et al. (2017)", label="DTD")
def deep_taylor(low: Any = None, high: Any = None, inputs: str = "bounded", max_pooling: str = "winner") -> Composite:
    """z-beta on pixels in [low, high], z+ above; not all positive where signals have either sign (LSTM, GRU, sums).

    Relevance is positive in networks of ReLUs. A tanh, or a sum of signals of both signs, shares out in proportion to
    what it adds, and what pulls down receives negative relevance: ``Explanation.negative_share`` says how much.

    Args:
      low, high: the bounds of the inputs, numbers or one for each feature; the thesis' pixels lie in [-1, 1].
      inputs: where they live: "bounded", "positive" or "real".
      max_pooling: maxima over windows send relevance to the "winner", or "proportional" to the activations, so that
        heatmaps stay continuous (Montavon et al., 2018, section 5, special layers).
    """
    return Composite(AlphaBeta(1.0, 0.0, *bounds(low, high)), inputs=inputs, max_pooling=max_pooling)


def _named_by_alpha_and_beta(composite: Composite) -> str:
    return f"LRP-a{composite.rule.alpha:g}b{composite.rule.beta:g}"


@preset("lrp_alpha_beta", "thesis, equation 2.34; Bach et al. (2015)", _named_by_alpha_and_beta, positive_only=True)
@preset("lrp", "thesis, equation 2.34; Bach et al. (2015)", _named_by_alpha_and_beta, positive_only=True)
def lrp_alpha_beta(
    alpha: float = 1.5,
    beta: float | None = None,
    low: Any = None,
    high: Any = None,
    inputs: str = "bounded",
    max_pooling: str = "winner",
) -> Composite:
    """alpha-beta, z-beta on pixels in [low, high]; beta defaults to alpha - 1.

    Args:
      alpha, beta: the weights of excitation and inhibition, alpha - beta = 1.
      low, high: the bounds of the inputs, numbers or one for each feature; the thesis' pixels lie in [-1, 1].
      inputs: where they live: "bounded", "positive" or "real".
      max_pooling: "winner" or "proportional"; see deep_taylor.
    """
    rule = AlphaBeta(alpha, alpha - 1 if beta is None else beta, *bounds(low, high))
    return Composite(rule, inputs=inputs, max_pooling=max_pooling)


@preset("lrp_epsilon", source="Bach et al. (2015), equation 58")
def lrp_epsilon(epsilon: float = 1e-3, bias: str = "absorb", gates: str = "all") -> Composite:
    """epsilon everywhere, from the logit itself.

    Args:
      epsilon: the stabiliser.
      bias: what becomes of a bias' part: "absorb", "redistribute" or "ignore".
      gates: what gates receive: "all" goes to the signal, or "half", "prop", "abs".
    """
    return Composite(Epsilon(epsilon, bias), gates=gates, stabiliser=epsilon, signed=True)


@preset("lstm_arras_2017", source="Arras et al. (2017)")
def lstm_arras_2017(epsilon: float = 1e-3, bias: str = "absorb") -> Composite:
    """epsilon everywhere, gated products give all to the signal, from the logit itself.

    Args:
      epsilon: the stabiliser.
      bias: what becomes of a bias' part: "absorb", "redistribute" or "ignore".
    """
    return lrp_epsilon(epsilon, bias, gates="all")


@preset("epsilon_plus_flat", source="Bach et al. (2016)")
def epsilon_plus_flat(epsilon: float = 1e-3, bias: str = "absorb") -> Composite:
    """flat where the input is seen, epsilon above, from the logit itself.

    Args:
      epsilon: the stabiliser.
      bias: what becomes of a bias' part: "absorb", "redistribute" or "ignore".
    """
    return Composite(Epsilon(epsilon, bias), first=Flat(), stabiliser=epsilon, signed=True)


@preset("epsilon_gamma", source="Montavon et al. (2019), section 10.3")
def epsilon_gamma(epsilon: float = 1e-3, gamma: float = 0.25) -> Composite:
    """gamma on convolutions, epsilon on dense layers, from the logit itself.

    Args:
      epsilon: the stabiliser of dense layers.
      gamma: how much convolutions favour what agrees with them.
    """
    return Composite(Epsilon(epsilon), convolution=Gamma(gamma), stabiliser=epsilon, signed=True)


@preset("attn_lrp", source="Achtibat et al. (2024), AttnLRP; products and gates half and half")
def attn_lrp(epsilon: float = 1e-3, bias: str = "absorb", gates: str = "half") -> Composite:
    """epsilon everywhere; products share equally; the softmax by its Taylor expansion at the point, from the logit.

    What the softmax keeps is the ledger's row "softmax".

    Args:
      epsilon: the stabiliser.
      bias: what becomes of a bias' part: "absorb", "redistribute" or "ignore".
      gates: what gates of recurrent layers receive: "half", "all" goes to the signal, or "prop", "abs".
    """
    return Composite(Epsilon(epsilon, bias), gates=gates, attention="half", stabiliser=epsilon, signed=True)


@preset("composite", source="Montavon et al. (2019), section 10.3")
def composite(
    rule: Any,
    first: Any = None,
    convolution: Any = None,
    mixing: Any = None,
    gates: str = "all",
    products: str = "half",
    attention: str = "values",
    max_pooling: str = "winner",
    pooling: float = 0.0,
    stabiliser: float = 0.0,
    inputs: str = "bounded",
    signed: bool = False,
    layers: Any = (),
) -> Composite:
    """rules of your own, as in composite(epsilon(0.01), at('cell/candidate', gamma(0.25)), first=flat).

    Args:
      rule, first, convolution, mixing: rules for everything, where the input is seen, for convolutions, for attention.
      gates, products, attention, max_pooling, pooling, stabiliser, inputs, signed: see ``Composite``.
      layers: rules for single layers, at(name, rule).
    """
    return Composite(**rules_of(locals()))


def bounds(low, high) -> tuple:
    """The pixels' bounds; the thesis' [-1, 1] unless both are given."""
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
