"""What is asked of a user's model as a whole: that its graph can be read, and in which types it computes."""

import keras

from thesis_rnn.attribution.stock.graph import operations_of
from thesis_rnn.attribution.stock.signals import has_layers
from thesis_rnn.errors import InputError


def check_graph(model: keras.Model) -> None:
    """Refuses models whose graph cannot be read."""
    if not has_layers(model):
        raise InputError(
            "only Functional and Sequential models are covered; rebuild it from keras.Input; received a subclassed "
            f"model, {type(model).__name__}"
        )
    if not hasattr(model, "inputs"):
        raise InputError("the model has no inputs yet; begin it with keras.Input; received a Sequential without shape")


def compute_dtypes(model: keras.Model) -> set[str]:
    """The floating-point types in which the layers of a model, and of those nested in it, compute."""
    types = set()
    for operation in operations_of(model):
        if has_layers(operation):
            types |= compute_dtypes(operation)
        elif isinstance(operation, keras.layers.Layer):
            types.add(operation.compute_dtype)
    return types
