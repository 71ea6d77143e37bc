"""The tape engine: one GradientTape walks any network that is written in primitives."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import tensorflow as tf

from thesis_rnn.attribution.ledger import Ledger
from thesis_rnn.attribution.methods import Backward, Method
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.core.primitives import INITIAL_STATE, ForwardSemantics, explained_by
from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class Request:
    """What a compiled explanation computes. A network traces each request once.

    Attributes:
      method: the attribution method.
      every_class: explain each class on its own, from one forward pass.
      output: what of each class is explained: "logit", "probability" or "log_odds".
      ledger: also keep the account of lost relevance.
      states: also give the relevance of hidden and cell states.
      xla: compile with XLA, anew for every size of a batch.
    """

    method: Method
    every_class: bool = False
    output: str = "logit"
    ledger: bool = False
    states: bool = False
    xla: bool = False


class Compiled(NamedTuple):
    """A traced explanation.

    Attributes:
      run: (x, selection) -> tensors by name, for batches of any size. ``selection`` [n, classes] weighs the outputs to
        explain: 1 for the target, -1 for a class that is contrasted with it.
      ledger: names the rows of the account.
    """

    run: Any
    ledger: Ledger


class Forward(NamedTuple):
    """One forward pass, recorded."""

    tape: tf.GradientTape
    semantics: ForwardSemantics
    leaf: tf.Tensor
    logits: tf.Tensor
    outputs: tf.Tensor


def compiled(network: Network, request: Request) -> Compiled:
    """The explanation that ``request`` asks for, traced at its first use."""
    if request not in network.traces:
        network.traces[request] = _trace(network, request)
    return network.traces[request]


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


def _leaf(x, embeddings: list, tape: tf.GradientTape, outputs):
    """The tensor whose relevance is asked for: the input, or what its tokens were embedded as."""
    if x.dtype.is_floating and not embeddings:
        return x
    # Keras' inputs are floating-point unless they are told otherwise, also where they are tokens.
    reads_numbers = x.dtype.is_floating and tape.gradient(outputs, x) is not None
    if reads_numbers or len(embeddings) != 1:
        raise InputError(
            "tokens are covered where they are the whole input and one Embedding reads them; received "
            f"{len(embeddings)} embeddings of an input of {x.dtype.name}"
        )
    return embeddings[0]


def _trace(network: Network, request: Request) -> Compiled:
    method, head = request.method, network.head
    ledger = Ledger()

    def forward(x) -> Forward:
        semantics = method.semantics()
        semantics.needs_steps = request.ledger or request.states
        semantics.ledger = ledger if request.ledger else None
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape, explained_by(semantics):
            semantics.watch = tape.watch
            if x.dtype.is_floating:
                tape.watch(x)
            logits = network.logits(x)
            outputs = head.outputs(logits, request.output)
        leaf = _leaf(x, semantics.leaves.pop("embedding", []), tape, outputs)
        return Forward(tape, semantics, leaf, logits, outputs)

    def run(x, selection):
        at_x = forward(x)

        def attribute(selection):
            def differentiate(point) -> Backward:
                done = at_x if point is x else forward(point)
                start = selection * method.start(done.outputs)
                signal = done.tape.gradient(done.outputs, done.leaf, output_gradients=start)
                value = tf.reduce_sum(selection * done.outputs, axis=-1)
                return Backward(signal, done.leaf, value, tf.reduce_sum(start, axis=-1))

            return method.attribute(differentiate, x)

        if request.every_class:
            targets = tf.unstack(tf.eye(head.classes, dtype=selection.dtype))
            relevances, backwards = zip(*map(attribute, targets), strict=True)
            relevance = tf.stack(relevances, axis=1)
            value, started = (tf.stack([getattr(one, name) for one in backwards], 1) for name in ("value", "started"))
        else:
            relevance, backward = attribute(selection)
            value, started = backward.value, backward.started
        if at_x.leaf is not x:
            if not method.tokens:
                raise InputError("tokens cannot be varied; use gradient_x_input, sensitivity or lrp_epsilon for them")
            relevance = tf.reduce_sum(relevance, axis=-1)  # a token's relevance is that of its embedding
        record = {"relevance": relevance, "logits": at_x.logits, "value": value, "started": started}
        if request.ledger or request.states:
            start = selection * method.start(at_x.outputs)
            wanted = {"losses": ledger.meters, "states": at_x.semantics.leaves}
            signals = at_x.tape.gradient(at_x.outputs, wanted, output_gradients=start, unconnected_gradients="zero")
            record |= _sort(signals["losses"], signals["states"], request)
        return record

    signature = [network.input_spec, tf.TensorSpec((None, head.classes), network.dtype)]
    return Compiled(
        tf.function(run, input_signature=signature, autograph=False, jit_compile=request.xla).get_concrete_function(),
        ledger,
    )
