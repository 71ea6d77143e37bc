"""An analysis of a network as one page of HTML."""

from thesis_rnn.analysis.analysing import Analysed, title_of
from thesis_rnn.analysis.analysis import Finding
from thesis_rnn.reporting.pages import Block, Cells, Code, Heading, Picture, Text, page_of
from thesis_rnn.reporting.pages.explanation import versions
from thesis_rnn.reporting.saving import png_of
from thesis_rnn.reporting.style import SCREEN_DPI
from thesis_rnn.reporting.tables import short

SHOWN = 12
"""Rows of a table; all are in the files beside the page."""
LINES = 60
"""Lines of a tree."""


def analysis_page(analysed: Analysed) -> str:
    """One file of HTML that needs nothing else.

    Args:
      analysed: what ``analyse`` returned.

    Returns:
      The page as text.
    """
    blocks: list[Block] = []
    for text, finding in analysed.findings.items():
        blocks += _found(title_of(text), finding)
    if analysed.left_out:
        blocks += [Heading("Left out"), Cells(("analysis", "why"), list(analysed.left_out.items()))]
    repetition = [Heading("How to repeat it"), Code(analysed.repeated), Text(versions(), note=True)]
    return page_of("What does this network do inside?", [*blocks, *repetition])


def _found(title: str, finding: Finding) -> list[Block]:
    blocks: list[Block] = [Heading(title), Text(finding.said)]
    if finding.draw is not None:
        blocks.append(Picture(png_of(finding.draw(), dpi=SCREEN_DPI), title))
    if finding.rows:
        cells = [[_cell(value) for value in row] for row in finding.rows[:SHOWN]]
        blocks.append(Cells(finding.header, cells))
    if len(finding.rows) > SHOWN:
        blocks.append(Text(f"{SHOWN} of {len(finding.rows)} rows; all stand in the table beside this page.", note=True))
    if finding.text:
        lines = finding.text.splitlines()
        blocks.append(Code("\n".join([*lines[:LINES], *(["..."] if len(lines) > LINES else [])])))
    return blocks


def _cell(value) -> str:
    return short(value) if isinstance(value, float) else str(value)
