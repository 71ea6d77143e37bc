"""What passes through chosen units of a loop's state at a step, on the way back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import tensorflow as tf

from thesis_rnn.core.backward import with_backward


class Passing:
    """Lets a backward pass through some units of states at one step; all other steps and states pass whole.

    A state that masked steps keep is the one of the last step before them that is not masked.

    Args:
      chosen: name of a state -> (the step, 1 for its chosen units and 0 for others).

    Attributes:
      met: the states that a forward pass has come by.
    """

    def __init__(self, chosen: Mapping[str, tuple[int, tf.Tensor]]):
        self.chosen = dict(chosen)
        self._steps = sorted({step for step, _ in self.chosen.values()})
        self._here: dict[int, tf.Tensor] = {}
        self.met: set[str] = set()

    def notes(self, part, mask) -> list:
        """For each step that is asked for whether a step of the loop over ``part`` is it [batch, steps]."""
        steps = tf.shape(part)[1]
        seen = tf.ones(tf.shape(part)[:2], bool) if mask is None else mask
        count = tf.cumsum(tf.cast(seen, tf.int32), axis=1)
        return [seen & (count == count[:, tf.minimum(step, steps - 1), tf.newaxis]) for step in self._steps]

    @contextmanager
    def at_step(self, notes: list) -> Iterator[None]:
        """The block of one step, of which the ``notes`` [batch] are."""
        self._here = dict(zip(self._steps, notes, strict=True))
        yield
        self._here = {}

    def passed(self, a, name: str):
        """The state ``a`` [batch, ..., units] itself, with the backward pass through its chosen units."""
        if name not in self.chosen:
            return a
        self.met.add(name)
        step, units = self.chosen[name]
        here = tf.reshape(self._here[step], [-1] + [1] * (a.shape.rank - 1))
        return _through(a, tf.where(here, tf.cast(units, a.dtype), tf.ones((), a.dtype)))


@with_backward
def _through(a, share):
    return tf.identity(a), lambda signal: (signal * share, tf.zeros_like(share))
