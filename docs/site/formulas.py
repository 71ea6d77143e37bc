"""Writes docs/concepts/formulas.md: what each method, composite, rule and measure computes, of their docstrings.

python docs/site/formulas.py

Beside each method stands its heatmap of one sample, which docs/site/method_figures.py draws.
"""

import csv
import inspect
import itertools
import pathlib
import runpy

from thesis_rnn.attribution import COMPOSITES
from thesis_rnn.attribution.methods.table import describe_methods
from thesis_rnn.attribution.rules import RULES
from thesis_rnn.measures import MEASURES

SITE = pathlib.Path(__file__).parent
PAGE = SITE.parent / "concepts" / "formulas.md"
FIGURES = SITE.parent / "concepts" / "methods" / "figures.csv"
HEAD = """# Methods, rules and measures

What each computes, in the words of its docstring; `docs/site/formulas.py` writes this page. Which one to ask is another
page, [Which method for which question](which-method.md); why the rules are as they are stands on [Rules](rules.md).

The pictures are of one sample, from left to right its 30 steps, from top to bottom its 6 features. The box is what
decides its class, a bump in one feature: 3% of all cells. Red speaks for the class, blue against it. How much of the
absolute relevance lies in the box came out on this one sample and is no verdict: those are given by
[Which explanation can I trust?](which-explanation.md)

![The sample: noise, and a bump of six steps in one feature](methods/input.png)
"""
MODELS = {
    "attention": "a convolution with self-attention",
    "lstm": "an LSTM",
    "relu": "a convolution with ReLUs",
    "retain": "RETAIN",
    "tokens": "a convolution of tokens, the largest feature of each step",
}
readable = runpy.run_path(str(SITE / "readable.py"))["readable"]


def page() -> str:
    """The page as it should be now."""
    figures = _figures()
    described = describe_methods()
    parts = {
        "Methods": [row for row in described if row.name not in COMPOSITES],
        "Composites of rules": [row for row in described if row.name in COMPOSITES],
    }
    text = HEAD
    for heading, rows in parts.items():
        text += f"\n## {heading}\n" + "".join(_method(row, figures.get(row.name)) for row in rows)
    text += "\n## Rules\n\n" + "".join(f"- `{name}`: {readable(_line(RULES[name]))}\n" for name in RULES)
    text += "\n## Measures\n"
    for family, names in itertools.groupby(MEASURES, lambda name: MEASURES[name].family):
        text += f"\n### Measures of {family}\n\n" + "".join(_measure(name, MEASURES[name]) for name in names)
    return text


def _figures() -> dict[str, dict[str, str]]:
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return {row["method"]: row for row in csv.DictReader(file)}


def _method(row, figure) -> str:
    text = f"\n### `{row.name}`\n\n{readable(row.text)}\n"
    if row.parameters:
        text += f"\nParameters: `{row.parameters}`\n"
    return text + (_picture(row.name, **figure) if figure else "")


def _picture(name: str, call: str, model: str, percent: str, **_) -> str:
    share = f", {percent}% of it in the box" if percent else ", one row for each token that might stand there"
    return f"\n![Heatmap of {name}{share}](methods/{name}.png)\n\n`{call}` of {MODELS[model]}{share}.\n"


def _measure(name: str, row) -> str:
    better = f"{row.better} is better" if row.better else "neither is better"
    source = f" ({row.source})" if row.source else ""
    return f"- `{name}`, {better}: {readable(_line(row.function))}{source}\n"


def _line(thing) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
