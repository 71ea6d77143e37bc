"""Tables in plain text and Markdown, from finished numbers."""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thesis_rnn.errors import InputError


def plain(value) -> str:
    """A cell of a file: six digits of a number that is no whole one, everything else as it is."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def short(value: float | None) -> str:
    """A cell of a page: three digits, or "-" for no number."""
    return "-" if value is None or math.isnan(value) else f"{value:.3g}"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns are padded, so that it also reads well in a terminal.

    The first column is aligned to the left, the others to the right.
    """
    shortest = 2  # of a column: Markdown's ruler needs a dash beside its colon
    widths = [max(shortest, *map(len, column)) for column in zip(header, *rows, strict=True)]
    ruler = [":" + "-" * (widths[0] - 1)] + ["-" * (width - 1) + ":" for width in widths[1:]]
    return "\n".join(_line(row, widths) for row in (header, ruler, *rows))


def block_names(page: str) -> list[str]:
    """The names of the blocks that a page has."""
    return re.findall(r"<!-- begin (\w+) -->", page)


def with_blocks(page: str, texts: Mapping[str, str]) -> str:
    """A page with ``texts`` as they are now, each between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.

    Names that the page does not have are left out, and blocks without a text left alone.

    Raises:
      InputError: for a block without its end, behind which everything would be lost.
    """
    for name, text in texts.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        if begin in page:
            head, _, rest = page.partition(begin)
            _, ended, tail = rest.partition(end)
            if not ended:
                raise InputError(f"a block of a page must have its end, {end}; received {begin} without")
            page = f"{head}{begin}\n\n{text}\n\n{end}{tail}"
    return page


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join([first, *others]) + " |"


@dataclass(frozen=True)
class Table:
    """Finished cells with a title and notes."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """The title, the table and the notes, as Markdown."""
        return "\n\n".join([f"**{self.title}**", markdown_table(self.header, self.rows), *self.notes])

    def as_csv(self) -> str:
        """The header and the rows, as CSV."""
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([self.header, *self.rows])
        return text.getvalue()
