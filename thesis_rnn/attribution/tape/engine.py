"""The tape engine: one GradientTape walks any network that is written in primitives."""

from typing import Any, NamedTuple

import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.ledger import Ledger
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.tape.explained import Recorder, TapeExplained
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.core.primitives import INITIAL_STATE
from thesis_rnn.errors import InputError


class Compiled(NamedTuple):
    """A traced explanation.

    Attributes:
      run: (x, selection) -> tensors by name, for batches of any size. ``selection`` [n, classes] weighs the outputs to
        explain: 1 for the target, -1 for a class that is contrasted with it.
      ledger: names the rows of the account.
    """

    run: Any
    ledger: Ledger


def compiled(network: Network, request: Request) -> Compiled:
    """The explanation that ``request`` asks for, traced at its first use."""
    key = request.computation
    if key not in network.traces:
        network.traces[key] = _trace(network, request)
    return network.traces[key]


def _trace(network: Network, request: Request) -> Compiled:
    method, classes = request.method, network.head.classes
    ledger = Ledger()

    def run(x, selection):
        semantics = method.semantics()
        semantics.needs_steps = request.ledger or request.states
        semantics.ledger = ledger if request.ledger else None
        recorder = Recorder(network, request.output)
        at_x = recorder.record(x, semantics)

        def explained(selection) -> TapeExplained:
            return TapeExplained(recorder, method, at_x, selection, request.background)

        if request.every_class:
            targets = [explained(one) for one in tf.unstack(tf.eye(classes, dtype=selection.dtype))]
            relevance = tree.map_structure(lambda *parts: tf.stack(parts, axis=1), *map(_relevance, targets))
            value, started = (tf.stack(parts, 1) for parts in zip(*map(_totals, targets), strict=True))
        else:
            target = explained(selection)
            relevance, (value, started) = _relevance(target), _totals(target)
        record = {"relevance": relevance, "logits": at_x.logits, "value": value, "started": started}
        if request.ledger or request.states:
            start = selection * method.start(at_x.outputs)
            wanted = {"losses": ledger.meters, "states": at_x.semantics.leaves}
            signals = at_x.tape.gradient(at_x.outputs, wanted, output_gradients=start, unconnected_gradients="zero")
            record |= _sort(signals["losses"], signals["states"], request)
        return record

    signature = [network.input_spec, tf.TensorSpec((None, classes), network.dtype)]
    traced = tf.function(run, input_signature=signature, autograph=False, jit_compile=request.xla)
    return Compiled(traced.get_concrete_function(), ledger)


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


def _totals(explained: TapeExplained) -> tuple[tf.Tensor, tf.Tensor]:
    """The explained value [n], and what the backward pass started from."""
    started = explained.selection * explained.method.start(explained.recorded.outputs)
    return explained.value(), tf.reduce_sum(started, axis=-1)


def _sort(losses: dict, leaves: dict, request: Request) -> dict:
    """What arrived at the leaves: relevance of states, and what initial states kept, which the ledger books."""
    states = {}
    for name, steps in leaves.items():
        layer, _, part = name.rpartition("/")
        if not part.startswith(INITIAL_STATE):
            states[name] = tf.stack(steps, axis=1)
        elif request.ledger:
            key = (layer, 0, INITIAL_STATE)  # one account for all states of the layer
            received = tf.reduce_sum(tf.add_n(steps), axis=-1)
            losses = losses | {key: losses[key] + received if key in losses else received}
    return {"losses": losses, "states": states if request.states else {}}
