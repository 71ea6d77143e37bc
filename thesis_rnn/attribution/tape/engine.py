"""The tape engine: one gradient walks any network that is written in primitives."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.tape.explained import Recorder, TapeExplained
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.core.primitives import INITIAL_STATE, STATE
from thesis_rnn.core.probes import Probes
from thesis_rnn.errors import InputError


def compiled(network: Network, request: Request) -> Callable:
    """The explanation that ``request`` asks for, traced at its first use.

    Returns:
      (x, selection) -> tensors by name, for batches of any size. ``selection`` [n, classes] weighs the outputs to
      explain: 1 for the target, -1 for a class that is contrasted with it.
    """
    key = request.computation
    if key not in network.traces:
        network.traces[key] = _trace(network, request)
    return network.traces[key]


def _trace(network: Network, request: Request) -> Callable:
    method, classes = request.method, network.head.classes

    def run(x, selection):
        semantics = method.semantics()
        if request.ledger or request.states:
            semantics.probes = Probes(request.ledger, request.states)
        recorder = Recorder(network, request.output)
        at_x = recorder.record_samples(x, semantics)

        def explained(selection) -> TapeExplained:
            return TapeExplained(recorder, method, at_x, selection, request.background)

        if request.every_class:
            targets = [explained(one) for one in tf.unstack(tf.eye(classes, dtype=selection.dtype))]
            relevance = tree.map_structure(lambda *parts: tf.stack(parts, axis=1), *map(_relevance, targets))
            totals = {name: tf.stack(parts, 1) for name, parts in _zipped(map(_totals, targets)).items()}
        else:
            target = explained(selection)
            relevance, totals = _relevance(target), _totals(target)
        record = {"relevance": relevance, "logits": at_x.logits, "masked": recorder.masked(), **totals}
        return record if semantics.probes is None else record | _sorted(target.signals["probes"])

    signature = [network.input_spec, tf.TensorSpec((None, classes), network.dtype)]
    traced = tf.function(run, input_signature=signature, autograph=False, jit_compile=request.xla)
    return traced.get_concrete_function()


def _relevance(explained: TapeExplained):
    """The relevance of every input; a token's is that of its embedding."""
    relevance = explained.method.attribute(explained)

    def of_input(relevance, x, leaf):
        return relevance if leaf is x else tf.reduce_sum(relevance, axis=-1)

    at_x = explained.recorded
    embedded = any(leaf is not x for x, leaf in zip(tree.flatten(at_x.x), tree.flatten(at_x.leaf), strict=True))
    if embedded and "tokens" not in explained.method.takes:
        raise InputError("tokens cannot be varied; use gradient_x_input, sensitivity or lrp_epsilon for them")
    return tree.map_structure(of_input, relevance, at_x.x, at_x.leaf)


def _totals(explained: TapeExplained) -> dict[str, tf.Tensor]:
    """The explained value [n], what the backward pass started from, what relevance should sum to (NaN for nothing)."""
    value = explained.value()
    started = explained.selection * explained.method.start(explained.recorded.outputs)
    expected = explained.method.expected(explained)
    expected = tf.fill(tf.shape(value), tf.constant(np.nan, value.dtype)) if expected is None else expected
    return {"value": value, "started": tf.reduce_sum(started, axis=-1), "expected": expected}


def _zipped(records) -> dict[str, list]:
    """Records of the same names as one record of lists."""
    records = list(records)
    return {name: [record[name] for record in records] for name in records[0]}


def _sorted(signals: dict) -> dict:
    """What arrived at the probes: relevance of states, and what primitives and initial states kept, for the ledger."""
    losses, states = {}, {}
    for (place, kind), visits in signals.items():
        if kind != STATE:
            losses[place, kind] = visits
        elif INITIAL_STATE in place:
            layer = place.rpartition("/")[0]  # one account for all states of the layer
            received = [tf.reduce_sum(visit, axis=tuple(range(1, visit.shape.rank))) for visit in visits]
            losses[layer, INITIAL_STATE] = [tf.add_n(losses.get((layer, INITIAL_STATE), []) + received)]
        else:
            states[place] = tf.concat(visits, axis=1)
    return {"losses": losses, "states": states}
