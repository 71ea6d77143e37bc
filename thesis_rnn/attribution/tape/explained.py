"""What a method asks of the network that it explains, answered by recorded forward passes."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

import keras
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods import Backward, Method
from thesis_rnn.attribution.methods.base import points_like, references_of
from thesis_rnn.attribution.multipliers import Multipliers
from thesis_rnn.attribution.stock import marks_padding
from thesis_rnn.attribution.stock.masks import SampleMasks, repeated
from thesis_rnn.attribution.tape.network import Network, is_thesis_model, network_of
from thesis_rnn.attribution.tape.tokens import Lookup, Lookups
from thesis_rnn.core.primitives import ForwardSemantics, explained_by
from thesis_rnn.errors import InputError


class Forward(NamedTuple):
    """A forward pass that can be walked back; ``x`` and ``leaf`` are trees in the structure of the network's input."""

    semantics: ForwardSemantics
    x: Any
    leaf: Any
    logits: tf.Tensor
    outputs: tf.Tensor
    lookups: Lookups
    passes: Sequence = ()

    def walk_back(self, wanted, seeds):
        """What arrives at the ``wanted`` tensors, a tree, from ``seeds`` at the outputs, by way of the ``passes``."""
        outputs = self.outputs
        for border, chosen in reversed(self.passes):
            outputs, seeds = border, chosen * _walked_back(outputs, border, seeds)
        signals = self.lookups.walked_back(partial(_walked_back, outputs, seeds=seeds), tree.flatten(wanted))
        return tree.pack_sequence_as(wanted, signals)


class Recorder:
    """Makes forward passes of a network, up to the ``output`` of its classes that is explained.

    Attributes:
      samples: the samples, whose masks hold at every other point.
      seen: for each input which of its cells the masks of the samples let through; None where no mask hides any.
      lookups: the embeddings of the samples' tokens; None where no pass at the samples was recorded.
    """

    def __init__(self, network: Network, output: str):
        self.network = network
        self.output = output
        self.masks = SampleMasks()
        self.samples: Any = None
        self.seen: list = []
        self.lookups: Lookups | None = None
        self._beside: dict[type, Forward] = {}

    def record_samples(self, x, semantics: ForwardSemantics) -> Forward:
        """The pass at the samples ``x``, whose masks hold in all further ones."""
        with self.masks.written():
            done = self._record(x, semantics)
        self.lookups = done.lookups
        self._see(x)
        return done

    def see(self, x) -> None:
        """Takes the masks of the samples ``x``, and nothing else of the pass."""
        if self.network.masked is not False:
            with self.masks.written():
                self.network.logits(x)
            self.network.masked = self.masks.any
        self._see(x)

    def _see(self, x) -> None:
        readers = [self.network.masking.get(spec.name, []) for spec in tree.flatten(self.network.input_spec)]
        self.samples = x
        self.seen = [self.masks.seen(by, one) for by, one in zip(readers, tree.flatten(x), strict=True)]

    def record(self, x, semantics: ForwardSemantics, times=1) -> Forward:
        """A forward pass at ``x`` that can be walked back, with the backward of ``semantics``."""
        with self.masks.held(times):
            return self._record(x, semantics, times)

    def record_beside(self, references, semantics: Multipliers) -> Forward:
        """The samples, and behind them on their axis the references, under the masks of the samples.

        Made once for all classes: those who ask again have the same references.
        """
        if type(semantics) not in self._beside:
            if self.fixed is not None:
                raise InputError(f"samples and references need batches of any size; received a model for {self.fixed}")
            if self.output != "logit":
                raise InputError(f"logits are what is explained; use output='logit'; received {self.output!r}")
            both = tree.map_structure(semantics.points, self.samples, self.padded(references))
            with self.masks.held(semantics.times):
                self._beside[type(semantics)] = self._record(both, semantics)
        return self._beside[type(semantics)]

    @property
    def steady(self) -> list[int]:
        """The places of the inputs that never vary."""
        return [k for k, spec in enumerate(tree.flatten(self.network.input_spec)) if spec.name in self.network.steady]

    @property
    def fixed(self) -> int | None:
        """The only size that a batch may have; None where it may have any."""
        return self.network.explainable().inputs[0].shape[0]

    def padded(self, points, times=1):
        """The ``points``, ``times`` for every sample, with the cells of the samples where they are hidden.

        Points have tokens, or embeddings in their place.
        """
        lookups, own = self.lookups, list(zip(tree.flatten(self.samples), self.seen, strict=True))
        if lookups is not None:
            embedded = list(zip(tree.flatten(lookups.leaves(self.samples)), lookups.seen(self.seen), strict=True))
            flags = [lookups.is_embedding(k, point) for k, point in enumerate(tree.flatten(points))]
            own = [pair[flag] for flag, pair in zip(flags, zip(own, embedded, strict=True), strict=True)]
        steady = self.steady
        padded = [
            repeated(cell, times)
            if k in steady
            else point
            if seen is None
            else tf.where(repeated(seen, times), point, repeated(cell, times))
            for k, (point, (cell, seen)) in enumerate(zip(tree.flatten(points), own, strict=True))
        ]
        return tree.pack_sequence_as(self.samples, padded)

    def masked(self) -> tf.Tensor:
        """How many cells of each sample are hidden [n]."""
        n = tf.shape(tree.flatten(self.samples)[0])[0]
        hidden = [tf.reshape(~seen, (n, -1)) for seen in self.seen if seen is not None]
        return tf.add_n([tf.zeros(n, tf.int32), *(tf.math.count_nonzero(one, 1, dtype=tf.int32) for one in hidden)])

    def logits_and_outputs(self, x) -> tuple[tf.Tensor, tf.Tensor]:
        """What every class is given [n, classes] at ``x``: logits, and the output that is explained."""
        if self.lookups is None or not self.lookups.of_input:
            with self.masks.held():
                return self._logits_and_outputs(x)
        done = self.record(x, ForwardSemantics())
        return done.logits, done.outputs

    def _record(self, x, semantics: ForwardSemantics, times=1) -> Forward:
        semantics.watch = lambda leaf: None  # leaves are written down
        given, put = x, None
        if self.lookups is not None:
            given, put = self.lookups.apart(x, [repeated(one, times) for one in tree.flatten(self.samples)])
        semantics.put = put or []
        with explained_by(semantics):
            logits, outputs = self._logits_and_outputs(given)
        semantics.check()
        found = list(map(Lookup, semantics.leaves.pop("embedding", []), semantics.tables))
        lookups = Lookups(given, found, outputs) if self.lookups is None else self.lookups.again(found)
        return Forward(semantics, x, lookups.leaves(x), logits, outputs, lookups, self.network.passes)

    def _logits_and_outputs(self, x) -> tuple[tf.Tensor, tf.Tensor]:
        logits = self.network.logits(x)
        return logits, self.network.head.outputs(logits, self.output)


class Predictor:
    """What a model gives, also at other points than the samples, where it has the samples' masks.

    Args:
      model: the model; where nothing in it finds padding by its value, one point is like another.
      network: for its logits in the place of the model's own outputs.
    """

    def __init__(self, model: keras.Model, network: Network | None = None):
        self._network = network
        if network is None:
            self._outputs: Callable = model.predict_on_batch
        else:
            logits = tf.function(network.logits, input_signature=[network.input_spec], autograph=False)
            self._outputs = lambda x: logits(_as_taken(network, x)).numpy()
        self._at: Callable | None = None
        if _is_masked(model):
            taken = network or network_of(model, "float32", derivative=True)
            self._at = self._held(taken)

    def __call__(self, x):
        """The outputs of a batch."""
        return self._outputs(x)

    def at(self, points, samples):
        """The outputs at ``points`` that stand for ``samples``, whose masks hold and whose padding stays."""
        return self(points) if self._at is None else self._at(points, samples)

    def _held(self, network: Network) -> Callable:
        as_given = network.head.as_given if self._network is None else tf.identity

        @partial(tf.function, input_signature=[network.input_spec] * 2, autograph=False)
        def outputs(points, samples):
            recorder = Recorder(network, "logit")
            recorder.see(samples)
            return as_given(recorder.logits_and_outputs(recorder.padded(points))[0])

        return lambda *given: outputs(*(_as_taken(network, x) for x in given)).numpy()


def _as_taken(network: Network, x):
    """Arrays in the types that the network takes."""
    return tree.map_structure(lambda spec, one: tf.cast(one, spec.dtype), network.input_spec, x)


def _is_masked(model) -> bool:
    return hasattr(model, "inputs") and not is_thesis_model(model) and marks_padding(model)


class TapeExplained:
    """See ``methods.Explained``.

    Attributes:
      recorded: the forward pass at ``x`` with the method's own semantics.
      selection: [n, classes], or [classes] for all samples: how the outputs are weighed.
      most: the samples that a pass may hold.
    """

    def __init__(self, recorder: Recorder, method: Method, recorded: Forward, selection, background: float, most=None):
        self.most = most
        self.recorder = recorder
        self.method = method
        self.recorded = recorded
        self.selection = selection
        self.background = background

    @property
    def x(self):
        """The samples, a tree of tensors."""
        return self.recorder.samples

    @property
    def seen(self):
        """A tree of booleans like ``x``: which cells the masks of ``x`` let through; none of inputs that are masks."""
        seen = [
            tf.fill(tf.shape(x), k not in self.recorder.steady) if seen is None else seen
            for k, (x, seen) in enumerate(zip(tree.flatten(self.x), self.recorder.seen, strict=True))
        ]
        return tree.pack_sequence_as(self.x, seen)

    @property
    def varied(self):
        """The samples where they can vary: a tree like ``x``, with embeddings in the place of tokens."""
        return self.recorder.lookups.leaves(self.x)

    @property
    def varied_seen(self):
        """A tree of booleans that broadcast over ``varied``: which cells the masks of ``x`` let through."""
        cells = self.recorder.lookups.seen(tree.flatten(self.seen))
        return tree.pack_sequence_as(self.x, cells)

    def point(self, reference):
        """See ``methods.Explained``."""
        lookups, leaves = self.recorder.lookups, tree.flatten(self.x)
        points = [
            lookups.point(place, one) if place in lookups.of_input else points_like(self._filled(one), leaf)
            for place, (leaf, one) in enumerate(zip(leaves, references_of(reference, len(leaves)), strict=True))
        ]
        return tree.pack_sequence_as(self.x, points)

    def _filled(self, reference):
        if isinstance(reference, str):
            raise InputError(f"{reference!r} is a point of reference for tokens; received numbers")
        return self.background if reference is None else reference

    @property
    def together(self):
        """How many points of every sample one pass may hold: 1 where it must not hold more than the samples."""
        if self.most is None or self.recorder.fixed is not None:
            return 1
        return tf.maximum(self.most // tf.shape(tree.flatten(self.x)[0])[0], 1)

    @cached_property
    def signals(self) -> dict:
        """What arrives at the leaves and at the probes of the recorded pass: one walk back for all that is asked."""
        done = self.recorded
        wanted = {"leaf": done.leaf, "probes": {} if done.semantics.probes is None else done.semantics.probes.arrays}
        return self._walk(done, wanted, self.method.start)

    def value(self, x=None) -> tf.Tensor:
        """The explained output f(x) [n]."""
        return tf.reduce_sum(self.selection * self.values(x), axis=-1)

    def logits(self, x=None) -> tf.Tensor:
        """The logits [n, classes]."""
        return self.recorded.logits if x is None else self.recorder.logits_and_outputs(x)[0]

    def values(self, x=None) -> tf.Tensor:
        """The outputs of all classes [n, classes]."""
        return self.recorded.outputs if x is None else self.recorder.logits_and_outputs(self._at_point(x))[1]

    def gradient(self, x=None, times=1) -> Backward:
        """df/dx; ``x`` may be ``times`` points of every sample, one batch behind the other."""
        if x is not None:
            done = self.recorder.record(self.recorder.padded(x, times), ForwardSemantics(), times)
            weighed = self.selection if self.selection.shape.rank == 1 else repeated(self.selection, times)
            return Backward(done.walk_back(done.leaf, weighed * tf.ones_like(done.outputs)), done.leaf)
        own = x is None and _is_plain(self.recorded.semantics) and type(self.method).start is Method.start
        return self.propagate() if own else self.propagate(x, ForwardSemantics(), tf.ones_like)

    def propagate(self, x=None, semantics: ForwardSemantics | None = None, start: Callable | None = None) -> Backward:
        """What arrives at the leaves, with the backward of ``semantics``; the method's own by default."""
        if x is None and semantics is None and start is None:
            return Backward(self.signals["leaf"], self.recorded.leaf)
        done = self._at(x, semantics)
        return Backward(self._walk(done, done.leaf, start or self.method.start), done.leaf)

    def forward(self, x, semantics: ForwardSemantics) -> Forward:
        """A forward pass at ``x`` with ``semantics``, recorded."""
        return self.recorder.record(self.recorder.padded(x), semantics)

    def beside(self, references, semantics: Multipliers):
        """See ``methods.Explained``."""
        both = self.recorder.record_beside(references, semantics)
        seeds = self.selection * tf.ones_like(tf.split(both.outputs, semantics.times)[0])
        return tree.map_structure(semantics.relevance, both.walk_back(both.leaf, semantics.started(seeds)), both.leaf)

    def difference(self, references, semantics: Multipliers) -> tf.Tensor:
        """See ``methods.Explained``."""
        x, reference, *_ = tf.split(self.recorder.record_beside(references, semantics).outputs, semantics.times)
        return tf.reduce_sum(self.selection * (x - reference), axis=-1)

    def activations(self, names, x=None) -> dict[str, tf.Tensor]:
        """What the layers of these names give."""
        with self.recorder.masks.held():
            return self.recorder.network.activations(self._at_point(x), names)

    def attention(self, x=None) -> dict[str, tf.Tensor]:
        """The attention weights of every layer that tells them, by its name."""
        with self.recorder.masks.held():
            return self.recorder.network.attention(self._at_point(x))

    def _at_point(self, x):
        return self.x if x is None else self.recorder.padded(x)

    def walk_back(self, wanted):
        """What arrives at the ``wanted`` tensors of the pass at ``x``, a tree."""
        return self._walk(self.recorded, wanted, self.method.start)

    def _walk(self, done: Forward, wanted, start: Callable):
        return done.walk_back(wanted, self.selection * start(done.outputs))

    def _at(self, x, semantics: ForwardSemantics | None) -> Forward:
        """The pass at ``x`` serves again, where it has the semantics that are asked for."""
        if x is None and (semantics is None or (_is_plain(semantics) and _is_plain(self.recorded.semantics))):
            return self.recorded
        return self.forward(self.x if x is None else x, self.method.semantics() if semantics is None else semantics)


def _is_plain(semantics: ForwardSemantics) -> bool:
    return type(semantics) is ForwardSemantics


def _walked_back(outputs, wanted, seeds):
    """By the graph itself: under a tape, a loop's gradient is built three times, for those of higher order."""
    tensors = tree.flatten(wanted)
    return tree.pack_sequence_as(wanted, tf.gradients(outputs, tensors, seeds, unconnected_gradients="zero"))
