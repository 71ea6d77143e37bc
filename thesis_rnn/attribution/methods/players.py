"""Who plays: the parts of an input that are present or removed together, and what the network gives without some.

A coalition is a row of booleans, one for each player: present, or replaced by a reference. Cells that belong to no
player, such as padding, are always present. With several references (data), f is averaged over them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from keras import tree

from thesis_rnn.attribution.methods.base import Method, freeze
from thesis_rnn.attribution.methods.host import Attributed, Gathered, OnHost, named, references_like
from thesis_rnn.attribution.methods.occlusion import UNITS, Occlusion
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one

PLAYERS = (*UNITS, "segments")
NOBODY = -1
"""The number of the cells that are always present."""


@dataclass(frozen=True)
class Players:
    """The players of samples that have the same.

    Attributes:
      numbers: the player of each cell, a tree of arrays in the shape of a sample.
      references: what stands in the place of a player that is removed: a tree of [k, ...].
    """

    numbers: Any
    references: Any

    @property
    def count(self) -> int:
        """How many there are."""
        return 1 + int(max(leaf.max() for leaf in tree.flatten(self.numbers)))

    def shared(self, values: np.ndarray):
        """What each player is given [n, players], shared equally by its cells: a tree in the structure of the input."""
        sizes = sum(np.bincount(leaf.ravel() + 1, minlength=self.count + 1) for leaf in tree.flatten(self.numbers))
        return self.spread(values / sizes[1:])

    def spread(self, values: np.ndarray):
        """What each player is given [n, players], whole for each of its cells: a tree in the structure of the input."""
        parts = np.concatenate([values, np.zeros((len(values), 1), values.dtype)], axis=1)  # the last is nobody's
        return tree.map_structure(lambda leaf: parts[:, leaf], self.numbers)

    def points(self, x, present: np.ndarray, references):
        """The samples ``x`` [m, ...] with ``references`` in the place of players not ``present`` [m, players]."""
        missing = self.spread(~present)
        return tree.map_structure(np.where, missing, references, x)

    def merged_before(self, step: int) -> "Players":
        """The cells of the steps before ``step`` as one player, the others as they are."""

        def merge(numbers):
            past = np.arange(len(numbers)).reshape(-1, *[1] * (numbers.ndim - 1)) < step
            return np.where(past & (numbers != NOBODY), self.count, numbers)

        return replace(self, numbers=_renumbered(tree.map_structure(merge, self.numbers)))


@dataclass(frozen=True)
class OfPlayers(Method):
    """A method that asks what the network gives without some players.

    Attributes:
      shares: whether the cells of a player share its relevance equally, or each has all of it.
    """

    needs: ClassVar[tuple[str, ...]] = ("value",)
    host: ClassVar[bool] = True
    shares: ClassVar[bool] = True
    removed_by: ClassVar[str] = "background"
    players: str = "steps"
    size: int = 1
    background: Any = None

    def __post_init__(self):
        object.__setattr__(self, "background", freeze(self.background))
        check_players(self.players, self.size)

    def attribute(self, explained: OnHost) -> Attributed:
        references = self.references(explained)
        explained.check(references)
        found: dict[str, Gathered] = {}
        for chosen, players in players_alike(explained, self.players, self.size, references):
            for rows, who in self.split(explained.take(chosen), players):
                to_cells = who.shared if self.shares else who.spread
                for name, values in self.values(explained.take(chosen[rows]), who).items():
                    found.setdefault(name, Gathered(explained)).put(chosen[rows], to_cells(values))
        relevance = found.pop("relevance", Gathered(explained)).arrays
        details = [named(name, gathered.arrays) for name, gathered in found.items()]
        return Attributed(relevance, {name: array for part in details for name, array in part.items()})

    def references(self, explained: OnHost):
        """What stands for players that are not there [k, ...], a tree as the samples are one."""
        return references_like(explained.background if self.background is None else self.background, explained.x)

    def split(self, explained: OnHost, players: Players) -> list[tuple[np.ndarray, Players]]:
        """Samples with the same players apart, where they need not have the same: their places, and the players."""
        return [(np.arange(len(tree.flatten(explained.x)[0])), players)]

    def values(self, explained: OnHost, players: Players) -> dict[str, np.ndarray]:
        """The "relevance" of each player [n, players], and what else is known of it, such as standard "errors"."""
        raise NotImplementedError


def check_players(players: str, size: int) -> None:
    """Refuses players that there are none of."""
    if players not in PLAYERS:
        raise InputError(f"players must be one of {', '.join(PLAYERS)}; received {players!r}")
    at_least_one(size=size)


def players_alike(explained: OnHost, players: str, size: int, references) -> Iterator[tuple[np.ndarray, Players]]:
    """The samples that have the same players, as they are masked alike, and those players.

    Args:
      explained: the network and its samples; each leaf of them has players of its own.
      players: "cells", "features", "steps" (``size`` of them together), "blocks" of edge ``size``, or "segments":
        ``size`` equal parts of the steps.
      size: see ``players``.
      references: a tree of [k, ...].

    Returns:
      Pairs of the places of samples and their players, of whom there is at least one.
    """
    leaves = tree.flatten(explained.x)
    own = [_units(leaf.shape[1:], players, size) for leaf in leaves]
    starts = np.cumsum([0] + [1 + units.max() for units in own[:-1]])
    seen = tree.flatten(explained.seen)
    patterns, group = np.unique(
        np.concatenate([leaf.reshape(len(leaf), -1) for leaf in seen], axis=1), axis=0, return_inverse=True
    )
    for number, pattern in enumerate(patterns):
        parts = np.split(pattern, np.cumsum([units.size for units in own[:-1]]))
        numbers = [
            np.where(part.reshape(units.shape), units + start, NOBODY)
            for part, units, start in zip(parts, own, starts, strict=True)
        ]
        if pattern.any():
            packed = _renumbered(tree.pack_sequence_as(explained.x, numbers))
            yield np.flatnonzero(group.ravel() == number), Players(packed, references)


def coalition_values(
    explained: OnHost,
    players: Players,
    coalitions: np.ndarray,
    what: str = "coalitions",
    ask: Callable | None = None,
) -> np.ndarray:
    """What the network gives for every sample [n, coalitions] where only the players of each coalition are present.

    Args:
      explained: the network and samples that have these players.
      players: who plays.
      coalitions: [coalitions, players], True where present; or [n, coalitions, players], other ones for each sample.
      what: names the bar.
      ask: what is asked, (points, of) -> [m]; by default the explained output.
    """
    ask, x = ask or explained.value, explained.x
    n, m, k = len(tree.flatten(x)[0]), coalitions.shape[-2], len(tree.flatten(players.references)[0])
    coalitions = np.broadcast_to(coalitions, (n, m, players.count))
    values = np.empty(n * m * k)
    for start in explained.progress(range(0, len(values), explained.batch_size), what):
        batch = np.arange(start, min(start + explained.batch_size, len(values)))
        sample, coalition, reference = np.unravel_index(batch, (n, m, k))
        samples = tree.map_structure(lambda leaf, sample=sample: leaf[sample], x)
        others = tree.map_structure(lambda leaf, reference=reference: leaf[reference], players.references)
        values[batch] = ask(players.points(samples, coalitions[sample, coalition], others), sample)
    return values.reshape(n, m, k).mean(axis=2)


def _units(shape: tuple[int, ...], players: str, size: int) -> np.ndarray:
    if players != "segments":
        return Occlusion(players, size).units(shape).numpy()
    steps = np.arange(shape[0]) * min(size, shape[0]) // shape[0]
    return np.broadcast_to(steps.reshape(-1, *[1] * (len(shape) - 1)), shape)


def _renumbered(numbers):
    """The same players with numbers from 0 on, in their order."""
    known = np.unique(np.concatenate([leaf.ravel() for leaf in tree.flatten(numbers)]))
    known = known[known != NOBODY]
    return tree.map_structure(lambda leaf: np.where(leaf == NOBODY, NOBODY, np.searchsorted(known, leaf)), numbers)
