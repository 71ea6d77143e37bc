"""Pages of HTML, whole in one file: blocks of finished things, and what they are put together to."""

from thesis_rnn.reporting.pages.blocks import (
    Block,
    Cells,
    Code,
    Flow,
    Heading,
    Picture,
    Series,
    Text,
    Tokens,
    page_of,
)
from thesis_rnn.reporting.pages.explanation import explanation_page
from thesis_rnn.reporting.pages.run import run_page

__all__ = [
    "Block",
    "Cells",
    "Code",
    "Flow",
    "Heading",
    "Picture",
    "Series",
    "Text",
    "Tokens",
    "explanation_page",
    "page_of",
    "run_page",
]
