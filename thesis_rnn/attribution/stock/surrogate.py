"""The surrogate of a user's model: the same graph, whose layers run in primitives and read the user's weights."""

from dataclasses import replace

import keras
from keras import ops, tree

from thesis_rnn.attribution.stock.graph import Graph
from thesis_rnn.attribution.stock.layer_forwards import (
    WAYS_OUT,
    LayerContext,
    NotCovered,
    forward_for,
    forward_of,
    is_floating,
)
from thesis_rnn.attribution.stock.masks import makes_masks, masked_by_sample, sample_mask
from thesis_rnn.attribution.stock.passing import rearranged, unchanged
from thesis_rnn.attribution.stock.signals import compares, final_activation
from thesis_rnn.attribution.stock.tokens import takes_tokens
from thesis_rnn.core.primitives import FORWARD, explained_by
from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.support.keras_errors import own_errors

SUFFIX = "_explained"
"""What a layer that stands for another is called behind its name."""


def own_name(operation) -> str:
    """The name that an operation of the explained model has in the user's."""
    return operation.name.removesuffix(SUFFIX)


class Substitute(keras.layers.Layer):
    """Stands where a layer or operation of the user's model stands, and runs its forward pass in primitives."""

    def __init__(self, context: LayerContext, handler):
        super().__init__(name=f"{context.name}{SUFFIX}".replace("/", "."), dtype=context.dtype)
        # Hidden from Keras, which would otherwise take the user's layer for a part of this one.
        self._run = lambda *inputs, **options: handler(context, *inputs, **options)
        self._source = lambda: context.source
        self._compute_mask = getattr(context.source, "compute_mask", None)
        self.supports_masking = True
        self.built = True

    @property
    def source(self) -> keras.layers.Layer:
        """The user's layer."""
        return self._source()

    def attention_weights(self, inputs, mask=None):
        """The weights of the user's layer; None if it tells none."""
        if not isinstance(self.source, PrimitiveLayer):
            return None
        inputs = tree.map_structure(lambda one: ops.cast(one, self.source.compute_dtype), inputs)
        return self.source.attention_weights(inputs, mask)

    def call(self, *inputs, **options):
        return self._run(*inputs, **options)

    def compute_mask(self, inputs, previous_mask):
        """The user's layer's mask. Keras gives what ``call`` took: a tuple of its positional arguments."""
        if not getattr(self.source, "supports_masking", False):
            return None  # Keras drops the mask there
        if len(inputs) > 1 or self._compute_mask is None:
            return tree.flatten(previous_mask)[0]
        [x], before = inputs, previous_mask[0] if isinstance(previous_mask, list | tuple) else previous_mask
        known = isinstance(self.source, PrimitiveLayer) or forward_of(self.source) is not None
        if known and not makes_masks(self.source):
            return self._compute_mask(x, before)  # a layer of the user's own may mark padding, too
        compared = ops.cast(x, self.source.compute_dtype) if is_floating(x) else x
        return sample_mask(self.source, x, lambda: self._compute_mask(compared, before))


class SubstituteOperation(keras.Operation):
    """The same for an operation that is no layer, such as the sum that ``a + b`` makes."""

    def __init__(self, context: LayerContext, handler):
        super().__init__(name=f"{context.name}{SUFFIX}")
        self._run = lambda *inputs, **options: handler(context, *inputs, **options)
        self.source = context.source

    def call(self, *inputs, **options):
        return self._run(*inputs, **options)


def make_surrogate(model: keras.Model, dtype: str, derivative: bool = False) -> keras.Model:
    """The surrogate of ``model``; the model, its layers and weights are only read.

    Args:
      model: a Functional or Sequential model.
      dtype: the floating-point type to compute in.
      derivative: layers that are not covered stand for themselves: nothing but their derivative is asked for.

    Raises:
      InputError: for a layer that is not covered, by its name.
    """
    outermost = Graph(model)
    graphs = [outermost, *outermost.nested()]
    if derivative:
        for graph in graphs:
            graph.folded.clear()  # a derivative needs none, and every layer gives what the user's gives

    def substitute(operation):
        graph = next(graph for graph in graphs if id(operation) in graph.operations)
        kind = Substitute if isinstance(operation, keras.layers.Layer) else SubstituteOperation
        context = replace(graph.context(operation, dtype), derivative=derivative)
        return kind(context, handler_of(operation, graph, derivative))

    inputs = tree.map_structure(
        lambda tensor: keras.Input(
            batch_shape=tensor.shape, dtype=_input_dtype(model, tensor, dtype), name=tensor.name
        ),
        model.inputs if isinstance(model, keras.Sequential) else model.input,
    )
    with own_errors():
        return keras.models.clone_model(model, inputs, clone_function=substitute, recursive=True)


def masking_readers(model: keras.Model) -> dict[str, list]:
    """For each input of ``model`` the layers that mask it, if nothing else reads it."""
    return {tensor.name: Graph(model, only=tensor.name).masking_readers() for tensor in model.inputs}


def marks_padding(model: keras.Model) -> bool:
    """Whether ``model`` finds padding by its value, so that other points than the samples have the samples' masks."""
    outermost = Graph(model)
    operations = [one for graph in (outermost, *outermost.nested()) for one in graph.operations.values()]
    return any(makes_masks(one) or compares(one) for one in operations)


def head_activation(model: keras.Model, index: int) -> str:
    """The activation of the output ``index`` that the surrogate leaves out: "softmax", "sigmoid" or "linear"."""
    if not 0 <= index < len(model.outputs):
        return "linear"  # find_head names the outputs that there are
    name = final_activation(model, index)
    return name if name in ("softmax", "sigmoid") else "linear"


def _input_dtype(model: keras.Model, tensor, dtype: str) -> str:
    """Tokens are integers, whatever the input was declared as; everything else is computed in ``dtype``."""
    if tensor.dtype.startswith(("int", "uint")):
        return tensor.dtype
    return "int32" if takes_tokens(model, tensor.name) else dtype


def _derivative_handler(operation, graph: Graph):
    """The forward pass in primitives where there is one, and the user's layer itself where there is none."""
    if graph.is_constant(operation) or (forward_for(operation) is None and not graph.is_folded(operation)):
        return _as_it_is
    return _Chosen(handler_of(operation, graph))


class _Chosen:
    """The forward pass in primitives of one layer, or the layer itself where that pass does not know its use.

    The pass is asked once, as the surrogate is built and the layer is called for the first time, without samples.
    What it refuses later is refused.
    """

    def __init__(self, forward):
        self.forward = forward
        self.chosen = None

    def __call__(self, context, *inputs, **options):
        if self.chosen is None:
            self.chosen = self.forward if self._knows(context, *inputs, **options) else _as_it_is
        return self.chosen(context, *inputs, **options)

    def _knows(self, context, *inputs, **options) -> bool:
        try:
            with explained_by(FORWARD):  # no leaf is taken note of
                self.forward(context, *inputs, **options)
        except NotCovered:
            return False
        return True


def _as_it_is(context: LayerContext, *inputs, **options):
    """The layer itself, whose masks are booleans again."""
    for node in context.source._inbound_nodes[:1]:
        known = tree.flatten((node.arguments.args, node.arguments.kwargs))
        given = tree.flatten((inputs, options))
        if len(known) == len(given):
            inputs, options = tree.pack_sequence_as((inputs, options), list(map(_as_mask, given, known)))
    return masked_by_sample(context.source, inputs, context.layer(*inputs, **options))


def _as_mask(given, known):
    is_mask = isinstance(known, keras.KerasTensor) and known.dtype == "bool"
    return ops.cast(given, "bool") if is_mask and is_floating(given) else given


def handler_of(operation, graph: Graph, derivative: bool = False):
    """The forward pass that stands for an operation of a graph.

    Raises:
      InputError: for an operation that is not covered, if not only its ``derivative`` is asked for.
    """
    if derivative:
        return _derivative_handler(operation, graph)
    if graph.is_folded(operation):
        return unchanged
    if isinstance(operation, PrimitiveLayer) or graph.is_constant(operation):
        return _as_it_is
    handler = forward_for(operation)
    if handler is None:
        raise InputError(
            f"operation {operation.name!r}, keras.ops {type(operation).__name__}, is not covered; {WAYS_OUT}"
        )
    return _of_whole_numbers if handler is not rearranged and graph.counts(operation) else handler


def _of_whole_numbers(context: LayerContext, *inputs, **options):
    context.keeps_samples(*inputs)
    return context.source.call(*inputs, **options)
