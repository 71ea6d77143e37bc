"""Beyond the thesis: explanations while a model learns, and where inside the blocks the relevance lies."""

from matplotlib.figure import Figure

from thesis_rnn.papers.chormai_2018.published import METHODS
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import ORIGINAL, groups, in_order, over_splits, title_of, where, wide
from thesis_rnn.papers.wording import dataset_title, mark_of, method_title
from thesis_rnn.reporting.scores.curves import draw_learning
from thesis_rnn.reporting.scores.points import draw_scores_by_group, legend_over
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT, WIDTH, legend_over_figure

LOCAL = {
    "foreground_mass_accuracy": "share of relevance\non ink",
    "step_flipping": "logit lost,\nsteps removed",
    "patch_flipping": "logit lost,\n4x4 patches removed",
}


def learning_figure(material: Material) -> Figure:
    """A panel for each tracked model: the cosine similarity of each method after every epoch, beside the accuracy."""
    models = groups(material.results["epochs"], "dataset", "architecture", "seed")
    if not models:
        raise MissingError("no training was tracked")
    columns = min(2, len(models))
    lines = -(-len(models) // columns)
    figure = Figure(figsize=(WIDTH, 2.8 * lines + 0.5), layout="constrained")
    axes = figure.subplots(lines, columns, sharey=True, squeeze=False).ravel()
    for axis, ((dataset, arch, _), rows) in zip(axes, models, strict=False):
        epochs = rows.sort_values("epoch", key=lambda epochs: epochs.astype(int))
        cosines = groups(where(epochs, measure="cosine"), "method")
        cosines = {method_title(method): own.value.tolist() for (method,), own in cosines}
        draw_learning(axis, cosines, where(epochs, measure="val_accuracy").value.tolist())
        axis.set_title(f"{title_of(arch)}, {dataset_title(dataset)}", fontsize=TEXT, loc="left")
    for axis in axes[len(models) :]:
        axis.set_visible(False)
    legend_over_figure(figure, *axes[0].get_legend_handles_labels(), columns=5)
    figure.supxlabel("epoch", fontsize=TEXT)
    figure.supylabel("cosine similarity, accuracy (validation)", fontsize=TEXT)
    return figure


def local_quality_figure(material: Material) -> Figure:
    """Share of relevance on ink and areas over the perturbation curves, beside chance; a row for each data set."""
    rows = where(wide(material.results["cross_validation"], *LOCAL), fold=ORIGINAL)
    rows = rows.dropna(subset="foreground_mass_accuracy")
    names = in_order(rows.dataset)
    if not names:
        raise MissingError("no run was scored for local quality")
    figure = Figure(figsize=(WIDTH, 2.6 * len(names) * len(LOCAL) + 0.6), layout="constrained")
    axes = figure.subplots(len(names) * len(LOCAL), squeeze=False)[:, 0].reshape(len(names), len(LOCAL))
    for line, name in zip(axes, names, strict=True):
        own = where(rows, dataset=name)
        drawn = in_order(own.architecture)
        for axis, (column, words) in zip(line, LOCAL.items(), strict=True):
            chance = where(own, method="(chance)")[column].mean()
            scores = {
                title_of(arch): [
                    over_splits(where(own, architecture=arch, method=method), column) for method in METHODS
                ]
                for arch in drawn
            }
            marks = {title_of(arch): mark_of(arch) for arch in drawn}
            groups = [method_title(method) for method in METHODS]
            draw_scores_by_group(axis, groups, scores, marks, (), {"chance": float(chance)})
            axis.set_ylabel(f"{dataset_title(name)}\n{words}", fontsize=SMALL_TEXT)
    legend_over(axes[0, 0], columns=5)
    figure.supxlabel(
        "One run of the original split each. Chance: a uniform heatmap, a random order of removal (mean over models).",
        fontsize=SMALL_TEXT,
        color=GREY,
    )
    return figure
