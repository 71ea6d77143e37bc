"""Propagation rules: how the relevance of a pre-activation is shared among the inputs that made it."""

from thesis_rnn.attribution.rules.alpha_beta import AlphaBeta, ZBeta, ZPlus
from thesis_rnn.attribution.rules.base import Absorbed, Parts, Rule, apply_rule, dead, divide, stabilise, transposed_map
from thesis_rnn.attribution.rules.constant import Flat, WSquare
from thesis_rnn.attribution.rules.epsilon import Epsilon
from thesis_rnn.attribution.rules.gamma import Gamma
from thesis_rnn.attribution.rules.table import RULES

__all__ = [
    "RULES",
    "Absorbed",
    "AlphaBeta",
    "Epsilon",
    "Flat",
    "Gamma",
    "Parts",
    "Rule",
    "WSquare",
    "ZBeta",
    "ZPlus",
    "apply_rule",
    "dead",
    "divide",
    "stabilise",
    "transposed_map",
]
