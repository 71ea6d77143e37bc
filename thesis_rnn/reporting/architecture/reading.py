"""From a built model to its boxes and arrows, read off the Keras layers: a drawing cannot fall behind the code."""

from functools import singledispatch

import keras
import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.layers import (
    RLSTM,
    Convolution,
    Dense,
    DenseRecurrence,
    Dropout,
    LiteralConvolution,
    StationaryDropout,
    SumPooling,
)
from thesis_rnn.reporting.architecture.graph import ArchitectureGraph, Node

# Columns.
GATE_STEP = 0.7  # between the parts of an R-LSTM cell: gates are narrower than layers
BEFORE_JOIN, BEHIND_JOIN = 0.8, 0.62  # around the point where x_t and h_{t-1} meet
BEHIND_LOOP = 0.5  # more space, for the words on the arrow

GATES = ("input gate", "forget gate", "output gate")
PRODUCTS = ("written", "kept", "shown")  # of each gate with its signal


def architecture_graph(model: keras.Model) -> ArchitectureGraph:
    """The boxes and arrows of a model made by ``build``, or of any other chain of the thesis' layers.

    Sizes come from the layers, the count of trainable variables from the model. Layers that only rearrange have no box,
    dropout at rate 0 no mark. With a single step there is nothing to feed back: the loops are left out.

    Raises:
      InputError: the model is no chain, has an input other than [batch, steps, rows, columns] with all sizes but the
        first fixed, or a layer that is not the thesis'.
    """
    layers = _chain(model)
    _, steps, rows, columns = model.inputs[0].shape
    recurrent = any(isinstance(layer, (DenseRecurrence, RLSTM)) for layer in layers)
    graph = ArchitectureGraph(int(sum(np.prod(variable.shape) for variable in model.trainable_variables)), steps)
    if recurrent:
        below = f"{steps} steps" if steps > 1 else "1 step"
        graph.append("input", Node("input", f"{rows}x{columns}", 0, 0, "input", below))
    else:  # it sees all steps at once, side by side
        graph.append("input", Node("input", f"{rows}x{steps * columns}", 0, 0, "input"))
    for layer in layers:
        _add(layer, graph)
    return graph


def _chain(model: keras.Model) -> list[keras.layers.Layer]:
    inputs = getattr(model, "inputs", None) or []  # models that are subclassed or not built have none
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or None in inputs[0].shape[1:]:
        shapes = ", ".join(str(tensor.shape) for tensor in inputs) or "none"
        raise InputError(f"an architecture is drawn from one input [batch, steps, rows, columns]; received {shapes}")
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    tensor = inputs[0]
    for layer in layers:
        if layer.input is not tensor:
            raise InputError(f"an architecture is drawn from a chain of layers; received a branch at {layer.name}")
        tensor = layer.output
    if len(model.outputs) != 1 or model.outputs[0] is not tensor:
        raise InputError(f"an architecture is drawn from a chain of layers; received other outputs than {layer.name}'s")
    return layers


@singledispatch
def _add(layer, graph: ArchitectureGraph) -> None:
    """Appends what a layer is drawn as."""
    raise InputError(f"{layer.name} must be one of the thesis' layers to be drawn; received {type(layer).__name__}")


@_add.register(keras.layers.Reshape)
@_add.register(keras.layers.Permute)
@_add.register(keras.layers.Flatten)
def _(layer, graph: ArchitectureGraph) -> None:
    pass


@_add.register
def _(layer: Dropout, graph: ArchitectureGraph) -> None:
    graph.dropout += _kind(layer)


def _kind(dropout: Dropout) -> tuple[str, ...]:
    """What the site drops, as an edge has it."""
    if dropout.rate == 0:
        return ()
    return ("stationary",) if isinstance(dropout, StationaryDropout) else ("ordinary",)


@_add.register
def _(layer: Dense, graph: ArchitectureGraph) -> None:
    graph.append(layer.name, Node(layer.name, str(layer.units), 0, graph.column, "dense"))


@_add.register(Convolution)
@_add.register(LiteralConvolution)
def _(layer, graph: ArchitectureGraph) -> None:
    size = f"{layer.size}x{layer.size}x{layer.filters}"
    graph.append(layer.name, Node(layer.name, size, 0, graph.column, "convolution", _maps(layer)))
    if isinstance(layer, LiteralConvolution):
        graph.connect(layer.name, layer.name, "literal", "t-1")


@_add.register
def _(layer: SumPooling, graph: ArchitectureGraph) -> None:
    graph.append(layer.name, Node(layer.name, f"{layer.size}x{layer.size}", 0, graph.column, "pooling", _maps(layer)))


def _maps(layer) -> str:
    """The shape of a layer's feature maps: rows, columns, channels."""
    return "x".join(str(size) for size in layer.output.shape[-3:])


@_add.register
def _(layer: DenseRecurrence, graph: ArchitectureGraph) -> None:
    hidden, recur = f"{layer.name}/hidden", f"{layer.name}/recur"
    graph.append(hidden, Node("hidden", str(layer.hidden), 0, graph.column, "dense"), _kind(layer.input_dropout))
    remark = "" if graph.steps > 1 else "unused"
    graph.nodes[recur] = Node("recur", str(layer.recurrent), 1, graph.nodes[hidden].column, "dense", remark)
    graph.connect(hidden, recur, "recurrent", dropout=_kind(layer.hidden_dropout))
    graph.connect(recur, hidden, "recurrent", "t-1", _kind(layer.recurrent_dropout))
    _leave_loop(graph, _kind(layer.hidden_dropout) if layer.drop_all else ())


@_add.register
def _(layer: RLSTM, graph: ArchitectureGraph) -> None:
    """The signal's path in row 0, the gates above it. A gate's arrow meets its signal in a product."""
    units, name = str(layer.units), layer.name
    hidden_dropout, gate_dropout = _kind(layer.hidden_dropout), _kind(layer.gate_dropout)
    join = graph.column - 1 + BEFORE_JOIN
    columns = join + BEHIND_JOIN + GATE_STEP * np.arange(5)
    graph.append(f"{name}/join", Node("", "", 0, join, "join"))
    for part, column in zip(("candidate", "written", "cell", "shown", "hidden"), columns, strict=True):
        product = Node("", "", 0, column, "product")
        graph.append(f"{name}/{part}", product if part in PRODUCTS else Node(part, units, 0, column, "dense"))
    graph.nodes[f"{name}/kept"] = Node("", "", 0.5, columns[2], "product")
    for gate, product, column in zip(GATES, PRODUCTS, columns[1:4], strict=True):
        graph.nodes[f"{name}/{gate}"] = Node(gate, units, 1, column, "gate")
        graph.connect(f"{name}/join", f"{name}/{gate}", "control")
        graph.connect(f"{name}/{gate}", f"{name}/{product}", "control", dropout=gate_dropout)
    graph.connect(f"{name}/cell", f"{name}/kept", "recurrent", "t-1")
    graph.connect(f"{name}/kept", f"{name}/cell", "recurrent")
    graph.connect(f"{name}/hidden", f"{name}/join", "recurrent", "t-1", hidden_dropout)
    graph.frames[f"R-LSTM, {units} cells"] = tuple(node for node in graph.nodes if node.startswith(f"{name}/"))
    _leave_loop(graph, hidden_dropout)


def _leave_loop(graph: ArchitectureGraph, dropout: tuple[str, ...]) -> None:
    """Lets the last step alone go on to what follows."""
    graph.column += BEHIND_LOOP
    graph.label = "t=T" if graph.steps > 1 else ""
    graph.dropout = dropout
