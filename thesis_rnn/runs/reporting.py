"""The last stage: from a run's files to its table, figures and TensorBoard logs. Nothing is computed anew."""

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.attribution import Explanation
from thesis_rnn.data import Problem, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.reporting import run_report
from thesis_rnn.reporting.conservation import ledger_totals
from thesis_rnn.reporting.pages import run_page
from thesis_rnn.reporting.saving import png_of
from thesis_rnn.reporting.tensorboard import projector_files, write_curves, write_projector, write_results
from thesis_rnn.runs.stored import read_arrays, read_heatmaps, stored_settings
from thesis_rnn.support.files import replacing
from thesis_rnn.support.progress import bar
from thesis_rnn.training.run_folder import RunFolder


def report_run(folder: RunFolder) -> str:
    """Draws the run's figures, writes its TensorBoard logs and returns its table.

    ``heatmaps.png`` shows all methods side by side, ``heatmaps/<method>.png`` each on its own, ``steps.png`` the
    relevance per time step, ``scores.png`` the first measure that says where relevance lies, ``report.html`` all of it
    in one file.
    """
    settings, metrics, heatmaps = stored_settings(folder), folder.read_metrics(), read_heatmaps(folder)
    order = {name: place for place, name in enumerate(dict.fromkeys(row["method"] for row in metrics["scores"]))}
    heatmaps = dict(sorted(heatmaps.items(), key=lambda item: order.get(str(item[1]["method"]), len(order))))
    scores = {"steps": run_report.steps_figure(metrics), "scores": run_report.scores_figure(metrics)}
    figures = _heatmap_figures(heatmaps, problem_of(settings.data.dataset))
    figures |= {name: figure for name, figure in scores.items() if figure is not None}
    accounts = _accounts(folder, heatmaps)
    pictures = {name: png_of(figure) for name, figure in bar(figures.items(), "drawing", "figure")}
    with folder.locked("report"):
        paths = {name: folder.path / f"{name}.png" for name in pictures}
        page = folder.path / "report.html"
        folder.list_files(*paths.values(), page)
        for name, png in pictures.items():
            with replacing(paths[name]) as temporary:
                temporary.write_bytes(png)
        with replacing(page) as temporary:
            temporary.write_text(run_page(metrics, pictures, settings.hyperparameters(), accounts), encoding="utf-8")
        ledger = {f"ledger/{name}/{label}": total for label, own in accounts.items() for name, total in own.items()}
        scalars = _scalars(metrics) | ledger
        write_results(folder.tensorboard / "report", settings.hyperparameters(), scalars, pictures)
        _project(folder, problem_of(settings.data.dataset))
        write_curves(folder.tensorboard / "steps", "share_per_step", run_report.step_shares(metrics))
    return run_report.run_table(metrics)


def _heatmap_figures(heatmaps: dict[str, dict[str, np.ndarray]], problem: Problem) -> dict[str, Figure]:
    """A figure for each method, and one for all of them over the samples that all explain."""
    common = min(len(arrays["y"]) for arrays in heatmaps.values())
    if len({arrays["x"][:common].tobytes() for arrays in heatmaps.values()}) > 1:
        expected = "heatmaps of the same sequences; repeat python -m thesis_rnn explain"
        raise InputError(f"expected {expected}; received different ones from {', '.join(heatmaps)}")
    names, features = problem.class_names, problem.feature_names
    figures = {
        f"heatmaps/{name}": run_report.run_heatmaps([arrays], names, len(arrays["y"]), features)
        for name, arrays in heatmaps.items()
    }
    return figures | {"heatmaps": run_report.run_heatmaps(list(heatmaps.values()), names, common, features)}


def _accounts(folder: RunFolder, heatmaps: dict[str, dict[str, np.ndarray]]) -> dict[str, dict[str, float]]:
    """Label -> the account of each method, over the samples of its heatmaps; empty where it does not conserve."""
    return {
        str(arrays["label"]): ledger_totals(Explanation.from_arrays(arrays, folder.heatmaps / f"{stem}.npz"))
        for stem, arrays in heatmaps.items()
    }


def _project(folder: RunFolder, problem: Problem) -> None:
    """The last hidden states of each layer, by true and predicted class, where the evaluation has left them."""
    path = folder.path / "hidden.npz"
    if not path.is_file():
        return
    arrays = read_arrays(folder, path, "evaluate --run_dir")
    classes = {"class": arrays.pop("y"), "predicted": arrays.pop("logits").argmax(axis=1)}
    labels = {name: [problem.class_names[index] for index in found] for name, found in classes.items()}
    place = folder.tensorboard / "report"
    folder.list_files(*projector_files(place, arrays))
    write_projector(place, arrays, labels)


def _scalars(metrics: dict) -> dict[str, float]:
    facts = metrics["facts"]
    scores = {
        f"{row['measure']}/{row['label']}": row["value"]
        for row in metrics["scores"]
        if row["class"] == row["step"] == "" and row["value"] is not None
    }
    return {"accuracy/test": facts["accuracy"], "accuracy/validation": facts["validation_accuracy"]} | scores
