"""From finished tasks to the rows of the result files."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from thesis_rnn.data import problem_of
from thesis_rnn.measures.stability.similarity import rank_correlation
from thesis_rnn.plans.box_rows import box_rows
from thesis_rnn.plans.outcomes import stored_versions
from thesis_rnn.plans.results import COLUMNS, MADE_BY, Row, filled
from thesis_rnn.plans.tasks import Task
from thesis_rnn.runs.explaining import read_heatmaps
from thesis_rnn.training.checkpoints import read_history


def collect(tasks: Sequence[Task], profile: str) -> dict[str, list[Row]]:
    """The rows of finished tasks, by file.

    ``runs`` has one row for each task, ``cross_validation`` one for each task on a majority problem and method, with
    what knows nothing (uniform, pixel mass, last step; chance for the local scores) as methods in brackets;
    ``step_shares`` the relevance on each time step of single images, by class; ``epochs`` what was tracked during
    training; ``seed_agreement`` how alike the heatmaps of runs are that differ in their seed; ``boxes`` the
    localisation scores of each map on the box data.
    """
    rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    for task in (each for each in tasks if each.program == "train"):
        metrics, history = task.folder.read_metrics(), read_history(task.folder)
        run = _run_row(task, profile, metrics, history)
        rows["runs"].append(filled("runs", run))
        rows["epochs"] += [filled("epochs", run | epoch) for epoch in _epochs(history)]
        if problem_of(task.settings.dataset).evidence == "blocks":
            rows["cross_validation"] += [filled("cross_validation", run | scores) for scores in _method_scores(metrics)]
        else:
            rows["step_shares"] += [filled("step_shares", run | share) for share in _step_shares(metrics)]
    rows["seed_agreement"] = _agreement([task for task in tasks if task.program == "train"], profile)
    rows["boxes"] = box_rows([task for task in tasks if task.program == "boxes"], profile)
    return rows


def _run_row(task: Task, profile: str, metrics: dict, history: Sequence[Row]) -> Row:
    settings, made_by = task.settings, stored_versions(task)
    seconds = [row.get("seconds") for row in history]
    return {
        "profile": profile,
        "dataset": settings.dataset,
        "architecture": settings.arch,
        "steps": str(settings.steps),
        "fold": str(settings.fold) if settings.fold else "original",
        "folds": str(settings.folds) if settings.fold else "",
        "seed": str(settings.seed),
        "accuracy": f"{metrics['accuracy']:.6f}",
        "variables": str(metrics["variables"]),
        "epochs": str(metrics["epochs"]),
        "best_epoch": str(metrics["best_epoch"]),
        "learning_rate": f"{settings.learning_rate:g}",
        "seconds": "" if None in seconds else f"{sum(map(float, seconds)):.0f}",
    } | {name: made_by[name] for name in MADE_BY}


def _method_scores(metrics: dict) -> list[Row]:
    scores = [
        {
            "method": own["label"],
            "cosine": f"{own['cosine']['mean']:.6f}",
            "right_percentage": f"{own['right_percentage']['mean']:.4f}",
            "unexplained": str(own["unexplained"]),
            "zero_relevance": str(own["zero_relevance"]),
        }
        | {name: f"{own[name]['mean']:.6f}" for name in ("ink_share", "step_flipping", "patch_flipping")}
        for own in metrics["methods"].values()
    ]
    chance = {name: f"{own['mean']:.6f}" for name, own in metrics["chance"].items()}
    baselines = metrics["baselines"].items()
    return [
        *scores,
        *({"method": f"({name})", "cosine": f"{own['mean']:.6f}"} for name, own in baselines),
        {"method": "(chance)"} | chance,
    ]


def _step_shares(metrics: dict) -> list[Row]:
    shares = {own["label"]: own["step_distribution_by_class"] for own in metrics["methods"].values()}
    shares["(pixel mass)"] = metrics["pixel_mass_by_class"]
    return [
        {"class": str(label), "method": method, "step": str(step), "share": f"{share:.6f}"}
        for method, by_class in shares.items()
        for label, distribution in enumerate(by_class)
        if distribution is not None
        for step, share in enumerate(distribution, start=1)
    ]


def _epochs(history: Sequence[Row]) -> list[Row]:
    """The cosine similarities that were tracked while the model was trained."""
    return [
        {
            "epoch": str(int(epoch["epoch"]) + 1),
            "method": name.removeprefix("cosine/"),
            "cosine": f"{float(value):.6f}",
            "val_accuracy": f"{float(epoch['val_accuracy']):.6f}",
        }
        for epoch in history
        for name, value in epoch.items()
        if name.startswith("cosine/")
    ]


def _agreement(tasks: Sequence[Task], profile: str) -> list[Row]:
    """How alike the heatmaps of different seeds are: the mean rank correlation over pairs of seeds and sequences."""
    by_model: dict[tuple, list[Task]] = {}
    for task in tasks:
        settings = task.settings
        if not settings.fold and problem_of(settings.dataset).evidence == "blocks":
            by_model.setdefault((settings.dataset, settings.arch, str(settings.steps)), []).append(task)
    rows = []
    for (dataset, architecture, steps), same in by_model.items():
        if len(same) > 1:
            usual = {"profile": profile, "dataset": dataset, "architecture": architecture, "steps": steps}
            rows += [usual | own | {"seeds": str(len(same))} for own in _correlations(same)]
    return rows


def _correlations(tasks: Sequence[Task]) -> list[Row]:
    heatmaps = [read_heatmaps(task.folder) for task in tasks]
    rows = []
    for method in heatmaps[0]:
        relevance = [each[method]["relevance"] for each in heatmaps if method in each]
        pairs = [rank_correlation(*pair) for pair in combinations(relevance, 2)]
        label = str(heatmaps[0][method]["label"])
        rows.append({"method": label, "rank_correlation": f"{np.nanmean(np.concatenate(pairs)):.6f}"})
    return rows
