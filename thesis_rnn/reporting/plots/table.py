"""The table of kinds of plots: what draws each on an axis, and how large its figure is."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from thesis_rnn.attribution import Explanation
from thesis_rnn.reporting.heatmaps.explanations import draw_sample, samples_figure
from thesis_rnn.reporting.plots.beeswarm import draw_beeswarm
from thesis_rnn.reporting.plots.over_time import draw_over_time
from thesis_rnn.reporting.plots.phrase_tree import draw_tree, tree_height
from thesis_rnn.reporting.plots.texts import draw_text, text_height
from thesis_rnn.reporting.plots.waterfall import draw_waterfall
from thesis_rnn.support.registry import Registry


@dataclass(frozen=True)
class Kind:
    """A kind of plot.

    Attributes:
      draw: draws an explanation on an axis; its further parameters are the options of the kind.
      height: of its figure in inches, from the explanation and the options.
      figure: makes a figure of more than one axis instead.
    """

    draw: Callable[..., None]
    height: Callable[..., float] = lambda explanation, **options: 4.0
    figure: Callable[..., Figure] | None = None


def of_rows(explanation: Explanation, top: int = 10, **options) -> float:
    """The height of a plot of ``top`` rows."""
    return 1.6 + 0.26 * top


KINDS: Registry[Kind] = Registry("kind of plot")
KINDS.add("heatmap", Kind(draw_sample, figure=samples_figure))
KINDS.add("waterfall", Kind(draw_waterfall, of_rows))
KINDS.add("beeswarm", Kind(draw_beeswarm, of_rows))
KINDS.add("text", Kind(draw_text, text_height))
KINDS.add("time", Kind(draw_over_time))
KINDS.add("tree", Kind(draw_tree, tree_height))
