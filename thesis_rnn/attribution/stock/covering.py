"""Which layers of a model relevance is propagated through, by which primitives, told before it is tried."""

from dataclasses import dataclass
from typing import NamedTuple

import keras
from keras import tree
from keras.src.backend import compute_output_spec

from thesis_rnn.attribution.stock.graph import Graph
from thesis_rnn.attribution.stock.layer_forwards import is_floating
from thesis_rnn.attribution.stock.signals import has_layers
from thesis_rnn.attribution.stock.surrogate import handler_of
from thesis_rnn.attribution.stock.whole_model import check_graph
from thesis_rnn.core.primitives import ForwardSemantics, explained_by
from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.support.keras_errors import own_errors

PASSED_ON = "passed on"
"""What is said of layers that use no primitive: they rearrange their input, or leave it as it is."""


class CoveredLayer(NamedTuple):
    """A layer or operation of a model.

    Attributes:
      layer: its name.
      kind: its class.
      covered: whether relevance is propagated through it.
      by: the primitives that it is written in; "passed on" where it only rearranges.
      reason: why it is not covered, and the ways out; "" where it is.
    """

    layer: str
    kind: str
    covered: bool
    by: str
    reason: str = ""


@dataclass(frozen=True)
class Coverage:
    """The layers of a model, in the order in which they run; its text is a table."""

    rows: tuple[CoveredLayer, ...]

    @property
    def covered(self) -> bool:
        """Whether methods that propagate relevance explain the model."""
        return all(row.covered for row in self.rows)

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        widths = [max(len(row[place]) for row in self.rows) for place in (0, 1)]
        told = [(row, "yes" if row.covered else "no ", row.by or row.reason) for row in self.rows]
        return "\n".join(f"{row.layer:<{widths[0]}}  {row.kind:<{widths[1]}}  {yes}  {by}" for row, yes, by in told)


def coverage(model: keras.Model) -> Coverage:
    """Which layers of ``model`` relevance is propagated through, and by which primitives.

    Gradient methods and occlusion need no coverage: they explain what is refused here, too.

    Args:
      model: a Functional or Sequential model; it is only read, and nothing is computed.

    Returns:
      A row for each layer and operation, those of nested models included.

    Raises:
      InputError: for a model without a graph.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, "relu", name="logits")])
      >>> print(coverage(model))
      logits  Dense  yes  affine, rectify
    """
    check_graph(model)
    outermost = Graph(model)
    graphs = [outermost, *outermost.nested()]
    return Coverage(tuple(_row(operation, graph) for graph in graphs for operation in _operations(graph)))


def _operations(graph: Graph) -> list:
    """All but inputs and nested models, whose own operations are told."""
    every = graph.operations.values()
    return [one for one in every if not isinstance(one, keras.layers.InputLayer) and not has_layers(one)]


def _row(operation, graph: Graph) -> CoveredLayer:
    name, kind = operation.name, type(operation).__name__
    if isinstance(operation, PrimitiveLayer):
        return CoveredLayer(name, kind, True, "written in primitives")
    watching = Watching()
    try:
        with own_errors(), explained_by(watching):
            for node in graph.nodes[id(operation)]:
                _try(operation, graph, node.arguments)
    except InputError as refusal:
        return CoveredLayer(name, kind, False, "", str(refusal))
    return CoveredLayer(name, kind, True, ", ".join(dict.fromkeys(watching.used)) or PASSED_ON)


def _try(operation, graph: Graph, call) -> None:
    """The layer's forward pass on tensors without values."""
    handler, context = handler_of(operation, graph), graph.context(operation, "float32")

    def symbol(value):
        if not isinstance(value, keras.KerasTensor):
            return value
        return keras.KerasTensor(value.shape, "float32" if is_floating(value) else value.dtype)

    args, options = tree.map_structure(symbol, (call.args, call.kwargs))
    compute_output_spec(lambda *args, **options: handler(context, *args, **options), *args, **options)


class Watching(ForwardSemantics):
    """The plain forward, which takes note of the primitives that are used."""

    def __init__(self):
        super().__init__()
        self.used: list[str] = []

    def contribution(self, a, kernel, site, domain):
        self.used.append("affine")
        return super().contribution(a, kernel, site, domain)

    def rectify(self, z):
        self.used.append("rectify")
        return super().rectify(z)

    def squash(self, z, function, controls, layer):
        self.used.append("squash")
        return super().squash(z, function, controls, layer)

    def gate(self, g, signal, role="other"):
        self.used.append("gate")
        return super().gate(g, signal, role)

    def add(self, a, b, layer=""):
        self.used.append("add")
        return super().add(a, b, layer)

    def pool(self, a, function, average=None, layer=""):
        self.used.append("pool")
        return super().pool(a, function, average, layer)

    def greatest(self, a, b, function):
        self.used.append("greatest")
        return super().greatest(a, b, function)

    def product(self, a, b, function, layer="", mixing=None):
        self.used.append("product")
        return super().product(a, b, function, layer, mixing)

    def normalise(self, a, scale, layer=""):
        self.used.append("normalise")
        return super().normalise(a, scale, layer)

    def softmax(self, z, function, layer=""):
        self.used.append("softmax")
        return super().softmax(z, function, layer)

    def constant(self, a, layer=""):
        self.used.append("constant")
        return super().constant(a, layer)
