"""Erasure: what the log-probability loses without a part, which parts undo a decision, and which are enough for it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from thesis_rnn.attribution.methods.players import OfPlayers, coalition_values
from thesis_rnn.attribution.methods.table import METHODS

HELD = 10_000_000
"""Bytes of coalitions that are held at once."""


@dataclass(frozen=True)
class OfErasedParts(OfPlayers):
    """A method that looks at the class' log-probability without some parts; every cell of a part has the part's R."""

    shares: ClassVar[bool] = False

    def split(self, explained, players):
        """So few samples at once that what may be erased next of all of them fits into memory."""
        places, together = np.arange(len(explained.selection)), max(1, HELD // players.count**2)
        return [(places[start : start + together], players) for start in range(0, len(places), together)]

    def kept(self, explained, players, coalitions) -> np.ndarray:
        """log p of every sample [n, coalitions], with only some of its parts."""
        return coalition_values(explained, players, coalitions, "erasure", explained.log_probability)

    def decided(self, explained, players, present) -> np.ndarray:
        """Whether the class of every sample wins [n], with only its parts that are ``present`` [n, parts]."""

        def wins(points, of):
            return explained.values(points, of).argmax(axis=-1) == explained.selection[of].argmax(axis=-1)

        return coalition_values(explained, players, present[:, np.newaxis], "erasure", wins)[:, 0] > 0.5


@METHODS.register("erasure")
@dataclass(frozen=True)
class Erasure(OfErasedParts):
    """R_j = log p(x) - log p(x without j): how much of the class' log-probability is lost when j alone is erased.

    Every cell of a part has the part's R. As it is printed, divided by log p(x), important parts are negative and
    explode where the model is sure; differences do neither. Masked steps are not erased.

    Args:
      players: what is erased together: "steps" (``size`` of them), "features", "cells", "blocks", or "segments":
        ``size`` parts of the steps.
      size: see ``players``.
      background: what an erased part becomes: a number, an array that broadcasts to one sample, or data [k, ...], over
        whose samples log p is averaged; None is what "removed" means for the problem, its background, or 0.
      layer: erases the units of this layer instead, each alone, to 0 at all steps, R [n, units]; those of an Embedding
        are its dimensions.
    """

    source: ClassVar[str] = "Li et al. (2016), equation 1"
    layer: str = ""

    def attribute(self, explained):
        return explained.lost_without_units(self.layer) if self.layer else super().attribute(explained)

    def values(self, explained, players):
        without = ~np.eye(players.count, dtype=bool)
        return {"relevance": explained.log_probability()[:, np.newaxis] - self.kept(explained, players, without)}


@METHODS.register("minimal_erasure")
@dataclass(frozen=True)
class MinimalErasure(OfErasedParts):
    """R_j = the log p that is lost when j is erased, one part after the other, until the class no longer wins.

    Each time the part goes without which log p is lowest: a small set without which the decision falls, found greedily.
    R is 0 for what was not erased; ``details["erased"]`` is 1 for what was. A class that does not win loses nothing.

    Args:
      players: what is erased together: "steps" (``size`` of them), "features", "cells", "blocks", or "segments":
        ``size`` parts of the steps.
      size: see ``players``.
      background: what an erased part becomes: a number, an array that broadcasts to one sample, or data [k, ...], over
        whose samples log p is averaged; None is what "removed" means for the problem, its background, or 0.
    """

    source: ClassVar[str] = "Li et al. (2016), section 5, greedily instead of by reinforcement"

    def values(self, explained, players):
        present = np.ones((len(explained.selection), players.count), bool)
        lost, before = np.zeros(present.shape), explained.log_probability()
        open_ = np.flatnonzero(self.decided(explained, players, present))
        while len(open_):
            still, rows = explained.take(open_), np.arange(len(open_))
            without = present[open_][:, np.newaxis] & ~np.eye(players.count, dtype=bool)
            after = np.where(present[open_], self.kept(still, players, without), np.inf)
            part = after.argmin(axis=1)
            lost[open_, part] = before[open_] - after[rows, part]
            before[open_] = after[rows, part]
            present[open_, part] = False
            open_ = open_[self.decided(still, players, present[open_]) & present[open_].any(axis=1)]
        return {"relevance": lost, "erased": (~present).astype(float)}


@METHODS.register("input_reduction")
@dataclass(frozen=True)
class InputReduction(OfErasedParts):
    """R_j = log p(x') - log p(x' without j) for the parts of x', which is left of x when all that can go is gone.

    Each time the part goes without which log p is highest, as long as the class still wins. What is left is enough for
    the decision, often without meaning to a human; R is 0 elsewhere. ``details["left"]`` is 1 there.

    Args:
      players: what is erased together: "steps" (``size`` of them), "features", "cells", "blocks", or "segments":
        ``size`` parts of the steps.
      size: see ``players``.
      background: what an erased part becomes: a number, an array that broadcasts to one sample, or data [k, ...], over
        whose samples log p is averaged; None is what "removed" means for the problem, its background, or 0.
    """

    source: ClassVar[str] = "Feng et al. (2018), section 2"

    def values(self, explained, players):
        present = np.ones((len(explained.selection), players.count), bool)
        lost, now = np.zeros(present.shape), explained.log_probability()
        open_ = np.arange(len(present))
        while len(open_):
            still, rows = explained.take(open_), np.arange(len(open_))
            after = self.kept(still, players, present[open_][:, np.newaxis] & ~np.eye(players.count, dtype=bool))
            lost[open_] = np.where(present[open_], now[open_, np.newaxis] - after, 0)
            part = np.where(present[open_], after, -np.inf).argmax(axis=1)
            smaller = present[open_]
            smaller[rows, part] = False
            goes = self.decided(still, players, smaller) & smaller.any(axis=1)
            present[open_[goes]], now[open_[goes]] = smaller[goes], after[rows, part][goes]
            open_ = open_[goes]
        return {"relevance": lost, "left": present.astype(float)}
