"""What a model's recurrent states do to its last one: Jacobian norms, and forget gates. A model in, arrays out."""

import keras
import numpy as np
import tensorflow as tf

from thesis_rnn.attribution.tape.network import network_of
from thesis_rnn.core import primitives
from thesis_rnn.errors import InputError
from thesis_rnn.layers.asking import gate_names_of, gates_of
from thesis_rnn.support.checks import finite_array

KEEPING = ("forget_gate", "update_gate")
"""The gates that decide how much of the state is kept; a GRU's is its update gate."""


def jacobian_norms(model: keras.Model, x, layer: str | None = None, batch_size: int = 50) -> dict[str, np.ndarray]:
    """||dh_T / dh_t|| and ||dh_T / dc_t||, Frobenius norms by the name of the state: ``[n, steps]`` each.

    h_T is the hidden state of ``layer`` after the last step that it read. A derivative in h_t keeps c_t as it is, one
    in c_t takes along the h_t that is made of it. Exact: one backward pass for each unit of h_T, through the unrolled
    loop, in float64, in which small norms do not vanish by rounding. What an input does to h_T through attention
    bypasses the states between them, and does not count here.

    Args:
      model: one that ``explain`` covers, with a known number of steps.
      x: inputs ``[n, steps, ...]``, none of whose steps the model masks.
      layer: the name of a recurrent layer; None where there is only one. The directions of a Bidirectional layer are
        layers of their own; the last step of the backward one is the first of the series.
      batch_size: samples at once.

    Returns:
      Norms by state: "hidden" and, for cells that have it, "cell"; steps in the order of the series.

    Raises:
      InputError: masked steps, no recurrent layer, or several of which none is named.
    """
    network = network_of(model, "float64", derivative=True)
    x = finite_array("x [n, steps, ...]", x, axes=len(model.inputs[0].shape))
    _check_nothing_is_masked(model, x)
    batches = [x[start : start + batch_size] for start in range(0, len(x), batch_size)]
    norms = [_norms_of_batch(network, batch, layer) for batch in batches]
    return {name: np.concatenate([batch[name] for batch in norms]) for name in norms[0]}


def last_states(model: keras.Model, x, batch_size: int = 100) -> dict[str, np.ndarray]:
    """The hidden state of every recurrent layer after the last step that it read, [n, units] by the layer's name.

    Args:
      model: one that ``explain`` covers, with a known number of steps.
      x: inputs ``[n, steps, ...]``, or tokens ``[n, steps]``.
      batch_size: samples at once.

    Returns:
      States by layer, in the order in which the layers run; the directions of a Bidirectional one are layers of their
      own. Nothing for a model without states.
    """
    network, states = network_of(model, "float32", derivative=True), []
    for start in range(0, len(x), batch_size):
        watching = _Watching(None)
        with primitives.explained_by(watching):
            network.logits(tf.cast(x[start : start + batch_size], network.input_spec.dtype))
        hidden = {
            name.removesuffix("/hidden"): leaf for name, leaf in watching.leaves.items() if name.endswith("/hidden")
        }
        states.append({name: leaf[0 if name in watching.backwards else -1].numpy() for name, leaf in hidden.items()})
    return {name: np.concatenate([batch[name] for batch in states]) for name in (states[0] if states else ())}


def forget_gates(model: keras.Model, x, layer: str | None = None) -> np.ndarray:
    """The forget gates of an LSTM or R-LSTM, the update gates of a GRU: ``[n, steps, units]``.

    At a masked step, where the state stays as it is, they are 1.

    Args:
      model: a Functional or Sequential model with one input.
      x: inputs ``[n, steps, ...]``.
      layer: the name of the layer; None where only one has such gates.

    Raises:
      InputError: if no layer, or no single one, has them.
    """
    gated = gated_layers(model)
    chosen = gated[_choose(layer, list(gated), "layers with forget gates")]
    read = keras.Model(model.input, keras.tree.flatten(chosen.input))  # the sequence and, where there is one, its mask
    sequence, *mask = keras.tree.flatten(read(tf.convert_to_tensor(x, model.inputs[0].dtype), training=False))
    mask = mask[0] if mask else None
    gates = gates_of(chosen, sequence, mask)
    kept = np.asarray(next(gates[name] for name in KEEPING if name in gates))
    return kept if mask is None else np.where(np.asarray(mask)[..., None], kept, 1.0)


def gated_layers(model: keras.Model) -> dict[str, keras.layers.Layer]:
    """The layers of a model whose forget gates can be told, by name; none inside of a Bidirectional."""
    return {each.name: each for each in model.layers if set(KEEPING) & set(gate_names_of(each))}


class _Watching(primitives.ForwardSemantics):
    """Derivatives, of every state of every step; knows which layers run backwards."""

    needs_steps = True

    def __init__(self, tape: tf.GradientTape | None):
        super().__init__()
        self.watch = tape.watch if tape is not None else lambda state: None
        self.backwards: set[str] = set()

    def reverse_steps(self, layer: str) -> None:
        super().reverse_steps(layer)
        self.backwards.add(layer)


def _norms_of_batch(network, x: np.ndarray, layer: str | None) -> dict[str, np.ndarray]:
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        watching = _Watching(tape)
        with primitives.explained_by(watching):
            network.logits(tf.cast(x, network.input_spec.dtype))
        hidden = [name.removesuffix("/hidden") for name in watching.leaves if name.endswith("/hidden")]
        layer = _choose(layer, hidden, "recurrent layers")
        last = watching.leaves[f"{layer}/hidden"][0 if layer in watching.backwards else -1]
        units = tf.unstack(last, axis=1)
    states = {
        name: watching.leaves[f"{layer}/{name}"] for name in ("hidden", "cell") if f"{layer}/{name}" in watching.leaves
    }
    squares = dict.fromkeys(states, 0.0)
    for unit in units:
        gradients = tape.gradient(unit, states, unconnected_gradients="zero")
        for name, steps in gradients.items():
            squares[name] += np.stack([np.square(step).sum(axis=1) for step in steps], axis=1)
    return {name: np.sqrt(total) for name, total in squares.items()}


def _check_nothing_is_masked(model: keras.Model, x: np.ndarray) -> None:
    for layer in model.layers:
        if isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False):
            masked = int(np.count_nonzero(~np.asarray(layer.compute_mask(x))))
            if masked:
                raise InputError(f"Jacobians need series without masked steps, cut them off; received {masked} of them")


def _choose(name: str | None, known: list[str], kind: str) -> str:
    if name is None and len(known) == 1:
        return known[0]
    if name in known:
        return name
    raise InputError(f"name one of the model's {kind}: {', '.join(known) or 'it has none'}; received {name!r}")
