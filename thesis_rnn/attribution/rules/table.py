"""The propagation rules by name."""

from collections.abc import Callable
from typing import Any

from thesis_rnn.attribution.rules.alpha_beta import AlphaBeta, ZBeta, ZPlus
from thesis_rnn.attribution.rules.base import Rule
from thesis_rnn.attribution.rules.constant import Flat, WSquare
from thesis_rnn.attribution.rules.epsilon import Epsilon
from thesis_rnn.attribution.rules.gamma import Gamma
from thesis_rnn.support.registry import Registry

RULES: Registry[Callable[..., Rule]] = Registry("propagation rule")
"""Name -> a function from the rule's parameters to the rule."""


def z_beta(low: Any, high: Any) -> ZBeta:
    """The z-beta rule for inputs in the box [low, high]."""
    return ZBeta(low=low, high=high)


RULES.add("epsilon", Epsilon)
RULES.add("gamma", Gamma)
RULES.add("alpha_beta", AlphaBeta)
RULES.add("z_plus", ZPlus)
RULES.add("z_beta", z_beta)
RULES.add("w_square", WSquare)
RULES.add("flat", Flat)
