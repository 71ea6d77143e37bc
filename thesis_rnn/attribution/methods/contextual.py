"""Contextual decomposition: what a phrase makes of the logit, beside the rest of the input and the biases."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.methods.host import Attributed, OnHost
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError

PARTS = ("relevant", "irrelevant", "bias")
TOLERANCE = {"float32": 1e-3, "float64": 1e-8}


@METHODS.register("contextual_decomposition")
@dataclass(frozen=True)
class ContextualDecomposition(Method):
    """R(phrase) of f(x) = R(phrase) + R(rest) + R(biases), each carried forward through every layer.

    ``details`` has the three parts: of the phrase [n], or of every single step on its own [n, steps], whose relevance
    need not sum to anything. The relevance of a phrase is shared equally by its cells. Gates as published: of i g the
    phrase has what is made of it alone, or of it and a bias, of f c likewise, and o shows whole. Ours, and exact too:
    GRU (z h as forget, (1 - z) candidate as input, r h as output gate), ReLU and other functions (bias first, as tanh),
    convolutions, and maxima, which have the parts of the winner.

    Args:
      start, stop: the phrase x[start:stop], in steps; None, both of them, is every single step.
      published: the product of two biases at the phrase's last step is the rest's, as in the authors' code; in their
        paper it is the phrase's.
    """

    source: ClassVar[str] = "Murdoch et al. (2018), section 3.2"
    needs: ClassVar[tuple[str, ...]] = ("propagation",)
    host: ClassVar[bool] = True
    dtype: ClassVar[str] = "float64"  # s(a + c) - s(c) cancels
    of_states: ClassVar[bool] = False
    start: int | None = None
    stop: int | None = None
    published: bool = False

    def __post_init__(self):
        if (self.start is None) != (self.stop is None):
            raise InputError(f"a phrase has start and stop, or neither; received {self.start} and {self.stop}")

    def attribute(self, explained: OnHost) -> Attributed:
        spans = self._spans(explained.x)
        n, k = len(explained.selection), len(spans)
        pairs = np.arange(n * k)
        found = parts_of_phrases(explained, pairs // k, spans[pairs % k], explained.value(), self.published)
        details = {name: part.reshape(n, k) for name, part in found.items()}
        steps = np.zeros((n, common_steps(explained.x)), explained.dtype)
        for place, (start, stop) in enumerate(spans):
            steps[:, start:stop] += details["relevant"][:, place : place + 1] / (stop - start)
        if self.start is not None:
            details = {name: one[:, 0] for name, one in details.items()}
        return Attributed(shared_by_cells(explained, steps), details)

    def _spans(self, x) -> np.ndarray:
        """The phrases [k, 2]: their first steps and the steps behind their last ones."""
        steps = common_steps(x)
        if self.start is None:
            return np.stack([np.arange(steps), np.arange(steps) + 1], axis=1)
        if not 0 <= self.start < self.stop <= steps:
            raise InputError(f"a phrase lies in 0 <= start < stop <= {steps}; received {self.start} and {self.stop}")
        return np.array([[self.start, self.stop]])


def parts_of_phrases(explained: OnHost, of, spans, values, published: bool = False) -> dict[str, np.ndarray]:
    """The relevant, irrelevant and bias part [m] of phrases, so many at once as a batch holds.

    Args:
      explained: the network.
      of: the sample of each phrase [m].
      spans: its first step and the step behind its last one [m, 2].
      values: f(x) of every sample [n].
      published: see ``ContextualDecomposition``.

    Raises:
      InputError: for a model whose parts do not sum to f(x).
    """
    found = {name: np.zeros(len(of), explained.dtype) for name in PARTS}
    for first in explained.progress(range(0, len(of), explained.batch_size), "phrases"):
        batch = slice(first, first + explained.batch_size)
        parts = explained.phrases(_marked(explained.x, of[batch], spans[batch]), of[batch], published)
        _check(sum(parts.values()), values[of[batch]], explained.dtype)
        for name in PARTS:
            found[name][batch] = parts[name]
    return found


def _check(total, values, dtype: str) -> None:
    """The parts sum to the logit, or a layer is none that can be taken apart."""
    gap = np.abs(total - values).max()
    if not gap <= TOLERANCE[dtype] * max(1.0, np.abs(values).max()):
        raise InputError(
            "contextual_decomposition must sum to the logit: an operation of the model cannot be taken apart; use "
            f"deep_lift or lrp_epsilon; received a difference of {gap:.3g}"
        )


def common_steps(x) -> int:
    """How many steps all inputs have.

    Raises:
      InputError: for inputs without steps, or of different ones.
    """
    lengths = {leaf.shape[1] for leaf in tree.flatten(x) if leaf.ndim > 1}
    if len(lengths) != 1 or any(leaf.ndim < 2 for leaf in tree.flatten(x)):
        raise InputError(f"all inputs must have the same steps, [n, steps, ...]; received {sorted(lengths)} steps")
    return lengths.pop()


def shared_by_cells(explained: OnHost, steps: np.ndarray):
    """The relevance of each step [n, steps], shared equally by its cells: a tree like the input."""
    leaves = tree.flatten(explained.x)
    varying = [bool(leaf.any()) for leaf in tree.flatten(explained.seen)]  # a mask is no part of a phrase
    cells = sum(int(np.prod(leaf.shape[2:])) for leaf, varies in zip(leaves, varying, strict=True) if varies)
    shares = [
        np.broadcast_to(_for_each_cell(steps / cells, leaf) * varies, leaf.shape).copy()
        for leaf, varies in zip(leaves, varying, strict=True)
    ]
    return tree.pack_sequence_as(explained.x, shares)


def _marked(x, of, spans):
    """Ones at the cells of each phrase [m, ...], zeros elsewhere, a tree like ``x``."""

    def mark(leaf):
        steps = np.arange(leaf.shape[1])
        marks = _for_each_cell((steps >= spans[:, :1]) & (steps < spans[:, 1:]), leaf)
        return np.broadcast_to(marks, (len(of), *leaf.shape[1:])).astype(leaf.dtype)

    return tree.map_structure(mark, x)


def _for_each_cell(steps: np.ndarray, leaf: np.ndarray) -> np.ndarray:
    """What is of each step [m, steps], in a shape that broadcasts to the cells of ``leaf``."""
    return steps.reshape(*steps.shape, *[1] * (leaf.ndim - 2))
