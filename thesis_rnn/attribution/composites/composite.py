"""What a composite is: a choice of a rule for every kind of layer and position."""

from dataclasses import dataclass
from typing import get_args

from thesis_rnn.attribution.rules import Rule
from thesis_rnn.attribution.rules.gates import GATE_RULES
from thesis_rnn.core.linear_maps import KernelPerSample, SlidingKernel
from thesis_rnn.core.primitives import Domain, Site
from thesis_rnn.errors import InputError

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
        if isinstance(site.form, SlidingKernel) and self.convolution:
            return self.convolution
        if isinstance(site.form, KernelPerSample) and self.mixing:
            return self.mixing
        return self.rule

    @property
    def at_input(self) -> dict[str, Rule]:
        """The rules that may act on the network's input, by their fields' names."""
        names = ("first",) if self.first else ("rule", "convolution")
        return {name: getattr(self, name) for name in names if getattr(self, name)}
