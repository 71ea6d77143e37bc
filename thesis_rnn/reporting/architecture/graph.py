"""An architecture as boxes and arrows, before it is drawn."""

from dataclasses import dataclass, field


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
    """Nodes by name, edges, and the names of the nodes inside each titled frame."""

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

    def append(self, name: str, node: Node, dropout: tuple[str, ...] = ()) -> None:
        """Puts a node at the end of the path; ``dropout`` comes on top of what the path's end drops."""
        self.nodes[name] = node
        if self.end:
            self.connect(self.end, name, "forward", self.label, self.dropout + dropout)
        self.end, self.column, self.label, self.dropout = name, node.column + 1, "", ()
