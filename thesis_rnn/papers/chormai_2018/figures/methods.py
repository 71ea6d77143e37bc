"""LeNet-5 explained by many methods: figure 2.14. The one figure that is explained when it is drawn."""

from matplotlib.figure import Figure

from thesis_rnn.attribution import explain_by
from thesis_rnn.data import Split, class_names, load
from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.papers.chormai_2018.figures.grids import NOTE
from thesis_rnn.papers.material import Material, MissingError, has_images
from thesis_rnn.papers.wording import dataset_title, method_title
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.heatmaps.grid import grid_figure
from thesis_rnn.reporting.heatmaps.panel import HeatmapRow, Panel
from thesis_rnn.training.models import load_model

LENET = ("lenet", 1)
SAMPLES = 4
METHODS = ("sensitivity", "guided_backprop", "simple_taylor", "deep_taylor")
METHODS += tuple(f"lrp(alpha={alpha}, beta={beta})" for alpha, beta in ((1.1, 0.1), (1.5, 0.5), (2, 1), (3, 2)))


def lenet_figure(material: Material) -> Figure:
    """Whole images, explained by all methods of the thesis' chapter 2."""
    tasks = [material.task(name, LENET) for name in material.complete([LENET], None)]
    panels = [_panel(task) for task in tasks if has_images(task)]
    if not panels:
        raise MissingError("the images of LeNet-5's runs are not at hand")
    return grid_figure(panels, NOTE)


def _panel(task: Task) -> Panel:
    model = load_model(task.folder.path)
    sequences = _sequences(task)
    names = class_names(task.dataset)
    return Panel(
        dataset_title(task.dataset),
        join_steps(sequences.x),
        [names[label] for label in sequences.y],
        {"": [_row(model, sequences, method) for method in METHODS]},
    )


def _sequences(task: Task) -> Split:
    """The first test images that the run was asked to explain."""
    indices = task.settings.explanation.indices
    chosen = [int(index) for index in indices.split(",")] if indices else list(range(SAMPLES))
    test = load(task.dataset, "test", task.steps, task.data_dir or None, limit=max(chosen[:SAMPLES]) + 1)
    return test.take(chosen[:SAMPLES])


def _row(model, sequences, method: str) -> HeatmapRow:
    explanation = explain_by(model, sequences.x, sequences.y, method)
    wrong = explanation.logits.argmax(axis=1) != sequences.y
    return HeatmapRow(method_title(method), join_steps(explanation.relevance), wrong)
