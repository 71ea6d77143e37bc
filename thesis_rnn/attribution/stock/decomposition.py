"""A layer of any other class, run operation by operation, each of which is covered on its own."""

from collections import Counter
from dataclasses import replace
from functools import partial

import keras
from keras import ops, tree

from thesis_rnn.attribution.stock.graph import Graph
from thesis_rnn.attribution.stock.layer_forwards import (
    LayerContext,
    NotCovered,
    forward_for,
    is_floating,
    register_layer,
)
from thesis_rnn.attribution.stock.surrogate import Substitute, handler_of
from thesis_rnn.attribution.stock.tracing import traced
from thesis_rnn.layers.base import PrimitiveLayer


@register_layer(keras.layers.Layer)
def decomposed(context: LayerContext, *inputs, **options):
    """What ``call`` computes, from the layers that it calls and the operations of ``keras.ops`` that it uses."""
    function, tensors = traced(context.source, inputs, options)
    graph = Graph(function, context.first, context.head)
    names = _names(context, function)

    def run(operation):
        part = replace(graph.context(operation, context.dtype), alias=names[id(operation)])
        _check(context, operation, graph)
        handler = handler_of(operation, graph)
        if isinstance(operation, keras.layers.Layer):
            return Substitute(part, handler)
        return partial(_run_operation, context, part, handler)

    return function._run_through_graph(tensors, operation_fn=run)


def _run_operation(context: LayerContext, part: LayerContext, handler, *inputs, **options):
    try:
        return handler(part, *_in_type(part, inputs), **_in_type(part, options))
    except NotCovered as error:
        refusal = context.refuse(f"its call uses keras.ops {type(part.source).__name__}: {error.what}")
    raise refusal


def _check(context: LayerContext, operation, graph: Graph) -> None:
    covered = isinstance(operation, PrimitiveLayer) or forward_for(operation) or graph.is_constant(operation)
    if not covered:
        raise context.refuse(f"its call uses keras.ops {type(operation).__name__}, which is not covered")


def _names(context: LayerContext, function: keras.Function) -> dict[int, str]:
    """The names of operations in ledgers and messages: those of layers, or kinds, numbered where they are several."""
    seen, names = Counter(), {}
    for operation in function.operations:
        is_layer = isinstance(operation, keras.layers.Layer)
        own = operation.name if is_layer else type(operation).__name__.lower()
        seen[own] += 1
        names[id(operation)] = f"{context.name}/{own}" + (f" {seen[own]}" if seen[own] > 1 else "")
    return names


def _in_type(context: LayerContext, arguments):
    """The arguments, with weights and other floating-point numbers in the explanation's type."""
    return tree.map_structure(
        lambda one: ops.cast(ops.convert_to_tensor(one), context.dtype) if is_floating(one) else one, arguments
    )
