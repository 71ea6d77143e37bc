"""Where the boxes of an architecture stand, how large they are and how its arrows run, all in inches."""

from collections.abc import Iterable
from functools import cache

from matplotlib.textpath import TextPath

from thesis_rnn.reporting.architecture.graph import Edge, Node
from thesis_rnn.reporting.style import SMALL_TEXT

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
    longest = max(_width(line) for line in lines(node))
    return max(width, longest / 2 + TEXT_MARGIN if longest else 0.0), height


@cache  # measuring takes about a millisecond, and every arrow asks for its ends
def _width(text: str) -> float:
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
