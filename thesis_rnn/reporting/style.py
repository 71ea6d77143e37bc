"""One visual language for all figures: sizes, colours that colour-blind readers can tell apart, plain axes."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

# A README shows figures about 900 pixels wide: 100 pixels per inch, so that 10 points are 14 pixels high there.
WIDTH = 9.0  # inches
DPI = 200  # sharp on screens with two pixels per pixel
SCREEN_DPI = 100  # of pictures inside a page of many, and of those that are logged while a model trains
TEXT = 10.5  # points
SMALL_TEXT = 9.0

# Okabe and Ito (2008), "Color Universal Design".
BLACK, ORANGE, SKY_BLUE, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
GREY, LIGHT_GREY = "#767676", "#D9D9D9"

SERIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY_BLUE, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # a second mark beside the colour
LINES = ("--", ":", "-.", (0, (6, 2, 1, 2, 1, 2)))
MISTAKE = VERMILLION
EVIDENCE = GREEN

# The hues of ColorBrewer's RdBu, with pure white where it has light grey. An odd number of colours: zero has its own.
RELEVANCE = LinearSegmentedColormap.from_list(
    "relevance", ["#0A3D7C", "#2166AC", "#6AAED6", "#FFFFFF", "#F4876B", "#C21B2F", "#8B0A1A"], N=257
)


def plain_axis(axis: Axes) -> None:
    """No frame above and on the right, light horizontal grid lines behind the data, text in the house sizes."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color(GREY)
    axis.tick_params(color=GREY, labelsize=SMALL_TEXT)
    axis.grid(axis="y", color=LIGHT_GREY, linewidth=0.6)
    axis.set_axisbelow(True)


def legend_over_figure(figure: Figure, handles: Sequence, labels: Sequence[str], columns: int) -> None:
    """One legend above all panels of a figure, in ``columns`` columns."""
    figure.legend(handles, labels, loc="outside upper center", ncols=columns, frameon=False, fontsize=SMALL_TEXT)


def legend_above(axis: Axes) -> None:
    """A legend above the axis, where it hides no data; three entries to a row fit above half a page."""
    entries = len(axis.get_legend_handles_labels()[0])
    axis.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=min(entries, 3),
        frameon=False,
        fontsize=SMALL_TEXT,
        columnspacing=1.2,
    )
