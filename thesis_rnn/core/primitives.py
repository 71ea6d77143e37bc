"""The primitives every layer is written in: one forward, many backward semantics.

| primitive | forward |
|---|---|
| ``affine(a, W, b)`` | W.a + b, dense or convolution |
| ``rectify(z)`` | max(0, z) |
| ``squash(z, function)`` | tanh, sigmoid, ... |
| ``gate(g, s)`` | g * s |
| ``add(a, b)`` | a + b |
| ``greatest(a, b)`` | the greater, or the less, of two signals |
| ``pool(a, function)`` | sums, averages or maxima over windows |
| ``product(a, b)`` | a * b, or another bilinear map, of two signals |
| ``normalise(a, scale)`` | a * scale(a); ``softmax(z)`` is its other kind |

Outside an explanation each is the plain operation. Inside ``explained_by(semantics)`` the call goes to the
method of the same name of ``semantics``, whose custom gradient carries relevance instead of a
derivative. The choice is made while a graph is traced, so the compiled graph has no branches.

``affine`` has two halves for the sake of recurrences, whose pre-activation has several inputs, some of them known for
all steps at once: ``contribution(a, W)`` is what one input adds; contributions are summed with ``+`` and
taken apart by step with ``by_step``; ``preactivation(contributions, b)`` completes the sum.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from keras import ops

from thesis_rnn.core.linear_maps import Form, linear
from thesis_rnn.core.passing import Passing
from thesis_rnn.core.probes import Probes

INITIAL_STATE = "initial state"
"""The last part of the name of a leaf that starts a recurrence: relevance that arrives there reaches no input."""

VARIABLES = "states of variables"
"""The name of the leaf [batch, steps, variables, units] of what a model that explains itself has read of each cell."""

STATE = "state"
"""The kind of a probe that a state has; the others are the kinds of what primitives keep."""

Role = Literal["input", "forget", "output", "attention", "other"]
"""What a gate decides: in its cell what is written, what is kept, what is shown; "attention" where a model that
explains itself weighs its input; "other" elsewhere."""

Domain = Literal["bounded", "positive", "real"]
"""Where an input lives: pixels in a box, ReLU activations, or any real number."""


@dataclass(frozen=True)
class Site:
    """The place of an affine map in a network, by which a composite chooses its rule.

    Attributes:
      layer: the name of the layer that owns the kernel.
      first: whether one of its inputs is the network's input.
      form: how the kernel is applied: a ``SlidingKernel``, a ``KernelPerSample``, or None for a dense map.
      controls: whether it computes a gate rather than a signal.
    """

    layer: str
    first: bool = False
    form: Form = None
    controls: bool = False


class ForwardSemantics:
    """The forward of every primitive. Other semantics derive from it and change the backward of some.

    Attributes:
      watch: called with every leaf, which is then written down; an engine that opens an explanation sets it.
      leaves: the leaves by name, in the order of their steps.
      constant_weights: whether attention weights count as constants.
      follows_gates, follows_scales: whether gates and the scales of norms, which may count as constants, are signals.
      needs_steps: whether loops over time are unrolled, so that each of their steps is seen apart.
      probes: what is asked of primitives and states on the way back; None where nothing is.
      passing: through which units of states the backward pass goes; None for all.
      put: what embeddings give, in the order of their uses, where an engine asks at points that no tokens have; None
        for what is looked up.
      tables: the tables of the embeddings, where leaves are watched.
    """

    watch: Callable | None = None
    constant_weights = False
    follows_gates = False
    follows_scales = False
    needs_steps = False
    probes: Probes | None = None
    passing: Passing | None = None

    def __init__(self):
        self.leaves: dict = {}
        self.tables: list = []
        self.put: list = []

    def contribution(self, a, kernel, site: Site, domain: Domain):
        return linear(a, kernel, site.form)

    def by_step(self, contributions) -> list:
        return ops.unstack(contributions, axis=1)

    def preactivation(self, contributions, bias, site: Site):
        return contributions + bias

    def rectify(self, z):
        return ops.relu(z)

    def squash(self, z, function, controls: bool, layer: str):
        return function(z)

    def gate(self, g, signal, role: Role = "other"):
        return g * signal

    def add(self, a, b, layer: str = ""):
        return a + b

    def pool(self, a, function, average=None, layer: str = ""):
        return function(a)

    def greatest(self, a, b, function):
        return function(a, b)

    def product(self, a, b, function, layer: str = "", mixing: Site | None = None):
        return function(a, b)

    def normalise(self, a, scale, layer: str = ""):
        return a * scale

    def softmax(self, z, function, layer: str = ""):
        return function(z)

    def attend(self, weights, layer: str = ""):
        return weights

    def constant(self, a, layer: str = ""):
        return a

    def leaf(self, a, name: str):
        if self.watch is not None:
            self.watch(a)
            self.leaves.setdefault(name, []).append(a)
        return a

    def embedding(self, table, tokens):
        looked_up = ops.take(table, tokens, axis=0)
        given = self.put[len(self.tables)] if self.put else None
        if self.watch is not None:
            self.tables.append(table)
        return self.leaf(looked_up if given is None else given, "embedding")

    def state(self, a, name: str):
        if self.passing is not None:
            a = self.passing.passed(a, name)
        if self.probes is not None:
            asked = self.probes.losses if INITIAL_STATE in name else self.probes.states
            return a + self.probes.open((name, (STATE,)), a) if asked else a
        return self.leaf(a, name) if self.needs_steps else a

    def notes(self, part, mask=None) -> list:
        """What is to be known at each step of a loop over ``part`` [batch, steps, ...]: tensors [batch, steps, ...]."""
        return [] if self.passing is None else self.passing.notes(part, mask)

    def at_step(self, notes: list) -> AbstractContextManager:
        """The block of one step, of which the ``notes`` are."""
        return nullcontext() if self.passing is None else self.passing.at_step(notes)

    def check(self) -> None:
        """Refuses, after a forward pass, what it was asked for and did not meet."""

    def reverse_steps(self, layer: str) -> None:
        """Takes note that a loop of ``layer`` has run from the last step to the first."""
        for name, steps in self.leaves.items():
            if name.startswith(f"{layer}/"):
                steps.reverse()


FORWARD = ForwardSemantics()
_semantics: ContextVar[ForwardSemantics] = ContextVar("semantics", default=FORWARD)


@contextmanager
def explained_by(semantics: ForwardSemantics) -> Iterator[None]:
    """Gives every primitive that is traced inside the block the backward of ``semantics``."""
    token = _semantics.set(semantics)
    try:
        yield
    finally:
        _semantics.reset(token)


def semantics() -> ForwardSemantics:
    """The semantics of the explanation that is being traced; ``FORWARD`` outside of one."""
    return _semantics.get()


def affine(a, kernel, bias, site: Site, domain: Domain = "positive"):
    """W.a + b over the last axis, or as ``site.form`` says."""
    return preactivation(contribution(a, kernel, site, domain), bias, site)


def contribution(a, kernel, site: Site, domain: Domain = "positive"):
    """What the input ``a`` adds to a pre-activation: W.a."""
    return semantics().contribution(a, kernel, site, domain)


def by_step(contributions) -> list:
    """The contribution of each step, from those of all. Slices would fill a sequence with zeros in their gradient."""
    return semantics().by_step(contributions)


def preactivation(contributions, bias, site: Site):
    """The sum of contributions, completed by the bias."""
    return semantics().preactivation(contributions, bias, site)


def rectify(z):
    """max(0, z)."""
    return semantics().rectify(z)


def squash(z, function, controls: bool = False, layer: str = ""):
    """Another activation ``function`` (tanh, sigmoid, leaky ReLU), of a signal or, if it ``controls``, of a gate."""
    return semantics().squash(z, function, controls, layer)


def gate(g, signal, role: Role = "other"):
    """g * signal, where g decides how much of the signal passes. ``signal`` may be a contribution, if g >= 0."""
    return semantics().gate(g, signal, role)


def add(a, b, layer: str = ""):
    """a + b, two signals that meet in ``layer``."""
    return semantics().add(a, b, layer)


def pool(a, function, average=None, layer: str = ""):
    """``function(a)``: sums or averages over windows; or maxima, if ``average`` averages over the same windows."""
    return semantics().pool(a, function, average, layer)


def greatest(a, b, function):
    """``function(a, b)``: the greater, or the less, of two signals; its derivative gives all to the winner."""
    return semantics().greatest(a, b, function)


def product(a, b, function=ops.multiply, layer: str = "", mixing: Site | None = None):
    """A bilinear ``function`` of two signals that meet in ``layer``: a * b, or a matrix product.

    ``mixing`` is the site of the product where ``a`` are attention weights [..., out, in] that mix the values ``b``
    [..., in, features]: a composite may take the weights for constants.
    """
    return semantics().product(a, b, function, layer, mixing)


def normalise(a, scale, layer: str = ""):
    """a * scale, where the scale was computed from the signal itself, as the inverse of its deviation or norm.

    ``a`` may be a contribution, as the scale is positive.
    """
    return semantics().normalise(a, scale, layer)


def weighing():
    """A block that computes attention weights: plainly, where they count as constants."""
    return explained_by(FORWARD) if semantics().constant_weights else nullcontext()


def scaling():
    """A block that computes the scale of a norm: plainly, unless it is a signal."""
    return nullcontext() if semantics().follows_scales else explained_by(FORWARD)


def softmax(z, function=ops.softmax, layer: str = ""):
    """The softmax of a signal, by a ``function`` that knows its axis and mask."""
    return semantics().softmax(z, function, layer)


def attend(weights, layer: str = ""):
    """Attention ``weights`` [batch, hops, out, in] themselves, of a layer that mixes without ``product``."""
    return semantics().attend(weights, layer)


def constant(a, layer: str = ""):
    """``a`` [n, ...] itself, numbers of the model that meet a signal in ``layer``, such as embeddings of positions.

    No input made them: the relevance that arrives is the ledger's row "constant".
    """
    return semantics().constant(a, layer)


def leaf(a, name: str):
    """``a`` itself, whose relevance an engine may ask for by ``name``; one name serves every step of a loop."""
    return semantics().leaf(a, name)


def embedding(table, tokens):
    """The rows of a table that ``tokens`` name, whose relevance an engine may ask for as that of the tokens."""
    return semantics().embedding(table, tokens)


def state(a, name: str):
    """``a`` itself, the state of a loop whose relevance at every step may be asked for by ``name``."""
    return semantics().state(a, name)
