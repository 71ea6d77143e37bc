"""The report of one run: a table in words, and its figures."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.reporting.heatmaps.images import heatmap_figure
from thesis_rnn.reporting.scores.curves import draw_scores, draw_step_distribution
from thesis_rnn.reporting.tables import markdown_table

MAJORITY_COLUMNS, IMAGE_COLUMNS = 4, 8
"""Samples that stay readable side by side."""


def run_table(metrics: dict) -> str:
    """The accuracy, and for each method what its explanations are worth, beside the baselines."""
    head = (
        f"{metrics['architecture']} on {metrics['dataset']}, seed {metrics['seed']}: accuracy "
        f"{metrics['accuracy']:.2%} on {metrics['test_sequences']} test sequences, {metrics['variables']:,} trainable "
        f"variables, best of {metrics['epochs']} epochs: {metrics['best_epoch']}"
    )
    if "baselines" not in metrics:
        return head
    rows = [
        [
            scores["label"],
            f"{scores['cosine']['mean']:.3f}",
            _interval(scores["cosine"]),
            f"{scores['right_percentage']['mean']:.1f}",
            str(scores["zero_relevance"]),
        ]
        for scores in metrics["methods"].values()
    ]
    rows += [
        [f"({name})", f"{scores['mean']:.3f}", _interval(scores), "", ""]
        for name, scores in metrics["baselines"].items()
    ]
    header = ["method", "cosine", "95% interval", "right %", "zero relevance"]
    return f"{head}\n\n{markdown_table(header, rows)}"


def _interval(scores: dict) -> str:
    if scores["low"] is None:  # of a single sequence
        return "-"
    return f"[{scores['low']:.3f}, {scores['high']:.3f}]"


def steps_figure(metrics: dict) -> Figure:
    """The relevance per time step of each method beside the pixel mass (after figure 3.7 of the thesis)."""
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    draw_step_distribution(figure.add_subplot(), step_shares(metrics), metrics["pixel_mass"])
    return figure


def step_shares(metrics: dict) -> dict[str, list[float]]:
    """Label of a method -> its mean share of relevance on each time step."""
    return {scores["label"]: scores["step_distribution"] for scores in metrics["methods"].values()}


def scores_figure(metrics: dict) -> Figure:
    """The mean cosine similarity of each method, with its interval, beside the baselines."""
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axis = figure.add_subplot()
    cosines = {scores["label"]: scores["cosine"] for scores in metrics["methods"].values()}
    numbers = ([cosine[key] for cosine in cosines.values()] for key in ("mean", "low", "high"))
    references = {name: scores["mean"] for name, scores in metrics["baselines"].items()}
    draw_scores(axis, list(cosines), *numbers, references)
    axis.set_ylabel("cosine similarity")
    return figure


def run_heatmaps(methods: Sequence[Mapping[str, np.ndarray]], class_names: Sequence[str], available: int) -> Figure:
    """Heatmaps of varied samples: inputs in the first row, then one row for each method.

    Args:
      methods: the arrays of each method's heatmap file, which explain the same sequences.
      class_names: the classes in words.
      available: how many sequences, from the first, all methods explain.
    """
    first = methods[0]
    samples = varied_samples(first["y"][:available], MAJORITY_COLUMNS if "evidence" in first else IMAGE_COLUMNS)
    evidence = first["evidence"][samples] if "evidence" in first else None
    relevance = {str(arrays["label"]): arrays["relevance"][samples] for arrays in methods}
    predicted = first["logits"][samples].argmax(axis=1)
    return heatmap_figure(first["x"][samples], relevance, first["y"][samples], predicted, class_names, evidence)


def varied_samples(y: np.ndarray, count: int) -> np.ndarray:
    """``count`` samples of classes as different as possible: the first of each class, by class, then the next."""
    seen = np.array([np.count_nonzero(y[:index] == label) for index, label in enumerate(y)])
    return np.lexsort((y, seen))[:count]
