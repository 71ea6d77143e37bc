"""Figures of the box data: from rows and run folders that are made up, what is drawn is what was measured."""

import json

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from tests.helpers import planned
from tests.helpers.made_up_results import box, chance, results
from thesis_rnn.attribution import method_spec
from thesis_rnn.errors import InputError
from thesis_rnn.papers.ismail_2019.figures import FIGURES
from thesis_rnn.papers.ismail_2019.figures import scores as box_scores
from thesis_rnn.papers.ismail_2019.figures import vanishing as box_vanishing
from thesis_rnn.papers.ismail_2019.scores import COMPARED
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.wording import mark_of
from thesis_rnn.reporting.heatmaps.series_maps import maps_figure
from thesis_rnn.reporting.scores.score_curves import LEAST_SHARE, draw_shares_by_step
from thesis_rnn.reporting.style import EVIDENCE
from thesis_rnn.statistics import Interval


def material(*tasks, rows=()):
    return Material(results(*rows), tasks)


def make_run(folder, dataset, arch, mean_map=None, shares=None, samples=None, states=None, **settings):
    """A task whose folder has what figures read: a mean map, shares of steps, samples, what states do."""
    task = planned.started(folder, dataset=dataset, arch=arch, **settings)
    mean_map = np.random.default_rng(len(arch)).random((100, 100)) if mean_map is None else mean_map
    np.savez(task.folder.path / "maps.npz", **{COMPARED: mean_map})
    np.savez(task.folder.path / "states.npz", **(states or {}))
    if samples:
        task.folder.heatmaps.mkdir()
        samples |= {"method": COMPARED, "label": COMPARED, "target": samples["y"]}
        np.savez(task.folder.heatmaps / f"{method_spec(COMPARED).file_name}.npz", **samples)
    shares = np.full(100, 0.01) if shares is None else shares
    row = {"method": COMPARED, "measure": "step_share", "class": ""}
    rows = [row | {"step": step, "value": share} for step, share in enumerate(shares, start=1)]
    task.folder.metrics.write_text(json.dumps({"facts": {}, "scores": rows}))
    return task


@pytest.mark.parametrize("name", FIGURES)
def test_without_runs_and_rows_a_figure_is_missing(name):
    with pytest.raises(MissingError):
        FIGURES[name](material())


def test_runs_on_boxes_are_no_runs_of_the_thesis(tmp_path):
    tasks = [make_run(tmp_path, "box_earlier", "lstm"), planned.task(tmp_path, dataset="digits_maj", arch="deep")]
    own = material(*tasks)
    assert own.datasets("blocks") == ["digits_maj"]
    assert own.datasets(None) == []
    assert own.find("box_earlier", "lstm") is tasks[0]
    assert own.find("box_earlier", "deep") is None


def test_of_several_seeds_the_least_and_partial_attention_apart(tmp_path):
    tasks = [
        make_run(tmp_path, "box_earlier", "lstm_ica", seed=seed, attend_last_steps=last)
        for seed, last in ((2, 0), (1, 0), (0, 10))
    ]
    own = material(*tasks)
    assert own.find("box_earlier", "lstm_ica") is tasks[1]
    assert own.find("box_earlier", "lstm_ica", variant="attend_last_steps=10") is tasks[2]


# ---- maps


def drawn(axis):
    return np.asarray(axis.images[0].get_array()) if axis.images else None


@pytest.mark.slow
def test_maps_stand_by_model_and_data_set_with_time_to_the_right(tmp_path):
    maps = {name: np.random.default_rng(seed).random((100, 100)) for seed, name in enumerate("abc")}
    tasks = [
        make_run(tmp_path, "box_latter", "lstm_ica", maps["a"]),
        make_run(tmp_path, "box_earlier", "lstm_ica", maps["b"]),
        make_run(tmp_path, "box_earlier", "lstm", maps["c"]),
    ]
    axes = np.array(FIGURES["boxes_figure_3"](material(*tasks)).axes).reshape(2, 2)
    assert [axis.get_title() for axis in axes[0]] == ["earlier box", "latter box"]
    np.testing.assert_array_equal(drawn(axes[0, 0]), maps["c"].T)
    assert drawn(axes[0, 1]) is None  # LSTM was not run on Latter
    np.testing.assert_array_equal(drawn(axes[1, 0]), maps["b"].T)
    np.testing.assert_array_equal(drawn(axes[1, 1]), maps["a"].T)


def test_the_box_is_outlined_where_it_lies():
    # One box of steps 2 and 3 and features 1 and 2: its cells reach from 1.5 to 3.5 and from 0.5 to 2.5.
    evidence = np.zeros((6, 5))
    evidence[2:4, 1:3] = 1
    figure = maps_figure({"a": [np.ones((6, 5))]}, ["data"], [evidence])
    rim, outline = [each for each in figure.axes[0].collections if len(each.get_paths())]
    for each in (rim, outline):
        vertices = np.concatenate([path.vertices for path in each.get_paths()])
        np.testing.assert_allclose([vertices.min(axis=0), vertices.max(axis=0)], [[1.5, 0.5], [3.5, 2.5]])
    assert figure.axes[0].get_xlim() == (-0.5, 5.5)


def test_boxes_that_differ_by_sample_are_outlined_one_by_one():
    evidence = np.zeros((2, 6, 5))
    evidence[0, :2, :2] = evidence[1, 4:, 3:] = 1
    figure = maps_figure({"a": [np.ones((6, 5))]}, ["data"], [evidence])
    assert len([each for each in figure.axes[0].collections if len(each.get_paths())]) == 2 * 2  # each with its rim


@pytest.mark.slow
def test_partial_attention_needs_all_three(tmp_path):
    tasks = [make_run(tmp_path, "box_earlier", "lstm"), make_run(tmp_path, "box_earlier", "lstm_ica")]
    with pytest.raises(MissingError):
        FIGURES["boxes_figure_10"](material(*tasks))
    tasks.append(make_run(tmp_path, "box_earlier", "lstm_ica", np.eye(100), attend_last_steps=10))
    axes = FIGURES["boxes_figure_10"](material(*tasks)).axes
    assert [axis.get_ylabel().replace("\n", " ") for axis in axes] == [
        *("LSTM", "input-cell attention, last 10 steps", "input-cell attention, all steps")
    ]
    np.testing.assert_array_equal(drawn(axes[1]), np.eye(100))


def test_rows_of_digits_are_shown_with_their_saliency(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (3, 28, 28))
    tasks, maps = [], []
    for arch in ("lstm", "lstm_ica"):
        maps.append(rng.random((3, 28, 28)))
        logits = np.eye(3)
        own = {"x": x, "y": np.arange(3), "logits": logits, "relevance": maps[-1]}
        tasks.append(make_run(tmp_path, "digits_rows", arch, samples=own))
    axes = np.array(FIGURES["boxes_figure_6"](material(*tasks)).axes[:-1]).reshape(3, 3)
    assert [axis.get_title() for axis in axes[0]] == ["1", "6", "7"]
    np.testing.assert_array_equal(drawn(axes[0, 2]), x[2])  # as it is: rows are steps
    np.testing.assert_array_equal(drawn(axes[1, 0]), maps[0][0])
    np.testing.assert_array_equal(drawn(axes[2, 1]), maps[1][1])


def test_maps_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"received none$"):
        maps_figure({}, [], [])
    with pytest.raises(InputError, match=r"'a' needs a heatmap for each of 2 columns; received 1$"):
        maps_figure({"a": [np.ones((2, 2))]}, ["x", "y"], [np.ones((2, 2))] * 2)
    with pytest.raises(InputError, match=r"'evidence' needs a heatmap for each of 1 columns; received 0$"):
        maps_figure({"a": [np.ones((2, 2))]}, ["x"], [])


# ---- scores


def test_scores_against_the_start_of_the_box():
    starts = (0, 40, 20)
    rows = [
        box(f"box_moving_{start}", "lstm", seed=seed, weighted_jaccard=start / 100 + seed / 10)
        for start in starts
        for seed in (0, 1)
    ]
    rows += [box("box_moving_0", "gru"), *chance(*(f"box_moving_{start}" for start in starts))]
    figure = FIGURES["boxes_figure_5"](material(rows=rows))
    axis = figure.axes[0]
    [bars] = axis.containers  # GRU was not run at every start
    assert list(bars[0].get_xdata()) == [0, 20, 40]
    np.testing.assert_allclose(bars[0].get_ydata(), [0.05, 0.25, 0.45])
    # Of v and v + 0.1: s = 0.0707, n = 2, t = 12.706: half of the interval is 12.706 * 0.0707 / sqrt(2) = 0.635.
    ends = np.array(bars[2][0].get_segments())[:, :, 1]
    np.testing.assert_allclose(ends[0], [0, 0.05 + 0.6353], atol=1e-4)  # the score has no values below 0
    noise = {line.get_label(): list(line.get_ydata()) for line in axis.lines}
    assert noise["uniform noise"] == [0.2] * 3


def test_accuracy_without_the_most_salient_cells():
    rows = [box("box_earlier", "lstm", name, masked_accuracy=0.6) for name in ("saliency", COMPARED)]
    rows += [box("box_earlier", "lstm", "(random)", masked_accuracy=0.8)]
    rows += [box("box_earlier", "lstm", "(evidence)", masked_accuracy=0.5)]
    axes = FIGURES["boxes_figure_7"](material(rows=rows)).axes
    heights = [axis.containers[0][0].get_ydata()[0] for axis in axes]
    assert heights == [0.6, 0.8, 0.5]


def test_intervals_end_where_a_share_does():
    assert box_scores._share(Interval(0.9, 0.7, 1.1, 3)) == (0.9, 0.7, 1.0, 3)
    assert np.isnan(box_scores._share(None)[:3]).all()


def test_shares_by_step_on_a_logarithmic_scale(tmp_path):
    falling = 10.0 ** -np.arange(100)[::-1]
    task = make_run(tmp_path, "box_latter", "lstm", shares=falling)
    axis, *_ = FIGURES["boxes_vanishing"](material(task)).axes
    [line] = [each for each in axis.lines if each.get_label() == "LSTM"]
    np.testing.assert_array_equal(line.get_ydata(), falling)
    assert (axis.get_yscale(), axis.get_ylim()) == ("log", (LEAST_SHARE, 1))
    shaded = axis.collections[0].get_paths()[0].vertices[:, 0]
    assert (shaded.min(), shaded.max()) == (71, 100)  # Latter: steps 71 to 100, counted from 1


def test_states_beside_the_saliency_of_the_models_that_have_them(tmp_path):
    decay = 0.5 ** np.arange(100.0)[::-1]
    tasks = [
        make_run(tmp_path, "box_latter", "lstm", states={"(hidden)": [decay, decay], "(forget_gates)": [decay]}),
        make_run(tmp_path, "box_latter", "bilstm"),
    ]
    _, *below = FIGURES["boxes_vanishing"](material(*tasks)).axes
    for axis in below:
        line, _ = axis.lines  # and the floor
        assert line.get_label() == "LSTM"
        np.testing.assert_allclose(line.get_ydata(), np.maximum(decay, 1e-12))


def test_a_share_of_zero_leaves_a_gap():
    from matplotlib.figure import Figure

    axis = Figure().add_subplot()
    draw_shares_by_step(axis, {"a": [0, 0.5, 0.5]}, {"a": "black"}, [False, True, True])
    np.testing.assert_array_equal(axis.lines[0].get_ydata(), [np.nan, 0.5, 0.5])
    with pytest.raises(InputError, match=r"'a' must have a share for each of 2 steps; received 3$"):
        draw_shares_by_step(axis, {"a": [0, 0.5, 0.5]}, {"a": "black"}, [True, False])


def test_the_bridge_has_a_point_for_each_method_and_model():
    rows = [box("box_earlier", "lstm", "saliency", roc_auc=0.2), box("box_earlier", "lstm", "lrp_epsilon", roc_auc=0.4)]
    rows += [box("box_earlier", "gru", "saliency", roc_auc=0.7)]
    [axis] = FIGURES["boxes_bridge"](material(rows=rows)).axes
    heights = [container[0].get_ydata()[0] for container in axis.containers]
    np.testing.assert_array_equal(heights, [0.2, 0.4, 0.7, np.nan])
    assert [label.get_text() for label in axis.get_xticklabels()] == ["SA", "LRP-e,\ngates: all"]


def test_models_of_a_figure_differ_in_colour_or_marker():
    for models in (box_scores.TABLE_1, box_scores.BRIDGE_MODELS):
        assert len({mark_of(model, "series") for model in models}) == len(models)
    assert len({mark_of(model, "series").color for model in box_vanishing.MODELS}) == len(box_vanishing.MODELS)  # lines


def test_evidence_has_the_colour_of_all_figures():
    figure = maps_figure({"a": [np.ones((4, 4))]}, ["x"], [np.eye(4)])
    assert any(np.allclose(each.get_edgecolor(), to_rgba(EVIDENCE)) for each in figure.axes[0].collections)
