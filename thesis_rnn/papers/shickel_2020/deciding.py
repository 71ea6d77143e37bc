"""What the runs say of the claims: contrasts over seeds, their p values adjusted for all of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from thesis_rnn.papers.selection import in_order
from thesis_rnn.papers.shickel_2020.claims import CLAIMS, LEAST, LEVEL, SECONDS, Claim
from thesis_rnn.papers.shickel_2020.scores import MEASURES, comparison_scores
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table
from thesis_rnn.statistics import Contrast, benjamini_hochberg, linear_contrast, verdict
from thesis_rnn.statistics.verdicts import DOES_NOT_HOLD, HOLDS

HEADER = ("claim", "data set", "measure", "expected", "seeds", "contrast [95% interval]", "p", "adjusted p", "verdict")


@dataclass(frozen=True)
class Finding:
    """What the seeds say of a claim on one problem; ``adjusted`` is its p value among those of all findings."""

    claim: Claim
    dataset: str
    contrast: Contrast
    adjusted: float = np.nan

    @property
    def verdict(self) -> str:
        """It holds, or not, only if the adjusted p value says so too."""
        word = verdict(self.contrast, self.claim.expected).replace("fold", "seed")
        if word in (HOLDS, DOES_NOT_HOLD) and not self.adjusted <= LEVEL:
            return f"undecided at {self.contrast.folds} seeds, after adjustment"
        return word


def findings(rows: pd.DataFrame) -> list[Finding]:
    """The findings of all claims on all problems that have every arm, with adjusted p values."""
    found = [
        Finding(claim, dataset, contrast)
        for claim in CLAIMS
        for dataset in in_order(rows.dataset)
        if (contrast := _contrast(claim, rows[rows.dataset == dataset])) is not None
    ]
    tested = [finding for finding in found if not np.isnan(finding.contrast.p)]
    adjusted = benjamini_hochberg([finding.contrast.p for finding in tested]) if tested else ()
    by_finding = {id(finding): float(p) for finding, p in zip(tested, adjusted, strict=True)}
    return [Finding(one.claim, one.dataset, one.contrast, by_finding.get(id(one), np.nan)) for one in found]


def _contrast(claim: Claim, rows: pd.DataFrame) -> Contrast | None:
    """Of the seeds that have every arm; seeds are independent runs."""
    arms = pd.MultiIndex.from_tuples(claim.weights, names=["architecture", "method"])
    table = rows.pivot(index="seed", columns=["architecture", "method"], values=claim.measure)
    table = table.reindex(columns=arms).dropna()
    if not len(table):
        return None
    values = {str(arm): table[arm].tolist() for arm in claim.weights}
    weights = {str(arm): weight for arm, weight in claim.weights.items()}
    return linear_contrast(values, weights, test_to_train=0)


def claims_table(results: Results) -> Table:
    """A row for each claim and problem of which something was run, and one for each claim of which nothing was."""
    scores = comparison_scores(results)
    found = findings(scores) if len(scores) else []
    told = {(finding.claim.name, finding.claim.text) for finding in found}
    rows = [_row(finding) for finding in found]
    if rows:
        missing = [claim for claim in CLAIMS if (claim.name, claim.text) not in told]
        rows += [[f"{claim.name} {claim.text}", *[""] * (len(HEADER) - 2), "no run yet"] for claim in missing]
    notes = (
        "Written down before the first run. Contrasts are paired over seeds, with a 95% t interval. p: of their t "
        "tests, adjusted by Benjamini and Hochberg for all rows; a claim holds, or does not, if its whole interval "
        f"lies on one side of 0 and its adjusted p is at most {LEVEL:g}. Three seeds decide only what is large.",
        f"1 and 2b claim that there is no gain: taken off the difference is {LEAST:g} of what erasing each step alone "
        "gains over noise on the same run, and what is left must be negative. 4a was planned at LRP's time; what the "
        "estimates took instead is 4b, in milliseconds a sample.",
    )
    return Table("Claims about the families of the review", HEADER, sorted(rows, key=lambda row: row[0][:2]), notes)


def _row(finding: Finding) -> list[str]:
    claim, contrast = finding.claim, finding.contrast
    scale = 1000 if claim.measure == SECONDS else 1
    mean, low, high = (scale * value for value in (contrast.mean, contrast.low, contrast.high))
    interval = f"{mean:+.3f}" if np.isnan(low) else f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"
    numbers = ["-" if np.isnan(p) else f"{p:.4f}" for p in (contrast.p, finding.adjusted)]
    name = f"{claim.name} {claim.text}"
    measure = MEASURES[claim.measure]
    return [name, finding.dataset, measure, claim.expected, str(contrast.folds), interval, *numbers, finding.verdict]
