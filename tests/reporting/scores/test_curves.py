"""Curves and bars: every number that goes in is on the axis."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.scores.curves import draw_scores, draw_step_distribution


def single_axis():
    return Figure().add_subplot()


def legend_texts(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


def test_step_distribution_draws_each_share_beside_the_pixel_mass():
    axis = single_axis()
    shares = {"Shallow": [0.1, 0.2, 0.7], "Deep": [0.3, 0.4, 0.3]}
    draw_step_distribution(axis, shares, [0.25, 0.5, 0.25])
    assert [bar.get_height() for bar in axis.patches] == [0.25, 0.5, 0.25]
    assert {line.get_label(): list(line.get_ydata()) for line in axis.lines} == shares
    np.testing.assert_array_equal(axis.lines[0].get_xdata(), [1, 2, 3])  # steps count from one
    assert set(legend_texts(axis)) == {"Shallow", "Deep", "pixel mass"}
    assert len({(line.get_color(), line.get_marker()) for line in axis.lines}) == 2


def test_scores_draw_bars_whiskers_and_references():
    axis = single_axis()
    draw_scores(axis, ["SA", "LRP"], [0.5, 0.9], [0.4, 0.85], [0.7, 0.98], {"uniform": 0.8165, "last step": 0.4714})
    assert [bar.get_height() for bar in axis.patches] == [0.5, 0.9]
    whiskers = axis.collections[0].get_segments()
    np.testing.assert_allclose([whisker[:, 1] for whisker in whiskers], [[0.4, 0.7], [0.85, 0.98]])
    assert legend_texts(axis) == ["uniform 0.817", "last step 0.471"]
    heights = {line.get_label(): line.get_ydata()[0] for line in axis.lines}
    assert heights["uniform 0.817"] == 0.8165
    assert heights["last step 0.471"] == 0.4714
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["SA\n0.500", "LRP\n0.900"]


def test_score_of_a_single_run_has_no_whisker():
    figure = Figure()
    axis = figure.add_subplot()
    draw_scores(axis, ["SA", "LRP"], [0.5, 0.9], [np.nan, 0.8], [np.nan, 1.0], {})
    figure.draw_without_rendering()  # warnings are errors: NaN must pass quietly
    assert [len(whisker) for whisker in axis.collections[0].get_segments()] == [0, 2]
    assert axis.get_legend() is None


def test_bad_input():
    with pytest.raises(InputError, match=r"'SA' must have a share for each of 3 steps; received 2$"):
        draw_step_distribution(single_axis(), {"SA": [0.5, 0.5]}, [0.2, 0.3, 0.5])
    with pytest.raises(InputError, match=r"each of 2 labels .* received shapes \(2,\), \(1,\) and \(2,\)$"):
        draw_scores(single_axis(), ["SA", "LRP"], [0.5, 0.9], [0.4], [0.6, 1], {})
