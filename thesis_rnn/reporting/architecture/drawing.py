"""Where the boxes, arrows and frames of an architecture stand, in inches, and how they are drawn."""

from collections.abc import Iterable
from functools import cache

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

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

# ---- places

Point = tuple[float, float]

COLUMN, ROW = 0.77, 1.0  # between the centres of neighbours: the thesis' longest architecture fits the house width
HALF_BOX = (0.3, 0.22)
HALF_SIZES = {"gate": (0.25, 0.29), "product": (0.08, 0.08), "join": (0.03, 0.03)}
TEXT_MARGIN = 0.06  # around a text too long for a box of the usual width
LOOP_ABOVE, LOOP_BELOW = 0.17, 0.26  # how far a loop keeps from its boxes; below, there is a label in between
APART = 0.12  # half the distance between the two arrows of a loop


def position(node: Node) -> Point:
    """The centre of a node."""
    return node.column * COLUMN, node.row * ROW


def lines(node: Node) -> list[str]:
    """The text inside a box."""
    return [*node.title.split(), node.size]


def half_size(node: Node) -> Point:
    """Half the width and half the height of a node; a long text makes it wider."""
    width, height = HALF_SIZES.get(node.kind, HALF_BOX)
    longest = max(text_width(line) for line in lines(node))
    return max(width, longest / 2 + TEXT_MARGIN if longest else 0.0), height


@cache  # measuring takes about a millisecond, and every arrow asks for its ends
def text_width(text: str) -> float:
    """How wide a text is in inches, in the house's small size."""
    return TextPath((0, 0), text, size=SMALL_TEXT).get_extents().width / 72 if text else 0.0


def bounds(nodes: Iterable[Node]) -> tuple[float, float, float, float]:
    """left, right, bottom and top of the smallest rectangle around ``nodes``."""
    places = [(position(node), half_size(node)) for node in nodes]
    return (
        min(x - width for (x, _), (width, _) in places),
        max(x + width for (x, _), (width, _) in places),
        min(y - height for (_, y), (_, height) in places),
        max(y + height for (_, y), (_, height) in places),
    )


def route(edge: Edge, source: Node, target: Node) -> list[Point]:
    """The corners of an arrow, from the border of its source to that of its target."""
    (x0, y0), (x1, y1) = position(source), position(target)
    (width0, height0), (width1, height1) = half_size(source), half_size(target)
    if source == target:  # a loop above the box
        high = y0 + height0 + LOOP_ABOVE
        return [(x0 + APART, y0 + height0), (x0 + APART, high), (x0 - APART, high), (x0 - APART, y0 + height0)]
    if x0 == x1:
        return _vertical(edge, source, target)
    if y0 != y1:  # over the gates and down into one
        high = y1 + height1 + LOOP_ABOVE
        return [(x0, y0 + height0), (x0, high), (x1, high), (x1, y1 + height1)]
    if x1 < x0:  # back to an earlier box, below those between
        low = y0 - HALF_BOX[1] - LOOP_BELOW
        return [(x0, y0 - height0), (x0, low), (x1, low), (x1, y1 - height1)]
    return [(x0 + width0, y0), (x1 - width1, y1)]


def _vertical(edge: Edge, source: Node, target: Node) -> list[Point]:
    """Up or down; the two arrows of a loop keep apart."""
    (x, y0), (_, y1) = position(source), position(target)
    height0, (width1, height1) = half_size(source)[1], half_size(target)
    if y1 < y0:
        left = x - APART if edge.kind == "recurrent" and source.kind != "product" else x
        return [(left, y0 - height0), (left, y1 + height1)]
    if target.kind == "product":  # too small to be met beside its centre
        right = x + 1.5 * APART
        return [(right, y0 + height0), (right, y1), (x + width1, y1)]
    return [(x + APART, y0 + height0), (x + APART, y1 - height1)]


# ---- shapes

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
