"""Grids of heatmaps: panels side by side, rows in groups, nothing outside the figure or on top of another."""

import dataclasses

import numpy as np
import pytest
from matplotlib.figure import Figure

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.grid import grid_figure
from thesis_rnn.reporting.heatmaps.panel import HeatmapRow, Panel
from thesis_rnn.reporting.scores.points import Mark, draw_scores_by_group
from thesis_rnn.reporting.style import WIDTH
from thesis_rnn.statistics import Interval


def panel(title="MNIST", n=2, width=28, labels=(("SA", ("Shallow", "Deep")), ("DTD", ("Shallow", "Deep"))), **changes):
    images = np.random.default_rng(n).uniform(-1, 1, (n, 28, width))
    groups = {name: [HeatmapRow(label, images, [False] * n) for label in rows] for name, rows in labels}
    return dataclasses.replace(Panel(title, images, ["Trouser"] * n, groups), **changes)


@pytest.mark.parametrize("counts", [(1,), (4, 4), (5, 5), (2, 1)])
@pytest.mark.parametrize("width", [28, 84])
def test_images_keep_their_shape_and_lie_apart_and_words_lie_inside(counts, width):
    evidence = np.ones((max(counts), 3))
    figure = grid_figure([panel(n=n, width=width, evidence=evidence[:n]) for n in counts], "A note below.")
    assert figure.get_size_inches()[0] <= WIDTH + 1e-9
    figure.draw_without_rendering()
    *images, scale = figure.axes
    boxes = [axis.get_window_extent() for axis in images]
    assert [label.get_text() for label in scale.get_xticklabels()] == ["-1", "0", "1"]
    assert not any(scale.get_tightbbox().overlaps(box) for box in boxes)
    assert len(boxes) == 5 * sum(counts)
    for box in boxes:
        assert box.width / box.height == pytest.approx(width / 28)
    assert not any(boxes[i].overlaps(other) for i in range(len(boxes)) for other in boxes[i + 1 :])
    words = [*figure.texts, *(axis.title for axis in figure.axes if axis.get_title())]
    for text in words:
        box = text.get_window_extent()
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.y1 <= figure.bbox.height
        assert not any(box.overlaps(other) for other in (*boxes, scale.get_tightbbox()))


def test_a_grid_without_group_titles_has_no_room_for_them():
    titled, untitled = (grid_figure([panel(labels=[(name, ["Shallow"])])]) for name in ("SA", ""))
    assert untitled.get_size_inches()[0] < titled.get_size_inches()[0]


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ([], r"at least one panel; received none$"),
        ([panel(), panel(width=84)], r"must share image sizes and rows, \(28, 28\) .*received \(28, 84\)"),
        ([panel(), panel(labels=[("SA", ["Deep"])])], r"received \(28, 28\) and \[\['SA', 'Deep'\]\]$"),
        ([panel(captions=["one"])], r"each of 2 samples needs a caption.*received \[1, 2\]$"),
        ([panel(evidence=[[1, 1, 0]])], r"received \[1, 2\]$"),
        ([panel(n=0)], r"each of 0 samples"),
    ],
)
def test_panels_that_do_not_fit_are_refused(panels, message):
    with pytest.raises(InputError, match=message):
        grid_figure(panels)


def test_scores_need_one_interval_for_each_group():
    scores = {"Deep": [Interval(0.5, 0.4, 0.6, 7)]}
    with pytest.raises(InputError, match=r"'Deep' needs a score in each of 2 groups; received 1$"):
        draw_scores_by_group(Figure().add_subplot(), ["SA", "GB"], scores, {"Deep": Mark("red", "o")}, [], {})
