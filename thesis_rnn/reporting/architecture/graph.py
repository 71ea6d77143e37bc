"""An architecture as boxes and arrows, told by the layers of a built model: a drawing cannot fall behind the code."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import keras
import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer

# Columns.
GATE_STEP = 0.7  # between the parts of a gated cell: gates are narrower than layers
BEFORE_JOIN, BEHIND_JOIN = 0.8, 0.62  # around the point where x_t and h_{t-1} meet
BEHIND_LOOP = 0.5  # more space, for the words on the arrow

PRODUCTS = ("written", "kept", "shown")  # of each gate with its signal
REARRANGING = (keras.layers.Reshape, keras.layers.Permute, keras.layers.Flatten)


@dataclass(frozen=True)
class Node:
    """A box.

    Attributes:
      title: its name: the layer's, or what the part of a layer does.
      size: what it holds: neurons, rows x columns of the input, kernel x kernel x filters, a pooling window.
      row, column: where it stands; row 0 is the path from the input to the logits, row 1 lies above.
      kind: "input", "dense", "convolution", "pooling", "gate", "product" (of a gate and its signal) or "join" (the
        point at which two vectors become one).
      below: what to write under it: the number of steps, the shape of feature maps.
    """

    title: str
    size: str
    row: float
    column: float
    kind: str
    below: str = ""


@dataclass(frozen=True)
class Edge:
    """An arrow between two nodes, by name.

    Attributes:
      kind: "forward"; "control", into and out of gates; "recurrent", part of the loop from one step to the next;
        "literal", the same for a convolution's own output.
      label: "t-1" where the arrow brings what the step before has computed, "t=T" where only the last step passes.
      dropout: the dropouts on the way, each "ordinary" or "stationary".
    """

    source: str
    target: str
    kind: str
    label: str = ""
    dropout: tuple[str, ...] = ()


@dataclass
class ArchitectureGraph:
    """Nodes by name, edges, and the names of the nodes inside each titled frame.

    A layer's ``draw`` adds to it; ``end`` is the node at which the path from the input ends so far.
    """

    variables: int
    steps: int
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    frames: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # The end of the path so far, where the next layer goes on.
    end: str = ""
    column: float = 0.0
    label: str = ""
    dropout: tuple[str, ...] = ()

    def connect(self, source: str, target: str, kind: str, label: str = "", dropout: tuple[str, ...] = ()) -> None:
        """Adds an edge, unless it leads from one step to the next and there is only one step."""
        if self.steps > 1 or kind not in ("recurrent", "literal"):
            self.edges.append(Edge(source, target, kind, label, dropout))

    def box(
        self,
        name: str,
        size: str,
        kind: str,
        title: str = "",
        maps: Sequence[int] = (),
        dropout: tuple[str, ...] = (),
    ) -> None:
        """Puts a box at the end of the path.

        Args:
          name: of the node, and its title unless another is given.
          size, kind, title: see ``Node``.
          maps: the shape of feature maps [..., rows, columns, channels], written under the box.
          dropout: what the way to it drops, beside what is dropped where the path ended.
        """
        below = "x".join(str(axis) for axis in maps[-3:])
        self.append(name, Node(title or name, size, 0, self.column, kind, below), dropout)

    def box_above(self, name: str, size: str, kind: str, title: str, below: str) -> None:
        """Puts a box of a loop above the node ``below``, on no path of its own."""
        remark = "" if self.steps > 1 else "unused"
        self.nodes[name] = Node(title, size, 1, self.nodes[below].column, kind, remark)

    def append(self, name: str, node: Node, dropout: tuple[str, ...] = ()) -> None:
        """Puts a node at the end of the path; ``dropout`` comes on top of what the path's end drops."""
        self.nodes[name] = node
        if self.end:
            self.connect(self.end, name, "forward", self.label, self.dropout + dropout)
        self.end, self.column, self.label, self.dropout = name, node.column + 1, "", ()

    def gated_cell(
        self,
        name: str,
        units: int,
        gates: Sequence[str],
        hidden_dropout: tuple[str, ...],
        gate_dropout: tuple[str, ...],
    ) -> None:
        """An R-LSTM: the signal's path in row 0, the gates above it. A gate's arrow meets its signal in a product."""
        join = self.column - 1 + BEFORE_JOIN
        columns = join + BEHIND_JOIN + GATE_STEP * np.arange(5)
        self.append(f"{name}/join", Node("", "", 0, join, "join"))
        for part, column in zip(("candidate", "written", "cell", "shown", "hidden"), columns, strict=True):
            product = Node("", "", 0, column, "product")
            self.append(f"{name}/{part}", product if part in PRODUCTS else Node(part, str(units), 0, column, "dense"))
        self.nodes[f"{name}/kept"] = Node("", "", 0.5, columns[2], "product")
        for gate, product, column in zip(gates, PRODUCTS, columns[1:4], strict=True):
            self.nodes[f"{name}/{gate}"] = Node(gate.replace("_", " "), str(units), 1, column, "gate")
            self.connect(f"{name}/join", f"{name}/{gate}", "control")
            self.connect(f"{name}/{gate}", f"{name}/{product}", "control", dropout=gate_dropout)
        self.connect(f"{name}/cell", f"{name}/kept", "recurrent", "t-1")
        self.connect(f"{name}/kept", f"{name}/cell", "recurrent")
        self.connect(f"{name}/hidden", f"{name}/join", "recurrent", "t-1", hidden_dropout)
        self.frames[f"R-LSTM, {units} cells"] = tuple(node for node in self.nodes if node.startswith(f"{name}/"))

    def leave_loop(self, dropout: tuple[str, ...] = ()) -> None:
        """Lets the last step alone go on to what follows."""
        self.column += BEHIND_LOOP
        self.label = "t=T" if self.steps > 1 else ""
        self.dropout = dropout


def architecture_graph(model: keras.Model) -> ArchitectureGraph:
    """The boxes and arrows of a model made by ``build``, or of any other chain of layers that can be drawn.

    Sizes come from the layers, the count of trainable variables from the model. Layers that only rearrange have no box,
    dropout at rate 0 no mark. With a single step there is nothing to feed back: the loops are left out. Recurrent
    layers of Keras are one box with a loop.

    Raises:
      InputError: the model is no chain, has an input other than [batch, steps, rows, columns] or
        [batch, steps, features] with all sizes but the first fixed, or a layer that cannot be drawn.
    """
    layers = _chain(model)
    _, steps, *frame = model.inputs[0].shape
    graph = ArchitectureGraph(int(sum(np.prod(variable.shape) for variable in model.trainable_variables)), steps)
    remark = f"{steps} steps" if steps > 1 else "1 step"
    if not any(_loops(layer) for layer in layers):  # it sees all steps at once, side by side
        frame, remark = [*frame[:-1], steps * frame[-1]], ""
    graph.append("input", Node("input", "x".join(map(str, frame)), 0, 0, "input", remark))
    for layer in layers:
        _draw(layer, graph)
    return graph


def _chain(model: keras.Model) -> list[keras.layers.Layer]:
    inputs = getattr(model, "inputs", None) or []  # models that are subclassed or not built have none
    if len(inputs) != 1 or len(inputs[0].shape) not in (3, 4) or None in inputs[0].shape[1:]:
        shapes = ", ".join(str(tensor.shape) for tensor in inputs) or "none"
        raise InputError(
            f"an architecture is drawn from one input [batch, steps, rows, columns] or [batch, steps, features]; "
            f"received {shapes}"
        )
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    tensor = inputs[0]
    for layer in layers:
        if layer.input is not tensor:
            raise InputError(f"an architecture is drawn from a chain of layers; received a branch at {layer.name}")
        tensor = layer.output
    if len(model.outputs) != 1 or model.outputs[0] is not tensor:
        raise InputError(f"an architecture is drawn from a chain of layers; received other outputs than {layer.name}'s")
    return layers


def _loops(layer: keras.layers.Layer) -> bool:
    return layer.loops if isinstance(layer, PrimitiveLayer) else isinstance(layer, keras.layers.RNN)


def _draw(layer: keras.layers.Layer, graph: ArchitectureGraph) -> None:
    """Appends what a layer is drawn as."""
    if isinstance(layer, PrimitiveLayer):
        layer.draw(graph)
    elif isinstance(layer, keras.layers.RNN) and isinstance(getattr(layer, "units", None), int):
        graph.box(layer.name, str(layer.units), "dense", title=type(layer).__name__)
        graph.connect(layer.name, layer.name, "recurrent", "t-1")
        if not layer.return_sequences:
            graph.leave_loop()
    elif isinstance(layer, keras.layers.Dense):
        graph.box(layer.name, str(layer.units), "dense")
    elif not isinstance(layer, REARRANGING):
        raise InputError(f"{layer.name} must be a layer that can be drawn; received {type(layer).__name__}")
