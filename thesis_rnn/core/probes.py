"""Probes: zeros that a forward pass takes in, whose gradients tell what came by on the way back.

A state ``h + probe`` hands the probe the relevance that arrives at h; a primitive hands the probes that it takes what
it kept. In a loop over time a probe is one array for all steps, which the loop reads as it reads its inputs: nothing
that is asked of the steps unrolls the loop.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import tensorflow as tf


class Probes:
    """The probes of one forward pass.

    Args:
      losses: whether primitives are asked what they kept.
      states: whether the states of loops are asked what they received.

    Attributes:
      arrays: the probes [batch, steps, ...] by place and kinds, one for each visit; outside of loops of one step.
    """

    def __init__(self, losses: bool = False, states: bool = False):
        self.losses = losses
        self.states = states
        self.arrays: dict[tuple[str, tuple[str, ...]], list] = {}
        self._open = self._made

    def open(self, name: tuple[str, tuple[str, ...]], z, features: int = 0, more: tuple[int, ...] = ()):
        """Zeros in the shape of ``z`` with ``more`` axes in the place of its last ``features``."""
        return self._open(name, z, features, more)

    def of_steps(self, step: Callable, specs: Sequence[tf.TensorSpec], batch, steps) -> list:
        """An array for every probe that a ``step`` opens; the step is traced apart, once, to learn them."""
        asked = []

        def noted(name, z, features, more):
            asked.append((name, [*z.shape[1 : z.shape.rank - features], *more], z.dtype))
            return _zeros(z, features, more)

        with self._opened_by(noted):
            tf.function(step, autograph=False).get_concrete_function(*specs)
        return [self._kept(name, tf.zeros([batch, steps, *shape], dtype)) for name, shape, dtype in asked]

    @contextmanager
    def given(self, of_step: Sequence) -> Iterator[None]:
        """Inside the block, which is one step of a loop, its probes are those ``of_step``, one after the other."""
        probes = iter(of_step)
        with self._opened_by(lambda *_: next(probes)):
            yield

    @contextmanager
    def _opened_by(self, function: Callable) -> Iterator[None]:
        before, self._open = self._open, function
        try:
            yield
        finally:
            self._open = before

    def _made(self, name, z, features, more):
        return tf.squeeze(self._kept(name, tf.expand_dims(_zeros(z, features, more), 1)), 1)

    def _kept(self, name, probe):
        self.arrays.setdefault(name, []).append(probe)
        return probe


def _zeros(z, features: int, more: tuple[int, ...]):
    axes = z.shape.rank - features
    zeros = tf.zeros([*tf.unstack(tf.shape(z)[:axes]), *more], z.dtype)
    zeros.set_shape([*z.shape[:axes], *more])
    return zeros
