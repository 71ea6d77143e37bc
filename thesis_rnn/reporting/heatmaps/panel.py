"""What a grid of heatmaps is made of: samples, and how models explain them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class HeatmapRow:
    """The heatmaps of one model by one method.

    Attributes:
      label: what stands to the left.
      relevance: ``[n, rows, columns]``.
      wrong: ``[n]``, whether the model takes the sample for another class; its heatmap is faded.
    """

    label: str
    relevance: ArrayLike
    wrong: ArrayLike


@dataclass(frozen=True)
class Panel:
    """Samples, one to a column, with groups of rows of heatmaps below them.

    Attributes:
      title: what stands above.
      images: the inputs ``[n, rows, columns]``, pixels in [-1, 1].
      captions: what stands above each input.
      groups: title -> rows; a group without a title is "".
      evidence: ``[n, blocks]`` of 0 and 1; marked blocks get a bar under the input.
    """

    title: str
    images: ArrayLike
    captions: Sequence[str]
    groups: Mapping[str, Sequence[HeatmapRow]]
    evidence: ArrayLike | None = None

    @property
    def rows(self) -> list[HeatmapRow]:
        """The rows of all groups, from top to bottom."""
        return [row for rows in self.groups.values() for row in rows]

    def labels(self) -> list[list[str]]:
        """The titles of groups and rows, which panels side by side must share."""
        return [[title, *(row.label for row in rows)] for title, rows in self.groups.items()]


def check_panels(panels: Sequence[Panel]) -> None:
    """Refuses panels that cannot stand side by side.

    Raises:
      InputError: no panels, other rows or image sizes than the first panel's, or not one caption, mark and heatmap for
        each sample.
    """
    if not panels:
        raise InputError("a grid needs at least one panel; received none")
    for panel in panels:
        _check(panel, panels[0])


def _check(panel: Panel, first: Panel) -> None:
    size, expected = np.shape(panel.images)[1:], np.shape(first.images)[1:]
    if size != expected or panel.labels() != first.labels():
        raise InputError(
            f"panels must share image sizes and rows, {expected} and {first.labels()}; received {size} and "
            f"{panel.labels()}"
        )
    parts = [panel.captions, *(part for row in panel.rows for part in (row.relevance, row.wrong))]
    lengths = {len(part) for part in [*parts, *([] if panel.evidence is None else [panel.evidence])]}
    if not len(panel.images) or lengths != {len(panel.images)}:
        raise InputError(
            f"each of {len(panel.images)} samples needs a caption, evidence and heatmaps; received {sorted(lengths)}"
        )
