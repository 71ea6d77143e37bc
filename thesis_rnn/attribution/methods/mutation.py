"""Mutation maps: what the network gives if one token were another."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method, freeze
from thesis_rnn.attribution.methods.host import Attributed, OnHost
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError


@METHODS.register("mutation_map")
@dataclass(frozen=True)
class MutationMap(Method):
    """M_tv = f(x) - f(x with token v at step t), and R_t the mean of M_tv over the tokens v that x_t is not.

    ``details["mutations"]`` has M [n, steps, candidates], in their order; it is 0 where v is x_t. Masked steps are not
    changed, and masks stay those of x. It takes steps x candidates values of f for each sample.

    Args:
      candidates: the tokens v; None is the whole vocabulary.
    """

    source: ClassVar[str] = "Alipanahi et al. (2015), DeepBind, mutation maps"
    takes: ClassVar[tuple[str, ...]] = ("tokens",)
    needs: ClassVar[tuple[str, ...]] = ("value",)
    host: ClassVar[bool] = True
    candidates: Any = None

    def __post_init__(self):
        if self.candidates is None:
            return
        tokens = np.asarray(self.candidates)
        if tokens.ndim != 1 or tokens.dtype.kind not in "iu" or not 1 < len(tokens) == len(np.unique(tokens)):
            raise InputError(f"candidates must be at least two different tokens; received {self.candidates!r}")
        object.__setattr__(self, "candidates", freeze(tokens.tolist()))

    def attribute(self, explained: OnHost) -> Attributed:
        leaves = tree.flatten(explained.x)
        if len(leaves) > 1 or leaves[0].dtype.kind not in "iu" or leaves[0].ndim != 2:
            raise InputError("mutation_map is for tokens [n, steps]; received inputs of another kind")
        [x], [seen] = leaves, tree.flatten(explained.seen)
        tokens = np.arange(explained.vocabulary) if self.candidates is None else np.asarray(self.candidates)
        explained.check(tree.pack_sequence_as(explained.x, [np.broadcast_to(tokens[:, np.newaxis], (len(tokens), 1))]))
        falls = self._falls(explained, x, tokens, seen)
        other = (x[..., np.newaxis] != tokens) & seen[..., np.newaxis]
        relevance = falls.sum(axis=2) / np.maximum(other.sum(axis=2), 1)
        packed = tree.pack_sequence_as(explained.x, [relevance.astype(explained.dtype)])
        return Attributed(packed, {"mutations": falls.astype(explained.dtype)})

    def _falls(self, explained: OnHost, x, tokens, seen) -> np.ndarray:
        """M [n, steps, candidates]: only what differs from x is asked for."""
        sample, step, candidate = np.nonzero((x[..., np.newaxis] != tokens) & seen[..., np.newaxis])
        falls, value = np.zeros((*x.shape, len(tokens))), explained.value()
        for start in explained.progress(range(0, len(sample), explained.batch_size), "mutations"):
            part = slice(start, start + explained.batch_size)
            points = x[sample[part]]
            points[np.arange(len(points)), step[part]] = tokens[candidate[part]]
            given = explained.value(tree.pack_sequence_as(explained.x, [points]), sample[part])
            falls[sample[part], step[part], candidate[part]] = value[sample[part]] - given
        return falls
