"""Explanations: methods, propagation rules, and the engine that runs them."""

from thesis_rnn.attribution.explaining import explain
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import METHODS, Method, make_method, method_names

__all__ = ["METHODS", "Explanation", "Method", "explain", "make_method", "method_names"]
