"""The figures of the reproduction: drawn when their runs or rows exist, named when not, and what is drawn is what was
measured. Runs are made up: heatmaps in files, no training."""

import itertools
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from tests.helpers import planned
from tests.helpers.made_up_results import cosine, results, score
from thesis_rnn.architectures import build
from thesis_rnn.attribution import method_spec
from thesis_rnn.data import load_images
from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.errors import InputError
from thesis_rnn.papers import explained, wording
from thesis_rnn.papers.chormai_2018.figures import FIGURES, methods
from thesis_rnn.papers.chormai_2018.published import METHODS
from thesis_rnn.papers.material import Material, MissingError, UnexplainedError
from thesis_rnn.papers.reproduction import draw_figures
from thesis_rnn.papers.selection import over_splits, wide
from thesis_rnn.papers.table import Paper
from thesis_rnn.reporting.heatmaps.images import FADED
from thesis_rnn.reporting.style import BLUE, EVIDENCE

NOTHING = Material(results(), [])
DIAGRAMS = {"figure_2_11", "figure_3_13", "figure_3_3", "figure_3_9", "figure_3_14", "figure_3_15", "figure_3_16"}


def samples(dataset, steps, n):
    """Inputs that belong to the data set alone, cut into steps; class k is the k-th sample's; evidence of MAJ."""
    majority = dataset.endswith("_maj")
    width = 84 if majority else 28
    rng = np.random.default_rng(len(dataset))
    images = rng.uniform(-1, 1, (n, 28, width)).astype(np.float32)
    x = images.reshape(n, 28, steps, width // steps).transpose(0, 2, 1, 3)
    evidence = np.array([(1, 1, 0), (1, 0, 1), (0, 1, 1)] * n, np.int8)[:n]
    return {"x": x, "y": np.arange(n) % 10} | ({"evidence": evidence} if majority else {})


def make_run(folder, dataset, arch, steps, n=10, relevance=None, wrong=(), **settings):
    """A task whose folder has heatmaps by the four methods, random unless ``relevance`` maps methods to arrays."""
    task = planned.started(folder, dataset=dataset, arch=arch, steps=steps, **settings)
    arrays = samples(dataset, steps, n)
    logits = np.eye(10)[(arrays["y"] + np.isin(np.arange(n), wrong)) % 10]
    rng = np.random.default_rng([len(arch), steps])
    task.folder.heatmaps.mkdir(parents=True)
    for method in METHODS:
        own = (relevance or {}).get(method, rng.normal(size=arrays["x"].shape))
        told = {"method": method, "label": method, "target": arrays["y"]}
        np.savez(file_of(task, method), logits=logits, relevance=own, **told, **arrays)
    return task


def file_of(task, method):
    return task.folder.heatmaps / f"{method_spec(method).file_name}.npz"


def make_runs(folder, datasets, architectures, steps=(12,), **options):
    combinations = itertools.product(datasets, architectures, steps)
    return [make_run(folder, dataset, arch, count, **options) for dataset, arch, count in combinations]


def material(*tasks, rows=()):
    return Material(results(*rows), tasks)


def stored(task, method):
    with np.load(file_of(task, method)) as arrays:
        return join_steps(arrays["relevance"])


def maps_of(figure):
    """The axes of the inputs and heatmaps of a grid; the last of its axes is the colour scale."""
    return np.array(figure.axes[:-1])


def drawn(axis):
    return np.asarray(axis.images[0].get_array())


def texts(figure):
    return [text.get_text() for text in figure.texts]


# ---- what is drawn and what is missing


@pytest.mark.parametrize("name", sorted(set(FIGURES) - DIAGRAMS))
def test_without_runs_and_rows_a_figure_is_missing(name):
    with pytest.raises(MissingError):
        FIGURES[name](NOTHING)


def test_every_figure_of_the_thesis_that_shows_data_or_architectures_has_a_line():
    numbers = ["1_1", "1_2", "2_11", "2_14"] + [f"3_{number}" for number in range(3, 22)]
    assert [name for name in FIGURES if name.startswith("figure_")] == [f"figure_{number}" for number in numbers]


def test_drawn_figures_are_files_and_the_others_are_named(tmp_path):
    tasks = make_runs(tmp_path / "runs", ["digits_maj"], ["rlstm_sd", "convrlstm_sd"])
    paper = Paper("made up", {}, {name: FIGURES[name] for name in ("figure_3_11", "figure_3_20")})
    folder = tmp_path / "figures"
    folder.mkdir()
    folder.joinpath("figure_3_11.png").write_bytes(b"of an earlier day")
    assert draw_figures(paper, material(*tasks), folder) == (["figure_3_20"], ["figure_3_11"])
    assert {path.name for path in folder.iterdir()} == {"figure_3_11.png", "figure_3_20.png", "figure_3_20.pdf"}
    assert folder.joinpath("figure_3_11.png").read_bytes() == b"of an earlier day"


def test_architectures_are_drawn_without_any_run():
    written = {text.get_text() for axis in FIGURES["figure_3_3"](NOTHING).axes for text in axis.texts}
    assert {"Shallow", "Deep"} <= written


# ---- heatmaps of runs


def test_majority_heatmaps_stand_by_method_and_architecture(tmp_path):
    names = ("shallow", "deep", "deep_v2", "convdeep")
    tasks = make_runs(tmp_path, ["digits_maj"], names)
    figure = FIGURES["figure_3_11"](material(*tasks))
    axes = maps_of(figure).reshape(1 + 16, 4)  # the inputs, 4 methods x 4 architectures; 4 sequences
    rows = itertools.product(METHODS, tasks)
    for line, (method, task) in zip(axes[1:], rows, strict=True):
        for axis, expected in zip(line, stored(task, method), strict=False):  # samples 0 to 3: classes 0 to 3
            np.testing.assert_array_equal(drawn(axis), expected)
    titles = ["Shallow", "Deep", "DeepV2", "ConvDeep"]
    assert [text for text in texts(figure) if text in titles] == titles * 4
    assert [axis.get_title() for axis in axes[0]] == ["0", "1", "2", "3"]
    bars = [sum(line.get_color() == EVIDENCE for line in axis.lines) for axis in axes[0]]
    assert bars == [2, 2, 2, 2]


def test_two_data_sets_stand_side_by_side_with_the_thesis_classes(tmp_path):
    tasks = make_runs(tmp_path, ["fashion_mnist_maj", "mnist_maj"], ["rlstm_sd", "convrlstm_sd"])
    figure = FIGURES["figure_3_20"](material(*tasks))
    captions = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert captions == ["1", "9", "Sandal", "Trouser"]
    assert [text for text in texts(figure) if text.endswith("-MAJ")] == ["MNIST-MAJ", "FashionMNIST-MAJ"]


def test_a_data_set_that_is_not_complete_waits(tmp_path):
    tasks = make_runs(tmp_path, ["mnist_maj"], ["rlstm_sd", "convrlstm_sd"])
    tasks += make_runs(tmp_path, ["fashion_mnist_maj"], ["rlstm_sd"])
    tasks.append(make_run(tmp_path, "fashion_mnist_maj", "convrlstm_sd", 12, fold=1))  # a fold is no original split
    figure = FIGURES["figure_3_20"](material(*tasks))
    assert [text for text in texts(figure) if text.endswith("-MAJ")] == ["MNIST-MAJ"]


def test_only_positive_relevance(tmp_path):
    tasks = make_runs(tmp_path, ["digits_maj"], ["rlstm_sd", "convrlstm_sd"])
    axes = maps_of(FIGURES["figure_3_20"](material(*tasks))).reshape(3, 4)
    for line, task in zip(axes[1:], tasks, strict=True):
        for axis, relevance in zip(line, stored(task, METHODS[3]), strict=False):
            assert relevance.min() < 0
            np.testing.assert_array_equal(drawn(axis), np.where(relevance > 0, relevance, 0))


def test_mistakes_are_faded_in_the_rows_of_their_model_only(tmp_path):
    tasks = [make_run(tmp_path, "digits_maj", "rlstm_sd", 12, wrong=[2])]
    tasks += make_runs(tmp_path, ["digits_maj"], ["convrlstm_sd"])
    axes = maps_of(FIGURES["figure_3_20"](material(*tasks))).reshape(3, 4)
    opacity = [[axis.images[0].get_alpha() or 1.0 for axis in line] for line in axes]
    assert opacity == [[1.0] * 4, [1.0, 1.0, FADED, 1.0], [1.0] * 4]


def test_steps_of_single_images(tmp_path):
    tasks = make_runs(tmp_path, ["digits"], ["shallow", "deep"], steps=(1, 4, 7))
    axes = maps_of(FIGURES["figure_3_4"](material(*tasks)))
    by_model = axes.reshape(2, 1 + 4 * 3, 4)  # Shallow beside Deep; 4 methods x T = 1, 4, 7; the first 4 samples
    for panel, own in zip(by_model, (tasks[:3], tasks[3:]), strict=True):
        for line, (method, task) in zip(panel[1:], itertools.product(METHODS, own), strict=True):
            for axis, expected in zip(line, stored(task, method), strict=False):
                np.testing.assert_array_equal(drawn(axis), expected)


def test_figure_3_6_shows_the_last_five(tmp_path):
    tasks = make_runs(tmp_path, ["mnist"], ["shallow", "deep"], steps=(7,), n=9)
    axes = maps_of(FIGURES["figure_3_6"](material(*tasks))).reshape(1 + 2 * 2, 5)
    np.testing.assert_array_equal(drawn(axes[1, 0]), stored(tasks[0], "deep_taylor")[4])
    np.testing.assert_array_equal(drawn(axes[4, 4]), stored(tasks[1], METHODS[3])[8])


def test_of_several_seeds_the_least_is_shown(tmp_path):
    tasks = [make_run(tmp_path, "digits_maj", "rlstm_sd", 12, seed=seed, n=10 - seed) for seed in (3, 1)]
    assert material(*tasks).task("digits_maj", ("rlstm_sd", 12)).seed == 1


@pytest.mark.parametrize("name", ["figure_3_10", "figure_3_20"])
def test_heatmaps_of_other_samples_are_refused(tmp_path, name):
    tasks = [make_run(tmp_path, "digits_maj", "rlstm_sd", 12), make_run(tmp_path, "digits_maj", "convrlstm_sd", 12, 9)]
    with pytest.raises(InputError, match=r"the same samples.*received others of ConvR-LSTM-SD[^;]*$"):
        FIGURES[name](material(*tasks))


def test_a_method_that_is_not_there_is_named_and_costs_its_figure_only(tmp_path):
    task = make_run(tmp_path, "digits_maj", "rlstm_sd", 12)
    file_of(task, METHODS[3]).unlink()
    reason = r"has no heatmaps by lrp\(alpha=1.5, beta=0.5\); make them with python -m thesis_rnn explain --run_dir=.*"
    with pytest.raises(UnexplainedError, match=rf"^digits_maj/rlstm_sd-12/original-0 {reason}beta=0.5\)'$"):
        explained.explained(task, ("sensitivity", METHODS[3]))

    paper = Paper("made up", {}, {"one": lambda material: explained.explained(task, METHODS)})
    drawn, [missing] = draw_figures(paper, material(task), tmp_path)
    assert drawn == []
    assert re.fullmatch(rf"one \(digits_maj/rlstm_sd-12/original-0 {reason}\)", missing)


def test_sequences_of_the_thesis_classes_come_first_then_others():
    y = np.array([7, 9, 7, 1, 9, 2, 1])
    assert explained.of_classes("mnist_maj", y, 2).tolist() == [3, 1]  # the first 1, the first 9
    assert explained.of_classes("mnist_maj", y, 4).tolist() == [3, 1, 5, 0]  # then classes 2 and 7
    assert explained.of_classes("digits_maj", y, 2).tolist() == [3, 5]  # classes 1 and 2


def test_lenet_is_explained_by_every_method(tmp_path, monkeypatch):
    monkeypatch.setattr(methods, "METHODS", ("sensitivity", "simple_taylor", "lrp(alpha=2, beta=1)"))
    task = make_run(tmp_path, "digits", "lenet", 1, indices="5,0,2,1,3")
    build("lenet", 1, 28, 28, sizes={"conv1": 2, "conv2": 2, "conv3": 3}).save(task.folder.model)
    figure = FIGURES["figure_2_14"](material(task))
    axes = maps_of(figure).reshape(1 + 3, 4)
    images = load_images("digits", "test")
    np.testing.assert_allclose(drawn(axes[0, 0]), images.pixels[5] / 127.5 - 1, atol=1e-6)
    assert [axis.get_title() for axis in axes[0]] == [str(images.labels[index]) for index in (5, 0, 2, 1)]
    rows = ["SA", "simple Taylor", r"LRP-$\alpha_{2}\beta_{1}$"]
    assert [text for text in texts(figure) if text in rows] == rows
    assert drawn(axes[1, 0]).min() >= 0 > drawn(axes[2, 0]).min()  # a square, and a product with the input


# ---- the majority problem


def blocks(*shares):
    """Relevance of 10 sequences whose blocks have these shares, evenly."""
    columns = np.repeat(np.array(shares) / (28 * 28), 28)
    return np.broadcast_to(columns.reshape(12, 1, 7), (10, 12, 28, 7))


def test_percentage_and_cosine_disagree(tmp_path):
    # Sample 1 has m = (1, 0, 1). All on the last block: 100 %, cosine 1 / sqrt(2) = 0.71.
    # (.45, .1, .45): 90 %, cosine .9 / (sqrt(2) sqrt(.415)) = 0.99. For the other samples both measures prefer the
    # same side: m = (1, 1, 0) gives 0 % and 55 %, and (0, 1, 1) is as good as 100 % and 55 %, 0.71 and 0.60.
    one, two = ({method: blocks(*shares) for method in METHODS} for shares in ((0, 0, 1), (0.45, 0.1, 0.45)))
    tasks = [make_run(tmp_path, "digits_maj", "shallow", 12, relevance=one)]
    tasks += [make_run(tmp_path, "digits_maj", "rlstm", 12, relevance=two)]
    figure = FIGURES["figure_3_10"](material(*tasks))
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[1].endswith("100.0 % right, cosine 0.71")
    assert titles[1].startswith("Shallow, ")
    assert titles[2].endswith("90.0 % right, cosine 0.99")
    assert titles[2].startswith("R-LSTM, ")
    below = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert below == [["m = 1", "m = 0", "m = 1"], ["0.0 %", "0.0 %", "100.0 %"], ["45.0 %", "10.0 %", "45.0 %"]]
    np.testing.assert_array_equal(drawn(figure.axes[0]), join_steps(samples("digits_maj", 12, 10)["x"])[1])


def test_negative_relevance_is_no_share(tmp_path):
    one, two = ({method: blocks(*shares) for method in METHODS} for shares in ((0, -3, 1), (0.45, 0.1, 0.45)))
    tasks = [make_run(tmp_path, "digits_maj", "shallow", 12, relevance=one)]
    tasks += [make_run(tmp_path, "digits_maj", "rlstm", 12, relevance=two)]
    axis = FIGURES["figure_3_10"](material(*tasks)).axes[1]
    assert [text.get_text() for text in axis.texts] == ["0.0 %", "0.0 %", "100.0 %"]
    assert axis.get_title().endswith("100.0 % right, cosine 0.71")


def test_measures_that_agree_make_no_figure(tmp_path):
    same = {method: blocks(0.2, 0.3, 0.5) for method in METHODS}
    tasks = make_runs(tmp_path, ["digits_maj"], ["shallow", "deep"], relevance=same)
    with pytest.raises(MissingError):
        FIGURES["figure_3_10"](material(*tasks))


def test_the_problem_is_shown_with_the_odd_one_in_the_middle(tmp_path):
    figure = FIGURES["figure_3_8"](material(make_run(tmp_path, "fashion_mnist_maj", "shallow", 12)))
    [axis] = figure.axes
    np.testing.assert_array_equal(drawn(axis), join_steps(samples("fashion_mnist_maj", 12, 10)["x"])[1])
    written = [text.get_text() for text in axis.texts]
    assert written == [f"$x_{{{step}}}$" for step in range(1, 13)] + ["Trouser, m = 1", "another, m = 0"] + [
        written[12]
    ]
    assert texts(figure) == ["FashionMNIST-MAJ", "→  RNN  →  Trouser"]


def test_images_of_each_class(tmp_path):
    task = planned.task(tmp_path, dataset="digits_maj", arch="deep")
    axes = FIGURES["figure_1_1"](material(task)).axes
    images = load_images("digits", "test")
    assert [axis.get_title() for axis in axes[::4]] == list("0123456789")
    second_seven = images.pixels[np.flatnonzero(images.labels == 7)[1]]
    np.testing.assert_allclose(drawn(axes[7 * 4 + 1]), second_seven / 127.5 - 1, atol=1e-6)


# ---- scores from rows


def score_rows(architecture, cosines, dataset="digits_maj", accuracy=0.9):
    """Scores and runs: (fold, seed) -> the cosine of every method, beside the baselines' own."""
    baselines = {"(uniform)": 0.8165, "(pixel mass)": 0.79, "(last step)": 0.4714}
    return [
        row
        for (fold, seed), own in cosines.items()
        for method, value in (dict.fromkeys(METHODS, own) | baselines).items()
        for row in cosine(architecture, method, value, fold=fold, seed=seed, dataset=dataset, accuracy=accuracy)
    ]


FOLDS = {("1", "0"): 0.5, ("2", "0"): 0.7, ("original", "0"): 0.1}
ORIGINAL = {("original", "0"): 0.4}


def test_points_are_means_over_folds_with_t_intervals():
    rows = score_rows("deep", FOLDS) + score_rows("deep_sd", ORIGINAL)
    rows += score_rows("rlstm", ORIGINAL) + score_rows("rlstm_sd", {("1", "0"): 0.9})
    figure = FIGURES["figure_3_18"](material(rows=rows))
    [axis] = figure.axes
    points = [container[0] for container in axis.containers]
    # Architecture by architecture, SA to LRP. Deep: (0.5 + 0.7) / 2, its original split left out.
    np.testing.assert_allclose([point.get_ydata()[0] for point in points], [0.6] * 4 + [0.4] * 8 + [0.9] * 4)
    # s = 0.1414, n = 2, t = 12.706: 0.6 -+ 12.706 * 0.1414 / sqrt(2). A single run has no whisker, and is hollow.
    whiskers = [container[2] for container in axis.containers]
    assert [len(own) for own in whiskers] == [1] * 4 + [0] * 12
    ends = whiskers[0][0].get_segments()[0][:, 1]
    np.testing.assert_allclose(ends, [0.6 - 1.2706, 0.6 + 1.2706], atol=1e-4)
    assert [point.get_markerfacecolor() == "white" for point in points] == [False] * 4 + [True] * 12
    legend = [text.get_text() for text in axis.get_legend().get_texts()]
    assert legend[:2] == ["Deep (2 folds)", "Deep-SD (original split)"]
    assert legend[2:4] == ["R-LSTM (original split)", "R-LSTM-SD (1 fold)"]
    assert legend[4:] == ["at Deep", "uniform 0.817", "pixel mass 0.790", "last step 0.471"]
    dashed = [line for line in axis.lines if (line.get_linestyle(), line.get_color()) == ("--", BLUE)]
    baseline = [line.get_ydata()[0] for line in dashed if line.get_label() != "at Deep"]
    np.testing.assert_allclose(baseline, [0.6] * 4)
    assert [text.get_text() for text in axis.texts][:5] == [".60"] * 4 + [".40"]


def sensitivity(rows):
    scores = wide(results(rows)["cross_validation"], "cosine")
    return over_splits(scores[scores.method == "sensitivity"], "cosine")


def test_seeds_of_a_fold_count_once():
    rows = score_rows("deep", {("1", "0"): 0.2, ("1", "1"): 0.4, ("2", "0"): 0.5})
    interval = sensitivity(rows)
    assert interval.n == 2
    assert interval.mean == pytest.approx(0.4)  # of 0.3 and 0.5
    seeds = score_rows("deep", {("original", "0"): 0.2, ("original", "1"): 0.4})
    interval = sensitivity(seeds)
    assert interval[:1] + interval[3:] == (pytest.approx(0.3), 1)


def test_score_figure_waits_for_all_its_architectures():
    rows = [row for name in ("deep", "deep_sd", "rlstm") for row in score_rows(name, ORIGINAL)]
    with pytest.raises(MissingError, match=r"^no data set has scores of deep, deep_sd, rlstm, rlstm_sd$"):
        FIGURES["figure_3_18"](material(rows=rows))
    rows += score_rows("rlstm_sd", ORIGINAL, dataset="mnist_maj")  # of another data set
    with pytest.raises(MissingError):
        FIGURES["figure_3_18"](material(rows=rows))


def test_accuracy_beside_cosine():
    rows = score_rows("shallow", {("1", "0"): 0.5, ("2", "0"): 0.7}, accuracy=0.981)
    rows += score_rows("deep", ORIGINAL, dataset="mnist_maj", accuracy=0.97)
    figure = FIGURES["accuracy_and_cosine"](material(rows=rows))
    axes = np.array(figure.axes).reshape(2, 4)  # MNIST-MAJ, then digits; the four methods
    centres = [[container[0].get_xydata()[0].tolist() for container in axis.containers] for axis in axes[:, 0]]
    np.testing.assert_allclose(centres, [[[97.0, 0.4]], [[98.1, 0.6]]])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["Shallow", "Deep"]


# ---- relevance over time steps


def step_rows(dataset, architecture, method, shares, seed=0, label=1):
    own = {"dataset": dataset, "architecture": architecture, "steps": 7, "seed": seed, "class": label, "method": method}
    return [score("step_shares", "step_share", share, step=step, **own) for step, share in enumerate(shares, start=1)]


MASS = [0, 0.1, 0.2, 0.4, 0.2, 0.1, 0]
LATE = [0, 0, 0, 0, 0.1, 0.3, 0.6]
EVEN = [0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1]


def shares_of_steps(dataset):
    rows = [row for arch in ("shallow", "deep") for row in step_rows(dataset, arch, "(pixel mass)", MASS)]
    for method in METHODS[2:]:
        rows += step_rows(dataset, "shallow", method, LATE) + step_rows(dataset, "deep", method, EVEN)
    return rows


def test_step_shares_are_those_of_the_rows():
    rows = shares_of_steps("fashion_mnist") + shares_of_steps("mnist")
    rows += step_rows("mnist", "shallow", METHODS[2], EVEN, label="2")  # of another class
    rows += step_rows("mnist", "deep", METHODS[2], MASS, seed="1")
    axes = np.array(FIGURES["figure_3_7"](material(rows=rows)).axes).reshape(2, 2)
    assert [axis.get_ylabel().split("\n")[0] for axis in axes[:, 0]] == ["MNIST, class 1", "FashionMNIST, Trouser"]
    both_seeds = (np.array(EVEN) + MASS) / 2
    for axis, deep in zip(axes.flat, [both_seeds, EVEN, EVEN, EVEN], strict=True):
        np.testing.assert_allclose([bar.get_height() for bar in axis.patches], MASS)
        np.testing.assert_allclose([line.get_ydata() for line in axis.lines], [LATE, deep])


# ---- words


@pytest.mark.parametrize(
    ("method", "title"),
    [
        ("sensitivity", "SA"),
        (METHODS[3], r"LRP-$\alpha_{1.5}\beta_{0.5}$"),
        ("lrp(alpha=2, beta=1)", r"LRP-$\alpha_{2}\beta_{1}$"),
        ("(chance)", "(chance)"),
    ],
)
def test_method_titles(method, title):
    assert wording.method_title(method) == title


def test_data_set_titles():
    names = ["mnist", "fashion_mnist_maj", "digits_maj"]
    assert [wording.dataset_title(name) for name in names] == ["MNIST", "FashionMNIST-MAJ", "Digits-MAJ"]


def test_architectures_differ_in_colour_or_marker():
    marks = [wording.mark_of(arch) for arch in FIGURES["figure_3_21"].keywords["architectures"]]
    marks += [wording.mark_of(arch) for arch in ("shallow", "deep", "deep_v2", "deep_sd", "rlstm", "convrlstm")]
    assert len({(to_hex(mark.color), mark.marker) for mark in marks}) == len(marks) == 11
