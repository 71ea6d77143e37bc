"""What an operation of a Keras model gives: its activation, and whether its outputs are positive or gates."""

import keras
from keras.src.models import Functional

from thesis_rnn.attribution.stock.layer_forwards import NotCovered, forward_of
from thesis_rnn.attribution.stock.passing import cast, comparison, rearranged, unchanged
from thesis_rnn.attribution.stock.tracing import traced

POSITIVE = ("relu", "sigmoid", "softmax", "hard_sigmoid", "softplus")
GATING = ("sigmoid", "softmax", "hard_sigmoid")
KEEPS_SIGN = (
    keras.layers.Add,
    keras.layers.Average,
    keras.layers.Maximum,
    keras.layers.Minimum,
    keras.layers.MaxPooling1D,
    keras.layers.MaxPooling2D,
    keras.layers.MaxPooling3D,
    keras.layers.AveragePooling1D,
    keras.layers.AveragePooling2D,
    keras.layers.AveragePooling3D,
    keras.layers.GlobalAveragePooling1D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalAveragePooling3D,
    keras.layers.GlobalMaxPooling1D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.GlobalMaxPooling3D,
)


def passes_on(operation) -> bool:
    """Whether the operation gives the values that it takes, in whatever order."""
    return forward_of(operation) in (unchanged, rearranged, cast)


def compares(operation) -> bool:
    """Whether the operation looks for the mark of padding."""
    return forward_of(operation) is comparison


def keeps_sign(operation) -> bool:
    """Whether the operation gives positive values from positive ones."""
    return passes_on(operation) or isinstance(operation, KEEPS_SIGN)


def is_positive(operation) -> bool:
    """Whether the operation gives positive values, or zero, from any."""
    if isinstance(operation, keras.layers.ReLU):
        return not operation.negative_slope
    return activation_name(operation) in POSITIVE


def is_gate(operation) -> bool:
    """Whether the operation gives values in [0, 1] that a product can be gated by."""
    return activation_name(operation) in GATING


def activation_name(operation) -> str | None:
    """The name of the activation with which an operation ends; None if it has none, or one in a loop over time."""
    if isinstance(operation, keras.layers.RNN) or (forward_of(operation) is None and not _is_model(operation)):
        return None
    if isinstance(operation, keras.layers.TimeDistributed):
        return activation_name(operation.layer)
    if _is_model(operation):
        return activation_name(operation.outputs[0]._keras_history.operation)
    if isinstance(operation, keras.layers.Softmax):
        return "softmax"
    name = type(operation).__name__.lower()
    if type(operation).__module__.startswith("keras.src.ops"):
        return name
    return getattr(getattr(operation, "activation", None), "__name__", None)


def final_activation(operation) -> str | None:
    """The same, of a layer of the user's own too, which is taken apart."""
    if isinstance(operation, keras.layers.TimeDistributed):
        return final_activation(operation.layer) if _is_model(operation.layer) else activation_name(operation)
    if _is_model(operation):
        return final_activation(operation.outputs[0]._keras_history.operation)
    if forward_of(operation) is not None or not isinstance(operation, keras.layers.Layer):
        return activation_name(operation)
    call = operation._inbound_nodes[0].arguments
    try:
        function = traced(operation, call.args, call.kwargs)
    except NotCovered:
        return None
    return final_activation(function.outputs[0]._keras_history.operation)


def _is_model(operation) -> bool:
    """Whether the operation is a model with a graph."""
    return isinstance(operation, keras.Sequential | Functional)
