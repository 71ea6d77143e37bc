"""The last stage: from a run's files to its table, figures and TensorBoard logs. Nothing is computed anew."""

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.data import class_names
from thesis_rnn.errors import InputError
from thesis_rnn.reporting import run_report
from thesis_rnn.reporting.saving import save_figure
from thesis_rnn.reporting.tensorboard import write_curves, write_results
from thesis_rnn.runs.explaining import read_heatmaps
from thesis_rnn.runs.training import stored_settings
from thesis_rnn.training.run_folder import RunFolder


def report_run(folder: RunFolder) -> str:
    """Draws the run's figures, writes its TensorBoard logs and returns its table.

    ``heatmaps.png`` shows all methods side by side, ``heatmaps/<method>.png`` each on its own, ``steps.png`` the
    relevance per time step, ``scores.png`` the cosine similarities (majority problem only).
    """
    settings, metrics, heatmaps = stored_settings(folder), folder.read_metrics(), read_heatmaps(folder)
    order = {name: place for place, name in enumerate(metrics["methods"])}
    heatmaps = dict(sorted(heatmaps.items(), key=lambda item: order.get(item[0], len(order))))
    figures = _heatmap_figures(heatmaps, class_names(settings.dataset)) | {"steps": run_report.steps_figure(metrics)}
    if "baselines" in metrics:
        figures |= {"scores": run_report.scores_figure(metrics)}
    for name, figure in figures.items():
        save_figure(figure, folder.path / f"{name}.png")
    write_results(folder.tensorboard / "report", settings.hyperparameters(), _scalars(metrics), figures)
    write_curves(folder.tensorboard / "steps", "share_per_step", _curves(metrics))
    return run_report.run_table(metrics)


def _heatmap_figures(heatmaps: dict[str, dict[str, np.ndarray]], names) -> dict[str, Figure]:
    """A figure for each method, and one for all of them over the sequences that all explain."""
    common = min(len(arrays["y"]) for arrays in heatmaps.values())
    if len({arrays["x"][:common].tobytes() for arrays in heatmaps.values()}) > 1:
        expected = "heatmaps of the same sequences; repeat python -m thesis_rnn.explain"
        raise InputError(f"expected {expected}; received different ones from {', '.join(heatmaps)}")
    figures = {
        f"heatmaps/{name}": run_report.run_heatmaps([arrays], names, len(arrays["y"]))
        for name, arrays in heatmaps.items()
    }
    return figures | {"heatmaps": run_report.run_heatmaps(list(heatmaps.values()), names, common)}


def _scalars(metrics: dict) -> dict[str, float]:
    cosines = {
        f"cosine/{scores['label']}": scores["cosine"]["mean"]
        for scores in metrics["methods"].values()
        if "cosine" in scores
    }
    return {"accuracy/test": metrics["accuracy"], "accuracy/validation": metrics["validation_accuracy"]} | cosines


def _curves(metrics: dict) -> dict[str, list[float]]:
    return {"pixel mass": metrics["pixel_mass"]} | run_report.step_shares(metrics)
