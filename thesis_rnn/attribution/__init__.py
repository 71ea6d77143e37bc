"""Explanations: methods, propagation rules, and the engines that run them."""

from thesis_rnn.attribution.composites.composite import COMPOSITES, Composite
from thesis_rnn.attribution.entry import explain, explain_by
from thesis_rnn.attribution.explaining import Explainer
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import (
    METHODS,
    Method,
    MethodSpec,
    describe_methods,
    make_method,
    method_names,
    method_spec,
    method_specs,
    preset,
)
from thesis_rnn.attribution.pooling import pooled
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.rules import RULES
from thesis_rnn.attribution.shifting import shifted
from thesis_rnn.attribution.tricks import Translated, Windowed, explain_translated, explain_windows
from thesis_rnn.support.checks import tell_in_public

__all__ = [
    "COMPOSITES",
    "METHODS",
    "RULES",
    "Composite",
    "Explainer",
    "Explanation",
    "Method",
    "MethodSpec",
    "Request",
    "Translated",
    "Windowed",
    "describe_methods",
    "explain",
    "explain_by",
    "explain_translated",
    "explain_windows",
    "make_method",
    "method_names",
    "method_spec",
    "method_specs",
    "pooled",
    "preset",
    "shifted",
]

tell_in_public(globals())
