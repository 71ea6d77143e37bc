"""The output of a model that is explained: logits [n, classes], before softmax or sigmoid."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.stock.signals import activation_name
from thesis_rnn.core import primitives
from thesis_rnn.core.backward import with_backward
from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer


@dataclass(frozen=True)
class Head:
    """Where a model's logits are found and how they become what the model itself gives.

    A single sigmoid unit with logit z counts as two classes with logits -z and z. A single linear unit (a regression)
    is one class.

    Attributes:
      index: the place among the model's outputs.
      step: the time step of an output per step; None for outputs [n, units].
      units: the number of units.
      activation: "softmax", "sigmoid" or "linear", which the explanation leaves out.
    """

    index: int
    step: int | None
    units: int
    activation: str

    @property
    def classes(self) -> int:
        """The number of logits that can be explained."""
        return 2 if self._is_binary else self.units

    @property
    def _is_binary(self) -> bool:
        return self.units == 1 and self.activation == "sigmoid"

    def logits(self, outputs) -> tf.Tensor:
        """The logits [n, classes], from the outputs of a model whose head has no activation."""
        z = self._chosen(outputs)
        return tf.concat([primitives.gate(-1.0, z), z], axis=-1) if self._is_binary else z

    def outputs(self, logits, kind: str) -> tf.Tensor:
        """The ``kind`` of output of each class that is explained: its logit, probability or log-odds."""
        if kind == "logit" or (kind == "log_odds" and self.activation == "sigmoid"):
            return logits
        if kind == "log_odds":
            return log_odds(logits)
        return tf.nn.sigmoid(logits) if self.activation == "sigmoid" else softmax(logits)

    def log_probabilities(self, logits) -> tf.Tensor:
        """log p of each class [n, classes]."""
        return tf.math.log_sigmoid(logits) if self.activation == "sigmoid" else tf.nn.log_softmax(logits)

    def predicted(self, outputs) -> np.ndarray:
        """The class [n] that the user's model predicts with its ``outputs``."""
        given = np.asarray(self._chosen(outputs))
        return (given[:, 0] > 0.5).astype(int) if self._is_binary else given.argmax(axis=-1)

    def as_given(self, logits) -> tf.Tensor:
        """What the user's model gives for these logits [n, units]."""
        if self._is_binary:
            return tf.nn.sigmoid(logits[:, 1:])
        return {"softmax": tf.nn.softmax, "sigmoid": tf.nn.sigmoid, "linear": tf.identity}[self.activation](logits)

    def given(self, outputs):
        """The part [n, units] of the user's model's ``outputs`` that this head stands for."""
        return self._chosen(outputs)

    def _chosen(self, outputs):
        output = tree.flatten(outputs)[self.index]
        if len(output.shape) == 1:
            return output[:, tf.newaxis]
        return output if self.step is None else output[:, self.step]


CLASSIFYING = ("softmax", "log_softmax", "sigmoid")
OF_CLASSES = ("crossentropy", "cross_entropy", "hinge", "focal", "kl_divergence")
"""What the losses of classifiers have in their names."""


def check_predicts_class(model: keras.Model, head: Head) -> None:
    """Refuses a model of several outputs none of which is known to be the predicted one: a regression has no classes.

    A classifier ends in softmax or sigmoid, in a layer of this package or one whose name says "logits", or is compiled
    with a loss of classes.

    Raises:
      InputError: if nothing of these is known.
    """
    operation = model.outputs[head.index]._keras_history.operation
    known = head.classes == 1 or activation_name(operation) in CLASSIFYING or isinstance(operation, PrimitiveLayer)
    known = known or "logits" in operation.name
    if not known and not any(part in loss_name(model, head.index) for part in OF_CLASSES):
        raise InputError(
            f"the model has {head.units} outputs and nothing says that they are classes, no softmax and no loss of "
            f"classes; pass target=, one of 0..{head.units - 1}, or every_class=True; received target=None"
        )


def made_probabilities_by(model: keras.Model, head: Head) -> str:
    """What makes probabilities of the logits: "softmax", "sigmoid", or "linear" where nothing says that there are any.

    Linear outputs are logits where the loss that they were compiled with says so, a layer of this package or a name.
    """
    if head.activation != "linear" or head.classes == 1:
        return head.activation
    operation, loss = model.outputs[head.index]._keras_history.operation, loss_name(model, head.index)
    if "crossentropy" in loss.replace("_", ""):
        return "sigmoid" if "binary" in loss else "softmax"
    named = isinstance(operation, PrimitiveLayer) or "logits" in operation.name
    return "softmax" if named or activation_name(operation) == "log_softmax" else "linear"


def loss_name(model: keras.Model, index: int) -> str:
    """The name of the loss that the output ``index`` was compiled with; "" for none."""
    losses = getattr(model, "loss", None)
    if isinstance(losses, dict):
        losses = losses.get(model.output_names[index])
    elif isinstance(losses, list | tuple):
        losses = losses[index] if index < len(losses) else None
    name = losses if isinstance(losses, str) else getattr(losses, "name", None) or getattr(losses, "__name__", "")
    return name.lower()


@with_backward
def softmax(logits):
    """p = softmax(z), whose gradient p_j sum_k p_k (g_j - g_k) also holds where a probability is 1 to the last digit.

    What is left of the greatest probability is added up: 1 - p would be 0 there, or rounding in the place of it.
    """
    p = tf.nn.softmax(logits)

    def gradient(upstream):
        greatest = tf.one_hot(tf.argmax(p, axis=-1), p.shape[-1], True, False)
        others = tf.where(greatest, tf.zeros_like(p), p)
        left = tf.where(greatest, _total(others), 1 - p)
        crossed = tf.where(greatest, _total(others * upstream), _total(p * upstream) - p * upstream)
        return p * (upstream * left - crossed)

    return p, gradient


def log_odds(logits):
    """log(p_c / (1 - p_c)) = z_c - log sum_{k != c} exp z_k of every class c [n, classes], for logits of any size."""
    classes = logits.shape[-1]
    others = tf.where(tf.eye(classes, dtype=bool), tf.constant(-np.inf, logits.dtype), logits[:, None])
    return logits - tf.reduce_logsumexp(others, axis=-1)


def _total(a):
    return tf.reduce_sum(a, axis=-1, keepdims=True)


def find_head(model: keras.Model, activation: str, index: int, step: int | None) -> Head:
    """The head of ``model`` at output ``index`` and, for an output per time step, at ``step``.

    Raises:
      InputError: if there is no such output or step, or an output has another shape than [n], [n, units] or
        [n, steps, units].
    """
    if not 0 <= index < len(model.outputs):
        names = ", ".join(f"{place} ({tensor.name})" for place, tensor in enumerate(model.outputs))
        raise InputError(f"head must be one of the model's outputs: {names}; received {index}")
    shape = model.outputs[index].shape
    if len(shape) == 3 and step is None:
        raise InputError(f"the model gives an output for each of {shape[1]} steps; name one with step=; received None")
    if len(shape) not in (1, 2, 3) or (len(shape) < 3 and step is not None):
        raise InputError(
            f"an output is [n], [n, units], or [n, steps, units] with step=; received {shape} and step={step}"
        )
    if step is not None and shape[1] is not None and not -shape[1] <= step < shape[1]:
        raise InputError(f"step must lie in 0..{shape[1] - 1}; received {step}")
    return Head(index, step, shape[-1] if len(shape) > 1 else 1, activation)
