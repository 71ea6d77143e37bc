"""What the layers of a model do at each step: their inputs, states and gates, compiled and in batches."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import tree
from numpy.typing import ArrayLike

from thesis_rnn.attribution.batches import Batches, joined, mapped
from thesis_rnn.data import step_mask
from thesis_rnn.errors import InputError
from thesis_rnn.layers.asking import every_step, gate_names_of, gates_of
from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.support.keras_errors import own_errors


class States(NamedTuple):
    """A layer at every step, in the order of the series.

    Attributes:
      inputs: what it reads [n, steps, features].
      hidden: its state after each step, or its output at it [n, steps, units].
      gates: the values of its gates by name, each [n, steps, units]; empty if it has none.
      own: which steps are the samples' own, bool [n, steps].

    Example:
      >>> states = States(np.zeros((1, 2, 3)), np.zeros((1, 2, 4)), {}, np.ones((1, 2), bool))
      >>> states.last.shape
      (1, 4)
    """

    inputs: np.ndarray
    hidden: np.ndarray
    gates: dict[str, np.ndarray]
    own: np.ndarray

    @property
    def last(self) -> np.ndarray:
        """The state after the last step of each sample [n, units]."""
        steps = self.own.shape[1] - 1 - self.own[:, ::-1].argmax(axis=1)
        return self.hidden[np.arange(len(steps)), steps]

    @property
    def every(self) -> np.ndarray:
        """The states of all own steps of all samples [k, units]."""
        return self.hidden[self.own]


def own_steps(own: ArrayLike | None, shape: tuple[int, int]) -> np.ndarray:
    """Which steps are the samples' own, bool [n, steps]; all where nothing is said.

    Raises:
      InputError: for another shape.
    """
    own = np.ones(shape, bool) if own is None else np.asarray(own, bool)
    if own.shape != shape:
        raise InputError(f"own must be [n, steps] {shape}; received {own.shape}")
    return own


def principal_axes(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean of states [k, units], and their principal axes [axes, units], the widest first."""
    states = states.astype(np.float64)
    mean = states.mean(axis=0)
    return mean, np.linalg.svd(states - mean, full_matrices=False)[2]


def states_of(
    model: keras.Model, x, layers: Sequence[str] | None = None, lengths=None, batch_size: int = 500
) -> dict[str, States]:
    """What layers of a model do at each step.

    Hidden states are those after each step, whatever the layer gives itself; the directions of a Bidirectional layer
    are layers of their own, both in the order of the series. Of other layers it is what they give at each step.

    Args:
      model: a Functional or Sequential model of one input; it is only read.
      x: the samples [n, ...].
      layers: names; None for all recurrent layers.
      lengths: own steps of each sample [n], where the model does not mask padding itself.
      batch_size: samples at once.

    Returns:
      States by the layer's name, in the order of the model.

    Raises:
      InputError: a layer that is not there or gives nothing for each step, or a model without recurrent layers.

    Example:
      >>> from thesis_rnn import build
      >>> model = build("lstm", steps=4, features=2, classes=2, units=3)
      >>> [states.hidden.shape for states in states_of(model, np.zeros((5, 4, 2), "float32")).values()]
      [(5, 4, 3)]
    """
    chosen = _chosen(model, layers)
    read = keras.Model(model.inputs[0], {name: _read_by(name, layer) for name, (layer, _) in chosen.items()})
    tellers = {name: _teller(inner, layer) for name, (layer, inner) in chosen.items()}
    spec = tf.TensorSpec((None, *np.shape(x)[1:]), model.inputs[0].dtype)

    @tf.function(input_signature=[spec], autograph=False)
    def tell(x):
        given = read(x, training=False)
        return {name: teller(*_sequence_and_mask(given[name])) for name, teller in tellers.items()}

    with own_errors():
        batches = Batches(len(x), batch_size, verbose=0).run(lambda x: tell(tf.cast(x, spec.dtype)), x)
    told = joined([mapped(lambda tensor: tensor.numpy(), batch) for batch in batches])
    return {name: _states(name, told[name], lengths) for name in chosen}


def recurrent_layers(model: keras.Model) -> dict[str, tuple]:
    """Name -> a layer of the model that reads step by step, and what does it: itself, or a direction of it."""
    found: dict[str, tuple] = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.Bidirectional):
            found |= {f"{layer.name}/{one.name}": (layer, one) for one in (layer.forward_layer, layer.backward_layer)}
        elif getattr(layer, "loops", False) or isinstance(layer, keras.layers.RNN):
            found[layer.name] = (layer, layer)
    return {name: pair for name, pair in found.items() if not _has_places(pair[1])}


def _has_places(layer) -> bool:
    """Whether states are maps, as those of a ConvLSTM."""
    return hasattr(getattr(layer, "cell", None), "kernel_size")


def _chosen(model: keras.Model, names: Sequence[str] | None) -> dict[str, tuple]:
    recurrent = recurrent_layers(model)
    known = {layer.name: (layer, layer) for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)}
    known = {name: pair for name, pair in known.items() if not isinstance(pair[0], keras.layers.Bidirectional)}
    known |= recurrent
    if names is None:
        if not recurrent:
            listed = ", ".join(known)
            raise InputError(f"the model has no recurrent layer; name layers= of {listed}; received none")
        return recurrent
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"layers of the model are {', '.join(known)}; received {', '.join(unknown)}")
    return {name: known[name] for name in names}


def _read_by(name: str, layer) -> list:
    """The symbolic inputs of a layer: a sequence and, where there is one, its mask."""
    try:
        given = tree.flatten(layer.input)
    except (AttributeError, ValueError):
        raise InputError(f"a layer that is called once can be looked at; received {name!r}, called often") from None
    if sum(tensor.dtype != "bool" for tensor in given) != 1:
        raise InputError(f"a layer that reads one sequence can be looked at; received {name!r} of several inputs")
    return given


def _sequence_and_mask(given) -> tuple:
    sequence, *mask = given if isinstance(given, list | tuple) else [given]
    return sequence, mask[0] if mask else None


def _teller(layer, outer) -> Callable:
    """A function from a sequence and its mask to what the layer does at each step."""
    if isinstance(layer, PrimitiveLayer) and layer.loops:
        return _tell_primitive(layer)
    if not isinstance(layer, keras.layers.RNN):
        return lambda sequence, mask: {"inputs": sequence, "hidden": layer(sequence, training=False)} | _masks(mask)
    copy = every_step(layer, tree.flatten(outer.input)[0].shape)

    def tell(sequence, mask):
        hidden = copy(sequence, mask=mask, training=False)  # in the order in which the layer reads
        gates = gates_of(layer, sequence, mask, hidden) if gate_names_of(layer) else {}
        hidden = keras.ops.flip(hidden, axis=1) if layer.go_backwards else hidden
        return {"inputs": sequence, "hidden": hidden, "gates": gates} | _masks(mask)

    return tell


def _tell_primitive(layer: PrimitiveLayer) -> Callable:
    def tell(sequence, mask):
        parts = layer.activations(sequence)
        gates = {name: parts[name] for name in layer.gate_names}
        return {"inputs": sequence, "hidden": parts["hidden"], "gates": gates} | _masks(mask)

    return tell


def _masks(mask) -> dict:
    return {} if mask is None else {"mask": mask}


def _states(name: str, told: dict, lengths) -> States:
    hidden = told["hidden"]
    if hidden.ndim != 3:
        raise InputError(f"a layer must give something for each step; received {name!r} with {list(hidden.shape)}")
    n, steps, _ = hidden.shape
    own = told.get("mask", np.ones((n, steps), bool))
    if lengths is not None and "mask" not in told:
        if np.max(lengths) > steps:
            raise InputError(
                f"lengths are in steps that layer {name!r} does not have; leave it out of layers=; received "
                f"lengths of up to {np.max(lengths)} for {steps} steps"
            )
        own = step_mask(np.asarray(lengths), steps)
    if not own.any(axis=1).all():
        raise InputError(f"each sample needs a step of its own; received none in sample {int(own.any(1).argmin())}")
    return States(told["inputs"], hidden, told.get("gates", {}), own)
