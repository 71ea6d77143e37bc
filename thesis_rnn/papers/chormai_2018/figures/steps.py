"""Relevance over time steps: figure 3.7."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thesis_rnn.data import class_names
from thesis_rnn.papers.chormai_2018.published import METHODS
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.selection import ORIGINAL, in_order, title_of, where
from thesis_rnn.papers.wording import dataset_title, method_title
from thesis_rnn.reporting.scores.curves import draw_step_distribution
from thesis_rnn.reporting.style import TEXT, WIDTH

CLASS = 1
"""Digit 1 and Trouser, whose ink lies in the middle of the sequence."""
ARCHITECTURES = ("shallow", "deep")
SHOWN = METHODS[2:]
"""DTD and LRP."""
PIXEL_MASS = "(pixel mass)"


def step_shares_figure(material: Material) -> Figure:
    """Shallow-7 and Deep-7 beside the pixel mass, the means over a class' test images; a row for each data set."""
    rows = where(material.results["step_shares"], steps="7", fold=ORIGINAL, **{"class": str(CLASS)})
    names = [name for name in in_order(rows.dataset) if _is_complete(where(rows, dataset=name))]
    if not names:
        raise MissingError("no data set has Shallow-7 and Deep-7")
    figure = Figure(figsize=(WIDTH, 2.9 * len(names)), layout="constrained")
    axes = figure.subplots(len(names), len(SHOWN), sharey="row", squeeze=False)
    for line, name in zip(axes, names, strict=True):
        for axis, method in zip(line, SHOWN, strict=True):
            _draw(axis, where(rows, dataset=name), method)
        line[0].set_ylabel(f"{dataset_title(name)}, {_class_title(name)}\nshare of relevance", fontsize=TEXT)
        line[1].set_ylabel("")
    return figure


def _class_title(dataset: str) -> str:
    name = class_names(dataset)[CLASS]
    return f"class {name}" if name.isdecimal() else name


def _is_complete(rows: pd.DataFrame) -> bool:
    wanted = {(arch, method) for arch in ARCHITECTURES for method in (*SHOWN, PIXEL_MASS)}
    return wanted <= set(zip(rows.architecture, rows.method, strict=True))


def _draw(axis: Axes, rows: pd.DataFrame, method: str) -> None:
    shares = {f"{title_of(arch)}-7": _shares(where(rows, architecture=arch, method=method)) for arch in ARCHITECTURES}
    draw_step_distribution(axis, shares, _shares(where(rows, method=PIXEL_MASS)))
    axis.set_title(method_title(method), fontsize=TEXT, loc="left", pad=24)  # above the legend


def _shares(rows: pd.DataFrame) -> list[float]:
    """The share on each step, from the first; the mean over seeds."""
    return rows.groupby(rows.step.astype(int))["value"].mean().tolist()
