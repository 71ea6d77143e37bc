"""A figure with a panel for each layer."""

from collections.abc import Iterator, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thesis_rnn.reporting.style import WIDTH


def panels(drawn: Mapping[str, Any], height: float) -> tuple[Figure, Iterator[tuple[Axes, str, Any]]]:
    """A figure, and the axis, the name and what is drawn of each layer, one below the other.

    Example:
      >>> figure, each = panels({"lstm": 1, "gru": 2}, height=2.0)
      >>> [(name, value) for _, name, value in each]
      [('lstm', 1), ('gru', 2)]
    """
    figure = Figure(figsize=(WIDTH, height * len(drawn)), layout="constrained")
    axes = figure.subplots(len(drawn), squeeze=False)[:, 0]
    return figure, ((axis, name, value) for axis, (name, value) in zip(axes, drawn.items(), strict=True))
