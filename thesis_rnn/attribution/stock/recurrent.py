"""Recurrent layers: SimpleRNN, LSTM, GRU, convolutional LSTMs, RNN of cells, and Bidirectional."""

from dataclasses import replace

import keras
from keras import layers, ops, tree

from thesis_rnn.attribution.stock.cells import CELLS, any_cell
from thesis_rnn.attribution.stock.layer_forwards import LayerContext, register_layer
from thesis_rnn.core import primitives
from thesis_rnn.core.scan import scan


@register_layer(
    layers.SimpleRNN, layers.LSTM, layers.GRU, layers.RNN, layers.ConvLSTM1D, layers.ConvLSTM2D, layers.ConvLSTM3D
)
def recurrent(context: LayerContext, x, initial_state=None, mask=None, **_):
    """One cell, or several stacked ones, over the sequence.

    States start at zero unless they are given, or left by an earlier batch, as the layer is stateful.
    """
    source = context.source
    context = replace(context, head=False)  # the activation is inside the loop, and is never left out
    mask = getattr(x, "_keras_mask", None) if mask is None else mask
    mask = None if mask is None else ops.cast(mask, "bool")  # an input that is a mask is computed in numbers
    cells = source.cell.cells if isinstance(source.cell, keras.layers.StackedRNNCells) else [source.cell]
    given = [] if initial_state is None else tree.flatten(initial_state)
    left = [context.weight(one) for one in tree.flatten(source.states)] if source.stateful else []

    outputs, last_states = x, []
    for index, cell in enumerate(cells):
        below = index == 0
        part = context if below else replace(context, domain="real", first=False)
        part = replace(part, alias=f"{context.name}/{cell.name}") if len(cells) > 1 else part
        ready = CELLS.get(type(cell), any_cell)(part, cell, outputs)
        states = [
            given.pop(0) if given else _initial_state(part, number, x, shape, left.pop(0) if left else None)
            for number, shape in enumerate(ready.shapes)
        ]
        outputs, last, states = scan(
            ready.step,
            ready.inputs,
            states,
            mask,
            reverse=source.go_backwards and below,
            unroll=primitives.semantics().needs_steps,
            zero_masked=bool(getattr(source, "zero_output_for_mask", False)),
        )
        if source.go_backwards and below:
            primitives.semantics().reverse_steps(part.name)
        last_states += states
    output = outputs if source.return_sequences else last
    return [output, *last_states] if source.return_state else output


@register_layer(layers.SimpleRNNCell, layers.LSTMCell, layers.GRUCell)
def cell_alone(context: LayerContext, x, states, **_):
    """One step of a cell that a layer of the user's own calls; states are an input like x."""
    ready = CELLS[type(context.source)](replace(context, head=False), context.source, x)
    return ready.step(ready.inputs, list(states))


@register_layer(layers.Bidirectional)
def bidirectional(context: LayerContext, x, initial_state=None, mask=None, **_):
    """A layer from the first step on and one from the last step on, merged at every step."""
    source = context.source
    mask = getattr(x, "_keras_mask", None) if mask is None else mask
    half = len(initial_state) // 2 if initial_state is not None else None
    states = (None, None) if half is None else (initial_state[:half], initial_state[half:])
    forward, backward = (
        recurrent(replace(context, source=layer), x, initial_state=state, mask=mask)
        for layer, state in zip((source.forward_layer, source.backward_layer), states, strict=True)
    )
    last_states = []
    if source.return_state:
        (forward, *forward_states), (backward, *backward_states) = forward, backward
        last_states = [*forward_states, *backward_states]
    if source.return_sequences:
        backward = ops.flip(backward, axis=1)
    if source.merge_mode is None:
        return [forward, backward, *last_states]
    merged = _merge(context, forward, backward)
    return [merged, *last_states] if source.return_state else merged


def _merge(context: LayerContext, forward, backward):
    mode = context.source.merge_mode
    if mode == "concat":
        return ops.concatenate([forward, backward], axis=-1)
    if mode == "sum":
        return primitives.add(forward, backward, context.name)
    if mode == "ave":
        return primitives.add(primitives.gate(0.5, forward), primitives.gate(0.5, backward), context.name)
    return primitives.product(forward, backward, layer=context.name)


def _initial_state(context: LayerContext, number: int, x, shape: tuple[int, ...], left):
    """The state before the first step, zero or ``left`` by earlier samples: its relevance is a row of the ledger."""
    state = ops.zeros((ops.shape(x)[0], *shape), context.dtype) if left is None else left
    return primitives.state(state, f"{context.name}/{primitives.INITIAL_STATE} {number}")
