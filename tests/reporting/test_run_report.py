"""The table and figures of a run, from numbers that are made up here."""

import numpy as np
import pytest

from thesis_rnn.reporting.pages import run_page
from thesis_rnn.reporting.run_report import (
    run_heatmaps,
    run_table,
    scores_figure,
    step_shares,
    steps_figure,
    varied_samples,
)
from thesis_rnn.reporting.tables import markdown_table


def row(label, measure, value, interval=None, step="", class_=""):
    """A score; an interval lies around its value."""
    low, high = (None, None) if interval is None else (value - interval, value + interval)
    place = {"method": label.lower(), "label": label, "measure": measure, "class": class_, "step": step, "epoch": ""}
    return place | {"value": value, "low": low, "high": high, "n": 10}


def shares(label, *values):
    steps = [row(label, "step_share", value, 0.01, step) for step, value in enumerate(values, start=1)]
    return [*steps, row(label, "step_share", 0.7, 0.01, 1, class_=3)]


FACTS = {
    "architecture": "rlstm_sd",
    "dataset": "mnist_maj",
    "seed": 7,
    "accuracy": 0.98765,
    "test_sequences": 10_000,
    "variables": 145_914,
    "epochs": 100,
    "best_epoch": 93,
}
SHARES = [
    *shares("DTD", 0.2, 0.3, 0.5),
    *shares("LRP-a1.5b0.5", 0.1, 0.3, 0.6),
    *shares("(pixel mass)", 0.5, 0.25, 0.25),
]
SCORES = [
    row("DTD", "cosine", 0.9, 0.01),
    row("DTD", "evidence_percentage", 84.56, 0.01),
    row("DTD", "n_zero_relevance", 3),
    row("LRP-a1.5b0.5", "cosine", 0.95, 0.01),
    row("LRP-a1.5b0.5", "evidence_percentage", 90.0, 0.01),
    row("LRP-a1.5b0.5", "n_zero_relevance", 0),
    row("(uniform)", "cosine", 0.8165, 0.01),
    row("(last step)", "cosine", 0.471, 0.01),
]
METRICS = {"facts": FACTS, "scores": SCORES + SHARES}
PLAIN = {"facts": FACTS, "scores": SHARES}


def test_a_table_by_hand():
    # The first column to the left, the others to the right, each as wide as its widest cell.
    rows = [["a", "10.5"], ["longer", "2"]]
    assert markdown_table(["name", "n"], rows).splitlines() == [
        "| name   |    n |",
        "| :----- | ---: |",
        "| a      | 10.5 |",
        "| longer |    2 |",
    ]


def test_a_table_without_rows_is_its_head_and_a_ruler_that_markdown_takes():
    assert markdown_table(["name", "n"], []).splitlines() == ["| name |  n |", "| :--- | -: |"]


def test_a_row_of_another_length_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        markdown_table(["name", "n"], [["a"]])


def test_the_table_of_a_run_by_hand():
    assert run_table(METRICS).splitlines() == [
        "rlstm_sd on mnist_maj, seed 7: accuracy 98.77% on 10000 test sequences, 145,914 trainable variables, "
        "best of 100 epochs: 93",
        "",
        "| method       | cosine |   95% interval | % on evidence | without relevance |",
        "| :----------- | -----: | -------------: | ------------: | ----------------: |",
        "| DTD          |  0.900 | [0.890, 0.910] |          84.6 |                 3 |",
        "| LRP-a1.5b0.5 |  0.950 | [0.940, 0.960] |          90.0 |                 0 |",
        "| (uniform)    |  0.817 | [0.806, 0.827] |               |                   |",
        "| (last step)  |  0.471 | [0.461, 0.481] |               |                   |",
    ]


@pytest.mark.parametrize(("accuracy", "told"), [(0.10, True), (0.11, True), (0.12, True), (0.13, False), (0.9, False)])
def test_a_model_that_is_no_better_than_chance_is_told(accuracy, told):
    # The most frequent class is 11% of 900 samples: 0.11 + 1.645 sqrt(0.11 * 0.89 / 900) = 0.1272.
    facts = FACTS | {"accuracy": accuracy, "guessed": 0.11, "test_sequences": 900}
    page = run_page({"facts": facts, "scores": []}, {}, {})
    for text in (run_table({"facts": facts, "scores": []}), page):
        assert ("ATTENTION: the model is no better than chance: " in text) == told


def test_single_images_have_no_evidence_to_score():
    assert run_table(PLAIN) == run_table(METRICS).splitlines()[0]
    assert scores_figure(PLAIN) is None
    assert steps_figure({"facts": FACTS, "scores": []}) is None


def test_the_steps_figure_draws_a_curve_for_each_method_before_the_pixel_mass():
    curves = {"DTD": [0.2, 0.3, 0.5], "LRP-a1.5b0.5": [0.1, 0.3, 0.6]}
    assert step_shares(METRICS) == curves | {"(pixel mass)": [0.5, 0.25, 0.25]}
    [axis] = steps_figure(METRICS).axes
    assert [bar.get_height() for bar in axis.patches] == [0.5, 0.25, 0.25]
    assert {line.get_label(): list(line.get_ydata()) for line in axis.lines} == curves


def test_the_scores_figure_draws_means_with_the_baselines_beside_them():
    [axis] = scores_figure(METRICS).axes
    assert [bar.get_height() for bar in axis.patches] == [0.9, 0.95]
    assert [text.get_text() for text in axis.get_xticklabels()] == ["DTD\n0.900", "LRP-a1.5b0.5\n0.950"]
    references = [text.get_text() for text in axis.get_legend().get_texts()]
    assert references == ["uniform 0.817", "last step 0.471"]
    assert axis.get_ylabel() == "cosine"


# ---- which samples are shown


def test_a_single_sequence_has_no_interval():
    others = [each for each in SCORES if each["label"] == "LRP-a1.5b0.5" and each["measure"] != "cosine"]
    metrics = {"facts": FACTS, "scores": [row("LRP-a1.5b0.5", "cosine", 0.5), *others, row("(uniform)", "cosine", 0.5)]}
    cells = [[cell.strip() for cell in line.split("|")] for line in run_table(metrics).splitlines()]
    assert ["", "LRP-a1.5b0.5", "0.500", "-", "90.0", "0", ""] in cells
    assert ["", "(uniform)", "0.500", "-", "", "", ""] in cells
    scores_figure(metrics).draw_without_rendering()


def test_varied_samples_by_hand():
    # Class 0 first stands at 2, class 1 at 1, class 5 at 0; then the second of each class: 0 at 4, 5 at 3.
    y = np.array([5, 1, 0, 5, 0])
    assert varied_samples(y, 5).tolist() == [2, 1, 0, 4, 3]
    assert varied_samples(y, 2).tolist() == [2, 1]
    assert varied_samples(y, 9).tolist() == [2, 1, 0, 4, 3]  # no more than there are


@pytest.mark.parametrize("seed", range(10))
def test_varied_samples_repeat_a_class_only_when_all_were_shown(seed):
    y = np.random.default_rng(seed).integers(0, 6, 40)
    for count in (1, 4, 6, 8):
        chosen = varied_samples(y, count)
        assert len(set(chosen.tolist())) == count
        assert len(set(y[chosen])) == min(count, len(set(y)))
        for label in set(y[chosen]):  # the first ones of each class
            shown = sorted(chosen[y[chosen] == label])
            assert shown == np.flatnonzero(y == label)[: len(shown)].tolist()


def heatmap_file(count, label, majority):
    rng = np.random.default_rng(count)
    steps = 12 if majority else 4
    arrays = {
        "label": np.array(label),
        "x": rng.uniform(-1, 1, (count, steps, 28, 7)),
        "y": np.arange(count) % 10,
        "relevance": rng.normal(size=(count, steps, 28, 7)),
        "logits": rng.normal(size=(count, 10)),
    }
    return arrays | ({"evidence": np.tile([1, 1, 0], (count, 1))} if majority else {})


@pytest.mark.parametrize(("majority", "columns"), [(True, 4), (False, 8)])
def test_heatmaps_have_a_row_for_the_input_and_one_for_each_method(majority, columns):
    methods = [heatmap_file(count, label, majority) for count, label in ((20, "SA"), (9, "DTD"))]
    figure = run_heatmaps(methods, list("abcdefghij"), available=9)
    assert len(figure.axes) == 3 * columns
    labels = [axis.get_ylabel() for axis in figure.axes if axis.get_ylabel()]
    assert labels == ["input", "SA", "DTD"]
    titles = [axis.get_title()[0] for axis in figure.axes[:columns]]
    assert titles == list("abcdefgh")[:columns]
    few = run_heatmaps(methods, list("abcdefghij"), available=3)
    assert len(few.axes) == 3 * 3
