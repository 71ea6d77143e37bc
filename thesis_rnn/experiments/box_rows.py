"""From finished runs on box data to the rows of boxes.csv, with what knows nothing beside them."""

import functools
from collections.abc import Sequence

from thesis_rnn.evaluation import chance_scores
from thesis_rnn.experiments.outcomes import stored_versions
from thesis_rnn.experiments.results import BOXES, MADE_BY, Row
from thesis_rnn.experiments.tasks import Task
from thesis_rnn.pipeline.box_settings import BoxSettings
from thesis_rnn.pipeline.box_training import load_series
from thesis_rnn.training.checkpoints import read_history

CHANCE = "(chance)"
"""The model of the maps that know nothing: uniform, half_normal, empty, last_step, and oracle, the evidence itself."""
CHANCE_SAMPLES = 200


def box_rows(tasks: Sequence[Task], profile: str) -> list[Row]:
    """A row for each run and map, and for each data set and chance map.

    The maps (random) and (evidence) have no scores, only the accuracy without a tenth of the cells so chosen.
    """
    rows = [_filled(_run_row(task, profile) | own) for task in tasks for own in _map_rows(task)]
    for dataset in dict.fromkeys(task.settings.dataset for task in tasks):
        usual = {"profile": profile, "data": dataset, "model": CHANCE, "seed": "0"}
        rows += [_filled(usual | {"map": name} | dict(scores)) for name, scores in _chance(dataset)]
    return rows


def _run_row(task: Task, profile: str) -> Row:
    settings, metrics, made_by = task.settings, task.folder.read_metrics(), stored_versions(task)
    return {
        "profile": profile,
        "data": settings.dataset,
        "model": settings.arch,
        "window": str(settings.window or ""),
        "last_steps": str(settings.last_steps or ""),
        "seed": str(settings.seed),
        "accuracy": f"{metrics['accuracy']:.4f}",
        "updates": str(metrics["updates"]),
        "hit_the_cap": str(metrics["hit_the_cap"]).lower(),
        "seconds": f"{sum(float(row['seconds']) for row in read_history(task.folder)):.0f}",
    } | {name: made_by[name] for name in MADE_BY}


def _map_rows(task: Task) -> list[Row]:
    metrics = task.folder.read_metrics()
    return [
        {"map": name, "masked_accuracy": f"{masked:.4f}", "half_life": _number(metrics["half_life"].get(name))}
        | {score: f"{value:.6f}" for score, value in metrics["maps"].get(name, {}).items()}
        for name, masked in metrics["masked_accuracy"].items()
    ]


@functools.cache
def _chance(dataset: str) -> tuple[tuple[str, tuple], ...]:
    """The chance maps' mean scores on the first test samples; they depend on the evidence alone."""
    evidence = load_series(BoxSettings(dataset=dataset), "test").evidence[:CHANCE_SAMPLES]
    scores = chance_scores(evidence, seed=0)
    return tuple(
        (name, tuple((score, f"{values.mean():.6f}") for score, values in own.items())) for name, own in scores.items()
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _filled(row: Row) -> Row:
    return {column: row.get(column, "") for column in BOXES}
