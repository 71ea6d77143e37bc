"""Stock recurrent cells in primitives: what an input adds for all steps at once, and one step of the loop.

Gates are controls: under the usual composites they take no relevance, which goes to the signal.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import keras
from keras import ops, tree
from keras.src.layers.rnn.conv_lstm import ConvLSTMCell

from thesis_rnn.attribution.stock.decomposition import taken_apart
from thesis_rnn.attribution.stock.layer_forwards import LayerContext, activate
from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Form, SlidingKernel


@dataclass(frozen=True)
class Cell:
    """A cell, ready to run over a sequence.

    Attributes:
      inputs: what x adds, for all steps.
      step: (inputs of a step, states) -> (output, states).
      shapes: the shape of each state, without the samples.
    """

    inputs: list
    step: Callable
    shapes: list[tuple[int, ...]]


def simple_rnn(context: LayerContext, cell, x) -> Cell:
    """h = f(W x + U h + b)."""
    site = context.site("hidden")
    kernel, recurrent, bias = _weights(context, cell)

    def step(inputs, states):
        [z], [h] = inputs, states
        z = primitives.preactivation(z + primitives.contribution(h, recurrent, site, _state_domain(cell)), bias, site)
        h = primitives.state(activate(context, z, cell.activation), f"{context.name}/hidden")
        return h, [h]

    return Cell([primitives.contribution(x, kernel, site, context.domain)], step, [(cell.units,)])


def lstm(context: LayerContext, cell, x) -> Cell:
    """i, f, o = s(W x + U h + b), c = f * c + i * tanh(V x + Y h + d), h = o * tanh(c)."""
    return _lstm(context, cell, x, cell.units, (cell.units,))


def convolutional_lstm(context: LayerContext, cell, x) -> Cell:
    """The same, where W, U, V and Y are convolutions."""
    if cell.data_format != "channels_last":
        raise context.refuse("channels_last is covered; received channels_first")
    axes = len(cell.kernel_size)
    of_input = SlidingKernel(cell.strides, cell.padding, cell.dilation_rate, axes)
    of_state = SlidingKernel(1, "same", 1, axes)
    shape = cell.compute_output_shape((None, *x.shape[2:]))[0][1:]
    return _lstm(context, cell, x, cell.filters, tuple(shape), of_input, of_state)


def _lstm(
    context: LayerContext, cell, x, units: int, shape: tuple, of_input: Form = None, of_state: Form = None
) -> Cell:
    candidate_site, gate_site = context.site("candidate", of_input), context.site("gates", of_input, controls=True)
    candidate_state, gate_state = (replace(site, form=of_state) for site in (candidate_site, gate_site))
    gate_kernel, candidate_kernel = _split(_weights(context, cell)[0], units, [0, 1, 3], [2])
    gate_recurrent, candidate_recurrent = _split(_weights(context, cell)[1], units, [0, 1, 3], [2])
    gate_bias, candidate_bias = _split(_weights(context, cell)[2], units, [0, 1, 3], [2])

    def step(inputs, states):
        (g, z), (h, c) = inputs, states
        g = g + primitives.contribution(h, gate_recurrent, gate_state, _state_domain(cell))
        z = z + primitives.contribution(h, candidate_recurrent, candidate_state, _state_domain(cell))
        gates = _control(primitives.preactivation(g, gate_bias, gate_site), cell)
        input_gate, forget_gate, output_gate = ops.split(gates, 3, axis=-1)
        candidate = activate(context, primitives.preactivation(z, candidate_bias, candidate_site), cell.activation)
        kept = primitives.gate(forget_gate, c, "forget")
        written = primitives.gate(input_gate, candidate, "input")
        c = primitives.state(primitives.add(kept, written, f"{context.name}/cell"), f"{context.name}/cell")
        h = primitives.state(
            primitives.gate(output_gate, activate(context, c, cell.activation), "output"), f"{context.name}/hidden"
        )
        return h, [h, c]

    inputs = [
        primitives.contribution(x, gate_kernel, gate_site, context.domain),
        primitives.contribution(x, candidate_kernel, candidate_site, context.domain),
    ]
    return Cell(inputs, step, [shape, shape])


def gru(context: LayerContext, cell, x) -> Cell:
    """z, r = s(W x + U h + b), h = z * h + (1 - z) * tanh(V x + r * (Y h + e) + d).

    With reset_after=False it is Y (r * h) instead. A reset gate after the product counts as part of the kernel Y.
    """
    candidate_site, gate_site = context.site("candidate"), context.site("gates", controls=True)
    kernel, recurrent, bias = _weights(context, cell)
    bias, recurrent_bias = (bias[0], bias[1]) if len(bias.shape) == 2 else (bias, ops.zeros_like(bias))
    gate_kernel, candidate_kernel = _split(kernel, cell.units, [0, 1], [2])
    gate_recurrent, candidate_recurrent = _split(recurrent, cell.units, [0, 1], [2])
    gate_bias, candidate_bias = _split(bias, cell.units, [0, 1], [2])
    gate_recurrent_bias, candidate_recurrent_bias = _split(recurrent_bias, cell.units, [0, 1], [2])

    def step(inputs, states):
        (g, z), [h] = inputs, states
        g = g + primitives.contribution(h, gate_recurrent, gate_site, _state_domain(cell))
        gates = _control(primitives.preactivation(g, gate_bias + gate_recurrent_bias, gate_site), cell)
        update, reset = ops.split(gates, 2, axis=-1)
        if cell.reset_after:
            fed_back = primitives.contribution(h, candidate_recurrent, candidate_site, _state_domain(cell))
            z = z + primitives.gate(reset, fed_back, "output")
            given = candidate_recurrent_bias + ops.zeros_like(reset)
            total_bias = candidate_bias + primitives.gate(reset, given, "output")
        else:
            gated = primitives.gate(reset, h, "output")
            z = z + primitives.contribution(gated, candidate_recurrent, candidate_site, _state_domain(cell))
            total_bias = candidate_bias
        candidate = activate(context, primitives.preactivation(z, total_bias, candidate_site), cell.activation)
        complement = primitives.squash(update, lambda gate: 1 - gate, controls=True)
        kept = primitives.gate(update, h, "forget")
        written = primitives.gate(complement, candidate, "input")
        h = primitives.state(primitives.add(kept, written, f"{context.name}/hidden"), f"{context.name}/hidden")
        return h, [h]

    inputs = [
        primitives.contribution(x, gate_kernel, gate_site, context.domain),
        primitives.contribution(x, candidate_kernel, candidate_site, context.domain),
    ]
    return Cell(inputs, step, [(cell.units,)])


def any_cell(context: LayerContext, cell, x) -> Cell:
    """A cell of a user's own, whose ``call`` is taken apart."""
    sizes = [cell.state_size] if isinstance(cell.state_size, int) else list(cell.state_size)
    shapes = [(size,) if isinstance(size, int) else tuple(size) for size in sizes]
    states = [keras.KerasTensor((None, *shape), dtype=context.dtype) for shape in shapes]
    first = keras.KerasTensor((None, *x.shape[2:]), dtype=context.dtype)
    run = taken_apart(replace(context, source=cell, alias=context.name), (first, states), {})

    def step(inputs, states):
        output, states = run([*inputs, *states])
        if tuple(output.shape[1:]) != shapes[0]:
            raise context.refuse(
                f"a cell's output is shaped as its first state, {shapes[0]}; received {output.shape[1:]}"
            )
        return output, tree.flatten(states)

    return Cell([x], step, shapes)


CELLS = {
    keras.layers.SimpleRNNCell: simple_rnn,
    keras.layers.LSTMCell: lstm,
    keras.layers.GRUCell: gru,
    ConvLSTMCell: convolutional_lstm,
}


def _state_domain(cell) -> str:
    """Where the hidden state lives: a rectified one is positive, if the recurrence starts from nothing negative."""
    return "positive" if cell.activation is keras.activations.relu else "real"


def _weights(context: LayerContext, cell):
    kernel, recurrent = context.weight(cell.kernel), context.weight(cell.recurrent_kernel)
    return (
        kernel,
        recurrent,
        context.weight(cell.bias) if cell.use_bias else ops.zeros(kernel.shape[-1:], context.dtype),
    )


def _split(weight, units: int, *groups: list[int]):
    """The columns of ``weight`` that belong to each group of blocks of ``units`` columns."""
    blocks = ops.split(weight, weight.shape[-1] // units, axis=-1)
    return [ops.concatenate([blocks[index] for index in group], axis=-1) for group in groups]


def _control(z, cell):
    return primitives.squash(z, cell.recurrent_activation, controls=True)
