"""The conservation ledger: who kept the relevance that did not reach the input.

Every primitive that may lose relevance takes a *meter*, a tensor of zeros whose custom gradient is what was lost there.
The one gradient that computes the heatmap so computes the account too, row by row, each from its own formula.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

KINDS = ("bias", "stabiliser", "dead denominator")
SOFTMAX = "softmax"


class Row(NamedTuple):
    """A line of the account.

    Attributes:
      layer: where relevance was lost.
      step: at which time step, counted from 0, or at which use of a layer that is used several times; None where there
        is only one.
      kind: what kept it: "bias", "stabiliser", "dead denominator", "softmax" or "initial state".
      relevance: how much, for each sample [n].
    """

    layer: str
    step: int | None
    kind: str
    relevance: object


class Ledger:
    """The meters of a trace, in the order in which the forward pass opened them."""

    def __init__(self):
        self.meters: dict[tuple[str, int, str], tf.Tensor] = {}
        self._visits: dict[str, int] = {}
        self._reversed: set[str] = set()

    def open(self, z, layer: str, features: int, watch, kinds: tuple[str, ...] = KINDS) -> list:
        """Meters for the kinds of loss at one visit of a layer, shaped as ``z`` without its last ``features`` axes."""
        visit = self._visits.get(layer, 0)
        self._visits[layer] = visit + 1
        meters = [tf.zeros(tf.shape(z)[: z.shape.rank - features], z.dtype) for _ in kinds]
        for kind, meter in zip(kinds, meters, strict=True):
            meter.set_shape(z.shape[: z.shape.rank - features])
            watch(meter)
            self.meters[layer, visit, kind] = meter
        return meters

    def reverse_steps(self, layer: str) -> None:
        """Takes note that the steps of ``layer`` were visited from the last to the first."""
        self._reversed |= {name for name in self._visits if name.startswith(f"{layer}/")}

    def rows(self, losses: dict, n: int) -> list[Row]:
        """The account of ``n`` samples, from what the meters' gradients were: (layer, visit, kind) -> [n, ...]."""
        rows = []
        for (layer, visit, kind), lost in losses.items():
            by_step = np.reshape(lost, (n, -1))  # steps that were folded into the batch come apart again
            steps = range(by_step.shape[1]) if by_step.shape[1] > 1 else [self._step(layer, visit)]
            rows += [Row(layer, step, kind, by_step[:, place]) for place, step in enumerate(steps)]
        return rows

    def _step(self, layer: str, visit: int) -> int | None:
        visits = self._visits.get(layer, 0)
        if visits <= 1:
            return None
        return visits - 1 - visit if layer in self._reversed else visit
