"""A layer of any other class, run operation by operation, each of which is covered on its own."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

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
from thesis_rnn.attribution.stock.sizes import for_samples
from thesis_rnn.attribution.stock.surrogate import Substitute, handler_of
from thesis_rnn.attribution.stock.tracing import is_tensor, masks_of, traced
from thesis_rnn.layers.base import PrimitiveLayer


@register_layer(keras.layers.Layer)
def decomposed(context: LayerContext, *inputs, **options):
    """What ``call`` computes, from the layers that it calls and the operations of ``keras.ops`` that it uses."""
    tensors = [
        one for one in tree.flatten((inputs, options | masks_of(context.source, inputs, options))) if is_tensor(one)
    ]
    return taken_apart(context, inputs, options)(tensors)


def taken_apart(context: LayerContext, inputs: tuple, options: dict) -> Callable[[list], Any]:
    """``call`` in primitives, as a function of the tensors among ``inputs`` and ``options``, which may be symbolic."""
    function = traced(context.source, inputs, options)
    alone = sum(symbol.dtype != "bool" for symbol in function.inputs) == 1  # beside others, which is the network's?
    graph = Graph(function, context.first and alone, context.head)
    names = _names(context, function)
    parts = {}
    for operation in function.operations:
        if not isinstance(operation, keras.layers.InputLayer):
            part = replace(
                graph.context(operation, context.dtype), alias=names[id(operation)], derivative=context.derivative
            )
            parts[id(operation)] = _part(context, part, graph)
    standing = function.inputs[0].shape[0]  # for the samples, where the call computes with their number

    def run(tensors: list):
        def run_part(operation):
            def called(*given, **named):
                given, named = for_samples((given, named), standing, ops.shape(tensors[0])[0])
                return parts[id(operation)](*given, **named)

            return called

        return function._run_through_graph(tensors, operation_fn=run_part)

    return run


def _part(context: LayerContext, part: LayerContext, graph: Graph) -> Callable:
    """What stands for an operation or layer that the call uses."""
    operation = part.source
    known = isinstance(operation, PrimitiveLayer) or forward_for(operation) or graph.is_constant(operation)
    if not (known or context.derivative):
        raise context.refuse(f"its call uses keras.ops {type(operation).__name__}, which is not covered")
    handler = handler_of(operation, graph, context.derivative)
    if isinstance(operation, keras.layers.Layer):
        return Substitute(part, handler)
    return partial(_run_operation, context, part, handler)


def _run_operation(context: LayerContext, part: LayerContext, handler, *inputs, **options):
    try:
        return handler(part, *_in_type(part, inputs), **_in_type(part, options))
    except NotCovered as error:
        refusal = context.refuse(f"its call uses keras.ops {type(part.source).__name__}: {error.what}")
    raise refusal


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
