"""What a row of the table of architectures holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Mark(NamedTuple):
    """How an architecture is drawn among others: the name of a colour of the house style, and a marker.

    Example:
      >>> UNMARKED.marker, Mark("blue", "o").color
      ('X', 'blue')
    """

    color: str = "grey"
    marker: str = "X"


UNMARKED = Mark()
"""A grey cross: no figure compares it."""


@dataclass(frozen=True)
class Form:
    """How an architecture is built for one kind of input.

    Attributes:
      connect: maps the Keras input and a ``Plan`` to logits.
      sizes: the default sizes, by layer or by what they are the size of.
      units: the size that is the recurrent cell's own, which ``build(units=...)`` sets; empty if there is no cell.
      mark: how it is drawn in figures that compare architectures on such inputs.
      attended: whether it has input-cell attention.
      masked: whether it leaves out the padded steps of series of different lengths.

    Example:
      >>> sorted(ARCHITECTURES["rlstm"].images.sizes)
      ['cells', 'in1']
    """

    connect: Callable
    sizes: dict[str, int]
    units: str = "units"
    mark: Mark = UNMARKED
    attended: bool = False
    masked: bool = False


@dataclass(frozen=True)
class Architecture:
    """A row of the table.

    Attributes:
      title: the name for tables and figures.
      images: the form for [batch, steps, rows, columns]; None if it takes none.
      series: the form for [batch, steps, features]; None if it takes none.
      published_variables: the thesis' count of trainable variables for 12 steps of 28x7, None where it gives none.
      source: where it was published.

    Example:
      >>> ARCHITECTURES["rlstm"].title
      'R-LSTM'
    """

    title: str
    images: Form | None = None
    series: Form | None = None
    published_variables: int | None = None
    source: str = ""
