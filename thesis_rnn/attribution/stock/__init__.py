"""Stock Keras models, explained unchanged: each covered layer has a forward pass in primitives over its weights."""

# The imports fill the table of covered layers.
from thesis_rnn.attribution.stock import (
    activations,
    affine,
    arithmetic,
    attention,
    decomposition,
    merging,
    normalisation,
    passing,
    pooling,
    recurrent,
)
from thesis_rnn.attribution.stock.covering import Coverage, coverage
from thesis_rnn.attribution.stock.layer_forwards import covered_names, register_layer
from thesis_rnn.attribution.stock.surrogate import head_activation, make_surrogate, marks_padding, masking_readers
from thesis_rnn.attribution.stock.tokens import check_tokens
from thesis_rnn.attribution.stock.whole_model import check_graph, compute_dtypes

__all__ = [
    "Coverage",
    "activations",
    "affine",
    "arithmetic",
    "attention",
    "check_graph",
    "check_tokens",
    "compute_dtypes",
    "coverage",
    "covered_names",
    "decomposition",
    "head_activation",
    "make_surrogate",
    "marks_padding",
    "masking_readers",
    "merging",
    "normalisation",
    "passing",
    "pooling",
    "recurrent",
    "register_layer",
]
