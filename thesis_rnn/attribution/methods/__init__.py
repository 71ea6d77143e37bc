"""The attribution methods by name."""

# These imports fill the table of methods, in this order.
from thesis_rnn.attribution.methods import gradient

# isort: split
from thesis_rnn.attribution.methods import (
    additive,
    agglomerative,
    attention,
    averaged,
    cam,
    contextual,
    contributions,
    counterfactual,
    deep_lift,
    erasure,
    expected_gradients,
    learned_mask,
    lime,
    mutation,
    occlusion,
    presets,
    shapley,
    taylor,
)

# isort: split
from thesis_rnn.attribution.methods.base import Backward, Explained, Method
from thesis_rnn.attribution.methods.host import Attributed, OnHost
from thesis_rnn.attribution.methods.propagation import RelevancePropagation, preset
from thesis_rnn.attribution.methods.spec import MethodSpec, method_spec, method_specs
from thesis_rnn.attribution.methods.table import (
    METHODS,
    Description,
    describe_methods,
    make_method,
    method_names,
    method_parameters,
    parameter_names,
)

__all__ = [
    "METHODS",
    "Attributed",
    "Backward",
    "Description",
    "Explained",
    "Method",
    "MethodSpec",
    "OnHost",
    "RelevancePropagation",
    "additive",
    "agglomerative",
    "attention",
    "averaged",
    "cam",
    "contextual",
    "contributions",
    "counterfactual",
    "deep_lift",
    "describe_methods",
    "erasure",
    "expected_gradients",
    "gradient",
    "learned_mask",
    "lime",
    "make_method",
    "method_names",
    "method_parameters",
    "method_spec",
    "method_specs",
    "mutation",
    "occlusion",
    "parameter_names",
    "preset",
    "presets",
    "shapley",
    "taylor",
]
