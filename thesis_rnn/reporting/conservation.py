"""The conservation report: what became of the relevance, in words."""

from collections.abc import Sequence

import numpy as np

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.cells import short_value
from thesis_rnn.attribution.ledger import Row
from thesis_rnn.reporting.tables import markdown_table

BIGGEST_ROWS = 10


def conservation_report(explanation: Explanation) -> str:
    """Explained, received and absorbed relevance over the samples; with a ledger, its biggest rows.

    Rows are ordered by the mean of |R| over the samples.
    """
    parameters = ", ".join(f"{name}={short_value(value)}" for name, value in explanation.parameters.items())
    lines = [f"{explanation.method} on {len(explanation.target)} samples; parameters: {parameters or 'none'}", ""]
    amounts = {"explained output": explanation.value, "relevance at the input": explanation.received}
    if explanation.conserves:
        amounts = {
            "explained": explanation.explained,
            "received by the input": explanation.received,
            "absorbed": explanation.absorbed,
        }
    elif explanation.expected is not None and not np.isnan(explanation.expected).all():
        amounts = {"f(x)": explanation.value, "f(x) - f(baseline)": explanation.expected}
        amounts |= {"relevance at the input": explanation.received, "difference": explanation.convergence_delta}
    amounts |= {"share that is negative": explanation.negative_share}
    if explanation.masked is not None and explanation.masked.any():
        amounts |= {"cells hidden by masks": explanation.masked}
    rows = [[name, *(f"{f(values):.6g}" for f in (np.mean, np.min, np.max))] for name, values in amounts.items()]
    lines += [markdown_table(["relevance", "mean", "least", "greatest"], rows), ""]
    if explanation.conserves:
        lines.append(f"Samples with nothing to share out, whose relevance is zero: {_unexplained(explanation)}")
    elif "difference" in amounts:
        missed = f"{np.count_nonzero(explanation.unconverged)} of {len(explanation.target)}"
        lines.append(f"Samples whose relevance misses f(x) - f(baseline) by more than 5%: {missed}")
    else:
        lines.append(f"{explanation.method} does not conserve relevance: the two need not be equal.")
    if explanation.ledger:
        lines += ["", _biggest(explanation.ledger), "", _remainder(explanation)]
    return "\n".join(lines)


def ledger_totals(explanation: Explanation) -> dict[str, float]:
    """The account as means over the samples: explained, received, absorbed, and what kept it by cause.

    Returns:
      Name -> amount; causes only where there is a ledger, and nothing for methods that do not conserve.

    Example:
      >>> ones = np.ones(1)
      >>> rows = (Row("cell", 0, "bias", 0.25 * ones), Row("cell", 1, "bias", 0.25 * ones))
      >>> ledger_totals(Explanation(0.5 * ones[:, None], ones[:, None], ones, ones, ones, "lrp", {}, True, rows))
      {'explained': 1.0, 'received': 0.5, 'absorbed': 0.5, 'bias': 0.5}
    """
    if not explanation.conserves:
        return {}
    totals = {name: float(getattr(explanation, name).mean()) for name in ("explained", "received", "absorbed")}
    for row in explanation.ledger:
        totals[row.kind] = totals.get(row.kind, 0.0) + float(np.mean(row.relevance))
    return totals


def _unexplained(explanation: Explanation) -> str:
    return f"{np.count_nonzero(explanation.unexplained)} of {len(explanation.target)}"


def _biggest(ledger: Sequence[Row]) -> str:
    ordered = sorted(ledger, key=lambda row: -np.abs(row.relevance).mean())[:BIGGEST_ROWS]
    rows = [
        [
            row.layer,
            "" if row.step is None else str(row.step),
            row.kind,
            f"{np.mean(row.relevance):.6g}",
            f"{np.abs(row.relevance).mean():.6g}",
        ]
        for row in ordered
    ]
    return markdown_table(["absorbed by", "step", "as", "mean R", "mean size"], rows)


def _remainder(explanation: Explanation) -> str:
    rest = np.abs(explanation.unaccounted).max()
    return f"{len(explanation.ledger)} rows in all; they leave at most {rest:.3g} of a sample unaccounted."
