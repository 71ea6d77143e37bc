"""Attention weights as they are read out. They say where a layer looks, not what the output is made of.

Weights can be permuted or learned anew without a change of the output (Jain and Wallace, 2019; Pruthi et al., 2020),
and what is attended to mixes its neighbours. The methods tell by how much the output changes under permuted weights.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.methods.cam import laid_over
from thesis_rnn.attribution.methods.host import Attributed, OnHost
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one


@dataclass(frozen=True)
class ReadOut(Method):
    """A method that lays the attention that steps receive over the input."""

    host: ClassVar[bool] = True
    sums_to: ClassVar[str] = "read-out"
    layer: str = ""
    permutations: int = 8
    seed: int = 0

    def __post_init__(self):
        at_least_one(permutations=self.permutations)

    def gradients(self, shape: tuple[int, ...]) -> float:
        return 1 + self.permutations / 3

    def attribute(self, explained: OnHost) -> Attributed:
        leaves = tree.flatten(explained.x)
        if len(leaves) > 1:
            raise InputError(f"attention is read out for one input; received {len(leaves)}")
        received = self.received(explained, self.chosen(explained.attention()))
        if received.shape[1] != leaves[0].shape[1]:
            raise InputError(
                f"attention is read out where it looks at the {leaves[0].shape[1]} steps of the input; received "
                f"weights of {received.shape[1]}"
            )
        relevance = laid_over(received, leaves[0].shape[1:]).astype(explained.dtype)
        change = explained.change_by_permuting(self.permutations, self.seed)
        return Attributed(tree.pack_sequence_as(explained.x, [relevance]), {"change": change})

    def chosen(self, weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The weights of the layers that are read."""
        if not weights:
            raise InputError("attention is read of layers that attend; received a model without")
        if self.layer and self.layer not in weights:
            raise InputError(f"layer must be one that attends, {', '.join(weights)}; received {self.layer!r}")
        last = self.layer or list(weights)[-1]
        return {last: weights[last]}

    def received(self, explained: OnHost, weights: dict[str, np.ndarray]) -> np.ndarray:
        """How much attention each step receives [n, steps]."""
        raise NotImplementedError


@METHODS.register("attention")
@dataclass(frozen=True)
class Attention(ReadOut):
    """R_s = mean over queries t and heads of the weights A_ts, as a layer attends: a read-out, no attribution.

    ``details["change"]`` is the total variation between the probabilities with the weights and with permuted ones, the
    median over permutations: near 0, the weights hardly matter (Jain and Wallace, 2019). Masked queries do not count.

    Args:
      layer: that attends; "" is the last.
      permutations: of the weights of all layers, at random among the steps that receive any.
      seed: seeds them.
    """

    source: ClassVar[str] = "Bahdanau et al. (2015); Vaswani et al. (2017); no attribution: Jain and Wallace (2019)"
    needs: ClassVar[tuple[str, ...]] = ("value",)

    def received(self, explained, weights):
        [of_heads] = [mean_of_heads(one) for one in weights.values()]
        return mean_of_queries(of_heads, explained)


@METHODS.register("attention_rollout")
@dataclass(frozen=True)
class AttentionRollout(ReadOut):
    """R = the mean row of B_L ... B_1, B = (1 - r) A + r I of every layer that attends: a read-out, no attribution.

    A is the mean over heads; r stands for what passes a layer beside its attention. ``details["change"]``: see
    ``attention``.

    Args:
      layer: the last layer that is read; "" is the last of all.
      permutations: of the weights of all layers, at random among the steps that receive any.
      seed: seeds them.
      residual: r.
    """

    source: ClassVar[str] = "Abnar and Zuidema (2020), section 3; no attribution"
    needs: ClassVar[tuple[str, ...]] = ("value",)
    residual: float = 0.5

    def __post_init__(self):
        super().__post_init__()
        if not 0 <= self.residual < 1:
            raise InputError(f"residual must lie in [0, 1); received {self.residual:g}")

    def chosen(self, weights):
        [last] = super().chosen(weights)
        names = list(weights)
        return {name: weights[name] for name in names[: names.index(last) + 1]}

    def received(self, explained, weights):
        rolled = None
        for name, one in weights.items():
            of_heads = mean_of_heads(one)
            queries, keys = of_heads.shape[1:]
            if rolled is not None and keys != rolled.shape[1]:
                raise InputError(f"roll-out needs layers one upon the other; received {name!r} of {keys} steps")
            if queries == keys:
                of_heads = (1 - self.residual) * of_heads + self.residual * np.eye(keys)
            rolled = of_heads if rolled is None else of_heads @ rolled
        return mean_of_queries(rolled, explained)


@METHODS.register("attention_x_gradient")
@dataclass(frozen=True)
class AttentionTimesGradient(ReadOut):
    """R_s = sum over queries t and heads of A_ts df/dA_ts: what the weights, as numbers of their own, do for f.

    The softmax ties weights to each other, so that this too is a read-out, no attribution. ``details["change"]``: see
    ``attention``.

    Args:
      layer: that attends; "" is the last.
      permutations: of the weights of all layers, at random among the steps that receive any.
      seed: seeds them.
    """

    source: ClassVar[str] = "Barkan et al. (2021), Grad-SAM, signed; Serrano and Smith (2019); no attribution"
    needs: ClassVar[tuple[str, ...]] = ("gradient",)

    def received(self, explained, weights):
        [name] = weights
        signal, weight = explained.attention_gradient(name)
        product = (signal * weight).reshape(len(weight), -1, *weight.shape[-2:])
        return product.sum(axis=(1, 2))


def mean_of_heads(weights: np.ndarray) -> np.ndarray:
    """[n, queries, keys] of weights [n, ..., queries, keys]."""
    return weights.reshape(len(weights), -1, *weights.shape[-2:]).mean(axis=1)


def mean_of_queries(weights: np.ndarray, explained: OnHost) -> np.ndarray:
    """What each key receives [n, keys], on average over the queries [n, queries, keys] that are not masked."""
    [seen] = tree.flatten(explained.seen)
    counts = np.ones(weights.shape[:2])
    if seen.shape[1] == weights.shape[1]:
        counts = seen.reshape(*seen.shape[:2], -1).any(axis=2).astype(float)
    return np.einsum("nqk,nq->nk", weights, counts) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
