"""The findings about the claims as a table."""

from collections.abc import Sequence

from thesis_rnn.papers.chormai_2018.claims import MARGIN, Finding
from thesis_rnn.reporting.tables import Table

HEADER = (
    "claim",
    "data set",
    "expected",
    "original split",
    "folds",
    "difference [95% interval]",
    "p",
    "effect",
    "verdict",
    "above the floor only",
)


def claims_table(all_models: Sequence[Finding], above_floor: Sequence[Finding]) -> Table:
    """A row for each finding, with the verdict of the models above the floor beside."""
    rows = [_row(finding, other) for finding, other in zip(all_models, above_floor, strict=True)]
    notes = (
        "Differences of cosine similarity (3b: of the share of relevance on ink), paired over folds. Interval and p "
        "have Nadeau and Bengio's correction for overlapping training sets; effect: Hedges' g of paired differences. "
        f"Equal means: the interval lies within ±{MARGIN:g}. An interval that contains 0 decides nothing.",
    )
    return Table("Claims of the thesis", HEADER, rows, notes)


def _row(finding: Finding, above_floor: Finding) -> list[str]:
    claim, contrast = finding.claim, finding.contrast
    original = "" if finding.original != finding.original else f"{finding.original:+.3f}"
    measured = ["0", "", "", ""]
    if contrast is not None:
        interval = f"{contrast.mean:+.3f} [{contrast.low:+.3f}, {contrast.high:+.3f}]"
        measured = [str(contrast.folds), interval, f"{contrast.p:.4f}", f"{contrast.effect:.1f}"]
        measured = [cell.replace("nan", "-").replace("+-", "-") for cell in measured]
    verdicts = [finding.verdict, above_floor.verdict]
    return [f"{claim.name} {claim.text}", finding.dataset, claim.expected, original, *measured, *verdicts]
