"""The table of attribution methods, for a terminal."""

import textwrap
from itertools import zip_longest

from thesis_rnn.attribution import describe_methods

HEADER = ("method", "conserves", "parameters", "formula and source")
WIDTHS = (20, 9, 30, 55)  # letters; what is longer goes on in the next line


def method_table() -> str:
    """Every registered method and composite: name, whether it conserves relevance, parameters, formula and source."""
    rows = [(row.name, row.conserves, row.parameters or "none", row.text) for row in describe_methods()]
    table = [HEADER, ["-" * width for width in WIDTHS], *rows]
    return "\n".join(line for row in table for line in _lines(row))


def _lines(cells) -> list[str]:
    """A row of the table, each cell wrapped to its column."""
    wrapped = [
        textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False)
        for cell, width in zip(cells, WIDTHS, strict=True)
    ]
    return [
        "  ".join(part.ljust(width) for part, width in zip(parts, WIDTHS, strict=True)).rstrip()
        for parts in zip_longest(*wrapped, fillvalue="")
    ]
