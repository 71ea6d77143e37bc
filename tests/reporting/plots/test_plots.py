"""Plots of an explanation: what the bars, dots, words and curves say, worked by hand."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from scipy import stats

from thesis_rnn import plot
from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.inputs.axes import Axes, OfLengths
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.plots.beeswarm import swarm
from thesis_rnn.reporting.plots.over_time import curves_over_time
from thesis_rnn.reporting.plots.phrase_tree import boxes_of
from thesis_rnn.reporting.plots.table import KINDS, Kind
from thesis_rnn.reporting.plots.texts import word_places
from thesis_rnn.reporting.plots.units import units_of
from thesis_rnn.reporting.plots.waterfall import account_of_sample
from thesis_rnn.reporting.style import BLUE, VERMILLION

SERIES = np.array([[[1.0, -2.0], [4.0, 0.5]], [[0.0, 1.0], [1.0, 1.0]]])  # [2 samples, 2 steps, 2 features]


def explanation(relevance=SERIES, **changes):
    n = len(relevance)
    fields = {
        "logits": np.zeros((n, 2)),
        "target": np.arange(n) % 2,
        "value": np.full(n, 5.0),
        "explained": np.full(n, 5.0),
        "method": "lrp",
    }
    return Explanation(relevance, **fields | changes)


def tick_names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def texts(ax):
    return [text.get_text() for text in ax.texts]


# ---- units


def test_units_are_cells_or_sums_of_steps_or_features():
    x = SERIES + 10
    cells, steps, features = (units_of(explanation(x=x), by) for by in ("cells", "steps", "features"))
    assert cells.names == ["feature 0 at step 0", "feature 1 at step 0", "feature 0 at step 1", "feature 1 at step 1"]
    np.testing.assert_array_equal(cells.relevance, [[1, -2, 4, 0.5], [0, 1, 1, 1]])
    np.testing.assert_array_equal(cells.values, cells.relevance + 10)
    np.testing.assert_array_equal(steps.relevance, [[-1, 4.5], [1, 2]])  # 1 - 2, 4 + .5; 0 + 1, 1 + 1
    np.testing.assert_array_equal(features.relevance, [[5, -1.5], [1, 2]])  # 1 + 4, -2 + .5; 0 + 1, 1 + 1
    np.testing.assert_array_equal(features.values, [[12.5, 9.25], [10.5, 11]])  # means over two steps
    assert np.isnan(steps.values).all()  # two features have no one value


def test_units_have_the_names_of_an_explanation_and_of_several_inputs():
    axes = (Axes("vitals", ("mon", "tue"), ("pulse", "heat")), Axes("text", (("a", "b"), ("c", "d")), tokens=True))
    both = explanation([SERIES, np.ones((2, 2))], axes=axes)
    assert units_of(both, "steps").names == ["vitals: mon", "vitals: tue", "text: step 0", "text: step 1"]
    one = units_of(both, "steps", sample=1)
    assert one.names[2:] == ["text: 'c' at step 0", "text: 'd' at step 1"]
    assert one.relevance.tolist() == [[1, 2, 1, 1]]
    assert units_of(both, "cells").names[1] == "vitals: heat at mon"


def test_samples_of_different_lengths_have_no_relevance_where_they_end():
    relevance = OfLengths([np.ones((1, 2)), np.full((3, 2), 2.0)])
    of_lengths = explanation(relevance, x=relevance)
    np.testing.assert_array_equal(units_of(of_lengths, "steps").relevance, [[2, np.nan, np.nan], [4, 4, 4]])
    np.testing.assert_array_equal(units_of(of_lengths, "features").relevance, [[1, 1], [6, 6]])
    np.testing.assert_array_equal(units_of(of_lengths, "features").values, [[1, 1], [2, 2]])
    assert [name for name, _ in account_of_sample(of_lengths, 0, by="steps").parts] == ["step 0"]


# ---- waterfall


def test_a_waterfall_of_what_conserves_ends_at_the_output():
    # Sample 0: 1 - 2 + 4 + .5 = 3.5 of 5 arrived, 1.5 did not; the two largest are 4 and -2, the others 1 + .5.
    account = account_of_sample(explanation(conserves=True, x=SERIES + 10), 0, top=2)
    assert account.parts == [
        ("did not reach the input", 1.5),
        ("2 others", 1.5),
        ("feature 1 at step 0 = 8", -2.0),
        ("feature 0 at step 1 = 14", 4.0),
    ]
    assert (account.base, account.end) == (0.0, 5.0)
    [ax] = plot(explanation(conserves=True), kind="waterfall", top=2).axes
    np.testing.assert_allclose(
        [(bar.get_x(), bar.get_width()) for bar in ax.patches], [(0, 1.5), (1.5, 1.5), (3, -2), (1, 4)]
    )
    assert [to_hex(bar.get_facecolor()).upper() for bar in ax.patches] == [VERMILLION, VERMILLION, BLUE, VERMILLION]
    assert {"base = 0", "output = 5", "-2", "+4"} <= set(texts(ax))


def test_a_waterfall_of_what_is_complete_ends_at_f_of_x():
    # f(x) - f(baseline) = 3.25, so that f(baseline) = 1.75; relevance sums to 3.5 and misses it by -.25.
    account = account_of_sample(explanation(expected=np.array([3.25, np.nan])), 0, by="features")
    assert account.parts == [("missed by the method", -0.25), ("feature 1", -1.5), ("feature 0", 5.0)]
    assert (account.base, account.end, account.words[:2]) == (1.75, 5.0, ("f(baseline)", "f(x)"))


def test_a_waterfall_says_where_a_sum_is_no_output():
    account = account_of_sample(explanation(), 1, by="steps")
    assert account.parts == [("step 0", 1.0), ("step 1", 2.0)]
    assert (account.base, account.end) == (0.0, 3.0)
    assert "does not sum to f(x) = 5" in plot(explanation(), kind="waterfall").axes[0].get_xlabel()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("by", ["cells", "steps", "features"])
def test_a_waterfall_always_adds_up(seed, by):
    rng = np.random.default_rng(seed)
    relevance, value = rng.normal(size=(4, 5, 3)), rng.normal(size=4)
    told = [{"conserves": True, "explained": np.maximum(value, 0)}, {"expected": rng.normal(size=4)}, {}]
    for given in told:
        account = account_of_sample(explanation(relevance, **{"value": value} | given), seed, top=2, by=by)
        assert account.base + sum(amount for _, amount in account.parts) == pytest.approx(account.end)
        sizes = [abs(amount) for name, amount in account.parts if name.startswith(("step", "feature"))]
        assert sizes == sorted(sizes)


def test_images_of_one_step_are_named_by_row_column_and_channel():
    image = np.zeros((1, 2, 3, 1))
    image[0, 1, 2] = 4.0
    ax = plot(explanation(image, x=image + 1), kind="waterfall", channels_last=True, top=1).axes[0]
    assert tick_names(ax)[-1] == "step 0, row 1, column 2, channel 0 = 5"


# ---- beeswarm


def test_a_beeswarm_has_a_row_for_each_part_and_a_dot_for_each_sample():
    # Mean |R| of features: (5 + 1) / 2 = 3 and (1.5 + 2) / 2 = 1.75: feature 0 is above.
    axes = (Axes(features=("pulse", "heat")),)
    ax, bar = plot(explanation(x=SERIES, axes=axes), kind="beeswarm").axes
    assert tick_names(ax) == ["heat", "pulse"]
    heat, pulse = ax.collections
    np.testing.assert_array_equal(heat.get_offsets()[:, 0], [-1.5, 2])
    np.testing.assert_array_equal(pulse.get_offsets()[:, 0], [5, 1])
    np.testing.assert_array_equal(heat.get_array(), [0, 1])  # means -.75 and 1: the least and the greatest
    assert tick_names(bar) == ["lowest", "highest"]
    [ax] = plot(explanation(axes=axes), kind="beeswarm", by="steps", top=1).axes  # without inputs no colour tells
    assert tick_names(ax) == ["step 1"]


def test_dots_of_one_value_lie_beside_each_other():
    # Four in the first bin: 0, -1, 1, -2 distances of min(.1, .4 / 2); one alone in the last.
    np.testing.assert_allclose(swarm([0, 0, 1, 0, 0], 0, 1), [0, -0.1, 0, 0.1, -0.2])
    many = swarm(np.zeros(1001), 0, 1)
    assert (len(set(many)), np.abs(many).max()) == (1001, 0.4)


# ---- text


def test_words_are_on_the_colour_of_their_relevance_and_phrases_on_their_sum():
    axes = (Axes(steps=(("not", "so", "good", ""),), tokens=True),)
    text = explanation(np.array([[-2.0, 0.0, 1.0, 0.0]]), axes=axes)
    [ax] = plot(text, kind="text", phrases=[(0, 2)]).axes
    words = {word.get_text(): word for word in ax.texts if word.get_bbox_patch()}
    assert list(words) == ["not", "so", "good"]
    colours = [to_hex(words[word].get_bbox_patch().get_facecolor()) for word in words]
    assert colours[:2] == ["#0a3d7c", "#ffffff"]  # -max|R|, 0
    assert "-2" in texts(ax)
    assert "sum -1" in ax.get_title(loc="left")
    given = plot(text, kind="text", words=["a", "b", "c", "d"]).axes[0]
    assert texts(given) == ["a", "b", "c", "d"]


def test_a_word_that_does_not_fit_begins_a_line():
    # 3 + 1 + 4 letters fill a line of 8; "" takes no room.
    assert word_places([3, 4, 0, 9, 1], 8) == [(0, 0), (0, 4), (1, 0), (1, 0), (2, 0)]


# ---- time


def test_relevance_over_time_is_a_mean_with_its_interval():
    # Step 0: -1 and 1, mean 0, s = sqrt 2, so that the half width is t(.975, 1) sqrt 2 / sqrt 2 = 12.706.
    [ax] = plot(explanation(), kind="time").axes
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0, 3.25])
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(-stats.t.ppf(0.975, 1))
    by_class = plot(explanation(axes=(Axes(features=("a", "b")),)), kind="time", by_class=True, feature="b").axes[0]
    np.testing.assert_array_equal([line.get_ydata() for line in by_class.lines[:2]], [[-2, 0.5], [1, 1]])
    absolute = plot(explanation(), kind="time", absolute=True).axes[0]
    np.testing.assert_array_equal(absolute.lines[0].get_ydata(), [2, 3.25])  # (3 + 1) / 2, (4.5 + 2) / 2


def test_a_step_counts_the_samples_that_have_it():
    [(_, [first, last])] = curves_over_time(np.array([[1.0, np.nan], [3.0, 5.0]])).items()
    assert (first.mean, first.n, last.mean, last.n) == (2.0, 2, 5.0, 1)
    assert np.isnan(last.low)


# ---- tree

TREE = {
    "joins": np.array([[[1, 2], [0, 3]], [[0, 1], [-1, -1]]]),
    "spans": np.array([[[0, 1], [1, 2], [2, 3], [1, 3], [0, 3]], [[0, 1], [2, 3], [-1, -1], [0, 3], [-1, -1]]]),
    "scores": np.array([[1, -2, 0.5, -1, 4], [1, 2, np.nan, 3, np.nan]]),
    "interactions": np.array([[0.5, 4], [0, np.nan]]),
}
TREE["spans"][1, :3] = [[0, 1], [-1, -1], [2, 3]]  # the second sample's step 1 is masked
TREE["joins"][1, 0], TREE["scores"][1, :3] = [0, 2], [1, np.nan, 2]


def test_a_tree_has_a_box_for_each_phrase_above_its_parts():
    # Steps 1 and 2 are joined first, at level 1, then step 0 to them at level 2: the box of step 0 reaches up there.
    record = explanation(np.ones((2, 3, 1)), details=TREE)
    steps, boxes = boxes_of(record, 0)
    assert steps.tolist() == [0, 1, 2]
    assert [box[:4] for box in boxes] == [(0, 1, 0, 2), (1, 2, 0, 1), (2, 3, 0, 1), (1, 3, 1, 2), (0, 3, 2, 3)]
    assert [box[4:] for box in boxes] == [(1, None), (-2, None), (0.5, None), (-1, 0.5), (4, 4)]
    steps, boxes = boxes_of(record, 1)  # what is masked has no place
    assert steps.tolist() == [0, 2]
    assert [box[:4] for box in boxes] == [(0, 1, 0, 1), (1, 2, 0, 1), (0, 2, 1, 2)]


def test_a_tree_is_drawn_with_its_words_and_scores():
    record = explanation(np.ones((2, 3, 1)), details=TREE)
    [ax] = plot(record, kind="tree", words=["not", "very", "good"]).axes
    assert texts(ax) == ["1", "-2", "0.5", "-1 (+0.5)", "4 (+4)"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["not", "very", "good"]
    colours = [to_hex(patch.get_facecolor()) for patch in ax.patches]
    assert colours[4] == "#8b0a1a"  # the largest score
    assert len(set(colours)) == 5
    [ax] = plot(record, kind="tree", sample=1).axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "2"]
    [ax] = plot(record, kind="tree", sample=1, words=["bad", "film"]).axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["bad", "film"]
    small = Figure(figsize=(0.5, 0.5)).add_subplot()  # for the number of one box, and for no third word
    plot(record, kind="tree", ax=small)
    assert (texts(small), len(small.get_xticklabels()), len(small.patches)) == (["1"], 2, 5)
    with pytest.raises(InputError, match=r"^each of 3 steps needs a word; received 2$"):
        plot(record, kind="tree", words=["a", "b"])


# ---- all of them


def test_every_kind_draws_on_an_axis_of_ones_own_and_changes_nothing(tmp_path):
    axes = (Axes(steps=("a", "b"), features=("pulse", "heat")),)
    of_two = {"joins": [[0, 1]], "spans": [[0, 1], [1, 2], [0, 2]], "scores": [1, 2, 3], "interactions": [0]}
    details = {name: np.array([found, found]) for name, found in of_two.items()}
    given = explanation(x=SERIES, axes=axes, details=details)
    figure = Figure(figsize=(9, 6), layout="constrained")
    for ax, kind in zip(figure.subplots(1, len(KINDS)), KINDS, strict=True):
        assert plot(given, kind=kind, ax=ax) is figure
        assert ax.get_title(loc="left")
    given.plot(path=tmp_path / "time.png", kind="time")
    assert (tmp_path / "time.png").read_bytes().startswith(b"\x89PNG")
    np.testing.assert_array_equal(given.relevance, SERIES)


def test_one_more_kind_is_a_row():
    with KINDS.replaced("sum", Kind(lambda ax, explanation, of=1: ax.set_title(f"{explanation.received[0]} {of}"))):
        assert plot(explanation(), kind="sum", of=2).axes[0].get_title() == "3.5 2"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "waterfal"}, r"unknown kind of plot; known ones are heatmap, .*; did you mean waterfall\?"),
        ({"kind": "waterfall", "tpo": 3}, r"options sample, top, by; did you mean top\?; received tpo$"),
        ({"kind": "waterfall", "sample": 2}, r"from 0 to 1; received 2$"),
        ({"kind": "waterfall", "top": 0}, r"top must be a whole number of at least 1; received 0$"),
        ({"kind": "beeswarm", "by": "rows"}, r"by is one of cells, steps, features; received 'rows'$"),
        ({"kind": "text"}, r"a text is drawn of words; .*; received none$"),
        ({"kind": "text", "words": ["a"]}, r"each of 2 steps needs a word; received 1$"),
        ({"kind": "text", "words": ["a", "b"], "phrases": [(1, 1)]}, r"first < end <= 2; received \(1, 1\)$"),
        ({"kind": "time", "feature": "c"}, r"feature must be one of 0 to 1; received 'c'$"),
        ({"kind": "time", "x": np.ones((2, 3))}, r"relevance's shape \(2, 2, 2\); received \(2, 3\)$"),
        ({"kind": "tree"}, r"method='agglomerative_decomposition', .*; received lrp without one$"),
        ({"kind": "heatmap", "top": 3}, r"a heatmap has the options none; received top$"),
    ],
)
def test_bad_input(options, message):
    with pytest.raises(InputError, match=message):
        plot(explanation(), **options)


def test_what_has_no_such_parts_is_refused():
    with pytest.raises(InputError, match=r"received the axes step, row, column$"):
        plot(explanation(np.ones((2, 2, 3, 4))), kind="waterfall", by="features")
    table = explanation(np.ones((2, 3)), axes=(Axes(features=("a", "b", "c")),))
    with pytest.raises(InputError, match=r"needs steps; received the features of a table$"):
        plot(table, kind="time")
    with pytest.raises(InputError, match=r"received samples of shape \(2, 3, 4\)$"):
        plot(explanation(np.ones((2, 2, 3, 4))), kind="time", feature=0)
    with pytest.raises(InputError, match=r"one input; received several$"):
        plot(explanation([SERIES, SERIES]), kind="time")
    with pytest.raises(InputError, match=r"shows one class"):
        plot(explanation(explained=np.ones((2, 2))), kind="waterfall")
