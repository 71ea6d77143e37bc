"""Methods that run on the host: they iterate, sample or search, and ask the network in batches.

Such a method declares ``host = True``. Its ``attribute`` is called once for all samples, outside of any compiled graph,
with an ``OnHost``: NumPy arrays in and out, each kind of question compiled once.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Backward
from thesis_rnn.errors import InputError


class Attributed(NamedTuple):
    """What a method on the host gives.

    Attributes:
      relevance: a tree of arrays in the structure of the input.
      details: what else it found, by name: arrays of n samples, such as the "errors" of relevance that was sampled.
      expected: what relevance should sum to [n], if it was found on the way; else the method's ``expected`` is asked.
    """

    relevance: Any
    details: dict[str, np.ndarray]
    expected: np.ndarray | None = None


class ReadOut(NamedTuple):
    """An LSTM whose last output one dense layer reads.

    Attributes:
      inputs: what the LSTM reads [n, steps, features].
      seen: which steps are not masked [n, steps].
      weights: its kernel, recurrent kernel and bias, gates in the order i, f, g, o.
      kernel, bias: those of the dense layer, for every class.
    """

    inputs: np.ndarray
    seen: np.ndarray
    weights: list[np.ndarray]
    kernel: np.ndarray
    bias: np.ndarray


class OnHost(Protocol):
    """The network as a method on the host sees it.

    Every question may be asked at ``points`` [m, ...], a tree of arrays as ``x`` is one; ``of`` [m] says which sample
    each of them was made of: its class is asked for, under its mask. Without points they are asked at the samples.

    Attributes:
      x: the samples [n, ...], a tree of arrays.
      selection: how the outputs of each sample are weighed [n, classes]: 1 for its class, -1 for one it is set against.
      seen: a tree of booleans like ``x``: which cells the masks of ``x`` let through.
      background: the value that "removed" means, where the method's parameters do not say.
      dtype: the floating-point type of relevance.
      batch_size: how many points are looked at together.
    """

    x: Any
    selection: np.ndarray
    seen: Any
    dtype: str
    background: float
    batch_size: int

    @property
    def vocabulary(self) -> int:
        """How many tokens there are, from 0 on."""

    def log_probability(self, points=None, of=None) -> np.ndarray:
        """log p of the explained class [m], or the difference of two."""

    def take(self, chosen) -> "OnHost":
        """Only some of the samples, by their places."""

    def alone(self, x) -> "OnHost":
        """Other samples, with masks of their own; which class is asked for is left open."""

    def outputs(self, points=None, of=None) -> dict[str, np.ndarray]:
        """The "logits" and explained "values" of all classes [m, classes], and the explained "value" [m]."""

    def check(self, points) -> None:
        """Refuses tokens that the network does not know."""

    def value(self, points=None, of=None) -> np.ndarray:
        """The explained output f [m]."""

    def values(self, points=None, of=None) -> np.ndarray:
        """The outputs of all classes [m, classes]."""

    def gradient(self, points=None, of=None) -> Backward:
        """df/dx, and the leaves it belongs to: the points, or what their tokens are embedded as."""

    def on_the_way(self, points, of, places: np.ndarray):
        """(x - b) df/dx at b + a (x - b), for ``points`` b and ``places`` a [m], a tree of arrays like ``points``.

        Of tokens x and b are their embeddings, over which is summed.
        """

    def beside(self, points, of, embedded_at_zero: bool) -> tuple:
        """The relevance of DeepLIFT with the ``points`` for references, of the samples ``of``, and f(x) - f(point)."""

    def read_out(self) -> ReadOut:
        """The LSTM whose last output one dense layer reads; other models are refused."""

    def phrases(self, points, of, published: bool) -> dict[str, np.ndarray]:
        """The "relevant", "irrelevant" and "bias" part of f [m]; ``points`` mark the cells of a phrase by ones."""

    def activations(self, names, points=None, of=None) -> dict[str, np.ndarray]:
        """What the layers of these names give."""

    def lost_without_units(self, name: str) -> np.ndarray:
        """By how much log p falls without each unit of the layer ``name`` [n, units]."""

    def layer(self, name: str) -> Backward:
        """df/dA, and what the layer ``name`` gives at the samples, A."""

    def mapping_layer(self, name: str) -> str:
        """``name``, or the last convolution; refused where its places are not those of the input."""

    def averaged_layer(self) -> str:
        """What is averaged over its places before the one dense layer of the head; refused for other heads."""

    def attention_gradient(self, name: str) -> Backward:
        """df/dA of the attention weights A of the layer ``name``, and A."""

    def change_by_permuting(self, permutations: int, seed: int) -> np.ndarray:
        """By how much the probabilities of each sample change with permuted attention weights [n], in [0, 1]."""

    def attention(self) -> dict[str, np.ndarray]:
        """The attention weights of every layer that attends [n, ..., queries, keys], in the order in which they run."""

    def progress(self, rounds: Iterable, what: str, total: int | None = None) -> Iterable:
        """``rounds``, with a bar and an estimate where they take long."""


class Gathered:
    """Arrays like the samples, put together from parts of them; zero where nothing was put.

    Attributes:
      arrays: a tree in the structure of the input.
    """

    def __init__(self, explained: OnHost):
        self.arrays = tree.map_structure(lambda leaf: np.zeros(leaf.shape, explained.dtype), explained.x)

    def put(self, chosen, part) -> None:
        """Writes what some of the samples have, by their places."""
        for array, leaf in zip(tree.flatten(self.arrays), tree.flatten(part), strict=True):
            array[chosen] = leaf


def named(name: str, arrays) -> dict[str, np.ndarray]:
    """Arrays like the input as details: one by its name, those of several inputs with their number."""
    leaves = tree.flatten(arrays)
    return {name: leaves[0]} if len(leaves) == 1 else {f"{name}/{place}": leaf for place, leaf in enumerate(leaves)}


def references_like(reference, x, name: str = "background"):
    """Points of reference [k, ...] for each leaf of ``x`` [n, ...]: data of k samples, or what stands for one sample.

    Args:
      reference: a number, an array that broadcasts to one sample, an array of k samples, or a tree of these.
      x: a tree of arrays.
      name: of the parameter, for errors.

    Raises:
      InputError: for an array that fits neither one sample nor several.
    """
    leaves = tree.flatten(x)
    several = isinstance(reference, tuple) and len(reference) == len(leaves) > 1
    each = reference if several else [reference] * len(leaves)
    found = [_references(one, leaf, name) for one, leaf in zip(each, leaves, strict=True)]
    counts = {len(one) for one in found} - {1}
    if len(counts) > 1:
        raise InputError(f"{name} must have as many samples for each input; received {sorted(counts)}")
    k = max(len(one) for one in found)
    return tree.pack_sequence_as(x, [np.repeat(one, k // len(one), axis=0) for one in found])


def difference_from(explained: OnHost, references) -> np.ndarray:
    """f(x) minus the mean of f over the ``references`` [k, ...], under the masks of x [n]."""
    n, k = (len(tree.flatten(leaves)[0]) for leaves in (explained.x, references))
    points = tree.map_structure(lambda leaf: np.tile(leaf, (n, *[1] * (leaf.ndim - 1))), references)
    return explained.value() - explained.value(points, np.repeat(np.arange(n), k)).reshape(n, k).mean(axis=1)


def _references(reference, leaf: np.ndarray, name: str) -> np.ndarray:
    array = np.asarray(reference)
    shape = leaf.shape[1:]
    try:
        if array.ndim <= len(shape):
            array = np.broadcast_to(array, shape)[np.newaxis]
        elif array.shape[1:] != shape or not len(array):
            raise ValueError
    except ValueError:
        wanted = ", ".join(map(str, shape))
        raise InputError(
            f"{name} must be a number, an array that broadcasts to one sample, [{wanted}], or samples [k, {wanted}]; "
            f"received {list(array.shape)}"
        ) from None
    if array.dtype.kind not in "iufb" or not np.isfinite(array).all():
        raise InputError(f"{name} must be finite numbers; received {array.dtype} with NaN or infinity, or no numbers")
    return array.astype(leaf.dtype)
