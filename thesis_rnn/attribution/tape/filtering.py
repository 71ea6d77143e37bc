"""Filtering: only the relevance that passes through chosen units of a layer (Montavon et al., 2018, table 1).

The way back stops at the output of the layer: what arrived there is set to zero outside of the chosen units, and goes
on alone. Relevance that goes around the layer, by a skip connection, does not arrive. A recurrent layer is also cut at
one step, "lstm/cell@3": what comes to the inputs up to that step through its cell state there is filtered; what comes
otherwise, to later inputs, or to earlier outputs that are read too, is whole.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.stock.surrogate import own_name
from thesis_rnn.attribution.tape.network import Network, model_inputs
from thesis_rnn.core.passing import Passing
from thesis_rnn.core.primitives import semantics
from thesis_rnn.errors import InputError
from thesis_rnn.support.keras_errors import own_errors

STATE = re.compile(r"(?P<layer>.+)/(?P<part>[^/@]+)@(?P<step>\d+)")
CARRIER = {keras.layers.LSTM: "cell", keras.layers.GRU: "hidden", keras.layers.SimpleRNN: "hidden"}
"""The state that all relevance of earlier steps passes; an LSTM's hidden state is read off its cell state."""


def frozen_units(through: Mapping | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """``through`` as it can be compared: the places of the chosen units of each layer.

    Raises:
      InputError: for anything but a dict of layers to one or more integers, or to a boolean for each unit.
    """
    through = through or {}
    if not isinstance(through, Mapping):
        raise InputError(
            f"through is a dict of layers and their units, as in {{'dense': [0, 2]}}; received {through!r}"
        )
    return tuple((name, _places(name, units)) for name, units in through.items())


def _places(name: str, units) -> tuple[int, ...]:
    units = np.atleast_1d(np.asarray(units))
    if units.dtype == bool:
        units = np.flatnonzero(units)
    if units.ndim != 1 or units.dtype.kind not in "iu":
        raise InputError(f"units of {name} are integers, or a boolean for each; received {units.dtype} {units.shape}")
    return tuple(int(unit) for unit in units)


def filtered(network: Network, through: Sequence[tuple[str, tuple[int, ...]]]) -> Network:
    """The ``network`` with the same forward pass, whose relevance passes the chosen units alone; kept with it.

    Raises:
      InputError: for a layer or a unit that does not exist.
    """
    return network.traces.kept(("through", tuple(through)), lambda: FilteredNetwork(network, through))


class FilteredNetwork(Network):
    """See :func:`filtered`.

    Attributes:
      passes: (output of a layer, 1 for its chosen units and 0 for others), of the latest pass, from the input on.
    """

    def __init__(self, network: Network, through: Sequence[tuple[str, tuple[int, ...]]]):
        super().__init__(network.explainable, network.head, network.weights, network.masking)
        model, is_state = network.explainable(), [STATE.fullmatch(name) for name, _ in through]
        self._through = _in_order(model, [pair for pair, state in zip(through, is_state, strict=True) if not state])
        self._states = _states(
            model, [(state, units) for (_, units), state in zip(through, is_state, strict=True) if state]
        )

    def logits(self, x):
        """The logits [n, classes] for a batch; ``passes`` are those of this pass."""
        model = self.explainable()
        borders = [_output(model, name) for name, _ in self._through]
        whole = keras.Model(model_inputs(model), [*borders, *tree.flatten(model.outputs)])
        with own_errors(), self.weights(), _passing(self._states):
            found = tree.flatten(whole(x, training=False))
            self.passes = [
                (a, tf.constant(chosen, a.dtype))
                for a, (_, chosen) in zip(found[: len(borders)], self._through, strict=True)
            ]
            return self.head.logits(found[len(borders) :])


@contextmanager
def _passing(states: Mapping[str, tuple[int, np.ndarray]]) -> Iterator[None]:
    """The block of a forward pass on whose way back only these units of states are passed."""
    current = semantics()
    before, current.passing = current.passing, Passing(states) if states else None
    try:
        yield
        missed = set(states) - (current.passing.met if states else set())
    finally:
        current.passing = before
    if missed:
        raise InputError(f"states are filtered in loops over time; received {sorted(missed)}, which no loop has")


def _states(
    model: keras.Model, through: Sequence[tuple[re.Match, tuple[int, ...]]]
) -> dict[str, tuple[int, np.ndarray]]:
    """Name of a state -> the step, and 1 for its chosen units.

    Raises:
      InputError: for anything but the state that carries all of an LSTM, GRU or SimpleRNN, at a step that it has.
    """
    found = {}
    for match, units in through:
        name, part, step = match["layer"], match["part"], int(match["step"])
        layer = next((getattr(one, "source", one) for one in model.layers if own_name(one) == name), None)
        carrier = CARRIER.get(type(layer))
        if carrier is None or layer.go_backwards or len(layer._inbound_nodes) != 1:
            known = [own_name(one) for one in model.layers if type(getattr(one, "source", one)) in CARRIER]
            received = f"through={match[0]!r}"
            raise InputError(
                f"layers with states are {', '.join(known) or 'none'}, run once and not backwards; received {received}"
            )
        if part != carrier:
            raise InputError(f"all of layer {name!r} passes its state {carrier!r}; received through={match[0]!r}")
        steps = tree.flatten(layer.input)[0].shape[1]
        if steps is None or step >= steps:
            raise InputError(f"steps of {name} lie in 0..{(steps or 0) - 1}, a known number; received {step}")
        if f"{layer.name}/{part}" in found:
            raise InputError(f"a layer's state is filtered at one step; received {match[0]!r} beside another")
        found[f"{layer.name}/{part}"] = (step, _chosen(f"{name}/{part}", layer.units, units))
    return found


def _in_order(model: keras.Model, through) -> list[tuple[str, np.ndarray]]:
    """The layers from the input on, with a number for each unit: 1 for those that were chosen."""
    places = {own_name(layer): place for place, layer in enumerate(model.layers)}
    known = [name for name in places if not isinstance(model.layers[places[name]], keras.layers.InputLayer)]
    for name, _ in through:
        if name not in known:
            raise InputError(f"layers of the model are {', '.join(known)}; received through={name!r}")
    ordered = sorted(through, key=lambda pair: places[pair[0]])
    return [(name, _chosen(name, _output(model, name).shape[-1], units)) for name, units in ordered]


def _output(model: keras.Model, name: str):
    [layer] = [layer for layer in model.layers if own_name(layer) == name]
    outputs = tree.flatten(layer.output)
    if len(outputs) != 1:
        raise InputError(f"a layer with one output can be passed through; received through={name!r}")
    return outputs[0]


def _chosen(name: str, width: int, units: tuple[int, ...]) -> np.ndarray:
    outside = [unit for unit in units if not -width <= unit < width]
    if outside:
        raise InputError(f"units of {name} lie in 0..{width - 1}; received {outside[0]}")
    chosen = np.zeros(width)
    chosen[list(units)] = 1
    return chosen
