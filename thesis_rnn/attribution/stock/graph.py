"""What the graph of a Keras model says about each of its layers."""

from collections.abc import Callable

import keras
from keras import tree

from thesis_rnn.attribution.stock.layer_forwards import LayerContext
from thesis_rnn.attribution.stock.masks import makes_masks
from thesis_rnn.attribution.stock.signals import (
    activation_name,
    compares,
    has_layers,
    is_gate,
    is_positive,
    keeps_sign,
    nodes_of,
    passes_on,
)

VALUELESS = ("OnesLike", "ZerosLike", "FullLike")
"""Operations that take the shape of their input and nothing else."""


PRODUCTS = ("Multiply", "Matmul", "Einsum", "Dot")
"""Layers and operations whose factors may be gates or, but for the first, attention weights."""


class Graph:
    """The operations of a Functional or Sequential model and what feeds them.

    Args:
      model: the user's model, or one that is nested in it.
      sees_input: whether the model's inputs are those of the network.
      is_output: whether the model's outputs are those of the network.
      only: the name of the one input that is looked at; None is all of them.
    """

    def __init__(self, model: keras.Model, sees_input: bool = True, is_output: bool = True, only=None):
        self.outputs = {id(tensor._keras_history.operation) for tensor in model.outputs if is_output}
        inputs = [tensor for tensor in model.inputs if sees_input and only in (None, tensor.name)]
        self.inputs = {id(tensor._keras_history.operation) for tensor in inputs}
        self.operations = {id(operation): operation for operation in operations_of(model)}
        self.nodes = nodes_of(model)
        self._asked: set = set()
        self._constant: set[int] = set()
        for key, operation in self.operations.items():  # in the order in which they run
            if type(operation).__name__ in VALUELESS or self._all(self.is_constant, operation):
                self._constant.add(key)
        self.folded: dict[int, keras.layers.Layer] = {}  # layer -> the BatchNormalization that is folded into it
        for operation in self.operations.values():
            self._fold(operation)

    def context(self, operation, dtype: str) -> LayerContext:
        """What the forward pass of ``operation`` in primitives needs to know."""
        first = self.sees_input(operation)
        domain = "bounded" if first else "positive" if self._all(self._is_positive, operation) else "real"
        gates = tuple(self._is_gate(parent) for parent in self._parents(operation))
        controls = self._is_gate(operation) and self._only_gates(operation)
        normalisation = self.folded.get(id(operation))
        mixes = controls and self._mixes(operation)
        return LayerContext(
            operation,
            dtype,
            domain,
            first,
            self.is_head(operation),
            normalisation,
            gates,
            controls,
            self._constants(operation),
            mixes,
        )

    def is_head(self, operation) -> bool:
        """Whether the operation gives one of the model's outputs."""
        return id(operation) in self.outputs

    def is_constant(self, operation) -> bool:
        """Whether no input of the model has a part in what the operation gives."""
        return id(operation) in self._constant

    def counts(self, operation) -> bool:
        """Whether an operation, no layer, gives whole numbers, such as tokens, which no relevance reaches."""
        given = self.nodes[id(operation)][0].output_tensors[0].dtype
        return not isinstance(operation, keras.layers.Layer) and given.startswith(("int", "uint"))

    def is_folded(self, operation) -> bool:
        """Whether the operation is a BatchNormalization that the layer below has taken in."""
        return any(operation is normalisation for normalisation in self.folded.values())

    def nested(self) -> list["Graph"]:
        """The graphs of the models that are layers of this one, and of those nested in them."""
        graphs = []
        for operation in self.operations.values():
            if has_layers(operation):
                graph = Graph(operation, self.sees_input(operation), self.is_head(operation))
                graphs += [graph, *graph.nested()]
        return graphs

    def sees_input(self, operation) -> bool:
        """Whether the operation sees the network's input, through layers that only rearrange it."""
        calls = [call for call in self._calls(operation) if call]
        return bool(calls) and all(any(map(self.gives_input, call)) for call in calls)

    def gives_input(self, operation) -> bool:
        """Whether the operation gives the network's input, or only rearranges it."""
        passes = passes_on(operation) or isinstance(operation, keras.layers.Masking)
        return id(operation) in self.inputs or (passes and self._all(self.gives_input, operation))

    def reads_input(self, operation) -> bool:
        """Whether the model's input feeds the operation directly."""
        return any(id(parent) in self.inputs for parent in self._parents(operation))

    def masking_readers(self) -> list:
        """The layers that mask the model's input, if nothing else reads it, through layers that only rearrange."""
        return self._maskers([one for key, one in self.operations.items() if key in self.inputs]) or []

    def _constants(self, operation) -> tuple[bool, ...]:
        """Which of the inputs of ``operation`` are constants, wherever it is called in this model."""
        nodes = self.nodes[id(operation)]
        calls = [[self._is_constant(leaf) for leaf in tree.flatten(node.arguments.args)] for node in nodes]
        return tuple(all(flags) for flags in zip(*calls, strict=False))

    def _is_constant(self, leaf) -> bool:
        if isinstance(leaf, keras.KerasTensor):
            return self.is_constant(leaf._keras_history.operation)
        return isinstance(leaf, keras.Variable) or hasattr(leaf, "shape")

    def _maskers(self, operations: list) -> list | None:
        """The layers that mask what ``operations`` give; None where another operation reads it."""
        found: list = []
        for child in [child for operation in operations for child in self._children(operation)]:
            if compares(child):
                continue
            if makes_masks(child):
                found.append(child)
            elif has_layers(child):
                found += Graph(child).masking_readers() or [None]
            else:
                found += (passes_on(child) and self._maskers([child])) or [None]
        return None if None in found else found

    def _children(self, operation) -> list:
        return [child for child in self.operations.values() if operation in self._parents(child)]

    def _calls(self, operation) -> list[list]:
        """The operations that feed ``operation`` values, not masks, for each place where it is called in this model."""
        return [
            [tensor._keras_history.operation for tensor in node.arguments.keras_tensors if tensor.dtype != "bool"]
            for node in self.nodes[id(operation)]
        ]

    def _parents(self, operation) -> list:
        return [parent for call in self._calls(operation) for parent in call]

    def _all(self, holds: Callable, operation) -> bool:
        """Whether it ``holds`` for all that feeds ``operation``; a layer that feeds itself has no say in it."""
        key = (holds.__qualname__, id(operation))
        if key in self._asked:
            return True
        self._asked.add(key)
        try:
            parents = self._parents(operation)
            return bool(parents) and all(holds(parent) for parent in parents)
        finally:
            self._asked.remove(key)

    def _is_positive(self, operation) -> bool:
        if keeps_sign(operation) and not any(self._constants(operation)):
            return self._all(self._is_positive, operation)
        return is_positive(operation)

    def _is_gate(self, operation) -> bool:
        if type(operation).__name__ == "Cast" and not self._parents(operation):
            return True  # a mask as numbers
        if passes_on(operation):
            return self._all(self._is_gate, operation)
        return is_gate(operation)

    def _only_gates(self, operation) -> bool:
        """Whether the operation feeds nothing but products, directly or through layers that rearrange."""
        children = self._children(operation)
        return bool(children) and all(
            type(child).__name__ in PRODUCTS or (passes_on(child) and self._only_gates(child)) for child in children
        )

    def _mixes(self, operation) -> bool:
        """Whether one of these products is a matrix product."""
        return any(
            type(child).__name__ in PRODUCTS[1:] or (passes_on(child) and self._mixes(child))
            for child in self._children(operation)
        )

    def _fold(self, operation) -> None:
        """Folds a BatchNormalization into the linear dense or convolutional layer below, if that feeds nothing else."""
        if not isinstance(operation, keras.layers.BatchNormalization):
            return
        parents = self._parents(operation)
        kinds = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D)
        channels = getattr(parents[0], "data_format", "channels_last") if parents else ""
        if channels != "channels_last" or operation.axis not in (-1, len(operation.output.shape) - 1):
            return
        if len(parents) != 1 or not isinstance(parents[0], kinds) or activation_name(parents[0]) != "linear":
            return
        [parent] = parents
        children = self._children(parent)
        if len(children) == 1 and len(self._parents(parent)) == 1 and not self.is_head(parent):
            self.folded[id(parent)] = operation


def operations_of(model: keras.Model) -> list:
    """The operations of a Functional or Sequential model, in the order in which they run."""
    return list(getattr(model, "_functional", model).operations)
