"""Heatmaps of many models side by side: what the thesis' figures 2.14, 3.4 to 3.6, 3.11, 3.17, 3.19 and 3.20 show."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thesis_rnn.reporting.heatmaps.images import draw_heatmap, draw_input, draw_scale, mark_evidence
from thesis_rnn.reporting.heatmaps.panel import Panel, check_panels
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT, WIDTH

# Inches.
GROUP_WIDTH, LABEL_WIDTH = 0.3, 1.1  # left of the images: what a group of rows is called, and each row
GAP, GROUP_GAP, PANEL_GAP = 0.05, 0.16, 0.22
TITLE, CAPTION, NOTE = 0.28, 0.22, 0.62  # above the images, and below
SCALE = (1.1, 0.09)  # the width and height of the colour scale below
MAX_HEIGHT = 1.2  # of one image


def grid_figure(panels: Sequence[Panel], note: str = "") -> Figure:
    """Panels side by side, whose rows are the same; each heatmap is on a scale of its own.

    Args:
      panels: what to draw, all of images of one size.
      note: a line below.

    Raises:
      InputError: panels that ``check_panels`` refuses.
    """
    check_panels(panels)
    grid = _Grid(panels)
    for panel, lefts in zip(panels, grid.lefts(), strict=True):
        middle = (lefts[0] + lefts[-1] + grid.width) / 2
        grid.write(middle, TITLE / 2, panel.title, fontweight="bold", ha="center", fontsize=TEXT)
        _draw_inputs(panel, [grid.axis(left, grid.tops[0]) for left in lefts])
        for row, top in zip(panel.rows, grid.tops[1:], strict=True):
            for left, heatmap, wrong in zip(lefts, row.relevance, row.wrong, strict=True):
                draw_heatmap(grid.axis(left, top), heatmap, faded=bool(wrong))
    _label_rows(grid, panels[0])
    grid.write(grid.left - 0.08, TITLE + CAPTION / 2, "true class", color=GREY, ha="right", fontsize=SMALL_TEXT)
    grid.write(GAP, grid.size[1] - 0.14, note, color=GREY, fontsize=SMALL_TEXT)
    draw_scale(grid.scale())
    return grid.figure


class _Grid:
    """Places on a figure, in inches from its left and top."""

    def __init__(self, panels: Sequence[Panel]):
        _, rows, columns = np.shape(panels[0].images)
        self.counts = [len(panel.images) for panel in panels]
        self.left = LABEL_WIDTH + (GROUP_WIDTH if any(panels[0].groups) else 0)
        gaps = GAP * sum(self.counts) + PANEL_GAP * (len(panels) - 1)
        room = (WIDTH - self.left - gaps) / sum(self.counts)
        self.height = min(room * rows / columns, MAX_HEIGHT)
        self.width = self.height * columns / rows
        group_starts = {index for index, _ in _group_ranges(panels[0])}
        spaces = [GROUP_GAP if row in group_starts else GAP for row in range(len(panels[0].rows))]
        self.tops = TITLE + CAPTION + np.cumsum([0, *(self.height + space for space in spaces)])
        right = self.left + gaps + self.width * sum(self.counts)
        self.size = (right, self.tops[-1] + self.height + NOTE)
        self.figure = Figure(figsize=self.size)

    def lefts(self) -> list[np.ndarray]:
        """The left ends of the columns of each panel."""
        edges = np.cumsum([0, *self.counts])
        step = self.width + GAP
        return [
            self.left + number * PANEL_GAP + step * np.arange(first, last)
            for number, (first, last) in enumerate(pairwise(edges))
        ]

    def axis(self, left: float, top: float) -> Axes:
        return self._axis(left, top, self.width, self.height)

    def scale(self) -> Axes:
        """The place of the colour scale, below on the right."""
        return self._axis(self.size[0] - SCALE[0] - 2 * GAP, self.size[1] - NOTE + 2 * GAP, *SCALE)

    def _axis(self, left: float, top: float, width: float, height: float) -> Axes:
        full_width, full_height = self.size
        box = (left / full_width, 1 - (top + height) / full_height, width / full_width, height / full_height)
        return self.figure.add_axes(box)

    def write(self, left: float, top: float, text: str, **look) -> None:
        width, height = self.size
        self.figure.text(left / width, 1 - top / height, text, va="center", **look)


def _group_ranges(panel: Panel) -> list[tuple[int, int]]:
    """The first row of each group, and the one after its last."""
    return list(pairwise(np.cumsum([0, *(len(rows) for rows in panel.groups.values())])))


def _draw_inputs(panel: Panel, axes: Sequence[Axes]) -> None:
    for sample, (axis, image, caption) in enumerate(zip(axes, panel.images, panel.captions, strict=True)):
        draw_input(axis, image)
        axis.set_title(caption, fontsize=SMALL_TEXT, pad=3)
        if panel.evidence is not None:
            mark_evidence(axis, np.asarray(panel.evidence)[sample], np.shape(image)[1])


def _label_rows(grid: _Grid, panel: Panel) -> None:
    right = grid.left - 0.08
    for label, top in zip(["input", *(row.label for row in panel.rows)], grid.tops, strict=True):
        grid.write(right, top + grid.height / 2, label, ha="right", fontsize=SMALL_TEXT)
    for title, (first, last) in zip(panel.groups, _group_ranges(panel), strict=True):
        middle = (grid.tops[1 + first] + grid.tops[last] + grid.height) / 2
        grid.write(GROUP_WIDTH / 2, middle, title, ha="center", rotation=90, fontsize=TEXT, fontweight="bold")
