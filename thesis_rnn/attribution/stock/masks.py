"""The masks of the explained samples, which hold at every other point that a method asks about.

A mask marks padding by a value. Noise, a path or a baseline gives padding another value, or other cells that one, and a
model would read what it never reads. So the pass at the samples writes down every mask that a layer makes, and the
passes at other points read it there: f(b) is the network's output at b with the mask of x.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import keras
import tensorflow as tf

from thesis_rnn.errors import InputError


class Made(NamedTuple):
    """A mask, and what it was made of."""

    mask: tf.Tensor
    of: tf.Tensor


class SampleMasks:
    """What layers made masks of at the samples: for each layer, by the order of its uses."""

    def __init__(self):
        self.made: dict = defaultdict(list)

    @contextmanager
    def written(self) -> Iterator[None]:
        """The block of the pass at the samples."""
        self.made.clear()
        with _pass_of(self, writes=True):
            yield

    @contextmanager
    def held(self, times=1) -> Iterator[None]:
        """The block of a pass at other points, ``times`` as many, one batch behind the other."""
        with _pass_of(self, writes=False, times=times):
            yield

    @property
    def any(self) -> bool:
        """Whether a mask was written down."""
        return any(one.mask is not None for made in self.made.values() for one in made)

    def seen(self, readers: list, x: tf.Tensor):
        """Which cells of the input ``x`` the masks let through, booleans like ``x``; None where nothing is hidden.

        The derivative of what passes a mask says which cells do: between the two, layers only rearrange.

        Args:
          readers: the layers that mask x, see ``Graph.masking_readers``.
          x: the input.
        """
        made = [one for reader in readers for one in self.made[reader]]
        if not made:
            return None
        if not x.dtype.is_floating:  # a reader may be shared by several inputs
            own = [one.mask for one in made if _comes_from(one.of, x)]
            alike = [mask for mask in own if mask.shape.rank == x.shape.rank]
            return tf.reduce_any(alike, axis=0) if own and len(alike) == len(own) else None
        passing = [tf.gradients(one.of, x, _broadcast(one), unconnected_gradients="zero")[0] for one in made]
        return tf.add_n(passing) > 0


def sample_mask(layer, of, make: Callable):
    """The mask that ``make()`` makes of ``of`` in ``layer``; at other points than the samples, that of the samples."""
    current = _current.get()
    return make() if current is None else current.mask(layer, of, make)


def masked_by_sample(layer, inputs, outputs):
    """``outputs`` of a user's own layer, with the mask that it made of the samples.

    Raises:
      InputError: at other points than the samples, for a layer that hides parts of its input by itself, unseen.
    """
    current = _current.get()
    if current is None or not any(tf.is_tensor(one) and one.dtype.is_floating for one in keras.tree.flatten(inputs)):
        return outputs
    hiding = [one.name for one in getattr(layer, "_flatten_layers", list)() if makes_masks(one)]
    if hiding and not current.writes:
        raise InputError(
            f"layer {layer.name!r} of class {type(layer).__name__} finds padding by its value, which other points than "
            f"x do not have; put its Masking before it, or use a method that asks at x alone; received {hiding[0]!r}"
        )
    for output in keras.tree.flatten(outputs):
        if (mask := getattr(output, "_keras_mask", None)) is not None:
            output._keras_mask = current.mask(layer, output, lambda mask=mask: mask)
    return outputs


def makes_masks(layer) -> bool:
    """Whether the layer marks padding by the values that it takes."""
    return isinstance(layer, keras.layers.Masking) or bool(getattr(layer, "mask_zero", False))


def mask_of(x):
    """The mask that Keras hands on with a tensor."""
    return getattr(x, "_keras_mask", None)


class _Pass:
    """One forward pass: the uses of every layer are counted anew."""

    def __init__(self, masks: SampleMasks, writes: bool, times):
        self.made = masks.made
        self.writes = writes
        self.times = times
        self.uses: dict = defaultdict(int)

    def mask(self, layer, of, make: Callable):
        use = self.uses[layer]
        self.uses[layer] += 1
        if self.writes:
            self.made[layer].append(Made(make(), of))
        if layer not in self.made:  # nothing is written down of networks without masks, see ``Recorder.see``
            return make()
        mask = self.made[layer][use].mask
        return mask if mask is None else repeated(mask, self.times)


def repeated(samples: tf.Tensor, times) -> tf.Tensor:
    """``times`` batches of the ``samples``, one behind the other; a number or a scalar of the graph."""
    if isinstance(times, int) and times == 1:
        return samples
    return tf.tile(samples, [times] + [1] * (samples.shape.rank - 1))


_current: ContextVar[_Pass | None] = ContextVar("masks", default=None)


@contextmanager
def _pass_of(masks: SampleMasks, writes: bool, times=1) -> Iterator[None]:
    token = _current.set(_Pass(masks, writes, times))
    try:
        yield
    finally:
        _current.reset(token)


def _comes_from(tensor: tf.Tensor, x: tf.Tensor) -> bool:
    """Whether ``x`` is among what ``tensor`` was made of, in the graph of both."""
    waiting, looked_at = [tensor], set()
    while waiting:
        one = waiting.pop()
        if one is x:
            return True
        if one.ref() not in looked_at:
            looked_at.add(one.ref())
            waiting += one.op.inputs
    return False


def _broadcast(made: Made) -> tf.Tensor:
    """The mask as numbers in the shape of what it was made of."""
    return tf.broadcast_to(tf.cast(made.mask, made.of.dtype)[..., None], tf.shape(made.of))
