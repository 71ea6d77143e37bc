"""A Keras model of the thesis as a chain of matrix layers, and the walk there and back."""

import numpy as np

from thesis_rnn.attribution.matrix.convolution import Convolution
from thesis_rnn.attribution.matrix.dense import Dense
from thesis_rnn.attribution.matrix.dense_recurrence import DenseRecurrence
from thesis_rnn.attribution.matrix.literal_convolution import LiteralConvolution
from thesis_rnn.attribution.matrix.pooling import SumPooling
from thesis_rnn.attribution.matrix.rearranging import Permute, Reshape, Unchanged
from thesis_rnn.attribution.matrix.rlstm import RLSTM
from thesis_rnn.attribution.matrix.rule import Rule
from thesis_rnn.errors import InputError

LAYERS = {
    "keras.InputLayer": Unchanged,
    "keras.Reshape": Reshape,
    "keras.Flatten": Reshape,
    "keras.Permute": Permute,
    "thesis_rnn.Dropout": Unchanged,
    "thesis_rnn.StationaryDropout": Unchanged,
    "thesis_rnn.Dense": Dense,
    "thesis_rnn.Convolution": Convolution,
    "thesis_rnn.LiteralConvolution": LiteralConvolution,
    "thesis_rnn.SumPooling": SumPooling,
    "thesis_rnn.DenseRecurrence": DenseRecurrence,
    "thesis_rnn.RLSTM": RLSTM,
}
"""Matrix layers by package and class of the Keras layer: Keras has a Dense too, and it is another one."""


def explain_batch(model, x, target, alpha: float, beta: float, low: float, high: float, dtype):
    """Shares out max(0, logit) of each sample's target by LRP-alpha-beta; (1, 0) is deep Taylor decomposition.

    Args:
      model: a model of ``thesis_rnn.build``; its layers form a chain. It is only read.
      x: [n, ...] in the shape that the model takes; pixels in [low, high].
      target: the class to explain, for each sample [n].
      alpha, beta: alpha - beta = 1, beta >= 0.
      low, high: the box of the z-beta rule.
      dtype: the floating-point type to compute in.

    Returns:
      The relevance in the shape of ``x``, the logits [n, classes], and the explained values max(0, logit) [n].

    Raises:
      InputError: for a layer that no architecture of the thesis has.
    """
    rule = Rule(alpha, beta, low, high)
    layers = [matrix_layer(layer, rule, dtype) for layer in model.layers]
    a = np.asarray(x, dtype)
    for layer in layers:
        a = layer.forward(a)
    logits, rows = a, np.arange(len(a))
    explained = np.maximum(0, logits[rows, target])
    relevance = np.zeros_like(logits)
    relevance[rows, target] = explained
    for layer in reversed(layers):
        relevance = layer.backward(relevance)
    return relevance, logits, explained


def matrix_layer(layer, rule: Rule, dtype):
    """The matrix layer with the weights of a Keras layer."""
    package = type(layer).__module__.partition(".")[0]
    name = f"{package}.{type(layer).__name__}"
    if name not in LAYERS:
        raise InputError(
            f"the matrix engine covers the thesis' architectures, whose layers are {', '.join(LAYERS)}; use the tape "
            f"engine for others; received the layer {layer.name!r} of class {name}"
        )
    return LAYERS[name](layer, rule, dtype)
