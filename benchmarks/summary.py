"""The two tables that stand for all: explanations and updates per second, a row for each rule or architecture."""

import pathlib
from collections.abc import Callable, Iterable

from benchmarks import results
from benchmarks.cases import GRADIENT
from benchmarks.measuring import OWN, OWN_XLA, PASSIVE
from benchmarks.sections import training
from benchmarks.tables import median, rule_title
from thesis_rnn.reporting.tables import markdown_table


def summarise(folder: pathlib.Path) -> str:
    """What has been measured of the two, in short."""
    parts = []
    for section, make in (("cell", explaining), ("training", updating)):
        record = results.read(folder, section)
        if record:
            parts += [make(record["rows"]), results.measured_with(record)]
    return "\n\n".join(parts)


def explaining(rows: list[dict]) -> str:
    """Samples per second of the ReLU cell, and how much faster our faster way is than the fastest other library."""
    rates = _rates(
        (row["rule"], row["contender"], row["samples"] / median(row)) for row in rows if row["rule"] != GRADIENT
    )
    own = OWN.name, OWN_XLA.name
    gains = {}
    for rule in dict.fromkeys(rule for rule, _ in rates):
        of_rule = {name: rate for (of, name), rate in rates.items() if of == rule}
        others = [rate for name, rate in of_rule.items() if name not in own]
        if others:
            gains[rule] = max(of_rule[name] for name in own) / max(others)
    return _table("samples/s, ReLU cell", rates, gains, "times the best other", rule_title)


def updating(rows: list[dict]) -> str:
    """Sequences per second of training, and how much faster ``fit`` is than PyTorch."""
    rates = _rates((row["architecture"], row["contender"], training.BATCH / median(row)) for row in rows)
    gains = {name: rates[name, training.FIT] / rate for (name, of), rate in rates.items() if of == training.EAGER}
    return _table("sequences/s, training", rates, gains, f"times {training.EAGER}", str)


def _rates(found: Iterable[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """The rate of each line and contender; of two ways to wait, that which was faster."""
    rates: dict[tuple[str, str], float] = {}
    for line, contender, rate in found:
        key = line, contender.removesuffix(PASSIVE)
        rates[key] = max(rate, rates.get(key, 0.0))
    return rates


def _table(title: str, rates: dict, gains: dict, gain_title: str, line_title: Callable[[str], str]) -> str:
    lines, names = (list(dict.fromkeys(key[part] for key in rates)) for part in (0, 1))
    body = [
        [
            line_title(line),
            *(f"{rates[line, name]:,.0f}" if (line, name) in rates else "" for name in names),
            f"{gains[line]:.1f}" if line in gains else "",
        ]
        for line in lines
    ]
    return markdown_table([title, *names, gain_title], body)
