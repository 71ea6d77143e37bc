"""The figures of the thesis, and one beyond, from result files and run folders."""

import pathlib
from collections.abc import Mapping, Sequence

from thesis_rnn.papers.figure_table import FIGURES
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.plans.results import Row
from thesis_rnn.plans.tasks import Task
from thesis_rnn.reporting.saving import save_figure

SUFFIXES = (".png", ".pdf")


def draw_figures(
    results: Mapping[str, Sequence[Row]], finished: Sequence[Task], folder: pathlib.Path
) -> tuple[list[str], list[str]]:
    """Draws every figure whose runs or numbers are there as ``<folder>/<name>.png`` and ``.pdf``.

    Args:
      results: the rows of one profile by result file: "cross_validation" and "step_shares".
      finished: the profile's tasks whose run folders are at hand, for heatmaps and images.
      folder: where to draw; figures that are not drawn are left as they are.

    Returns:
      The names of the figures drawn, and of those that have to wait for runs.
    """
    material = Material(results, finished)
    drawn, missing = [], []
    for name, make in FIGURES.items():
        try:
            figure = make(material)
        except MissingError:
            missing.append(name)
            continue
        for suffix in SUFFIXES:
            save_figure(figure, folder / f"{name}{suffix}")
        drawn.append(name)
    return drawn, missing
