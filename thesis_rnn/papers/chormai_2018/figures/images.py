"""The images behind the data sets: figures 1.1 and 1.2."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.data import class_names, load_images
from thesis_rnn.papers.material import Material, MissingError, has_images
from thesis_rnn.papers.wording import dataset_title
from thesis_rnn.reporting.heatmaps.class_images import class_images_figure

OF_EACH_CLASS = 4


def samples_figure(material: Material, dataset_names: Sequence[str]) -> Figure:
    """The first test images of each class, of the first of ``dataset_names`` that runs were made on."""
    for name in dataset_names:
        tasks = [task for task in material.finished if task.dataset in (name, f"{name}_maj")]
        if tasks and has_images(tasks[0]):
            return _figure(name, tasks[0].data_dir or None)
    raise MissingError(f"no runs on {dataset_names}, or their images are not at hand")


def _figure(name: str, data_dir: str | None) -> Figure:
    pixels, labels = load_images(name, "test", data_dir)
    by_class = {
        title: pixels[np.flatnonzero(labels == label)[:OF_EACH_CLASS]] for label, title in enumerate(class_names(name))
    }
    return class_images_figure(dataset_title(name), by_class)
