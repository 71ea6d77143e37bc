"""The last stage: from a run's files to its table, figures and TensorBoard logs. Nothing is computed anew."""

import dataclasses

import numpy as np

from thesis_rnn.data import class_names
from thesis_rnn.pipeline.explaining import read_heatmaps
from thesis_rnn.pipeline.training import stored_settings
from thesis_rnn.reporting import run_report
from thesis_rnn.reporting.saving import save_figure
from thesis_rnn.reporting.tensorboard import write_events
from thesis_rnn.training.run_folder import RunFolder

MAJORITY_COLUMNS, IMAGE_COLUMNS = 4, 8
"""Samples that stay readable side by side."""


def report_run(folder: RunFolder) -> str:
    """Draws the run's figures, writes its TensorBoard logs and returns its table.

    ``heatmaps.png`` shows all methods side by side, ``heatmaps/<method>.png`` each on its own, ``steps.png`` the
    relevance per time step, ``scores.png`` the cosine similarities (majority problem only).
    """
    settings, metrics, heatmaps = stored_settings(folder), folder.read_metrics(), read_heatmaps(folder)
    order = {name: place for place, name in enumerate(metrics["methods"])}
    heatmaps = dict(sorted(heatmaps.items(), key=lambda item: order.get(item[0], len(order))))
    labels = {name: scores["label"] for name, scores in metrics["methods"].items()}
    names = class_names(settings.dataset)
    y = next(iter(heatmaps.values()))["y"]
    samples = run_report.varied_samples(y, MAJORITY_COLUMNS if "baselines" in metrics else IMAGE_COLUMNS)

    figures = {
        f"heatmaps/{name}": run_report.run_heatmaps({name: arrays}, labels, names, samples)
        for name, arrays in heatmaps.items()
    }
    figures |= {"steps": run_report.steps_figure(metrics)}
    if len({arrays["x"].tobytes() for arrays in heatmaps.values()}) == 1:  # the same sequences for every method
        figures |= {"heatmaps": run_report.run_heatmaps(heatmaps, labels, names, samples)}
    if "baselines" in metrics:
        figures |= {"scores": run_report.scores_figure(metrics)}
    for name, figure in figures.items():
        save_figure(figure, folder.path / f"{name}.png")
    write_events(
        folder.tensorboard / "report", dataclasses.asdict(settings), _scalars(metrics), _curves(metrics), figures
    )
    return run_report.run_table(metrics)


def _scalars(metrics: dict) -> dict[str, float]:
    cosines = {
        f"cosine/{name}": scores["cosine"]["mean"] for name, scores in metrics["methods"].items() if "cosine" in scores
    }
    return {"test/accuracy": metrics["accuracy"]} | cosines


def _curves(metrics: dict) -> dict[str, list[float]]:
    curves = {f"share_per_step/{name}": scores["step_distribution"] for name, scores in metrics["methods"].items()}
    return curves | {"share_per_step/pixel_mass": list(np.asarray(metrics["pixel_mass"], float))}
