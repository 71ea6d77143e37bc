"""What is told of a user's model before it is explained."""

from collections.abc import Callable
from typing import Any

from thesis_rnn.attribution.inputs.lookups import behind_lookups
from thesis_rnn.attribution.inputs.models import in_layers
from thesis_rnn.attribution.stock.covering import Coverage
from thesis_rnn.attribution.stock.covering import coverage as coverage_of_graph
from thesis_rnn.attribution.stock.signals import has_layers
from thesis_rnn.errors import InputError


def coverage(model: Callable, x: Any = None) -> Coverage:
    """Which layers of ``model`` relevance is propagated through, and by which primitives.

    Gradient methods and occlusion need no coverage: they explain what is refused here, too. Layers that look up text
    or categories in front of a model are left out, as it is explained behind them.

    Args:
      model: a Keras model; it is only read.
      x: samples, which a subclassed model needs, as its ``call`` is followed on tensors of their shape; others do not.

    Returns:
      A row for each layer and operation, those of nested models included.

    Raises:
      InputError: for a model without a graph, or a subclassed one whose ``call`` cannot be followed.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, "relu", name="logits")])
      >>> print(coverage(model))
      logits  Dense  yes  affine, rectify
    """
    if x is not None:
        model = in_layers(model, x)
    elif not has_layers(model):
        raise InputError(f"a subclassed model is followed on samples: give x; received a {type(model).__name__} alone")
    return coverage_of_graph(behind_lookups(model))
