"""Vanishing saliency: relevance by time step, beside what recurrent states and forget gates let pass."""

from matplotlib.figure import Figure

from thesis_rnn.papers.ismail_2019.bridge import DATA
from thesis_rnn.papers.ismail_2019.selection import COMPARED, model_title
from thesis_rnn.papers.ismail_2019.wording import data_title, mark_of
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.scores.score_curves import draw_shares_by_step
from thesis_rnn.reporting.scores.vanishing import draw_decay
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT, WIDTH, legend_over_figure
from thesis_rnn.runs.box_training import load_series
from thesis_rnn.support import files

MODELS = ("lstm", "bilstm", "gru", "rlstm_sd", "lstm_self_attention", "lstm_ica")
"""Those of them that were run."""
STATES = {"(hidden)": r"$\Vert\partial h_T/\partial h_t\Vert$", "(forget_gates)": "product of later\nforget gates"}
NOTE = "One run each. Saliency: mean over the test set. Below: median and middle half of 20 test series, last step = 1."


def vanishing_figure(material: Material) -> Figure:
    """A column for each static data set, a curve for each model: the saliency's share of each time step, the norm of
    the Jacobian of the last hidden state, and the product of the forget gates."""
    columns = {data: own for data in DATA if (own := _runs(material, data))}
    if not columns:
        raise MissingError("no run on box data")
    figure = Figure(figsize=(WIDTH, 7.2), layout="constrained")
    axes = figure.subplots(1 + len(STATES), len(columns), sharey="row", squeeze=False)
    for (top, *below), (data, tasks) in zip(axes.T, columns.items(), strict=True):
        colors = {model_title(arch): mark_of(arch).color for arch in tasks}
        evidence = load_series(next(iter(tasks.values())).settings, "test").evidence.any(axis=(0, 2))
        draw_shares_by_step(top, {model_title(arch): _shares(task) for arch, task in tasks.items()}, colors, evidence)
        top.set_title(data_title(data), fontsize=TEXT, loc="left")
        # [n, steps] each, of the models that have such states
        states = {model_title(arch): files.read_arrays(task.folder.path / "states.npz") for arch, task in tasks.items()}
        for axis, name in zip(below, STATES, strict=True):
            draw_decay(axis, {title: own[name] for title, own in states.items() if name in own}, colors)
    for axis, words in zip(axes[:, 0], ("share of the saliency", *STATES.values()), strict=True):
        axis.set_ylabel(words, fontsize=TEXT)
    fullest = max((axis.get_legend_handles_labels() for axis in axes[0]), key=lambda legend: len(legend[0]))
    legend_over_figure(figure, *fullest, columns=4)
    figure.supxlabel(NOTE, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _runs(material: Material, data: str) -> dict[str, Task]:
    return {arch: task for arch in MODELS if (task := material.box_task(data, arch))}


def _shares(task: Task) -> list[float]:
    return task.folder.read_metrics()["step_shares"][COMPARED]
