"""All claims in one table, with a verdict in a word and in a sentence."""

import numpy as np

from thesis_rnn.papers.chormai_2018.claims import CHOOSING, CLAIMS, FULL, MARGIN
from thesis_rnn.papers.chormai_2018.deciding import Finding, claim_scores, findings
from thesis_rnn.papers.chormai_2018.other_claims import OTHERS, Told
from thesis_rnn.plans.results import Results
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
    "in words",
)
NOTES = (
    "Differences of cosine similarity (3b: of the share of relevance on ink), paired over folds. Interval and p have "
    "Nadeau and Bengio's correction for overlapping training sets, with n_test / n_train as it is, 10/55 at seven "
    "folds; effect: Hedges' g of paired differences. An interval that contains 0 decides nothing; what is then said "
    "to be found in four of five cases has a power of .8 at the spread of these folds.",
    f"3a: equal means that the interval lies within ±{MARGIN:g}; at ±.02 seven folds could not decide, as the standard "
    "deviation of their differences, .016, makes half an interval .022.",
    "4c: mean cosine of four methods, interval of Pitman and Morgan. 5: class 1 of single images. "
    "7: standard deviation over seeds over the standard error within a run, the method in the middle of the four; the "
    "accuracy's is the binomial one. "
    f"1e: runs of profile {FULL} alone. 6: the rule is chosen on fold {CHOOSING}, which is then left out.",
)


def claims_table(results: Results) -> Table:
    """A row for each claim and data set of which something was run, and one line for the others."""
    scores = claim_scores(results)
    pairs = zip(findings(scores), findings(scores, above_floor=True), strict=True)
    rows = [_row(*pair) for pair in pairs if pair[0].is_run]
    rows += [_told_row(told) for tell in OTHERS.values() for told in tell(results)]
    rows = sorted(rows, key=lambda row: row[0].split()[0])
    return Table("Claims of the thesis", HEADER, [*rows, *_not_run(rows)], NOTES)


def _not_run(rows: list[list[str]]) -> list[list[str]]:
    """One line that names the claims of which there is nothing; none if there is nothing at all."""
    told = {row[0].split()[0] for row in rows}
    names = sorted({claim.name for claim in CLAIMS} | {*OTHERS})
    missing = [name for name in names if not any(each.startswith(name) for each in told)]
    if not rows or not missing:
        return []
    return [[", ".join(missing), *[""] * (len(HEADER) - 2), "Not run."]]


def _row(finding: Finding, above_floor: Finding) -> list[str]:
    claim, contrast = finding.claim, finding.contrast
    original = "" if np.isnan(finding.original) else f"{finding.original:+.3f}"
    measured = ["0", "", "", ""]
    if contrast is not None:
        interval = f"{contrast.mean:+.3f} [{contrast.low:+.3f}, {contrast.high:+.3f}]"
        measured = [str(contrast.folds), interval, f"{contrast.p:.4f}", f"{contrast.effect:.1f}"]
        measured = [cell.replace("nan", "-").replace("+-", "-") for cell in measured]
    name = f"{claim.name} {claim.text}"
    accurate = above_floor.verdict if contrast else ""
    return [name, finding.dataset, claim.expected, original, *measured, finding.verdict, accurate, finding.words()]


def _told_row(told: Told) -> list[str]:
    numbers = [told.original, told.folds, told.measured, "", ""]
    return [f"{told.name} {told.text}", told.dataset, told.expected, *numbers, told.verdict, "", told.words]
