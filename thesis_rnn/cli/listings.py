"""The tables of what there is, as plain text for a terminal: problems, architectures, methods, measures and more."""

import inspect
import textwrap
from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import NamedTuple

from thesis_rnn.errors import InputError
from thesis_rnn.support.hints import did_you_mean

WIDTH = 120
"""Letters of a line, at most."""


class Table(NamedTuple):
    """What is listed.

    Attributes:
      columns: heading -> letters of the column; what is longer goes on in the next line.
      rows: the cells of each row.
    """

    columns: dict[str, int]
    rows: Iterable[tuple]


def listing(what: str) -> str:
    """The table of ``what``, one of ``LISTINGS``; of all these names if it is empty.

    Returns:
      Lines of at most ``WIDTH`` letters.

    Raises:
      InputError: for a name that is not among them.

    Example:
      >>> listing("architectures").splitlines()[2].split()[:2]
      ['shallow', 'Shallow']
    """
    return _text(_table(what))


def rows_of(what: str) -> list[dict[str, str]]:
    """The rows of the same table, each with its cells by the headings of the columns.

    Raises:
      InputError: for a name that is not among them.
    """
    table = _table(what)
    return [dict(zip(table.columns, map(str, row), strict=True)) for row in table.rows]


def _table(what: str) -> Table:
    if not what:
        return Table({"list": 16, "what is listed": 100}, [(name, _summary(name)) for name in LISTINGS])
    if what not in LISTINGS:
        hint = did_you_mean(what, LISTINGS)
        raise InputError(f"what can be listed is {', '.join(LISTINGS)}{hint}; received {what!r}")
    return LISTINGS[what]()


def problems() -> Table:
    """Problems that models are trained on, for --dataset; file:PATH is one of your own."""
    from thesis_rnn.data import PROBLEMS

    columns = {"dataset": 23, "sample": 11, "classes": 7, "evidence": 8, "training": 30, "what it is": 30}
    rows = [(name, *_problem(PROBLEMS[name])) for name in PROBLEMS]
    return Table(columns, [*rows, ("file:PATH", "", "", "", "", "labelled series of your own")])


def architectures() -> Table:
    """Architectures, for --arch and build: the sizes of each for images and for series."""
    from thesis_rnn.architectures import ARCHITECTURES

    columns = {"architecture": 29, "title": 24, "on images": 20, "on series": 20, "source": 19}
    return Table(columns, [(name, *_architecture(ARCHITECTURES[name])) for name in ARCHITECTURES])


def methods() -> Table:
    """Attribution methods, for --methods and explain: parameters, and whether relevance is conserved."""
    from thesis_rnn.attribution import describe_methods

    columns = {"method": 27, "conserves": 9, "parameters": 30, "formula and source": 48}
    return Table(columns, [(row.name, row.conserves, row.parameters or "none", row.text) for row in describe_methods()])


def measures() -> Table:
    """Measures of explanations, for --measures: what each needs, and which direction is better."""
    from thesis_rnn.measures import MEASURES

    columns = {"measure": 24, "family": 12, "better": 6, "parameters": 19, "needs": 23, "title and source": 26}
    return Table(columns, [(name, *_measure(MEASURES[name])) for name in MEASURES])


def composites() -> Table:
    """Composites of propagation rules, which are methods: which rule acts where."""
    from thesis_rnn.attribution import COMPOSITES, describe_methods

    columns = {"composite": 20, "parameters": 38, "rules and source": 58}
    described = [row for row in describe_methods() if row.name in COMPOSITES]
    return Table(columns, [(row.name, row.parameters or "none", row.text) for row in described])


def analyses() -> Table:
    """Analyses of what a network does inside, for analyse."""
    from thesis_rnn.analysis import ANALYSES

    columns = {"analysis": 14, "parameters": 28, "what it finds": 46, "source": 24}
    rows = [(name, ANALYSES[name].function, ANALYSES[name].source) for name in ANALYSES]
    return Table(columns, [(name, _parameters(function, skip=1), _line(function), of) for name, function, of in rows])


def rules() -> Table:
    """Propagation rules, of which composites are made."""
    from thesis_rnn.attribution.rules import RULES

    columns = {"rule": 12, "parameters": 38, "what it does": 66}
    return Table(columns, [(name, _parameters(RULES[name]), _line(RULES[name])) for name in RULES])


def covered_layers() -> Table:
    """Layers and operations of Keras that are explained by rules; register_layer adds one."""
    from thesis_rnn.attribution.stock import covered_names

    return Table({"covered layer": 40}, [(name,) for name in covered_names()])


def zoo() -> Table:
    """Trained models in the package, as in load("zoo:convrlstm_sd/mnist_maj"): accuracy, cosine of each method."""
    from thesis_rnn.training.zoo import zoo_card, zoo_names

    cards = {name: zoo_card(name) for name in zoo_names()}
    scored = list(dict.fromkeys(label for card in cards.values() for label in card["cosine"]))
    rows = [(name, card["accuracy"], *map(card["cosine"].get, scored)) for name, card in cards.items()]
    rows = [(name, *("" if value is None else f"{value:.4f}" for value in values)) for name, *values in rows]
    return Table({"model": 32, "accuracy": 8} | {label: max(len(label), 6) for label in scored}, rows)


LISTINGS: dict[str, Callable[[], Table]] = {
    "problems": problems,
    "architectures": architectures,
    "methods": methods,
    "measures": measures,
    "composites": composites,
    "rules": rules,
    "analyses": analyses,
    "covered-layers": covered_layers,
    "zoo": zoo,
}
"""What can be listed -> its table. What each reads is imported when it is asked for."""


def _problem(problem) -> tuple[str, ...]:
    shape, classes = " x ".join(map(str, problem.shape())), str(len(problem.class_names))
    training = problem.training
    ends = {"epochs": training.epochs, "updates": training.updates, "patience": training.patience}
    words = [f"{name} {value}" for name, value in ends.items() if value]
    words += [f"rate {training.learning_rate:g}", training.schedule, f"dropout {training.dropout:g}", training.loss]
    return shape, classes, problem.evidence or "none", ", ".join(words), problem.text or problem.title


def _architecture(row) -> tuple[str, ...]:
    forms = [_pairs(form.sizes) if form else "none" for form in (row.images, row.series)]
    return row.title, *forms, row.source


def _measure(row) -> tuple[str, ...]:
    needs = ", ".join(row.needs) or "relevance"
    text = f"{row.title} ({row.source})" if row.source else row.title
    return row.family, row.better or "none", _parameters(row.function, skip=1), needs, text


def _parameters(function, skip: int = 0) -> str:
    """The parameters with their defaults, but the first ``skip``."""
    items = list(inspect.signature(function).parameters.values())[skip:]
    named = [item for item in items if item.kind is not item.VAR_KEYWORD]
    written = [item.name if item.default is item.empty else f"{item.name}={item.default}" for item in named]
    return ", ".join(written) or "none"


def _pairs(values: dict) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _line(thing) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(thing) or "").split("\n")[0]


def _summary(name: str) -> str:
    return _line(LISTINGS[name])


def _text(table: Table) -> str:
    """The table in columns, each cell wrapped to its own."""
    widths = list(table.columns.values())
    rows = [tuple(table.columns), tuple("-" * width for width in widths), *table.rows]
    return "\n".join(line for row in rows for line in _lines(row, widths))


def _lines(cells, widths: list[int]) -> list[str]:
    wrapped = [textwrap.wrap(cell, width, break_on_hyphens=False) for cell, width in zip(cells, widths, strict=True)]
    return [
        "  ".join(part.ljust(width) for part, width in zip(parts, widths, strict=True)).rstrip()
        for parts in zip_longest(*wrapped, fillvalue="")
    ]
