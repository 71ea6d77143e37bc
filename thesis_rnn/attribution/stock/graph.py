"""What the graph of a Keras model says about each of its layers."""

from collections.abc import Callable

import keras
from keras.src.models import Functional

from thesis_rnn.attribution.stock.coverage import Place, handler_of
from thesis_rnn.attribution.stock.passing import rearranged, unchanged
from thesis_rnn.errors import InputError

POSITIVE = ("relu", "sigmoid", "softmax", "hard_sigmoid", "softplus")
GATING = ("sigmoid", "softmax", "hard_sigmoid")
KEEPS_SIGN = (
    keras.layers.Add,
    keras.layers.Average,
    keras.layers.MaxPooling1D,
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling1D,
    keras.layers.AveragePooling2D,
    keras.layers.GlobalAveragePooling1D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling1D,
    keras.layers.GlobalMaxPooling2D,
)


class Graph:
    """The operations of a Functional or Sequential model and what feeds them.

    Args:
      model: the user's model, or one that is nested in it.
      sees_input: whether the model's inputs are those of the network.
      is_output: whether the model's outputs are those of the network.
    """

    def __init__(self, model: keras.Model, sees_input: bool = True, is_output: bool = True):
        self.outputs = {id(tensor._keras_history.operation) for tensor in model.outputs if is_output}
        self.inputs = {id(tensor._keras_history.operation) for tensor in model.inputs if sees_input}
        self.operations = {id(operation): operation for operation in operations_of(model)}
        self.folded: dict[int, keras.layers.Layer] = {}  # layer -> the BatchNormalization that is folded into it
        for operation in self.operations.values():
            self._fold(operation)

    def place(self, operation, dtype: str) -> Place:
        """What the forward pass of ``operation`` in primitives needs to know."""
        first = self._sees_input(operation)
        domain = "bounded" if first else "positive" if self._all(self._is_positive, operation) else "real"
        gates = tuple(self._is_gate(parent) for parent in self._parents(operation))
        controls = self._is_gate(operation) and self._only_gates(operation)
        normalisation = self.folded.get(id(operation))
        return Place(operation, dtype, domain, first, self.is_head(operation), normalisation, gates, controls)

    def is_head(self, operation) -> bool:
        """Whether the operation gives one of the model's outputs."""
        return id(operation) in self.outputs

    def is_folded(self, operation) -> bool:
        """Whether the operation is a BatchNormalization that the layer below has taken in."""
        return any(operation is normalisation for normalisation in self.folded.values())

    def nested(self) -> list["Graph"]:
        """The graphs of the models that are layers of this one, and of those nested in them."""
        graphs = []
        for operation in self.operations.values():
            if isinstance(operation, keras.Model):
                graph = Graph(operation, self._sees_input(operation), self.is_head(operation))
                graphs += [graph, *graph.nested()]
        return graphs

    def reads_input(self, operation) -> bool:
        """Whether the model's input feeds the operation directly."""
        return any(id(parent) in self.inputs for parent in self._parents(operation))

    def _calls(self, operation) -> list[list]:
        """The operations that feed ``operation``, for each place where it is called in this model."""
        calls = [
            [tensor._keras_history.operation for tensor in node.arguments.keras_tensors]
            for node in operation._inbound_nodes
        ]
        return [call for call in calls if all(id(parent) in self.operations for parent in call)]

    def _parents(self, operation) -> list:
        return [parent for call in self._calls(operation) for parent in call]

    def _all(self, holds: Callable, operation) -> bool:
        parents = self._parents(operation)
        return bool(parents) and all(holds(parent) for parent in parents)

    def _sees_input(self, operation) -> bool:
        def is_input(parent):
            passes = handler_of(parent) in (unchanged, rearranged) or isinstance(parent, keras.layers.Masking)
            return id(parent) in self.inputs or (passes and self._all(is_input, parent))

        calls = [call for call in self._calls(operation) if call]
        return bool(calls) and all(any(map(is_input, call)) for call in calls)

    def _is_positive(self, operation) -> bool:
        if handler_of(operation) in (unchanged, rearranged) or isinstance(operation, KEEPS_SIGN):
            return self._all(self._is_positive, operation)
        if isinstance(operation, keras.layers.ReLU):
            return not operation.negative_slope
        return activation_name(operation) in POSITIVE

    def _is_gate(self, operation) -> bool:
        if handler_of(operation) in (unchanged, rearranged):
            return self._all(self._is_gate, operation)
        return activation_name(operation) in GATING

    def _only_gates(self, operation) -> bool:
        """Whether the operation feeds nothing but products, directly or through layers that rearrange."""
        children = [child for child in self.operations.values() if operation in self._parents(child)]
        return bool(children) and all(
            type(child).__name__ == "Multiply"
            or (handler_of(child) in (unchanged, rearranged) and self._only_gates(child))
            for child in children
        )

    def _fold(self, operation) -> None:
        """Folds a BatchNormalization into the linear dense or convolutional layer below, if that feeds nothing else."""
        if not isinstance(operation, keras.layers.BatchNormalization):
            return
        parents = self._parents(operation)
        kinds = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D)
        if len(parents) != 1 or not isinstance(parents[0], kinds) or activation_name(parents[0]) != "linear":
            return
        [parent] = parents
        children = [child for child in self.operations.values() if parent in self._parents(child)]
        if len(children) == 1 and len(self._parents(parent)) == 1 and not self.is_head(parent):
            self.folded[id(parent)] = operation


def check_graph(model: keras.Model) -> None:
    """Refuses models whose graph cannot be read, or that have several inputs."""
    if not isinstance(model, (keras.Sequential, Functional)):
        raise InputError(
            "only Functional and Sequential models are covered; rebuild it from keras.Input; received a subclassed "
            f"model, {type(model).__name__}"
        )
    if not hasattr(model, "inputs"):
        raise InputError("the model has no inputs yet; begin it with keras.Input; received a Sequential without shape")
    if len(model.inputs) != 1:
        names = ", ".join(tensor.name for tensor in model.inputs)
        raise InputError(
            "models with several inputs are not covered; concatenate them into one Input and split that inside the "
            f"model; received {len(model.inputs)} inputs: {names}"
        )


def takes_tokens(model: keras.Model) -> bool:
    """Whether an Embedding reads the model's input."""
    graph = Graph(model)
    readers = [reader for reader in graph.operations.values() if graph.reads_input(reader)]
    return any(
        takes_tokens(reader) if isinstance(reader, keras.Model) else isinstance(reader, keras.layers.Embedding)
        for reader in readers
    )


def compute_dtypes(model: keras.Model) -> set[str]:
    """The floating-point types in which the layers of a model, and of those nested in it, compute."""
    types = set()
    for operation in operations_of(model):
        if isinstance(operation, keras.Model):
            types |= compute_dtypes(operation)
        elif isinstance(operation, keras.layers.Layer):
            types.add(operation.compute_dtype)
    return types


def operations_of(model: keras.Model) -> list:
    """The operations of a Functional or Sequential model, in the order in which they run."""
    return list(getattr(model, "_functional", model).operations)


def activation_name(operation) -> str | None:
    """The name of the activation with which an operation ends; None if it has none, or one in a loop over time."""
    if isinstance(operation, keras.layers.RNN):
        return None
    if isinstance(operation, keras.layers.TimeDistributed):
        return activation_name(operation.layer)
    if isinstance(operation, keras.Model):
        return activation_name(operation.outputs[0]._keras_history.operation)
    if isinstance(operation, keras.layers.Softmax):
        return "softmax"
    name = type(operation).__name__.lower()
    if type(operation).__module__.startswith("keras.src.ops"):
        return name
    return getattr(getattr(operation, "activation", None), "__name__", None)
