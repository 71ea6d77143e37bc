"""What is asked for: a class or a unit for each prototype, and how the network answers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.errors import InputError
from thesis_rnn.prototypes.aims import LOG_PROBABILITIES, log_probability, unit_of

BATCH = 500


@dataclass(frozen=True)
class Question:
    """A class or a unit for each prototype.

    Attributes:
      network: the model's.
      made_by: what makes probabilities of its logits: "softmax", "sigmoid", or "linear" for none.
      targets: the classes that were asked for; empty for a unit.
      unit: the unit's name; "" for classes.
      activation: of the unit: maps a batch and its own steps to [m]; None for classes.
      n: prototypes for each class, or of the unit.
    """

    network: Network
    made_by: str
    targets: tuple[int, ...]
    unit: str
    activation: Callable | None
    n: int

    @classmethod
    def of(cls, network: Network, made_by: str, target, unit: str | None, step: int | None, n: int) -> "Question":
        """The question, checked.

        Raises:
          InputError: for a class or unit that does not exist.
        """
        if unit is not None:
            shape = network.input_spec.shape
            steps = shape[1] if shape.rank > 2 or network.input_spec.dtype.is_integer else None
            return cls(network, made_by, (), unit, unit_of(network, unit, step, steps), n)
        targets = np.atleast_1d(np.asarray(target))
        classes = network.head.classes
        if targets.ndim != 1 or targets.dtype.kind not in "iu" or not len(targets):
            raise InputError(f"target must be a class or several, integers; received {target!r}")
        if targets.min() < 0 or targets.max() >= classes:
            raise InputError(f"target must lie in 0..{classes - 1}; received {targets.min()}..{targets.max()}")
        return cls(network, made_by, tuple(targets.tolist()), "", None, n)

    @property
    def target(self) -> np.ndarray:
        """The class of each prototype; -1 for a unit."""
        return np.repeat(self.targets, self.n).astype(np.int32) if self.targets else np.full(self.n, -1, np.int32)

    @property
    def has_probability(self) -> bool:
        """Whether what is maximised is the log of a probability."""
        return self.activation is None and self.made_by in LOG_PROBABILITIES

    def aim(self, x, lengths=None) -> tf.Tensor:
        """What each prototype maximises [n]: log p of its class, an output that is no logit of a class, or the unit."""
        if self.activation:
            return self.activation(x, lengths)
        logits = self.network.logits(x)
        log_p = log_probability(self.made_by, logits)
        return tf.gather(logits if log_p is None else log_p, self.target, axis=1, batch_dims=1)

    def answers(self, x, lengths=None) -> tuple[np.ndarray, np.ndarray | None]:
        """Of any samples: logits [m, classes] and log p (None of a regression); of a unit its activations [m, 1]."""
        spec = tf.TensorSpec((None, *x.shape[1:]), x.dtype)
        own = None if lengths is None else tf.TensorSpec((None,), lengths.dtype)
        ask = tf.function(self._values).get_concrete_function(spec, own)
        batches = [slice(start, start + BATCH) for start in range(0, len(x), BATCH)]
        parts = [ask(*(tf.constant(one[batch]) for one in (x, lengths) if one is not None)) for batch in batches]
        values = tf.concat(parts, axis=0)
        log_p = None if self.activation else log_probability(self.made_by, values)
        return values.numpy(), None if log_p is None else log_p.numpy()

    def _values(self, x, lengths) -> tf.Tensor:
        """Logits [m, classes], or activations [m, 1]."""
        return self.activation(x, lengths)[:, tf.newaxis] if self.activation else self.network.logits(x)
