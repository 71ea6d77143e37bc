"""The tables of Chormai (2018), published beside measured, and those beyond the thesis."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from thesis_rnn.data import problem_of
from thesis_rnn.papers.chormai_2018 import published
from thesis_rnn.papers.chormai_2018.claims_page import claims_table
from thesis_rnn.papers.chormai_2018.deciding import is_below_floor
from thesis_rnn.papers.selection import (
    ORIGINAL,
    groups,
    in_order,
    interval_text,
    label_of,
    over_splits,
    title_of,
    where,
    wide,
)
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table

ACCURACY_HEADER = ("measured", "published", "difference", "epochs", "seconds")
UNIFORM = "(uniform)"
SUMMARISED = (*published.EXPERIMENT_2, *published.EXPERIMENT_3, "lstm")
SUMMARY = {published.METHODS[2]: "DTD", published.METHODS[3]: "LRP"}
"""Method -> its column in the summary."""
BASELINES = (UNIFORM, "(pixel mass)", "(last step)")
LOCAL = {
    "foreground_mass_accuracy": "ink",
    "step_flipping": "flipping: steps",
    "patch_flipping": "flipping: patches",
}
"""Measure -> its column."""
CONSTANT = "constant"
"""The profile that is there to be compared with the others."""

# ---- accuracies: tables 3.3 to 3.6 and appendix 1


def variables_by_steps(results: Results) -> Table:
    """Table 3.3."""
    rows = []
    for (arch, steps), runs in groups(_single_images(results), "architecture", "steps"):
        printed = published.VARIABLES_BY_STEPS.get((arch, int(steps)))
        counts = [f"{int(count):,}" if count else "" for count in (runs.variables.iloc[-1], printed)]
        rows.append([title_of(arch), steps, f"28x{28 // int(steps)}", *counts])
    return Table("Table 3.3: trainable variables", ["architecture", "T", "input", "measured", "published"], rows)


def accuracy_by_steps(results: Results) -> Table:
    """Table 3.4."""
    rows = []
    for (dataset, arch, steps), runs in groups(_single_images(results), "dataset", "architecture", "steps"):
        wanted = published.ACCURACY_BY_STEPS.get((dataset, arch, int(steps)))
        rows.append([dataset, title_of(arch), steps, *_accuracy_cells(runs, wanted)])
    return Table("Table 3.4: accuracy in percent", ["data set", "architecture", "T", *ACCURACY_HEADER], rows)


def lenet_accuracy(results: Results) -> Table:
    """The network of Figure 2.14."""
    rows = [
        [dataset, *_accuracy_cells(runs, published.LENET_ACCURACY.get(dataset))]
        for (dataset,), runs in groups(where(results["runs"], architecture="lenet"), "dataset")
    ]
    return Table("LeNet-5, Figure 2.14: accuracy in percent", ["data set", *ACCURACY_HEADER], rows)


def majority_accuracy(results: Results, title: str, architectures: Sequence[str]) -> Table:
    """Tables 3.5 and 3.6: original split."""
    rows = []
    runs = results["runs"]
    runs = runs[_has_evidence(runs) & (runs.fold == ORIGINAL) & runs.architecture.isin(architectures)]
    for (dataset, arch), own in groups(runs, "dataset", "architecture"):
        wanted = dict(zip(published.MAJORITY, published.MAJORITY_ACCURACY[arch], strict=True)).get(dataset)
        rows.append([dataset, title_of(arch), f"{int(own.variables.iloc[0]):,}", *_accuracy_cells(own, wanted)])
    header = ["data set", "architecture", "variables", *ACCURACY_HEADER]
    return Table(f"{title}: accuracy in percent, original split", header, rows)


def fold_accuracy(results: Results) -> Table:
    """Appendix 1."""
    rows = []
    runs = results["runs"]
    for (dataset, arch), own in groups(runs[runs.fold != ORIGINAL], "dataset", "architecture"):
        interval = over_splits(own, "accuracy", scale=100)
        printed = dict(zip(published.MAJORITY, published.FOLD_ACCURACY.get(arch, ()), strict=False))
        mean, deviation = printed.get(dataset, ("", ""))
        half = f"{(interval.high - interval.low) / 2:.2f}" if interval.n > 1 else ""
        rows.append([dataset, title_of(arch), str(interval.n), f"{interval.mean:.2f}", half, f"{mean}", f"{deviation}"])
    header = ["data set", "architecture", "folds", "measured", "± 95%", "published", "deviation"]
    return Table("Appendix 1: accuracy in percent, mean over folds", header, rows)


def _accuracy_cells(runs: pd.DataFrame, wanted: float | None) -> list[str]:
    """Measured (the mean over seeds), published, their difference, epochs and seconds of training."""
    measured, seconds = 100 * runs.accuracy.mean(), runs.seconds.mean()
    mark = " *" if wanted and measured < wanted - published.ACCEPTED_SHORTFALL else ""
    return [
        f"{measured:.2f}",
        f"{wanted:.2f}" if wanted else "",
        f"{measured - wanted:+.2f}{mark}" if wanted else "",
        runs.epochs.iloc[0],
        f"{seconds:.0f}" if seconds == seconds else "",
    ]


def _single_images(results: Results) -> pd.DataFrame:
    runs = results["runs"]
    return runs[~_has_evidence(runs) & (runs.architecture != "lenet")]


def _has_evidence(rows: pd.DataFrame) -> pd.Series:
    return rows.dataset.map(lambda name: problem_of(name).evidence is not None).astype(bool)


# ---- all in one


def summary(results: Results) -> Table:
    """Accuracy and cosine similarities by DTD and LRP of each architecture, a group of columns for each data set."""
    scores = where(wide(results["cross_validation"], "cosine"), fold=ORIGINAL, variant="")
    scores = results.beside_facts(scores, "accuracy")
    datasets, drawn = in_order(scores.dataset), [arch for arch in SUMMARISED if arch in set(scores.architecture)]
    rows = [
        [title_of(arch), *(cell for data in datasets for cell in _summary_cells(where(scores, dataset=data), arch))]
        for arch in drawn
    ]
    if rows:
        rows.append(["a uniform heatmap", *(cell for data in datasets for cell in _uniform(scores, data))])
    header = [f"{problem_of(data).title} {column}" for data in datasets for column in ("accuracy", *SUMMARY.values())]
    notes = (
        "Accuracy in percent; cosine similarity of relevance with the truth. Original split, the mean over seeds where "
        "there are several. A heatmap that knows nothing scores as in the last row.",
    )
    return Table("What the architectures' explanations are worth", ["architecture", *header], rows, notes)


def _summary_cells(scores: pd.DataFrame, architecture: str) -> list[str]:
    own = where(scores, architecture=architecture)
    if not len(own):
        return ["", *[""] * len(SUMMARY)]
    return [f"{100 * own.accuracy.mean():.2f}", *(_mean(where(own, method=method)) for method in SUMMARY)]


def _uniform(scores: pd.DataFrame, dataset: str) -> list[str]:
    return ["", *[_mean(where(scores, dataset=dataset, method=UNIFORM))] * len(SUMMARY)]


def _mean(scores: pd.DataFrame) -> str:
    return f"{scores.cosine.mean():.3f}" if scores.cosine.notna().any() else ""


# ---- explanations


def cosines(results: Results) -> Table:
    """Figures 3.12, 3.18 and 3.21 in numbers: mean over folds with its interval; the original split where none."""
    rows = []
    scores = results.beside_facts(wide(results["cross_validation"], "cosine"), "accuracy")
    for (dataset, arch), own in groups(scores, "dataset", "architecture"):
        folds = own.fold[own.fold != ORIGINAL].nunique()
        marked = f"{title_of(arch)} †" if is_below_floor(own).any() else title_of(arch)
        by_method = [where(own, method=method).dropna(subset="cosine") for method in (*published.METHODS, *BASELINES)]
        cells = [interval_text(over_splits(scored, "cosine")) if len(scored) else "" for scored in by_method]
        rows.append([dataset, marked, str(folds or ORIGINAL), *cells])
    notes = (
        "Mean over folds ± half of its 95% t interval; without folds, the original split. † below the thesis' floor of "
        "accuracy in at least one run.",
        "A heatmap that knows nothing scores as in the last three columns.",
    )
    header = ["data set", "architecture", "folds", *map(label_of, published.METHODS)]
    return Table("Cosine similarity", [*header, *(name.strip("()") for name in BASELINES)], rows, notes)


def local_quality(results: Results) -> Table:
    """Beyond the thesis: where inside the blocks the relevance lies, and whether it matters when it is taken away."""
    scores = wide(results["cross_validation"], *LOCAL)
    original = where(scores, fold=ORIGINAL).dropna(subset="step_flipping")
    rows = [
        [dataset, title_of(arch), label_of(method), *(f"{own[measure].iloc[0]:.3f}" for measure in LOCAL)]
        for (dataset, arch, method), own in groups(original, "dataset", "architecture", "method")
    ]
    notes = (
        "Share of relevance on ink; area over the perturbation curve in logits when the most relevant steps, or 4x4 "
        "patches, become background first. (chance): a uniform heatmap, a random order.",
    )
    header = ["data set", "architecture", "method", *LOCAL.values()]
    return Table("Local quality, original split", header, rows, notes)


def last_steps(results: Results) -> Table:
    """Claim 5, Figure 3.7 in numbers: the share of relevance on the last 3 of 7 steps, class 1 (a digit, a trouser)."""
    shares = where(results["step_shares"], steps="7", **{"class": "1"})
    rows = []
    for (dataset, arch, method), own in groups(shares, "dataset", "architecture", "method"):
        last = own.value[own.step.astype(int) > 4].sum() / own.seed.nunique()
        rows.append([dataset, f"{title_of(arch)}-7", label_of(method), f"{100 * last:.1f}"])
    title = "Relevance on the last 3 of 7 steps in percent, class 1 (thesis: over 90 by DTD and LRP on Shallow-7)"
    return Table(title, ["data set", "architecture", "method", "share"], rows)


def seed_agreement(results: Results) -> Table:
    """Beyond the thesis: whether another training seed gives the same heatmaps."""
    rows = [
        [dataset, title_of(arch), label_of(method), own.seeds.iloc[0], f"{own.value.iloc[0]:.3f}"]
        for (dataset, arch, method), own in groups(results["seed_agreement"], "dataset", "architecture", "method")
    ]
    notes = (
        "Mean rank correlation of the cells of two seeds' heatmaps of the same sequences: 1 the same order, 0 none.",
    )
    header = ["data set", "architecture", "method", "seeds", "correlation"]
    return Table("Agreement of heatmaps between seeds", header, rows, notes)


# ---- schedules


def schedules(results: Results) -> Table:
    """Accuracy and cosine similarities of what was run under ``CONSTANT`` and under others, original split."""
    every = results.every_profile
    scores = where(wide(every["cross_validation"], "cosine"), fold=ORIGINAL)
    scores = results.beside_facts(scores[scores.profile != "quick"], "accuracy", "epochs")
    cells = []
    for (dataset, arch), own in groups(scores, "dataset", "architecture"):
        if (own.profile == CONSTANT).any():
            cells += [[dataset, title_of(arch), profile, *_cells(runs)] for (profile,), runs in groups(own, "profile")]
    notes = (
        f"Profile {CONSTANT}: the thesis' own rate of 2e-4 without decay, for as many of its 100 epochs as the table "
        "says. The others: the profiles in flags/profiles.",
    )
    header = ["data set", "architecture", "profile", "epochs", "accuracy", *map(label_of, published.METHODS)]
    return Table("The same architectures under other schedules, original split", header, cells, notes)


def _cells(runs: pd.DataFrame) -> list[str]:
    by_method = [where(runs, method=method) for method in published.METHODS]
    cosines = [interval_text(over_splits(own, "cosine")) if len(own) else "" for own in by_method]
    return [runs.epochs.iloc[0], interval_text(over_splits(runs, "accuracy", scale=100), digits=2), *cosines]


TABLES: Mapping[str, Callable[[Results], Table]] = {
    "summary": summary,
    "lenet": lenet_accuracy,
    "table_3_3": variables_by_steps,
    "table_3_4": accuracy_by_steps,
    "table_3_5": lambda results: majority_accuracy(results, "Table 3.5", published.EXPERIMENT_2),
    "table_3_6": lambda results: majority_accuracy(results, "Table 3.6", published.EXPERIMENT_3),
    "appendix_1": fold_accuracy,
    "cosine_similarity": cosines,
    "claims": claims_table,
    "schedules": schedules,
    "last_steps": last_steps,
    "local_quality": local_quality,
    "seed_agreement": seed_agreement,
}
"""The tables by name. A new one is a function of ``Results``, and a line here."""
