"""Prototypes of every class by three experts, side by side (section 3.4). They are sought when they are drawn.

The text compares l2, a Gaussian RBM and a decoder for "a three-layer DNN" on MNIST, and says that "each prototype is
classified with full certainty" and that "only with an expert or a decoding function, the prototypes become sharp and
realistic-looking". Sizes and weights are not printed there; those here are the package's own.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.data import load, problem_of
from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.papers.material import Material, MissingError, Model, has_images
from thesis_rnn.papers.wording import dataset_title
from thesis_rnn.plans.tasks import Task
from thesis_rnn.prototypes import Prototypes, prototype
from thesis_rnn.reporting.style import GREY, LIGHT_GREY, SMALL_TEXT, TEXT, WIDTH
from thesis_rnn.training.models import load_model

EXPERTS = {"l2": "l2", "rbm": "Gaussian RBM", "decoder": "decoder"}
SAMPLES = 3_000
"""Training samples that experts are fitted to, and starts and neighbours taken from."""
FEED_FORWARD, RECURRENT, SERIES = ("deep", 1), ("convrlstm_sd", 4), ("lstm", 29)

# Inches.
LABEL_WIDTH, CAPTION, NOTE = 1.05, 0.3, 0.5


def comparison_figure(material: Material, dataset: str, model: Model) -> Figure:
    """A row for the start of each search and for each expert, a column for each class, p below each prototype."""
    task = material.task(dataset, model)
    if not has_images(task):
        raise MissingError(f"the data of {dataset} are not at hand")
    problem, found = problem_of(dataset), _found(task)
    names = list(problem.class_names)
    first = next(iter(found.values()))
    rows = {"start": (first.start, None)}
    rows |= {f"{EXPERTS[name]}": (each.x, each.p) for name, each in found.items()}
    rows["nearest to RBM's"] = (found["rbm"].neighbour, None)
    title = f"{dataset_title(dataset)}: {ARCHITECTURES[task.architecture].title}, accuracy {_accuracy(task):.1%}"
    pictures = {name: ([_picture(x, problem.domain) for x in xs], p) for name, (xs, p) in rows.items()}
    return _grid(pictures, names, title, found, problem.domain == "bounded")


def _found(task: Task) -> dict[str, Prototypes]:
    problem, model = problem_of(task.dataset), load_model(task.folder.path)
    train = load(task.dataset, "train", task.steps, task.data_dir or None, limit=SAMPLES)
    box = (problem.low, problem.high) if problem.domain == "bounded" else None
    target = list(range(len(problem.class_names)))
    return {
        name: prototype(model, target, data=train.x, lengths=train.lengths, expert=name, box=box) for name in EXPERTS
    }


def _accuracy(task: Task) -> float:
    return task.folder.read_metrics()["facts"]["accuracy"]


def _picture(x: np.ndarray, domain: str) -> np.ndarray:
    """[rows, columns] of an image, or features downwards and time to the right of a series."""
    return join_steps(x[np.newaxis])[0] if domain == "bounded" else x.T


def _grid(rows: Mapping, names: list[str], title: str, found: Mapping[str, Prototypes], ink: bool) -> Figure:
    count = len(names)
    side = (WIDTH - LABEL_WIDTH) / count
    figure = Figure(figsize=(WIDTH, CAPTION + (side + 0.2) * len(rows) + NOTE), layout="constrained")
    axes = figure.subplots(len(rows), count, squeeze=False)
    limit = max(np.abs(picture).max() for picture in rows["start"][0])
    norm = Normalize(-1, 1) if ink else Normalize(-limit, limit)
    for line, (label, (pictures, p)) in zip(axes, rows.items(), strict=True):
        for column, (axis, picture) in enumerate(zip(line, pictures, strict=True)):
            axis.imshow(picture, cmap="gray_r" if ink else "PuOr_r", norm=norm, aspect="auto", interpolation="nearest")
            _plain(axis, "" if p is None else f"p = {p[column]:.3f}")
        line[0].set_ylabel(label, fontsize=SMALL_TEXT, rotation=0, ha="right", va="center", labelpad=4)
    for axis, name in zip(axes[0], names, strict=True):
        axis.set_title(name, fontsize=SMALL_TEXT, pad=3)
    figure.suptitle(title, fontsize=TEXT, fontweight="bold")
    figure.supxlabel(_note(found, ink), fontsize=SMALL_TEXT, color=GREY)
    return figure


def _note(found: Mapping[str, Prototypes], ink: bool) -> str:
    """How far prototypes lie from their nearest sample, beside how far samples do."""
    far = ", ".join(f"{EXPERTS[name]} {np.median(each.distance):.1f}" for name, each in found.items())
    between = np.median(next(iter(found.values())).data_distance)
    axes = "" if ink else "\ntime runs to the right, features downwards"
    return f"median distance from the nearest sample: {far}; between samples {between:.1f}{axes}"


def _plain(axis: Axes, text: str) -> None:
    axis.set(xticks=[], yticks=[])
    axis.set_xlabel(text, fontsize=SMALL_TEXT - 1.5, labelpad=2)
    axis.spines[:].set(color=LIGHT_GREY, linewidth=0.6)


FIGURES: Mapping[str, Callable[[Material], Figure]] = {
    "prototypes_feed_forward": partial(comparison_figure, dataset="mnist", model=FEED_FORWARD),
    "prototypes_convrlstm_sd": partial(comparison_figure, dataset="mnist", model=RECURRENT),
    "prototypes_japanese_vowels": partial(comparison_figure, dataset="japanese_vowels", model=SERIES),
}
