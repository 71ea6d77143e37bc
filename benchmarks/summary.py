"""The two tables that a README shows: explanations and updates per second, a row for each rule or architecture."""

import pathlib

from benchmarks import results
from benchmarks.cases import GRADIENT
from benchmarks.measuring import OWN, OWN_XLA
from benchmarks.sections import training
from benchmarks.tables import median, rule_title
from thesis_rnn.reporting.tables import markdown_table


def summarise(folder: pathlib.Path) -> str:
    """What has been measured of the two, in short."""
    cell, trained = (results.read(folder, section) for section in ("cell", "training"))
    parts = [explaining(cell["rows"])] if cell else []
    return "\n\n".join(parts + ([updating(trained["rows"])] if trained else []))


def explaining(rows: list[dict]) -> str:
    """Samples per second of the ReLU cell, and how much faster our faster way is than the fastest other library."""
    rates = {(row["rule"], row["contender"]): row["samples"] / median(row) for row in rows if row["rule"] != GRADIENT}
    own = OWN.name, OWN_XLA.name
    names = list(dict.fromkeys(name for _, name in rates))
    body = []
    for rule in dict.fromkeys(rule for rule, _ in rates):
        ours, theirs = (
            [rate for (of, name), rate in rates.items() if of == rule and (name in own) == mine]
            for mine in (True, False)
        )
        gain = f"{max(ours) / max(theirs):.1f}" if theirs else ""
        body.append([rule_title(rule), *(_rounded(rates.get((rule, name))) for name in names), gain])
    return markdown_table(["samples/s, ReLU cell", *names, "times the best other"], body)


def updating(rows: list[dict]) -> str:
    """Sequences per second of training, and how much faster ``fit`` is than PyTorch."""
    rates = {(row["architecture"], row["contender"]): training.BATCH / median(row) for row in rows}
    names = list(dict.fromkeys(name for _, name in rates))
    body = []
    for architecture in dict.fromkeys(architecture for architecture, _ in rates):
        eager = rates.get((architecture, "PyTorch, eager"))
        gain = f"{rates[architecture, training.FIT] / eager:.1f}" if eager else ""
        body.append([architecture, *(_rounded(rates.get((architecture, name))) for name in names), gain])
    return markdown_table(["sequences/s, training", *names, "times PyTorch, eager"], body)


def _rounded(rate: float | None) -> str:
    return "" if rate is None else f"{rate:,.0f}"
