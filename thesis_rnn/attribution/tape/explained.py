"""What a method asks of the network that it explains, answered by recorded forward passes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.methods import Backward, Method
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.core.primitives import ForwardSemantics, explained_by
from thesis_rnn.errors import InputError


class Forward(NamedTuple):
    """One forward pass, recorded; ``x`` and ``leaf`` are trees in the structure of the network's input."""

    tape: tf.GradientTape
    semantics: ForwardSemantics
    x: Any
    leaf: Any
    logits: tf.Tensor
    outputs: tf.Tensor


class Recorder:
    """Makes forward passes of a network, up to the ``output`` of its classes that is explained."""

    def __init__(self, network: Network, output: str):
        self.network = network
        self.output = output

    def record(self, x, semantics: ForwardSemantics) -> Forward:
        """A forward pass at ``x`` that can be walked back, with the backward of ``semantics``."""
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape, explained_by(semantics):
            semantics.watch = tape.watch
            for one in tree.flatten(x):
                if one.dtype.is_floating:
                    tape.watch(one)
            logits, outputs = self.logits_and_outputs(x)
        semantics.check()
        leaf = _leaves(x, semantics.leaves.pop("embedding", []), tape, outputs)
        return Forward(tape, semantics, x, leaf, logits, outputs)

    def logits_and_outputs(self, x) -> tuple[tf.Tensor, tf.Tensor]:
        """What every class is given [n, classes]: logits, and the output that is explained."""
        logits = self.network.logits(x)
        return logits, self.network.head.outputs(logits, self.output)


class TapeExplained:
    """See ``methods.Explained``.

    Attributes:
      recorded: the forward pass at ``x`` with the method's own semantics.
      selection: [n, classes], or [classes] for all samples: how the outputs are weighed.
    """

    def __init__(self, recorder: Recorder, method: Method, recorded: Forward, selection, background: float):
        self.recorder = recorder
        self.method = method
        self.recorded = recorded
        self.selection = selection
        self.background = background

    @property
    def x(self):
        """The samples, a tree of tensors."""
        return self.recorded.x

    def value(self, x=None) -> tf.Tensor:
        """The explained output f(x) [n]."""
        return tf.reduce_sum(self.selection * self.values(x), axis=-1)

    def values(self, x=None) -> tf.Tensor:
        """The outputs of all classes [n, classes]."""
        return self.recorded.outputs if x is None else self.recorder.logits_and_outputs(x)[1]

    def gradient(self, x=None) -> Backward:
        """df/dx."""
        return self.propagate(x, ForwardSemantics(), tf.ones_like)

    def propagate(self, x=None, semantics: ForwardSemantics | None = None, start: Callable | None = None) -> Backward:
        """What arrives at the leaves, with the backward of ``semantics``; the method's own by default."""
        done = self._at(x, semantics)
        seeds = self.selection * (start or self.method.start)(done.outputs)
        signal = done.tape.gradient(done.outputs, done.leaf, output_gradients=seeds)
        return Backward(signal, done.leaf)

    def forward(self, x, semantics: ForwardSemantics) -> Forward:
        """A forward pass at ``x`` with ``semantics``, recorded."""
        return self.recorder.record(x, semantics)

    def activations(self, names, x=None) -> dict[str, tf.Tensor]:
        """What the layers of these names give."""
        return self.recorder.network.activations(self.x if x is None else x, names)

    def attention(self, x=None) -> dict[str, tf.Tensor]:
        """The attention weights of every layer that tells them, by its name."""
        return self.recorder.network.attention(self.x if x is None else x)

    def _at(self, x, semantics: ForwardSemantics | None) -> Forward:
        """The pass at ``x`` serves again, where it has the semantics that are asked for."""
        plain = type(semantics) is ForwardSemantics
        if x is None and (semantics is None or (plain and type(self.recorded.semantics) is ForwardSemantics)):
            return self.recorded
        return self.forward(self.x if x is None else x, self.method.semantics() if semantics is None else semantics)


def _leaves(x, embeddings: list, tape: tf.GradientTape, outputs):
    """The tensors whose relevance is asked for: each input, or what its tokens were embedded as."""
    inputs = tree.flatten(x)
    tokens = [not one.dtype.is_floating for one in inputs]
    if embeddings and not any(tokens):
        # Keras' inputs are floating-point unless they are told otherwise, also where they are tokens.
        signals = tape.gradient(outputs, inputs)
        tokens = [signal is None for signal in signals]
    if not embeddings and not any(tokens):
        return x
    if sum(tokens) != 1 or len(embeddings) != 1:
        raise InputError(
            "tokens are covered where they are the whole input and one Embedding reads them; received "
            f"{len(embeddings)} embeddings of an input of {inputs[0].dtype.name}"
        )
    return tree.pack_sequence_as(
        x, [embeddings[0] if is_token else one for one, is_token in zip(inputs, tokens, strict=True)]
    )
