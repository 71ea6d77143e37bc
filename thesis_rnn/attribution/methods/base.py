"""What an attribution method is, and what it may ask of the network that it explains."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.rules.base import in_type_of
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import broadcasts, real_array


class Backward(NamedTuple):
    """One backward pass. Signals and leaves are trees in the structure of the input; one array is a tree of one leaf.

    Attributes:
      signal: what arrives at each leaf, in its shape.
      leaf: the tensors that the signals belong to: the input, or its embedding where the input is tokens.
    """

    signal: Any
    leaf: Any


class Explained(Protocol):
    """The network as a method sees it: what is explained of it, and the samples ``x`` [n, ...], a tree of tensors.

    Every question may be asked at ``x`` (the default) or at other inputs of its structure, with tokens or embeddings in
    their place. There the network has the masks of ``x``, and cells that they hide keep the value that they have in
    ``x``, whatever the other input says.

    Attributes:
      x: the samples.
      seen: a tree of booleans like ``x``: which cells the masks of ``x`` let through.
      varied: the samples where they can vary: a tree like ``x``, with embeddings in the place of tokens.
      varied_seen: a tree of booleans that broadcast over ``varied``.
      background: the value that "removed" means, where the method's parameters do not say.
      together: how many points of every sample one pass may hold.
    """

    x: Any
    seen: Any
    varied: Any
    varied_seen: Any
    background: float
    together: Any

    def point(self, reference):
        """A tree like ``varied``: what a point of reference says of each leaf.

        A number or an array that broadcasts to one sample, one for all leaves or one for each; None is what "removed"
        means. Of tokens whole numbers are tokens, other numbers are embeddings, "mean" is the mean of the vocabulary,
        and None an embedding of zeros.
        """

    def value(self, x=None) -> tf.Tensor:
        """The explained output f(x) [n]: a logit, a probability, or the difference of two."""

    def values(self, x=None) -> tf.Tensor:
        """The outputs of all classes [n, classes]."""

    def gradient(self, x=None, times=1) -> Backward:
        """df/dx; ``x`` may be ``times`` points of every sample, one batch behind the other."""

    def propagate(self, x=None, semantics: ForwardSemantics | None = None, start: Callable | None = None) -> Backward:
        """What arrives at the leaves when the primitives have the backward of ``semantics``.

        ``start`` gives what the backward pass starts from at each output [n, classes]; both are the method's own by
        default.
        """

    def forward(self, x, semantics: ForwardSemantics):
        """A forward pass with ``semantics``: its logits, outputs, leaves, and ``walk_back(wanted, seeds)``."""

    def beside(self, references, semantics: ForwardSemantics):
        """The relevance of each leaf [n, ...], from one pass of the samples and, behind them, their references."""

    def difference(self, references, semantics: ForwardSemantics) -> tf.Tensor:
        """f(x) - f(reference) [n], from the same pass."""

    def activations(self, names, x=None) -> dict[str, tf.Tensor]:
        """What the layers of these names give."""

    def attention(self, x=None) -> dict[str, tf.Tensor]:
        """The attention weights of every layer that tells them, by its name."""


@dataclass(frozen=True)
class Method:
    """How backward passes become an explanation; a method's fields are its parameters.

    What a method declares, on its class:

    Attributes:
      source: where the method is defined.
      label: its name in tables and figures; "" for its text.
      conserves: whether the relevance of the input sums to the explained value, up to what was absorbed.
      takes: the inputs it is defined for: "pixels", "real" numbers, "tokens" (through their embeddings).
      needs: what it asks of the network: "gradient" or "value" (which layers that are not covered have as well), or
        "propagation" (which they have not).
      host: whether it runs on the host, outside of any graph, with an ``OnHost`` (see ``methods.host``) instead of an
        ``Explained``: for methods that iterate, sample or search.
      sums_to: what the relevance of the input sums to, in a formula, where that is not the explained value.
      removed_by: the parameter that says what a removed part becomes, where the method has one: None is the background.
      positive_only: whether its negative relevance is left out of the cosine similarity (thesis, section 3.3.2).
      dtype: the floating-point type to compute in, unless another is asked for.
      exact: whether relevance has the sum that is expected of it up to rounding, for every model that is not refused.
      of_states: whether hidden and cell states have relevance too.
      closer: what brings the sum of relevance closer to ``expected``, in the words of a warning.
    """

    source: ClassVar[str]
    label: ClassVar[str] = ""
    conserves: ClassVar[bool] = False
    takes: ClassVar[tuple[str, ...]] = ("pixels", "real", "tokens")
    needs: ClassVar[tuple[str, ...]] = ("gradient",)
    host: ClassVar[bool] = False
    sums_to: ClassVar[str] = ""
    removed_by: ClassVar[str] = ""
    positive_only: ClassVar[bool] = False
    dtype: ClassVar[str] = "float32"
    exact: ClassVar[bool] = False
    of_states: ClassVar[bool] = True
    closer: ClassVar[str] = ""

    @property
    def matrix_rule(self) -> tuple | None:
        """(alpha, beta, low, high), where the matrix engine computes the method; None where it does not."""
        return None

    @property
    def asks_for_bounds(self) -> bool:
        """Whether the method must be told where the inputs of a model live, and was not."""
        return False

    @property
    def computation(self) -> Any:
        """What is computed, for methods that are other words for the same: they share one compiled explanation."""
        return self

    def computing(self, computation: Any) -> "Method":
        """The method with a ``computation`` whose numbers are tensors."""
        return computation

    def semantics(self) -> ForwardSemantics:
        """What the primitives do in the backward pass."""
        return ForwardSemantics()

    def start(self, outputs):
        """What the backward pass starts from at each output, if it is explained."""
        return tf.ones_like(outputs)

    def attribute(self, explained: Explained):
        """The relevance of ``explained.x``, a tensor for each of its leaves."""
        backward = explained.propagate()
        return tree.map_structure(self.finish, backward.signal, backward.leaf)

    def expected(self, explained: Explained) -> tf.Tensor | None:
        """What the relevance of each sample should sum to [n], where the method is complete; None where it is not."""
        return None

    def finish(self, signal, x):
        """The relevance of a leaf ``x``, from the ``signal`` that arrives there."""
        return signal

    def check(self, x: np.ndarray) -> None:
        """Refuses inputs (one leaf of them) for which the method is not defined."""

    def gradients(self, shape: tuple[int, ...]) -> float:
        """What a sample of this ``shape`` costs, in gradients of the network; inf where nobody can say beforehand."""
        return np.inf if self.host else 1.0

    def filled(self, background: float) -> dict:
        """What became of the parameters that were left open, by name."""
        is_open = self.removed_by and getattr(self, self.removed_by) is None
        return {self.removed_by: background} if is_open else {}


def freeze(value):
    """Arrays as nested tuples, so that parameters can be compared and hashed."""
    if isinstance(value, str):
        raise InputError(f"points of reference are numbers or arrays; received {value!r}")
    if isinstance(value, dict):
        value = tree.flatten(value)
    if isinstance(value, np.ndarray):
        return _tuples(value.tolist())
    return tuple(map(freeze, value)) if isinstance(value, list | tuple) else value


def freeze_reference(value):
    """The same of a point of reference that may be "mean", the mean embedding of tokens."""
    return value if isinstance(value, str) and value == "mean" else freeze(value)


def _tuples(rows):
    """Lists of lists, as an array gives them, as tuples; data sets are large, so numbers are not looked at."""
    if not isinstance(rows, list) or not rows:
        return () if rows == [] else rows
    return tuple(map(_tuples, rows)) if isinstance(rows[0], list) else tuple(rows)


def freeze_fields(method: Method) -> None:
    """Freezes the parameters of a method that are arrays."""
    for item in fields(method):
        value = getattr(method, item.name)
        if isinstance(value, list | np.ndarray):
            object.__setattr__(method, item.name, freeze(value))


def points_like(reference, x):
    """A point of reference for each leaf of ``x``, in its shape: one number or array for all, or one for each leaf."""
    leaves = tree.flatten(x)
    references = references_of(reference, len(leaves))
    return tree.pack_sequence_as(x, list(map(point_like, references, leaves)))


def point_like(reference, leaf):
    """A number or an array, in the shape and the type of the samples ``leaf``.

    Raises:
      InputError: for an array that does not broadcast to one sample.
    """
    if not tf.is_tensor(reference):
        reference = real_array("a point of reference", reference)
    sample, shape = leaf.shape[1:], np.shape(reference)
    if len(shape) > len(leaf.shape) or not broadcasts(shape, sample):
        raise InputError(f"a point of reference must broadcast to a sample {list(sample)}; received {list(shape)}")
    return tf.zeros_like(leaf) + in_type_of(leaf, reference)


def references_of(reference, leaves: int) -> list:
    """What is said of each of so many leaves: the same of all, or one after the other."""
    single = leaves == 1 or not isinstance(reference, tuple) or len(reference) != leaves
    return [reference] * leaves if single else list(reference)
