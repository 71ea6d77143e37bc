"""Vanishing saliency: relevance by time step, beside what recurrent states and forget gates let pass."""

from matplotlib.figure import Figure

from thesis_rnn.papers.ismail_2019.bridge import DATA
from thesis_rnn.papers.ismail_2019.figures.stored import evidence_of, shares_by_step, state_decay
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import title_of
from thesis_rnn.papers.wording import dataset_title, mark_of
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.scores.score_curves import draw_shares_by_step
from thesis_rnn.reporting.scores.vanishing import draw_decay
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT, WIDTH, legend_over_figure

MODELS = ("lstm", "bilstm", "gru", "rlstm_sd", "lstm_self_attention", "lstm_ica")
"""Those of them that were run."""
STATES = {"(hidden)": r"$\Vert\partial h_T/\partial h_t\Vert$", "(forget_gates)": "product of later\nforget gates"}
NOTE = "One run each. Saliency: mean over the test set. Below: the median of 20 test series, last step = 1."


def vanishing_figure(material: Material) -> Figure:
    """A column for each static data set, a curve for each model: the saliency's share of each time step, the norm of
    the Jacobian of the last hidden state, and the product of the forget gates."""
    columns = {data: own for data in DATA if (own := _runs(material, data))}
    if not columns:
        raise MissingError("no run on box data")
    figure = Figure(figsize=(WIDTH, 7.2), layout="constrained")
    axes = figure.subplots(1 + len(STATES), len(columns), sharex=True, sharey="row", squeeze=False)
    for (top, *below), (data, tasks) in zip(axes.T, columns.items(), strict=True):
        colors = {title_of(arch): mark_of(arch, "series").color for arch in tasks}
        evidence = evidence_of(data).any(axis=(0, 2))
        shares = {title_of(arch): shares_by_step(task) for arch, task in tasks.items()}
        draw_shares_by_step(top, shares, colors, evidence)
        top.set_title(dataset_title(data), fontsize=TEXT, loc="left")
        # [n, steps] each, of the models that have such states
        states = {title_of(arch): state_decay(task) for arch, task in tasks.items()}
        for axis, name in zip(below, STATES, strict=True):
            draw_decay(axis, {title: own[name] for title, own in states.items() if name in own}, colors)
        for axis in (top, *below[:-1]):
            axis.set_xlabel("")  # all rows share the axis of time
    for axis, words in zip(axes[:, 0], ("share of the saliency", *STATES.values()), strict=True):
        axis.set_ylabel(words, fontsize=TEXT)
    legends = [zip(*axis.get_legend_handles_labels(), strict=True) for axis in axes.ravel()]
    shown = {label: handle for legend in legends for handle, label in legend}
    legend_over_figure(figure, [*shown.values()], [*shown], columns=4)
    figure.supxlabel(NOTE, fontsize=SMALL_TEXT, color=GREY)
    return figure


def _runs(material: Material, data: str) -> dict[str, Task]:
    return {arch: task for arch in MODELS if (task := material.find(data, arch))}
