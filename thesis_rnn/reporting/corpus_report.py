"""The corpus report: what explanations say of a whole data set, in words and figures."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thesis_rnn.corpus import Clusters, Comparison, Mean
from thesis_rnn.corpus.means import Window
from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.reporting.heatmaps.images import draw_heatmap
from thesis_rnn.reporting.style import GREY, MARKERS, SERIES, SMALL_TEXT, TEXT, WIDTH, legend_above, plain_axis
from thesis_rnn.reporting.tables import markdown_table
from thesis_rnn.statistics import Interval, mean_interval

TOP = 10
"""Rows of a list, from each end."""
GROUPS = 7
"""Classes that a figure tells apart, at most."""
ENOUGH = 5
"""Samples behind a mean, at least, for figures: the interval of two hides all others."""


def means_text(title: str, means: Sequence[Mean], ranked: bool = True) -> str:
    """A table of means with their intervals, those of all samples.

    ``ranked`` sorts them, and leaves out the middle of many; otherwise they stay in their order, as steps should.
    """
    whole = [mean for mean in means if not mean.group]
    rows = [[mean.name, *_numbers(mean.interval)] for mean in (shortened(whole) if ranked else whole)]
    return f"## {title}\n\n{markdown_table(['', 'mean', '95% interval', 'samples'], rows)}"


def shortened(means: Sequence[Mean]) -> list[Mean]:
    """All of a few means, or the ``TOP`` highest and lowest, highest first."""
    ranked = sorted(means, key=lambda mean: -mean.interval.mean)
    return ranked if len(ranked) <= 2 * TOP + 1 else [*ranked[:TOP], *ranked[-TOP:]]


def windows_text(windows: Sequence[Window], words: np.ndarray | None = None) -> str:
    """A table of the windows with the most relevance; of texts with their words."""
    header = ["sample", "steps", "relevance", *(["words"] if words is not None else [])]
    rows = [
        [str(w.sample), f"{w.start} to {w.stop - 1}", f"{w.relevance:.3g}"]
        + ([" ".join(words[w.sample, w.start : w.stop])] if words is not None else [])
        for w in windows
    ]
    return f"## Windows with the most relevance\n\n{markdown_table(header, rows)}"


def mask_text(shares: np.ndarray, chance: float, y: np.ndarray, class_names: Sequence[str]) -> str:
    """The share of |R| inside a mask, of all samples and by class, beside chance, and a word on it."""
    told = ~np.isnan(shares)
    groups = [("all", told)] + [(class_names[c], told & (y == c)) for c in np.unique(y)]
    rows = [[name, *_numbers(mean_interval(shares[chosen]))] for name, chosen in groups if chosen.any()]
    whole = mean_interval(shares[told])
    above = "above" if whole.low > chance else "below" if whole.high < chance else "not told from"
    said = f"Even relevance would have {chance:.3g} there: the mean is {above} it."
    table = markdown_table(["", "share of relevance", "95% interval", "samples"], rows)
    return f"## Share of relevance inside the mask\n\n{table}\n\n{said}"


def clusters_text(clusters: Clusters, y: np.ndarray, right: np.ndarray | None, class_names: Sequence[str]) -> str:
    """A row for each cluster of heatmaps: its size, the accuracy in it if it is known, its most frequent classes."""
    rows = []
    for label in range(len(clusters.means)):
        own = clusters.labels == label
        counts = np.bincount(y[own], minlength=len(class_names))
        named = [f"{class_names[c]} {counts[c]}" for c in np.argsort(-counts, kind="stable")[:3] if counts[c]]
        rows.append(
            [str(label + 1), str(own.sum()), "-" if right is None else f"{right[own].mean():.1%}", ", ".join(named)]
        )
    table = markdown_table(["cluster", "samples", "accuracy", "most frequent classes"], rows)
    return f"## Clusters of heatmaps\n\n{table}"


def comparison_text(
    names: Sequence[str], accuracies: Sequence[float] | None, found: Comparison, scores: Mapping
) -> str:
    """Two models' accuracies, if they are known, and scores side by side, and how alike their heatmaps are."""
    rows = [] if accuracies is None else [["accuracy", *(f"{one:.2%}" for one in accuracies)]]
    rows += [[name, *("" if one is None else f"{one:.4g}" for one in pair)] for name, pair in scores.items()]
    alike = f"Mean cosine between their heatmaps: {' '.join(_numbers(found.mean)[:2])}."
    most = ", ".join(map(str, found.order[:TOP]))
    return f"## Two models\n\n{markdown_table(['', *names], rows)}\n\n{alike} They differ most on samples {most}."


def _numbers(interval: Interval) -> list[str]:
    told = "-" if np.isnan(interval.low) else f"[{interval.low:.3g}, {interval.high:.3g}]"
    return [f"{interval.mean:.3g}", told, str(interval.n)]


# ---- figures


def means_figure(panels: Mapping[str, Sequence[Mean]], class_names: Sequence[str]) -> Figure:
    """A panel for each list of means: points with intervals, a line for each class where there are several.

    Args:
      panels: title -> means, of all samples and by class.
      class_names: by the group's number.
    """
    figure = Figure(figsize=(WIDTH, 3.0 * len(panels)), layout="constrained")
    for axis, (title, means) in zip(figure.subplots(len(panels), squeeze=False)[:, 0], panels.items(), strict=True):
        _draw_means(axis, means, class_names)
        axis.set_ylabel(f"mean relevance of each {title}", fontsize=SMALL_TEXT)
        axis.set_xlabel(title, fontsize=SMALL_TEXT)
    return figure


def _draw_means(axis: Axes, means: Sequence[Mean], class_names: Sequence[str]) -> None:
    names = list(dict.fromkeys(mean.name for mean in means))
    groups = list(dict.fromkeys(mean.group for mean in means if mean.group))
    shown = groups if 1 < len(groups) <= GROUPS else [""]
    axis.axhline(0, color=GREY, linewidth=0.8)
    for number, group in enumerate(shown):
        own = {mean.name: mean.interval for mean in means if mean.group == group and mean.interval.n >= ENOUGH}
        places = [place for place, name in enumerate(names) if name in own]
        middle = np.array([own[names[place]].mean for place in places])
        low, high = (np.array([getattr(own[names[place]], end) for place in places]) for end in ("low", "high"))
        shift = 0.6 * ((number + 0.5) / len(shown) - 0.5)
        look = {"color": SERIES[number % len(SERIES)], "marker": MARKERS[number % len(MARKERS)], "markersize": 4}
        spread = np.nan_to_num([middle - low, high - middle])
        axis.errorbar(
            np.array(places) + shift, middle, spread, linestyle="none", elinewidth=1.0,
            label=class_names[int(group)] if group else "all samples", **look,
        )  # fmt: skip
    if len(names) <= 30:
        axis.set_xticks(range(len(names)), names, rotation=45 if max(map(len, names)) > 3 else 0, ha="right")
    plain_axis(axis)
    legend_above(axis)


def clusters_figure(clusters: Clusters) -> Figure:
    """The mean heatmap of each cluster, each on a scale of its own; of series time runs to the right."""
    count = len(clusters.means)
    columns = min(count, 4)
    rows = -(-count // columns)
    figure = Figure(figsize=(WIDTH, 0.4 + 1.9 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for label, (axis, mean) in enumerate(zip(axes, clusters.means, strict=False)):
        draw_heatmap(axis, _flat(mean))
        if mean.ndim < 3:
            axis.set_aspect("auto")
        axis.set_title(f"cluster {label + 1}: {(clusters.labels == label).sum()} samples", fontsize=TEXT, pad=3)
    for axis in axes[count:]:
        axis.set_visible(False)
    return figure


def _flat(mean: np.ndarray) -> np.ndarray:
    """[rows, columns] of a heatmap of an image, a series or tokens."""
    if mean.ndim == 1:
        return mean[np.newaxis]
    return mean.T if mean.ndim == 2 else join_steps(mean[np.newaxis])[0]
