"""What an operation of a Keras model gives: its activation, and whether its outputs are positive or gates."""

from collections import defaultdict

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
    if isinstance(operation, keras.layers.RNN) or (forward_of(operation) is None and not has_layers(operation)):
        return None
    if isinstance(operation, keras.layers.TimeDistributed):
        return activation_name(operation.layer)
    if has_layers(operation):
        return activation_name(operation.outputs[0]._keras_history.operation)
    if isinstance(operation, keras.layers.Softmax):
        return "softmax"
    name = type(operation).__name__.lower()
    if type(operation).__module__.startswith("keras.src.ops"):
        return name
    return getattr(getattr(operation, "activation", None), "__name__", None)


def final_activation(model, index: int = 0) -> str | None:
    """The name of the activation with which output ``index`` of a model ends; its own layers are taken apart for it."""
    operation = model.outputs[index]._keras_history.operation
    if isinstance(operation, keras.layers.TimeDistributed):
        return final_activation(operation.layer) if has_layers(operation.layer) else activation_name(operation)
    if has_layers(operation):
        return final_activation(operation)
    if forward_of(operation) is not None or not isinstance(operation, keras.layers.Layer):
        return activation_name(operation)
    call = nodes_of(model)[id(operation)][0].arguments
    try:
        return final_activation(traced(operation, call.args, call.kwargs))
    except NotCovered:
        return None


def nodes_of(model: keras.Model) -> dict[int, list]:
    """The calls of every operation in the model, by its identity."""
    nodes = defaultdict(list)
    for level in getattr(model, "_functional", model)._nodes_by_depth.values():
        for node in level:
            if not node.is_input:
                nodes[id(node.operation)].append(node)
    return nodes


def has_layers(operation) -> bool:
    """Whether the operation is a model whose graph can be read; a subclassed one is taken apart like a layer."""
    return isinstance(operation, keras.Sequential | Functional)
