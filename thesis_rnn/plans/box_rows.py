"""From finished runs on box data to the rows of boxes.csv, with what knows nothing beside them."""

import functools
from collections.abc import Sequence

from thesis_rnn.measures import chance_scores
from thesis_rnn.plans.outcomes import stored_versions
from thesis_rnn.plans.results import MADE_BY, Row, filled
from thesis_rnn.plans.tasks import Task
from thesis_rnn.runs.box_settings import BoxSettings
from thesis_rnn.runs.box_training import load_series
from thesis_rnn.training.checkpoints import read_history

CHANCE = "(chance)"
"""The model of the maps that know nothing: uniform, half_normal, empty, last_step, and oracle, the evidence itself."""
CHANCE_SAMPLES = 200


def box_rows(tasks: Sequence[Task], profile: str) -> list[Row]:
    """A row for each run and map, and for each data set and chance map.

    The maps (random) and (evidence) have no scores, only the accuracy without a tenth of the cells so chosen; (hidden),
    (cell) and (forget_gates), which are no maps of cells, only a half-life.
    """
    rows = [row for task in tasks for row in _task_rows(task, profile)]
    for dataset in dict.fromkeys(task.settings.dataset for task in tasks):
        usual = {"profile": profile, "data": dataset, "model": CHANCE, "seed": "0"}
        rows += [filled("boxes", usual | {"map": name} | dict(scores)) for name, scores in _chance(dataset)]
    return rows


def _task_rows(task: Task, profile: str) -> list[Row]:
    settings, metrics, made_by = task.settings, task.folder.read_metrics(), stored_versions(task)
    run = {
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
    return [filled("boxes", run | own) for own in _map_rows(metrics)]


def _map_rows(metrics: dict) -> list[Row]:
    return [
        {"map": name}
        | {column: _number(metrics[column].get(name)) for column in ("masked_accuracy", "half_life")}
        | {score: f"{value:.6f}" for score, value in metrics["maps"].get(name, {}).items()}
        for name in metrics["half_life"] | metrics["masked_accuracy"]
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
    return "" if value is None else f"{value:.4f}"
