"""Architectures drawn from built models: the content of the thesis' figures 3.3, 3.9 and 3.14-3.16."""

from collections.abc import Iterable, Mapping, Sequence

import keras
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.architecture.drawing import (
    ARROWS,
    DROPOUTS,
    FRAME_ABOVE,
    FRAME_BELOW,
    bounds,
    draw_edge,
    draw_frame,
    draw_node,
    text_width,
)
from thesis_rnn.reporting.architecture.graph import ArchitectureGraph, architecture_graph
from thesis_rnn.reporting.style import GREY, SMALL_TEXT, TEXT, WIDTH

DESCRIPTIONS = {
    "recurrent": "loop to the next step",
    "literal": "literal connection",
    "control": "to and from gates",
    "ordinary": "dropout",
    "stationary": "stationary dropout: one mask per sequence",
}

# Inches.
TITLE, LEGEND = 0.5, 0.3  # heights
ABOVE, BELOW, ASIDE = 0.1, 0.26, 0.05  # around the boxes
PANEL_GAP = 0.25
LEAST_WIDTH = 2.0  # of a panel: its title and its number of variables

LEGEND_MARK = 0.55  # before and after the text of an entry
LEGEND_SPACES = {"columnspacing": 1.1, "handletextpad": 0.4, "handlelength": 1.4, "borderaxespad": 0.2}


def draw_architecture(model: keras.Model, title: str, axis: Axes) -> None:
    """Draws a built model from its input, on the left, to its logits, with its title and its trainable variables.

    A box is a layer or a part of a recurrent one, with its neurons, its kernel and filters or its pooling window; under
    it stands the shape of its feature maps. Blue arrows lead to the next step, red ones are literal connections; a
    dot marks a site of dropout. Text has the house sizes: give it an axis as large as ``architecture_figure`` does.

    Raises:
      InputError: a model that is not a chain of layers that can be drawn.
    """
    _draw(architecture_graph(model), title, axis)


def architecture_figure(models: Mapping[str, keras.Model]) -> Figure:
    """A panel for each model, title -> model, side by side where they fit; under them what colours and dots mean.

    Raises:
      InputError: no models, or one that is not a chain of layers that can be drawn.
    """
    if not models:
        raise InputError("a figure needs at least one model; received 0")
    graphs = {title: architecture_graph(model) for title, model in models.items()}
    sizes = {title: _size(graph) for title, graph in graphs.items()}
    places, height = _places(sizes, max(WIDTH, *(width for width, _ in sizes.values())))
    widths = [places[title][0] + width for title, (width, _) in sizes.items()]
    kinds = _kinds(graphs.values())
    full_width = max([*widths, sum(text_width(DESCRIPTIONS[kind]) + LEGEND_MARK for kind in kinds)])
    full_height = height + LEGEND
    figure = Figure(figsize=(full_width, full_height))
    for title, (left, top) in places.items():
        width, height = sizes[title]
        box = (left / full_width, 1 - (top + height) / full_height, width / full_width, height / full_height)
        _draw(graphs[title], title, figure.add_axes(box))
    _legend(figure, kinds)
    return figure


def _places(
    sizes: Mapping[str, tuple[float, float]], full_width: float
) -> tuple[dict[str, tuple[float, float]], float]:
    """Each panel's left and top, lines broken as between words, and the height of them all."""
    places, left, top, line_height = {}, 0.0, 0.0, 0.0
    for title, (width, height) in sizes.items():
        if left + width > full_width:
            left, top, line_height = 0.0, top + line_height + PANEL_GAP, 0.0
        places[title] = (left, top)
        left += width + PANEL_GAP
        line_height = max(line_height, height)
    return places, top + line_height


def _limits(graph: ArchitectureGraph) -> tuple[float, float, float, float]:
    """left, right, bottom and top of the boxes and what surrounds them, in inches."""
    left, right, bottom, top = bounds(graph.nodes.values())
    above, below = (FRAME_ABOVE + ASIDE, FRAME_BELOW + ASIDE) if graph.frames else (ABOVE, BELOW)
    return left - ASIDE, right + ASIDE, bottom - below, top + above


def _size(graph: ArchitectureGraph) -> tuple[float, float]:
    """A panel's width, of which its title takes a part even where the boxes take less, and its height."""
    left, right, bottom, top = _limits(graph)
    return max(right - left, LEAST_WIDTH), top - bottom + TITLE


def _draw(graph: ArchitectureGraph, title: str, axis: Axes) -> None:
    left, _, bottom, top = _limits(graph)
    width, height = _size(graph)
    axis.set(xlim=(left, left + width), ylim=(bottom, bottom + height), aspect="equal")
    axis.set_axis_off()
    axis.text(left + ASIDE, top + TITLE - 0.05, title, fontsize=TEXT, fontweight="bold", va="top")
    variables = f"{graph.variables:,} trainable variables"
    axis.text(left + ASIDE, top + TITLE - 0.25, variables, fontsize=SMALL_TEXT, color=GREY, va="top")
    for frame, names in graph.frames.items():
        draw_frame(axis, frame, [graph.nodes[name] for name in names])
    for edge in graph.edges:
        draw_edge(axis, edge, graph.nodes[edge.source], graph.nodes[edge.target])
    for node in graph.nodes.values():
        draw_node(axis, node)


def _kinds(graphs: Iterable[ArchitectureGraph]) -> list[str]:
    """The kinds of arrows and dots that the graphs have and that need a word."""
    edges = [edge for graph in graphs for edge in graph.edges]
    present = {edge.kind for edge in edges} | {kind for edge in edges for kind in edge.dropout}
    return [kind for kind in DESCRIPTIONS if kind in present]


def _legend(figure: Figure, kinds: Sequence[str]) -> None:
    """Explains the kinds of arrows and dots."""
    if kinds:
        handles = [_handle(kind) for kind in kinds]
        figure.legend(
            handles=handles, loc="lower left", ncols=len(handles), frameon=False, fontsize=SMALL_TEXT, **LEGEND_SPACES
        )


def _handle(kind: str) -> Line2D:
    if kind in ARROWS:
        return Line2D([], [], color=ARROWS[kind], linewidth=1.4, label=DESCRIPTIONS[kind])
    rim, fill = DROPOUTS[kind]
    look = {"markeredgecolor": rim, "markerfacecolor": fill, "markeredgewidth": 1.2, "markersize": 6.5}
    return Line2D([], [], linestyle="none", marker="o", label=DESCRIPTIONS[kind], **look)
