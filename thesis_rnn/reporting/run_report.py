"""The report of one run: a table in words, and its figures."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.measures.specs import MeasureSpec, measure_specs
from thesis_rnn.reporting.heatmaps.images import heatmap_figure
from thesis_rnn.reporting.heatmaps.series import series_figure
from thesis_rnn.reporting.heatmaps.tokens import tokens_figure
from thesis_rnn.reporting.scores.curves import draw_scores, draw_step_distribution
from thesis_rnn.reporting.tables import markdown_table

MAJORITY_COLUMNS, IMAGE_COLUMNS, SERIES_ROWS, TEXTS = 4, 8, 4, 8
"""Samples that stay readable on a page."""
STEP_SHARE = "step_share"
INTENSITY = "(pixel mass)"

Row = Mapping


def run_table(metrics: dict) -> str:
    """The accuracy, and for each method what its explanations are worth, beside what knows nothing."""
    header, rows = run_cells(metrics)
    told = "\n".join(filter(None, (run_facts(metrics), chance_note(metrics))))
    return f"{told}\n\n{markdown_table(header, rows)}" if rows else told


def run_facts(metrics: dict) -> str:
    """What was trained and how well it does, in a line."""
    facts = metrics["facts"]
    return (
        f"{facts['architecture']} on {facts['dataset']}, seed {facts['seed']}: accuracy "
        f"{facts['accuracy']:.2%} on {facts['test_sequences']} test sequences, {facts['variables']:,} trainable "
        f"variables, best of {facts['epochs']} epochs: {facts['best_epoch']}"
    )


def chance_note(metrics: dict) -> str:
    """The line of a model that is no better than one which always says the same class; "" for a better one.

    Better is an accuracy above that of the most frequent class by more than a sample of this size gives by chance,
    1.645 standard errors: a one-sided test at 5%.
    """
    facts = metrics["facts"]
    guessed = facts.get("guessed")  # which metrics of earlier versions do not have
    if guessed is None:
        return ""
    error = (guessed * (1 - guessed) / facts["test_sequences"]) ** 0.5
    if facts["accuracy"] > guessed + 1.645 * error:
        return ""
    return (
        f"ATTENTION: the model is no better than chance: always saying the most frequent class is right for "
        f"{guessed:.2%}; what explains it explains nothing of the problem. Train longer, or with another learning_rate"
    )


def run_cells(metrics: dict) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of the table of methods; no rows where nothing was measured."""
    whole = _whole(metrics)
    measures = list(dict.fromkeys(row["measure"] for row in whole))
    if not measures:
        return [], []
    first, *others = measures
    header = ["method", _title(first), "95% interval", *map(_title, others)]
    rows = []
    for label in dict.fromkeys(row["label"] for row in whole):
        scores = {row["measure"]: row for row in whole if row["label"] == label}
        rows.append(
            [label, _number(first, scores), _interval(scores.get(first)), *(_number(name, scores) for name in others)]
        )
    return header, rows


def _whole(metrics: dict) -> list[Row]:
    """The scores over all samples and steps."""
    return [row for row in metrics["scores"] if row["class"] == row["step"] == row["epoch"] == ""]


def _title(measure: str) -> str:
    return measure_specs(measure)[0].title


def _number(measure: str, scores: Mapping[str, Row]) -> str:
    value = scores[measure]["value"] if measure in scores else None
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def _interval(row: Row | None) -> str:
    if row is None:
        return ""
    if row["low"] is None:  # of a single sequence
        return "-"
    return f"[{row['low']:.3f}, {row['high']:.3f}]"


# ---- figures


def steps_figure(metrics: dict) -> Figure | None:
    """The relevance per time step of each method beside the pixel mass (after figure 3.7 of the thesis).

    None where no measure tells it.
    """
    shares = step_shares(metrics)
    beside = shares.pop(INTENSITY, None)
    if not shares:
        return None
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    steps = len(next(iter(shares.values())))
    draw_step_distribution(figure.add_subplot(), shares, beside or np.zeros(steps))
    return figure


def step_shares(metrics: dict) -> dict[str, list[float]]:
    """Label of a method -> its mean share of relevance on each time step."""
    shares: dict[str, list[float]] = {}
    for row in metrics["scores"]:
        if measure_specs(row["measure"])[0].name == STEP_SHARE and row["class"] == "" and row["step"] != "":
            shares.setdefault(row["label"], []).append(row["value"])
    return shares


def scores_figure(metrics: dict) -> Figure | None:
    """The first mean that says where relevance lies, of each method with its interval, beside what knows nothing.

    None where no measure tells it.
    """
    spec = _first_mean(metrics)
    if spec is None:
        return None
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axis = figure.add_subplot()
    rows = [row for row in _whole(metrics) if row["measure"] == spec.text]
    methods = [row for row in rows if not row["label"].startswith("(")]
    numbers = ([np.nan if row[key] is None else row[key] for row in methods] for key in ("value", "low", "high"))
    references = {row["label"].strip("()"): row["value"] for row in rows if row not in methods}
    draw_scores(axis, [row["label"] for row in methods], *numbers, references)
    axis.set_ylabel(spec.title)
    return figure


def _first_mean(metrics: dict) -> MeasureSpec | None:
    for name in dict.fromkeys(row["measure"] for row in _whole(metrics)):
        spec = measure_specs(name)[0]
        if (spec.measure.family, spec.measure.summary) == ("localisation", "mean"):
            return spec
    return None


def run_heatmaps(
    methods: Sequence[Mapping[str, np.ndarray]],
    class_names: Sequence[str],
    available: int,
    feature_names: Sequence[str] | None = None,
) -> Figure:
    """Heatmaps of varied samples by each method.

    Of images, inputs stand in the first row, then one row for each method; of series each line has a sample beside its
    relevance, for the first method of all; of texts, each is written on its relevance.

    Args:
      methods: the arrays of each method's heatmap file, which explain the same samples.
      class_names: the classes in words.
      available: how many samples, from the first, all methods explain.
      feature_names: of series.
    """
    first = methods[0]
    if first["x"].ndim == 3:
        samples = varied_samples(first["y"][:available], max(1, SERIES_ROWS // len(methods)))
        titles = [f"{arrays['label']}, {class_names[first['y'][place]]}" for place in samples for arrays in methods]
        relevance = np.stack([arrays["relevance"][place] for place in samples for arrays in methods])
        x = np.stack([first["x"][place] for place in samples for _ in methods])
        return series_figure(relevance, titles, x, feature_names)
    if first["x"].ndim == 2:
        samples = varied_samples(first["y"][:available], max(1, TEXTS // len(methods)))
        titles = [f"{arrays['label']}, {class_names[first['y'][place]]}" for place in samples for arrays in methods]
        words = [first["words"][place] for place in samples for _ in methods]
        return tokens_figure(words, [arrays["relevance"][place] for place in samples for arrays in methods], titles)
    samples = varied_samples(first["y"][:available], MAJORITY_COLUMNS if "evidence" in first else IMAGE_COLUMNS)
    evidence = first["evidence"][samples] if "evidence" in first else None
    relevance = {str(arrays["label"]): arrays["relevance"][samples] for arrays in methods}
    predicted = first["logits"][samples].argmax(axis=1)
    return heatmap_figure(first["x"][samples], relevance, first["y"][samples], predicted, class_names, evidence)


def varied_samples(y: np.ndarray, count: int) -> np.ndarray:
    """``count`` samples of classes as different as possible: the first of each class, by class, then the next."""
    seen = np.array([np.count_nonzero(y[:index] == label) for index, label in enumerate(y)])
    return np.lexsort((y, seen))[:count]
