"""The tape engine: one gradient walks any network that is written in primitives."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.tape.explained import Recorder, TapeExplained
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.core.primitives import INITIAL_STATE, STATE
from thesis_rnn.core.probes import Probes
from thesis_rnn.errors import InputError


class Compiled(NamedTuple):
    """A compiled explanation, with the numbers of one request.

    Attributes:
      trace: the graph.
      numbers: what enters it beside the samples.
      most: the samples that a pass may hold, where a method has several points of each.
    """

    trace: Any
    numbers: np.ndarray
    most: int

    def __call__(self, x, target, against) -> dict:
        """The explanation of a batch of any size, tensors by name.

        Args:
          x: the samples.
          target: a class for each [n], or -1 for the predicted one.
          against: the class that it is contrasted with [n], or -1 for none.
        """
        return self.trace(x, target, against, self.numbers, self.most)

    @property
    def loops(self) -> bool:
        """Whether the graph has a loop."""
        return any(operation.type.endswith("While") for operation in self.trace.graph.get_operations())


def compiled(network: Network, request: Request, xla: bool = False, most: int = 1) -> Compiled:
    """The explanation that ``request`` asks for, traced at its first use; ``xla`` compiles it by XLA."""
    run, signature = partial(_run, network, request, xla), _signature(network, request)
    trace = network.traces.get((request.structure, xla), run, signature, xla)
    return Compiled(trace, np.array(request.numbers, np.float64), most)


def _signature(network: Network, request: Request) -> list:
    classes = [tf.TensorSpec((None,), tf.int32, name) for name in ("target", "against")]
    numbers = tf.TensorSpec((len(request.numbers),), tf.float64, "numbers")
    return [network.input_spec, *classes, numbers, tf.TensorSpec((), tf.int32, "most")]


def _run(network: Network, request: Request, xla: bool, x, target, against, numbers, most) -> dict:
    """The explanation as a graph; ``numbers`` stand in the place of those of the request."""
    most = None if xla else most  # the shapes of XLA are known before it runs
    pairs = zip(tf.unstack(numbers), request.numbers, strict=True)
    request = request.with_numbers([_in_type(scalar, like, network.dtype) for scalar, like in pairs])
    method, classes = request.method, network.head.classes
    semantics = method.semantics()
    if request.ledger or request.states:
        semantics.probes = Probes(request.ledger, request.states)
    recorder = Recorder(network, request.output)
    at_x = recorder.record_samples(x, semantics)

    def explained(selection) -> TapeExplained:
        return TapeExplained(recorder, method, at_x, selection, request.background, most)

    if request.every_class:
        targets = [explained(one) for one in tf.unstack(tf.eye(classes, dtype=network.dtype))]
        relevance = tree.map_structure(lambda *parts: tf.stack(parts, axis=1), *map(_relevance, targets))
        totals = {name: tf.stack(parts, 1) for name, parts in _zipped(map(_totals, targets)).items()}
    else:
        target = tf.where(target < 0, tf.argmax(at_x.logits, axis=-1, output_type=tf.int32), target)
        selected, contrasted = (tf.one_hot(chosen, classes, dtype=network.dtype) for chosen in (target, against))
        one = explained(selected - contrasted)
        relevance, totals = _relevance(one), _totals(one)
    record = {"relevance": relevance, "logits": at_x.logits, "target": target, "masked": recorder.masked(), **totals}
    return record if semantics.probes is None else record | _sorted(one.signals["probes"])


def _in_type(scalar, like: float | int, dtype: str):
    return tf.cast(scalar, tf.int32 if isinstance(like, int) else dtype)


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
    for (place, kinds), visits in signals.items():
        if kinds != (STATE,):
            losses |= {(place, kind): [visit[..., k] for visit in visits] for k, kind in enumerate(kinds)}
        elif INITIAL_STATE in place:
            layer = place.rpartition("/")[0]  # one account for all states of the layer
            received = [tf.reduce_sum(visit, axis=tuple(range(1, visit.shape.rank))) for visit in visits]
            losses[layer, INITIAL_STATE] = [tf.add_n(losses.get((layer, INITIAL_STATE), []) + received)]
        else:
            states[place] = tf.concat(visits, axis=1)
    return {"losses": losses, "states": states}
