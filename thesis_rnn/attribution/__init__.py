"""Explanations: methods, propagation rules, and the engines that run them."""

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.composites.table import COMPOSITES
from thesis_rnn.attribution.explaining import explain
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import METHODS, Method, describe_methods, make_method, method_names
from thesis_rnn.attribution.methods.spec import MethodSpec, explain_by, method_spec, method_specs
from thesis_rnn.attribution.rules import RULES

__all__ = [
    "COMPOSITES",
    "METHODS",
    "RULES",
    "Composite",
    "Explanation",
    "Method",
    "MethodSpec",
    "describe_methods",
    "explain",
    "explain_by",
    "make_method",
    "method_names",
    "method_spec",
    "method_specs",
]
