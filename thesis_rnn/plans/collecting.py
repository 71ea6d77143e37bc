"""From finished tasks to the rows of the result files."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from thesis_rnn.data import problem_of
from thesis_rnn.measures.reference_maps import CHANCE_MAPS
from thesis_rnn.measures.stability.similarity import rank_correlation
from thesis_rnn.plans.outcomes import stored_versions
from thesis_rnn.plans.results import FACTS, MADE_BY, RUNS, VALUES, Row, frame_of
from thesis_rnn.plans.tasks import Task
from thesis_rnn.runs.stored import read_heatmaps
from thesis_rnn.training.checkpoints import read_history

FILES = {"blocks": "cross_validation", "cells": "boxes", "tokens": "boxes", None: "step_shares"}
"""Kind of evidence of a problem -> the file of its scores."""
ALL_STEPS = "all_steps"
"""The file of the other scores of problems without evidence: those of all steps and classes together."""
CHANCE = "(chance)"
"""The architecture of heatmaps that know nothing of a model: of cells, one of each kind is kept for a problem."""
KNOWS_NOTHING = {f"({name})" for name in CHANCE_MAPS}


def collect(tasks: Sequence[Task], profile: str) -> dict[str, pd.DataFrame]:
    """The rows of finished tasks, by file.

    ``runs`` has one row for each task. Scores of a problem with evidence in blocks are in ``cross_validation``, in
    cells in ``boxes``; of problems without evidence ``step_shares`` keeps the relevance on each time step, by class,
    and ``all_steps`` what is of all of them. ``epochs`` has what was tracked during training, ``seed_agreement`` how
    alike the heatmaps of runs are that differ in their seed.
    """
    rows: dict[str, list[Row]] = {name: [] for name in (RUNS, *FILES.values(), ALL_STEPS, "epochs", "seed_agreement")}
    for task in sorted(
        tasks, key=lambda task: -task.seed
    ):  # of what knows nothing the least seed's row is written last
        run, metrics = _run(task, profile), task.folder.read_metrics()
        rows[RUNS].append(run | _facts(task, metrics["facts"]))
        rows["epochs"] += [run | row for row in _epochs(read_history(task.folder), metrics["scores"])]
        evidence = problem_of(task.dataset).evidence
        rows[FILES[evidence]] += _scores(evidence, run, metrics["scores"], by_step=evidence is None)
        if evidence is None:
            rows[ALL_STEPS] += _scores(evidence, run, metrics["scores"], by_step=False)
    rows["seed_agreement"] = _agreement(tasks, profile)
    return {name: frame_of(name, own) for name, own in rows.items()}


def _run(task: Task, profile: str) -> dict[str, str]:
    return {
        "paper": task.paper,
        "profile": profile,
        "dataset": task.dataset,
        "architecture": task.architecture,
        "steps": str(task.steps),
        "fold": str(task.fold) if task.fold else "original",
        "folds": str(task.folds) if task.fold else "",
        "seed": str(task.seed),
        "variant": task.variant,
    }


def _facts(task: Task, facts: Mapping) -> Row:
    training, made_by = task.settings.training, stored_versions(task)
    seconds = [row.get("seconds") for row in read_history(task.folder)]
    told = {name: _text(facts.get(name)) for name in FACTS}
    return (
        told
        | {
            "learning_rate": f"{training.learning_rate:g}",
            "schedule": training.schedule,
            "seconds": "" if None in seconds else f"{sum(map(float, seconds)):.0f}",
        }
        | {name: made_by[name] for name in MADE_BY}
    )


def _scores(evidence: str | None, run: Row, scores: Sequence[Mapping], by_step: bool) -> Iterator[Row]:
    """The scores that a file keeps: of all steps, or, with ``by_step``, of each step and class."""
    by_problem = KNOWS_NOTHING if evidence == "cells" else ()
    for score in scores:
        kept = score["step"] != "" and score["class"] != "" if by_step else score["step"] == score["class"] == ""
        if kept and score["epoch"] == "" and score["value"] is not None:
            yield (_of_no_model(run) if score["method"] in by_problem else run) | _score(score)


def _of_no_model(run: Row) -> Row:
    return {**run, "architecture": CHANCE, "seed": "0", "variant": ""}


def _score(score: Mapping) -> Row:
    place = {name: str(score[name]) for name in ("method", "measure", "class", "step", "epoch")}
    return place | {name: _text(score[name]) for name in VALUES}


def _epochs(history: Sequence[Row], scores: Sequence[Mapping]) -> Iterator[Row]:
    """What was tracked while the model was trained: the columns <measure>/<label> of its history, and its accuracy."""
    methods = {score["label"]: score["method"] for score in scores}
    for row in history:
        epoch = str(int(row["epoch"]) + 1)
        tracked = [name for name in row if "/" in name]
        for name in tracked:
            measure, _, label = name.partition("/")
            score = {"method": methods.get(label, label), "measure": measure, "epoch": epoch}
            yield score | {"value": _text(float(row[name]))}
        if tracked:
            accuracy = _text(float(row["val_accuracy"]))
            yield {"method": "", "measure": "val_accuracy", "epoch": epoch, "value": accuracy}


def _text(value) -> str:
    """A number with six digits after its point, a whole one as it is; empty for none."""
    if value is None:
        return ""
    return f"{value:.6f}" if isinstance(value, float) else str(value)


# ---- agreement between seeds


def _agreement(tasks: Sequence[Task], profile: str) -> list[Row]:
    """How alike the heatmaps of different seeds are: the mean rank correlation over pairs of seeds and sequences."""
    by_model: dict[tuple, list[Task]] = {}
    for task in tasks:
        if not task.fold and problem_of(task.dataset).evidence == "blocks":
            run = _run(task, profile) | {"seed": ""}
            by_model.setdefault(tuple(run.items()), []).append(task)
    return [
        dict(run) | score | {"seeds": str(len(same))}
        for run, same in by_model.items()
        if len(same) > 1
        for score in _correlations(same)
    ]


def _correlations(tasks: Sequence[Task]) -> Iterator[Row]:
    heatmaps = [read_heatmaps(task.folder) for task in tasks]
    for name, first in heatmaps[0].items():
        relevance = [run[name]["relevance"] for run in heatmaps if name in run]
        pairs = [rank_correlation(*pair) for pair in combinations(relevance, 2)]
        value = _text(float(np.nanmean(np.concatenate(pairs))))
        yield {"method": str(first["method"]), "measure": "rank_correlation", "value": value}
