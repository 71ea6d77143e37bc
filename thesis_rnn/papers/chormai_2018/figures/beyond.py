"""Beyond the thesis: explanations while a model learns, and where inside the blocks the relevance lies."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thesis_rnn.papers.chormai_2018.published import METHODS
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import ORIGINAL, groups, in_order, over_splits, title_of, where, wide
from thesis_rnn.papers.wording import dataset_title, method_title
from thesis_rnn.reporting.scores.curves import draw_learning
from thesis_rnn.reporting.scores.points import Mark, draw_scores_in_rows
from thesis_rnn.reporting.style import GREY, MARKERS, SERIES, SMALL_TEXT, TEXT, WIDTH, legend_over_figure

LOCAL = {
    "foreground_mass_accuracy": "share of relevance\non ink",
    "step_flipping": "logit lost,\nsteps removed",
    "patch_flipping": "logit lost,\n4x4 patches removed",
}

LOOKS = tuple(zip(SERIES[: len(METHODS)], MARKERS[: len(METHODS)], strict=True))


def learning_figure(material: Material) -> Figure:
    """A column for each tracked model: the cosine similarity of each method after every epoch, the accuracy below."""
    models = groups(material.results["epochs"], "dataset", "architecture", "seed")
    if not models:
        raise MissingError("no training was tracked")
    columns = min(2, len(models))
    lines = -(-len(models) // columns)
    figure = Figure(figsize=(WIDTH, 4.2 * lines + 0.4), layout="constrained")
    axes = figure.subplots(
        2 * lines, columns, sharex="col", sharey="row", squeeze=False, height_ratios=[2.4, 1] * lines
    )
    pairs = [pair for top, below in zip(axes[::2], axes[1::2], strict=True) for pair in zip(top, below, strict=True)]
    for (axis, below), ((dataset, arch, _), rows) in zip(pairs, models, strict=False):
        epochs = rows.sort_values("epoch", key=lambda epochs: epochs.astype(int))
        cosines = groups(where(epochs, measure="cosine"), "method")
        cosines = {method_title(method): own.value.tolist() for (method,), own in cosines}
        draw_learning(axis, below, cosines, where(epochs, measure="val_accuracy").value.tolist())
        axis.set_title(f"{title_of(arch)}, {dataset_title(dataset)}", fontsize=TEXT, loc="left")
        below.set_xlabel("epoch", fontsize=TEXT)
    for pair in pairs[len(models) :]:
        for axis in pair:
            axis.set_visible(False)
    for top, below in zip(axes[::2, 0], axes[1::2, 0], strict=True):
        top.set_ylabel("cosine similarity\n(validation)", fontsize=TEXT)
        below.set_ylabel("accuracy\n(validation)", fontsize=TEXT)
    legend_over_figure(figure, *axes[0, 0].get_legend_handles_labels(), columns=len(METHODS))
    return figure


def local_quality_figure(material: Material) -> Figure:
    """Share of relevance on ink and areas over the perturbation curves: a row for each model, beside its chance."""
    rows = where(wide(material.results["cross_validation"], *LOCAL), fold=ORIGINAL)
    rows = rows.dropna(subset="foreground_mass_accuracy")
    names = in_order(rows.dataset)
    if not names:
        raise MissingError("no run was scored for local quality")
    drawn = in_order(rows.architecture)
    figure = Figure(figsize=(WIDTH, (0.3 * len(drawn) + 0.8) * len(names) + 0.8), layout="constrained")
    axes = figure.subplots(len(names), len(LOCAL), sharex="col", sharey="row", squeeze=False)
    for line, name in zip(axes, names, strict=True):
        for axis, (column, words) in zip(line, LOCAL.items(), strict=True):
            _draw_local(axis, where(rows, dataset=name), column)
            axis.set_title(words.replace("\n", " "), fontsize=SMALL_TEXT, loc="left")
        line[0].set_ylabel(dataset_title(name), fontsize=TEXT)
    legend_over_figure(figure, *axes[0, 0].get_legend_handles_labels(), columns=5)
    words = (
        "One run of the original split each. Chance: a uniform heatmap, a random order of removal, of the same model."
    )
    figure.supxlabel(words, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _draw_local(axis: Axes, rows: pd.DataFrame, column: str) -> None:
    drawn = in_order(rows.architecture)
    by_model = {title_of(arch): where(rows, architecture=arch) for arch in drawn}
    draw_scores_in_rows(
        axis,
        [method_title(method) for method in METHODS],
        {
            title: [over_splits(where(own, method=method), column) for method in METHODS]
            for title, own in by_model.items()
        },
        {method_title(method): Mark(*look) for method, look in zip(METHODS, LOOKS, strict=True)},
        {title: float(where(own, method="(chance)")[column].mean()) for title, own in by_model.items()},
    )
