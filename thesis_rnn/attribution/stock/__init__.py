"""Stock Keras models, explained unchanged: each covered layer has a forward pass in primitives over its weights."""

# The imports fill the table of covered layers.
from thesis_rnn.attribution.stock import affine, attention, merging, normalisation, passing, pooling, recurrent
from thesis_rnn.attribution.stock.coverage import cover, covered_names
from thesis_rnn.attribution.stock.tokens import check_tokens
from thesis_rnn.attribution.stock.twin import head_activation, make_twin
from thesis_rnn.attribution.stock.whole_model import check_graph, compute_dtypes

__all__ = [
    "affine",
    "attention",
    "check_graph",
    "check_tokens",
    "compute_dtypes",
    "cover",
    "covered_names",
    "head_activation",
    "make_twin",
    "merging",
    "normalisation",
    "passing",
    "pooling",
    "recurrent",
]
