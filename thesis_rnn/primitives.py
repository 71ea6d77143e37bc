"""The six primitives every layer is written in: one forward, many backward semantics.

| primitive | forward |
|---|---|
| ``affine(a, W, b)`` | W.a + b, dense or convolution |
| ``rectify(z)`` | max(0, z) |
| ``squash(z, function)`` | tanh or sigmoid on the signal path |
| ``gate(g, s)`` | g * s |
| ``accumulate(a, b)`` | a + b |
| ``pool(a, size)`` | sum over windows |

Outside an explanation each is the plain operation. Inside ``explained_by(semantics)`` the call goes to the
method of the same name of ``semantics``, whose custom gradient carries relevance instead of a
derivative. The choice is made while a graph is traced, so the compiled graph has no branches.

``affine`` has two halves for the sake of recurrences, whose pre-activation has several inputs, some of them known for
all steps at once: ``contribution(a, W)`` is what one input adds; contributions are summed with ``+`` and sliced with
``[...]``; ``preactivation(contributions, b)`` completes the sum.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from keras import ops

Domain = Literal["bounded", "positive", "real"]
"""Where an input lives: pixels in a box, ReLU activations, or any real number."""


@dataclass(frozen=True)
class Window:
    """How a convolution's kernel moves over its input."""

    strides: tuple[int, ...] | int = 1
    padding: str = "same"
    dilation: tuple[int, ...] | int = 1


@dataclass(frozen=True)
class Site:
    """The place of an affine map in a network, by which a composite chooses its rule.

    Attributes:
      layer: the name of the layer that owns the kernel.
      first: whether one of its inputs is the network's input.
      window: how the kernel moves, for a convolution; None for a dense map.
    """

    layer: str
    first: bool = False
    window: Window | None = None


class Plain:
    """The forward of every primitive. Other semantics derive from it and change the backward of some."""

    def contribution(self, a, kernel, site: Site, domain: Domain):
        return linear(a, kernel, site.window)

    def preactivation(self, contributions, bias, site: Site):
        return contributions + bias

    def rectify(self, z):
        return ops.relu(z)

    def squash(self, z, function):
        return function(z)

    def gate(self, g, signal):
        return g * signal

    def accumulate(self, a, b):
        return a + b

    def pool(self, a, size: int):
        return sum_windows(a, size)


PLAIN = Plain()
_semantics: ContextVar[Plain] = ContextVar("semantics", default=PLAIN)


@contextmanager
def explained_by(semantics: Plain) -> Iterator[None]:
    """Gives every primitive that is traced inside the block the backward of ``semantics``."""
    token = _semantics.set(semantics)
    try:
        yield
    finally:
        _semantics.reset(token)


def affine(a, kernel, bias, site: Site, domain: Domain = "positive"):
    """W.a + b over the last axis, or a convolution where ``site.window`` says so."""
    return preactivation(contribution(a, kernel, site, domain), bias, site)


def contribution(a, kernel, site: Site, domain: Domain = "positive"):
    """What the input ``a`` adds to a pre-activation: W.a."""
    return _semantics.get().contribution(a, kernel, site, domain)


def preactivation(contributions, bias, site: Site):
    """The sum of contributions, completed by the bias."""
    return _semantics.get().preactivation(contributions, bias, site)


def rectify(z):
    """max(0, z)."""
    return _semantics.get().rectify(z)


def squash(z, function):
    """A saturating ``function`` (tanh, sigmoid) on the signal path."""
    return _semantics.get().squash(z, function)


def gate(g, signal):
    """g * signal, where g decides how much of the signal passes."""
    return _semantics.get().gate(g, signal)


def accumulate(a, b):
    """a + b, two signals that meet."""
    return _semantics.get().accumulate(a, b)


def pool(a, size: int):
    """The sum over windows of ``size`` x ``size`` that do not overlap; see ``sum_windows``."""
    return _semantics.get().pool(a, size)


def linear(a, kernel, window: Window | None = None):
    """W.a, over the last axis of ``a`` (dense) or over its last axes (convolution); leading axes are a batch."""
    axes = len(kernel.shape) - 1  # the axes of one sample: features, or space and channels
    batch = ops.shape(a)[: len(a.shape) - axes]
    flat = ops.reshape(a, (-1, *a.shape[-axes:])) if len(batch) > 1 else a
    if window is None:
        z = ops.matmul(flat, kernel)
    else:
        z = ops.conv(flat, kernel, window.strides, window.padding, dilation_rate=window.dilation)
    return ops.reshape(z, (*batch, *z.shape[1:])) if len(batch) > 1 else z


def sum_windows(a, size: int):
    """Sums over windows of ``size`` x ``size`` of [..., rows, columns, channels].

    The border is filled with zeros where a window does not fit, so that the sum stays a sum there; averaging and
    multiplying by the window's area would not.
    """
    *batch, rows, columns, channels = ops.shape(a)
    flat = ops.reshape(a, (-1, rows, columns, channels))
    flat = ops.pad(flat, ((0, 0), (0, -rows % size), (0, -columns % size), (0, 0)))
    sums = ops.average_pool(flat, size, size, "valid") * size**2
    return ops.reshape(sums, (*batch, *sums.shape[1:]))
