"""What a composite is: a choice of a rule for every kind of layer and position, and for layers by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from thesis_rnn.attribution.rules import Rule
from thesis_rnn.attribution.rules.gates import GATE_RULES
from thesis_rnn.core.linear_maps import KernelPerSample, SlidingKernel
from thesis_rnn.core.primitives import Domain, Site
from thesis_rnn.errors import InputError
from thesis_rnn.support.registry import Registry
from thesis_rnn.support.scalars import number

MAX_POOLING = ("winner", "proportional")
ATTENTION = ("values", "half")
PRODUCTS = {"half": (0.5, 0.5), "left": (1.0, 0.0), "right": (0.0, 1.0)}
"""What each factor of a product of two signals receives of its relevance."""


@dataclass(frozen=True)
class Composite:
    """Which rule acts where.

    Attributes:
      rule: for every affine map that nothing below names.
      first: for affine maps that see the network's input, their recurrent inputs included.
      convolution: for convolutions.
      mixing: for products with attention weights, which count as constants.
      gates: for gated products: "all" (relevance goes to the signal), "half", "prop" or "abs"; see ``gates``.
      products: what the factors of a product of two signals receive: "half" each (Achtibat et al., 2024), or everything
        goes to the "left" or to the "right" one.
      attention: "values" receive everything, as the weights count as constants; or "half" goes to the weights, and
        through their softmax to queries and keys (Achtibat et al., 2024).
      max_pooling: "winner" takes all, or "proportional" to the activations in the window.
      pooling: epsilon of sums, averages and maxima over windows whose relevance goes back in proportion: without it,
        where activations of both signs cancel, relevance grows beyond bounds.
      stabiliser: epsilon of sums of two signals.
      inputs: where the network's input lives: "bounded" in the box of the alpha-beta rule, "positive" or "real".
      signed: relevance starts at the logit itself, sign included; otherwise at max(0, logit).
      layers: for single layers, whatever else is named: pairs of a name and a rule, or name -> rule. The name is a
        layer's, "cell", or that of one of its parts, "cell/candidate", as the ledger names them.

    Example:
      >>> composite = Composite(RULES["epsilon"](0.01), first=RULES["flat"]())
      >>> sorted(composite.at_input)
      ['first']
    """

    rule: Rule
    first: Rule | None = None
    convolution: Rule | None = None
    mixing: Rule | None = None
    gates: str = "all"
    products: str = "half"
    attention: str = "values"
    max_pooling: str = "winner"
    pooling: float = number(0.0)
    stabiliser: float = number(0.0)
    inputs: str = "bounded"
    signed: bool = False
    layers: tuple[tuple[str, Rule], ...] = ()

    def __post_init__(self):
        if self.gates not in GATE_RULES:
            raise InputError(f"gates must be one of {', '.join(GATE_RULES)}; received {self.gates!r}")
        if self.products not in PRODUCTS:
            raise InputError(f"products must be one of {', '.join(PRODUCTS)}; received {self.products!r}")
        if self.attention not in ATTENTION:
            raise InputError(f"attention must be one of {', '.join(ATTENTION)}; received {self.attention!r}")
        if self.max_pooling not in MAX_POOLING:
            raise InputError(f"max_pooling must be one of {', '.join(MAX_POOLING)}; received {self.max_pooling!r}")
        if self.inputs not in get_args(Domain):
            raise InputError(f"inputs must be one of {', '.join(get_args(Domain))}; received {self.inputs!r}")
        for name, epsilon in {"stabiliser": self.stabiliser, "stabiliser of pooling": self.pooling}.items():
            if not epsilon >= 0:
                raise InputError(f"the {name} must be at least 0; received {epsilon:g}")
        pairs = self.layers.items() if isinstance(self.layers, Mapping) else self.layers
        object.__setattr__(self, "layers", tuple((name, rule) for name, rule in pairs))

    def __call__(self, site: Site) -> Rule:
        """The rule at ``site``."""
        for name, rule in self.layers:
            if is_named(name, site):
                return rule
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
        fields = ("first",) if self.first else ("rule", "convolution")
        return {name: getattr(self, name) for name in fields if getattr(self, name)}


def is_named(name: str, site: Site) -> bool:
    """Whether ``name`` is that of the site's layer, or of its part."""
    return site.layer == name or site.layer.startswith(f"{name}/")


COMPOSITES: Registry[Callable[..., Composite]] = Registry("composite")
"""Name -> a function from the composite's parameters to the composite; its docstring says what it is."""
