"""Tables of rows of timings, in Markdown."""

from collections.abc import Sequence

import numpy as np

from benchmarks.cases import GRADIENT, RULES
from benchmarks.timing import quartiles
from thesis_rnn.reporting.tables import markdown_table


def median(row: dict) -> float:
    """The median of a row's seconds."""
    return float(np.median(row["seconds"]))


def milliseconds(row: dict) -> list[str]:
    """Median and quartiles, for two columns."""
    low, middle, high = (1e3 * value for value in quartiles(np.array(row["seconds"])))
    return [f"{middle:.4g}", f"{low:.4g} - {high:.4g}"]


def rule_title(rule: str) -> str:
    return "forward + backward" if rule == GRADIENT else RULES[rule]


def explaining_table(rows: Sequence[dict], case: Sequence[str]) -> str:
    """Every timing of explanations. ``case`` names the columns that tell the cases apart.

    The ratio is to the forward and backward pass of the same model by the same library.
    """
    units = {(*(row[name] for name in case), row["contender"]): median(row) for row in rows if row["rule"] == GRADIENT}
    body = []
    for row in rows:
        unit = units.get((*(row[name] for name in case), row["contender"]))
        ratio = "" if unit is None else f"{median(row) / unit:.2f}"
        cells = [*(str(row[name]) for name in case), rule_title(row["rule"]), row["contender"], *milliseconds(row)]
        body.append([*cells, f"{row['samples'] / median(row):.0f}", ratio, f"{row['first_call']:.1f}"])
    header = [*case, "rule", "contender", "ms", "quartiles", "samples/s", "ratio", "first call, s"]
    return markdown_table(header, body)


def missing_list(missing: Sequence[dict]) -> str:
    """Who could not do what, and why; one line for each reason."""
    jobs: dict[tuple[str, str], list[str]] = {}
    for item in missing:
        jobs.setdefault((item["contender"], item["reason"]), []).append(item["job"])
    lines = [f"- {contender}: {reason}: {', '.join(dict.fromkeys(done))}" for (contender, reason), done in jobs.items()]
    return "\n".join(["Not measured:", "", *lines]) if lines else ""
