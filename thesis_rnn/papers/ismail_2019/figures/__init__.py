"""The figures of Ismail et al. (2019), and of the bridge. A new one is a function of ``Material``, and a line here."""

from collections.abc import Callable, Mapping

from matplotlib.figure import Figure

from thesis_rnn.papers.ismail_2019.figures import maps, scores, vanishing
from thesis_rnn.papers.material import Material

FIGURES: Mapping[str, Callable[[Material], Figure]] = {
    "boxes_figure_3": maps.static_figure,
    "boxes_figure_5": scores.moving_figure,
    "boxes_figure_6": maps.rows_figure,
    "boxes_figure_7": scores.masking_figure,
    "boxes_figure_10": maps.partial_figure,
    "boxes_vanishing": vanishing.vanishing_figure,
    "boxes_bridge": scores.bridge_figure,
}
