"""Architectures drawn from the code that builds them: figures 3.3, 3.9 and 3.14 to 3.16."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from thesis_rnn.architectures import build
from thesis_rnn.papers.material import Material
from thesis_rnn.papers.selection import title_of
from thesis_rnn.reporting.architecture.diagram import architecture_figure


def diagrams(_: Material, names: Sequence[str]) -> Figure:
    """The cells of ``names`` with their sizes, for majority sequences of 12 steps."""
    return architecture_figure({title_of(name): build(name) for name in names})
