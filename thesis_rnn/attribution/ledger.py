"""The conservation ledger: who kept the relevance that did not reach the input.

Every primitive that may lose relevance takes probes (see ``core.probes``), zeros whose custom gradients are what was
lost there. The one gradient that computes the heatmap so computes the account too, row by row, each from its formula.
"""

from typing import Any, NamedTuple

import numpy as np

KINDS = ("bias", "stabiliser", "dead denominator")
SOFTMAX = "softmax"
CONSTANT = "constant"


class Row(NamedTuple):
    """A line of the account.

    Attributes:
      layer: where relevance was lost.
      step: at which time step, counted from 0, or at which use of a layer that is used several times; None where there
        is only one.
      kind: what kept it: "bias", "stabiliser", "dead denominator", "softmax", "initial state", or "constant": numbers
        of the model that meet a signal.
      relevance: how much, for each sample [n].
    """

    layer: str
    step: int | None
    kind: str
    relevance: Any


def account_of(losses: dict, n: int) -> list[Row]:
    """The account of ``n`` samples.

    Args:
      losses: (layer, kind) -> what the probes there received, an array [n, steps, ...] for each visit of the layer.
      n: the number of samples; steps that were folded into them come apart again.

    Returns:
      The rows, by layer and kind in the order of the forward pass, then by step.
    """
    rows = []
    for (layer, kind), visits in losses.items():
        kept = np.concatenate([np.reshape(visit, (n, -1)) for visit in visits], axis=1)
        steps = range(kept.shape[1]) if kept.shape[1] > 1 else [None]
        rows += [Row(layer, step, kind, kept[:, place]) for place, step in enumerate(steps)]
    return rows
