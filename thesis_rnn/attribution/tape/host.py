"""The network for methods that run on the host: NumPy in and out, each kind of question compiled once, in batches."""

from collections.abc import Callable, Iterable
from functools import cached_property, partial

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods import Attributed, Backward
from thesis_rnn.attribution.methods.host import ReadOut
from thesis_rnn.attribution.multipliers import Multipliers
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.tape.decomposing import check_decomposable, lstm_and_head, phrase_question
from thesis_rnn.attribution.tape.explained import Recorder, TapeExplained
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.attribution.tape.through import (
    attention_gradient_question,
    attention_question,
    averaged_layer,
    layer_question,
    log_probability_question,
    lost_without_units_question,
    mapping_layer,
    permuted_attention_question,
)
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError
from thesis_rnn.support.progress import bar


class HostExplained:
    """See ``methods.OnHost``.

    Args:
      network, request: what is explained, and how.
      x: the samples, a tree of arrays.
      selection: [n, classes], how the outputs of each sample are weighed.
      batch_size: how many points are looked at together.
      check: refuses points with tokens that the network does not know.
    """

    def __init__(self, network: Network, request: Request, x, selection: np.ndarray, batch_size: int, check: Callable):
        self.network = network
        self.request = request
        self.x = x
        self.selection = selection
        self.batch_size = batch_size
        self.check = check
        self.background = request.background

    def value(self, points=None, of=None) -> np.ndarray:
        """The explained output f [m]."""
        return self.outputs(points, of)["value"]

    def values(self, points=None, of=None) -> np.ndarray:
        """The outputs of all classes [m, classes]."""
        return self.outputs(points, of)["values"]

    def outputs(self, points=None, of=None) -> dict[str, np.ndarray]:
        """The "logits" and explained "values" of all classes [m, classes], and the explained "value" [m]."""
        return self.ask("outputs", outputs_question, points, of)

    def log_probability(self, points=None, of=None) -> np.ndarray:
        """log p of the explained class [m], or the difference of two."""
        self._check_probabilities()
        return self.ask("log probability", log_probability_question, points, of)

    def lost_without_units(self, name: str) -> np.ndarray:
        """By how much log p falls without each unit of the layer ``name`` [n, units]."""
        self._check_probabilities()
        return self.ask(("lost without units", name), partial(lost_without_units_question, name))

    def _check_probabilities(self) -> None:
        if self.network.head.classes == 1:
            raise InputError(f"a regression has no probabilities, use occlusion; received {self.request.spec}")

    def gradient(self, points=None, of=None) -> Backward:
        """df/dx, and the leaves it belongs to: the points, or what their tokens are embedded as."""
        return Backward(*self.ask("gradient", lambda explained, points: tuple(explained.gradient(points)), points, of))

    def on_the_way(self, points, of, places: np.ndarray):
        """(x - b) df/dx at b + a (x - b), for ``points`` b and ``places`` a [m]; of tokens between embeddings."""
        return self.ask("on the way", way_question, points, of, places)

    def beside(self, points, of, embedded_at_zero: bool) -> tuple:
        """The relevance of DeepLIFT with the ``points`` for references, of the samples ``of``, and f(x) - f(point)."""
        return self.ask(("beside", embedded_at_zero), partial(beside_question, embedded_at_zero), points, of)

    def read_out(self) -> ReadOut:
        """The LSTM whose last output one dense layer reads; other models are refused."""
        below, weights, (kernel, bias) = lstm_and_head(self.network)
        inputs = self.x if below is None else self.activations([below])[below]
        cells = self.seen.reshape(*self.seen.shape[:2], -1)
        return ReadOut(inputs.astype(np.float64), cells.any(axis=-1), weights, kernel, bias)

    def phrases(self, points, of, published: bool) -> dict[str, np.ndarray]:
        """The "relevant", "irrelevant" and "bias" part of f [m]; ``points`` mark the cells of a phrase by ones."""
        check_decomposable(self.network)
        return self.ask(("phrases", published), partial(phrase_question, published), points, of)

    def activations(self, names, points=None, of=None) -> dict[str, np.ndarray]:
        """What the layers of these names give."""
        names = tuple(names)
        key = ("activations", names)
        return self.ask(key, lambda explained, points: explained.activations(names, points), points, of)

    def attention(self) -> dict[str, np.ndarray]:
        """The attention weights of every layer that attends [n, ..., queries, keys], in the order in which they run."""
        return self.ask("attention", attention_question)

    def attention_gradient(self, name: str) -> Backward:
        """df/dA of the attention weights A of the layer ``name``, and A."""
        return Backward(*self.ask(("attention gradient", name), partial(attention_gradient_question, name)))

    def change_by_permuting(self, permutations: int, seed: int) -> np.ndarray:
        """By how much the probabilities of each sample change with permuted attention weights [n], in [0, 1]."""
        key = ("permuted attention", permutations, seed)
        return self.ask(key, partial(permuted_attention_question, permutations, seed))

    def layer(self, name: str) -> Backward:
        """df/dA, and what the layer ``name`` gives at the samples, A."""
        return Backward(*self.ask(("layer", name), partial(layer_question, name)))

    def mapping_layer(self, name: str) -> str:
        """``name``, or the last convolution; refused where its places are not those of the input."""
        return mapping_layer(self.network, name)

    def averaged_layer(self) -> str:
        """What is averaged over its places before the one dense layer of the head; refused for other heads."""
        return averaged_layer(self.network)

    def progress(self, rounds: Iterable, what: str, total: int | None = None) -> Iterable:
        """``rounds``, with a bar and an estimate where they take long."""
        return bar(rounds, what, total=total)

    def ask(self, key, question: Callable, points=None, of=None, *numbers: np.ndarray):
        """``question(explained, points)`` at all points, one batch after the other; compiled once for each ``key``.

        ``numbers`` [m] are further arguments of the question, one number for each point.
        """
        if (points is None) != (of is None):
            raise ValueError("points belong to samples: give points and of, or neither")
        answer = compiled_question(self.network, self.request, key, question, len(numbers))
        points = self.x if points is None else points
        of = np.arange(len(self.selection)) if of is None else np.asarray(of)
        answers = []
        for start in range(0, len(of), self.batch_size):
            batch = slice(start, start + self.batch_size)
            given = _rows(self.x, of[batch]), _rows(points, batch), self.selection[of[batch]]
            more = [each[batch].astype(self.network.dtype) for each in numbers]
            answers.append(tree.map_structure(lambda tensor: tensor.numpy(), answer(*given, *more)))
        return tree.map_structure(lambda *parts: np.concatenate(parts), *answers)

    @cached_property
    def seen(self):
        """A tree of booleans like ``x``: which cells the masks of ``x`` let through."""
        if not any(self.network.masking.values()) and not self.network.steady:
            return tree.map_structure(lambda leaf: np.ones(leaf.shape, bool), self.x)
        return self.ask("seen", lambda explained, points: explained.seen)

    @property
    def dtype(self) -> str:
        """The floating-point type of relevance."""
        return self.request.dtype

    @property
    def vocabulary(self) -> int:
        """How many tokens there are, from 0 on: what the one Embedding knows."""
        layers = [getattr(layer, "source", layer) for layer in self.network.explainable().layers]
        sizes = {layer.input_dim for layer in layers if isinstance(layer, keras.layers.Embedding)}
        if len(sizes) != 1:
            raise InputError(
                f"name the tokens with candidates=, as not one Embedding reads them; received {self.request.spec}"
            )
        return sizes.pop()

    def take(self, chosen) -> "HostExplained":
        """Only some of the samples, by their places."""
        return self._of(_rows(self.x, chosen), self.selection[chosen])

    def alone(self, x) -> "HostExplained":
        """Other samples, with masks of their own; which class is asked for is left open."""
        n = len(tree.flatten(x)[0])
        return self._of(x, np.zeros((n, self.selection.shape[1]), self.selection.dtype))

    def explaining(self, selection: np.ndarray) -> "HostExplained":
        """The same samples, whose outputs are weighed otherwise."""
        return self._of(self.x, selection)

    def _of(self, x, selection) -> "HostExplained":
        return HostExplained(self.network, self.request, x, selection, self.batch_size, self.check)


def outputs_question(explained, points) -> dict[str, tf.Tensor]:
    """All that a forward pass gives."""
    logits, values = explained.recorder.logits_and_outputs(explained.recorder.padded(points))
    return {"logits": logits, "values": values, "value": tf.reduce_sum(explained.selection * values, axis=-1)}


def beside_question(embedded_at_zero: bool, explained, points) -> tuple:
    """(x - x0) times the multipliers, of tokens summed over their embedding, and f(x) - f(x0)."""
    semantics = Multipliers(embedded_at_zero)

    def of_input(relevance, x):
        return relevance if relevance.shape.rank == x.shape.rank else tf.reduce_sum(relevance, axis=-1)

    relevance = tree.map_structure(of_input, explained.beside(points, semantics), explained.x)
    return relevance, explained.difference(points, semantics)


def way_question(explained, points, places):
    """See ``HostExplained.on_the_way``."""
    recorder = explained.recorder
    x = recorder.record_samples(explained.x, ForwardSemantics()).leaf
    base = recorder.record(recorder.padded(points), ForwardSemantics()).leaf
    gaps = tree.map_structure(tf.subtract, x, base)

    def between(one, gap):
        return one + tf.reshape(places, [-1] + [1] * (gap.shape.rank - 1)) * gap

    signal = explained.gradient(tree.map_structure(between, base, gaps)).signal

    def of_input(gap, signal, given):
        return gap * signal if gap.shape.rank == given.shape.rank else tf.reduce_sum(gap * signal, axis=-1)

    return tree.map_structure(of_input, gaps, signal, explained.x)


def compiled_question(network: Network, request: Request, key, question: Callable, numbers: int = 0):
    """``question(explained, points)`` as a graph of (x, points, selection), traced at its first use.

    Args:
      network, request: what is explained, and how.
      key: of the question.
      question: (explained, points, *numbers) -> a tree of tensors.
      numbers: how many further arguments [m] it has.
    """
    place = ("question", key, request.output, bool(request.xla))
    spec, classes = network.input_spec, network.head.classes

    def run(x, points, selection, *given):
        recorder = Recorder(network, request.output)
        recorder.see(x)
        return question(TapeExplained(recorder, None, None, selection, 0.0), points, *given)

    specs = [spec, spec, tf.TensorSpec((None, classes), network.dtype)]
    specs += [tf.TensorSpec((None,), network.dtype)] * numbers
    return network.traces.get(place, run, specs, bool(request.xla))


def compiled_logits(network: Network) -> Callable:
    """What every class is given [n, classes] for a batch of samples, an array."""
    trace = network.traces.get("logits", network.logits, [network.input_spec])
    return lambda x: trace(x).numpy()


def explain_on_host(explained: HostExplained) -> dict:
    """The record of an explanation by a method that runs on the host.

    Returns:
      ``relevance``, ``logits``, ``value``, ``started`` and ``details``, as the other engines give them.

    Raises:
      InputError: for what only an engine that propagates can give.
    """
    request, selection = explained.request, explained.selection
    if request.ledger or request.states:
        raise InputError(f"ledger and states are for methods that propagate; received {request.spec.name}")
    logits = explained.outputs()["logits"]
    if not request.every_class:
        return _attributed(explained) | {"logits": logits}
    rows = np.eye(selection.shape[1], dtype=selection.dtype)
    records = [_attributed(explained.explaining(np.broadcast_to(row, selection.shape))) for row in rows]
    same = {"logits": logits, "masked": records[0]["masked"]}
    return tree.map_structure(lambda *parts: np.stack(parts, axis=1), *records) | same


def _attributed(explained: HostExplained) -> dict:
    found = explained.request.method.attribute(explained)
    relevance, details, expected = found if isinstance(found, Attributed) else Attributed(found, {})
    value = explained.value()
    expected = explained.request.method.expected(explained) if expected is None else expected
    expected = np.full(value.shape, np.nan, value.dtype) if expected is None else expected
    pairs = zip(tree.flatten(explained.seen), tree.flatten(explained.network.input_spec), strict=True)
    hidden = [
        np.reshape(~seen & (spec.name not in explained.network.steady), (len(seen), -1)).sum(axis=1)
        for seen, spec in pairs
    ]
    totals = {"value": value, "started": value, "expected": expected}
    return {"relevance": relevance, "masked": sum(hidden), "details": details, **totals}


def _rows(arrays, chosen):
    return tree.map_structure(lambda leaf: leaf[chosen], arrays)
