"""LeNet-5 explained by many methods: figure 2.14. The one figure that is explained when it is drawn."""

from matplotlib.figure import Figure

from thesis_rnn.attribution import explain
from thesis_rnn.data import class_names
from thesis_rnn.data.images.sequences import join_steps
from thesis_rnn.papers.chormai_2018.figures.grids import NOTE
from thesis_rnn.papers.material import Material, MissingError, has_images
from thesis_rnn.papers.wording import dataset_title, method_title
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.heatmaps.grid import grid_figure
from thesis_rnn.reporting.heatmaps.panel import HeatmapRow, Panel
from thesis_rnn.runs.explaining import load_chosen
from thesis_rnn.runs.methods import Choice
from thesis_rnn.training.run_folder import load

LENET = ("lenet", 1)
SAMPLES = 4
CHOICES = (
    Choice("sensitivity"),
    Choice("guided_backprop"),
    Choice("simple_taylor"),
    Choice("deep_taylor"),
    *(Choice("lrp", {"alpha": alpha, "beta": beta}) for alpha, beta in ((1.1, 0.1), (1.5, 0.5), (2, 1), (3, 2))),
)
LABELS = {"simple_taylor": "simple Taylor"}


def lenet_figure(material: Material) -> Figure:
    """Whole images, explained by all methods of the thesis' chapter 2."""
    tasks = [material.task(name, LENET) for name in material.complete([LENET], majority=False)]
    panels = [_panel(task) for task in tasks if has_images(task)]
    if not panels:
        raise MissingError("the images of LeNet-5's runs are not at hand")
    return grid_figure(panels, NOTE)


def _panel(task: Task) -> Panel:
    model = load(task.folder.path)
    sequences = load_chosen(task.folder, task.settings.chosen[:SAMPLES], task.settings.data_dir or None)
    names = class_names(task.settings.dataset)
    return Panel(
        dataset_title(task.settings.dataset),
        join_steps(sequences.x),
        [names[label] for label in sequences.y],
        {"": [_row(model, sequences, choice) for choice in CHOICES]},
    )


def _row(model, sequences, choice: Choice) -> HeatmapRow:
    explanation = explain(model, sequences.x, sequences.y, choice.name, **choice.parameters)
    label = method_title(LABELS.get(choice.name, choice.label))
    wrong = explanation.logits.argmax(axis=1) != sequences.y
    return HeatmapRow(label, join_steps(explanation.relevance), wrong)
