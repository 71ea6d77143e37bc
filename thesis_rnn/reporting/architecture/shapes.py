"""The boxes, arrows and frames of an architecture's drawing, on an axis whose unit is an inch."""

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from thesis_rnn.reporting.architecture.geometry import Point, bounds, half_size, lines, position, route
from thesis_rnn.reporting.architecture.graph import Edge, Node
from thesis_rnn.reporting.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    SMALL_TEXT,
    VERMILLION,
)

FILLS = {
    "input": "white",
    "dense": to_rgba(SKY_BLUE, 0.3),
    "convolution": to_rgba(GREEN, 0.22),
    "pooling": to_rgba(LIGHT_GREY, 0.5),
    "gate": to_rgba(ORANGE, 0.25),
    "product": "white",
    "join": BLACK,
}
ARROWS = {"forward": BLACK, "control": GREY, "recurrent": BLUE, "literal": VERMILLION}
DROPOUTS = {"ordinary": (PURPLE, "white"), "stationary": (PURPLE, PURPLE)}  # a dot's rim and fill

DOT = 0.045  # radius of a mark of dropout
DOT_STEP = 0.11  # from one dot to the next
LABEL_GAP = 0.05  # between an arrow and its label
FRAME_ABOVE, FRAME_BELOW, FRAME_ASIDE = 0.42, 0.46, 0.08  # between a frame and the boxes inside


def draw_node(axis: Axes, node: Node) -> None:
    """A circle for a product or a join, a box for all else, with its title and size inside and a remark below."""
    (x, y), (width, height) = position(node), half_size(node)
    if node.kind in ("product", "join"):
        patch = Circle((x, y), width)
    else:
        patch = _rounded(x - width, x + width, y - height, y + height)
    patch.set(facecolor=FILLS[node.kind], edgecolor=BLACK, linewidth=0.8)
    axis.add_patch(patch)
    inside = r"$\times$" if node.kind == "product" else "\n".join(lines(node))
    axis.text(x, y - 0.01, inside, ha="center", va="center", fontsize=SMALL_TEXT, linespacing=1.15)
    axis.text(x, y - height - 0.04, node.below, ha="center", va="top", fontsize=SMALL_TEXT, color=GREY)


def draw_frame(axis: Axes, title: str, nodes: Iterable[Node]) -> None:
    """A dashed frame around ``nodes``, its title inside at the upper left."""
    left, right, bottom, top = bounds(nodes)
    left, top = left - FRAME_ASIDE, top + FRAME_ABOVE
    frame = _rounded(left, right + FRAME_ASIDE, bottom - FRAME_BELOW, top)
    frame.set(facecolor="none", edgecolor=GREY, linewidth=0.8, linestyle="--")
    axis.add_patch(frame)
    axis.text(left + 0.08, top - 0.05, title, fontsize=SMALL_TEXT, va="top")


def _rounded(left: float, right: float, bottom: float, top: float) -> FancyBboxPatch:
    return FancyBboxPatch((left, bottom), right - left, top - bottom, boxstyle="round,pad=0,rounding_size=0.05")


def draw_edge(axis: Axes, edge: Edge, source: Node, target: Node) -> None:
    """An arrow, its label, and a dot for each of its dropouts."""
    points, color = route(edge, source, target), ARROWS[edge.kind]
    arrow = FancyArrowPatch(path=Path(points), arrowstyle="-|>,head_length=0.3,head_width=0.16", mutation_scale=13)
    arrow.set(edgecolor=color, facecolor=color, linewidth=1.1, joinstyle="miter", capstyle="butt")
    axis.add_patch(arrow)
    place, align, dots = _beside(edge, points)
    if edge.label:
        axis.text(*place, f"${edge.label}$", **align, fontsize=SMALL_TEXT, color=color)
    for kind, dot in zip(edge.dropout, dots, strict=True):
        rim, fill = DROPOUTS[kind]
        axis.add_patch(Circle(dot, DOT, edgecolor=rim, facecolor=fill, linewidth=1.2))


def _beside(edge: Edge, points: list[Point]) -> tuple[Point, dict[str, str], list[Point]]:
    """Where the label stands, how it is aligned there, and where the dots are: beside the arrow's middle segment.

    A level arrow has its label above it and its dots below. An upright one has both on its right, but on its left where
    a loop comes down, so that the label is outside the loop.
    """
    middle = (len(points) - 2) // 2
    (x0, y0), (x1, y1) = points[middle : middle + 2]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    count = range(len(edge.dropout))
    if y0 == y1:
        aside = FRAME_ASIDE / 2 if edge.kind == "forward" else 0.0  # clear of a frame around the source
        dots = [(x, y - 2 * DOT - i * DOT_STEP) for i in count]
        return (x + aside, y + LABEL_GAP), {"ha": "center", "va": "bottom"}, dots
    side = -1 if edge.kind == "recurrent" and y1 < y0 else 1
    label_x = x + side * (LABEL_GAP + (3 * DOT if edge.dropout else 0.0))
    dots = [(x + side * 2 * DOT, y - i * DOT_STEP) for i in count]
    return (label_x, y), {"ha": "left" if side > 0 else "right", "va": "center"}, dots
