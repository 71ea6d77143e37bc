"""Writes docs/concepts/formulas.md: what each method, composite, rule and measure computes, of their docstrings.

python docs/site/formulas.py
"""

import inspect
import pathlib

from thesis_rnn.attribution import COMPOSITES
from thesis_rnn.attribution.methods.table import describe_methods
from thesis_rnn.attribution.rules import RULES
from thesis_rnn.measures import MEASURES
from thesis_rnn.reporting.tables import markdown_table

PAGE = pathlib.Path(__file__).parents[1] / "concepts" / "formulas.md"
HEAD = """# Methods, rules and measures

What each computes, in the words of its docstring; `docs/site/formulas.py` writes this page. Pictures of the families
on one sample stand on [Which method for which question](which-method.md), why the rules are as they are on
[Rules](rules.md).
"""


def page() -> str:
    """The page as it should be now."""
    described = describe_methods()
    parts = {
        "Methods": [row for row in described if row.name not in COMPOSITES],
        "Composites of rules": [row for row in described if row.name in COMPOSITES],
    }
    text = HEAD
    for heading, rows in parts.items():
        cells = [(f"`{row.name}`", _safe(row.text), _safe(row.parameters or "none")) for row in rows]
        text += f"\n## {heading}\n\n{markdown_table(('name', 'formula and source', 'parameters'), cells)}\n"
    rules = [(f"`{name}`", _safe(_line(RULES[name]))) for name in RULES]
    text += f"\n## Rules\n\n{markdown_table(('name', 'formula and source'), rules)}\n"
    measures = [
        (f"`{name}`", row.family, _safe(_line(row.function)), row.better or "none", row.source or "ours")
        for name, row in ((name, MEASURES[name]) for name in MEASURES)
    ]
    header = ("name", "family", "formula", "better", "source")
    text += f"\n## Measures\n\n{markdown_table(header, measures)}\n"
    return text.replace("---:", ":---")  # words, not numbers


def _line(thing) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _safe(text: str) -> str:
    """Text in which a cell of a table neither ends nor starts emphasis."""
    for sign in "|*_":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
