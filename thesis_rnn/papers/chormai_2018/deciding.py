"""What the folds say of the claims that are contrasts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from thesis_rnn.data.images.splits import held_out_images
from thesis_rnn.papers.chormai_2018.claims import BEST, CHOOSING, CLAIMS, MARGIN, Claim
from thesis_rnn.papers.chormai_2018.published import FLOOR, MAJORITY
from thesis_rnn.papers.selection import ORIGINAL, label_of, wide
from thesis_rnn.plans.results import Results
from thesis_rnn.statistics import Contrast, least_detectable, linear_contrast, verdict, verdict_of_equality
from thesis_rnn.statistics.verdicts import DOES_NOT_HOLD, HOLDS

NO_FOLDS = "undecided: no folds yet"
SCORES = ("cosine", "foreground_mass_accuracy")
"""What the claims compare."""
RULES = ("deep_taylor", "lrp")
"""How the methods that propagate by rules begin."""
IMAGES = {"digits_maj": 1_797}
"""Images of both files of a data set; of the others 70,000."""


@dataclass(frozen=True)
class Finding:
    """What the folds say about a claim on one data set.

    Attributes:
      claim, dataset: which.
      contrast: over the folds that have all arms; None without any.
      verdict: in a word.
      original: the contrast's value on the original split, NaN where an arm is missing.
      rule: the method that ``BEST`` stands for, or empty.
    """

    claim: Claim
    dataset: str
    contrast: Contrast | None
    verdict: str
    original: float
    rule: str = ""

    @property
    def is_run(self) -> bool:
        """Whether there is any number."""
        return self.contrast is not None or not np.isnan(self.original)

    def words(self) -> str:
        """The verdict as a sentence."""
        named = f" LSTM's rule: {label_of(self.rule)}." if self.rule else ""
        return _words(self) + named


def claim_scores(results: Results) -> pd.DataFrame:
    """The columns of ``SCORES`` for each run and method, beside the accuracy of the run.

    The rows of the drawn profile, and those of the profiles that a claim names; its name is empty for the former.
    """
    rows = results.beside_facts(wide(results.every_profile["cross_validation"], *SCORES), "accuracy")
    own = rows[(rows.profile == results.profile) & (rows.variant == "")].assign(profile="")
    return pd.concat([own, rows[rows.profile.isin({claim.profile for claim in CLAIMS} - {""}) & (rows.variant == "")]])


def findings(scores: pd.DataFrame, above_floor: bool = False) -> list[Finding]:
    """The findings of all claims on all data sets that are there.

    Args:
      scores: as ``claim_scores`` gives them.
      above_floor: leave out models whose accuracy is below the thesis' floor.
    """
    present = sorted(set(scores.dataset), key=lambda name: (name not in MAJORITY, name))
    kept = scores[~is_below_floor(scores)] if above_floor else scores
    return [
        _finding(claim, dataset, kept[(kept.dataset == dataset) & (kept.profile == claim.profile)])
        for claim in CLAIMS
        for dataset in present
        if dataset in claim.datasets or dataset not in MAJORITY
    ]


def is_below_floor(rows: pd.DataFrame) -> pd.Series:
    """Whether each row's model is less accurate than the thesis asks of one that is explained."""
    return 100 * rows.accuracy < rows.dataset.map(FLOOR).astype(float).fillna(0.0)


def ratio_of_sizes(dataset: str, folds: int) -> float:
    """n_test / n_train of a fold: 10/55 for seven folds of 70,000 images, as 5,000 are held out for validation."""
    test = IMAGES.get(dataset, 70_000) / folds
    others = test * (folds - 1)
    return test / (others - held_out_images(round(others)))


def _finding(claim: Claim, dataset: str, rows: pd.DataFrame) -> Finding:
    rule = _best_rule(claim, rows)
    if rule:
        rows = _with_rule(claim, rows, rule)
    values = _by_split(claim, rows)
    is_original = values.fold == ORIGINAL
    folds = values[~is_original].sort_values("fold", key=lambda folds: folds.astype(int))
    contrast = _contrast(claim, dataset, folds) if len(folds) else None
    original = float(_weighted(claim, values[is_original]).mean())
    return Finding(claim, dataset, contrast, _verdict(claim, contrast), original, rule)


# ---- the rule that is chosen on one fold


def _best_rule(claim: Claim, rows: pd.DataFrame) -> str:
    """The rule that ``BEST`` stands for; empty if the claim has none, or nothing was run to choose it by."""
    chosen = [architecture for architecture, method in claim.weights if method == BEST]
    own = rows[rows.architecture.isin(chosen) & (rows.fold == CHOOSING) & rows.method.str.startswith(RULES)]
    means = own.groupby("method")[claim.score].mean().dropna()
    return means.idxmax() if len(means) else ""


def _with_rule(claim: Claim, rows: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The rows with those of the rule named ``BEST`` too, without the fold that chose it."""
    chosen = [architecture for architecture, method in claim.weights if method == BEST]
    best = rows[rows.architecture.isin(chosen) & (rows.method == rule)].assign(method=BEST)
    both = pd.concat([rows, best])
    return both[both.fold != CHOOSING]


# ---- numbers


def _by_split(claim: Claim, rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each split that has every arm, a column for the score of each arm, the mean over seeds."""
    arms = rows.assign(arm=rows.architecture + " " + rows.method)
    table = arms.pivot_table(index=["folds", "fold"], columns="arm", values=claim.score, aggfunc="mean")
    return table.reindex(columns=list(_weights(claim))).dropna().reset_index()


def _weights(claim: Claim) -> dict[str, float]:
    return {" ".join(arm): weight for arm, weight in claim.weights.items()}


def _weighted(claim: Claim, values: pd.DataFrame) -> pd.Series:
    return sum(weight * values[arm] for arm, weight in _weights(claim).items())


def _contrast(claim: Claim, dataset: str, folds: pd.DataFrame) -> Contrast:
    arms = {arm: folds[arm].tolist() for arm in _weights(claim)}
    return linear_contrast(arms, _weights(claim), ratio_of_sizes(dataset, int(folds.folds.iloc[0])))


# ---- words


def _verdict(claim: Claim, contrast: Contrast | None) -> str:
    if contrast is None:
        return NO_FOLDS
    return verdict_of_equality(contrast, MARGIN) if claim.expected == "equal" else verdict(contrast, claim.expected)


def _words(finding: Finding) -> str:
    contrast, is_equality = finding.contrast, finding.claim.expected == "equal"
    if contrast is None:
        return _of_one_run(finding)
    least, most = sorted((abs(contrast.low), abs(contrast.high))) if contrast.folds > 1 else (np.nan, np.nan)
    if finding.verdict == HOLDS:
        return f"Yes: they differ by {most:.3f} at most." if is_equality else f"Yes: by {least:.3f} at least."
    if finding.verdict == DOES_NOT_HOLD:
        return f"No: {'they differ' if is_equality else 'the reverse'}, by {least:.3f} at least."
    if contrast.folds == 1:
        return "Not decided: one fold has no interval."
    if is_equality:
        return f"Not decided: a difference of {most:.3f} is not excluded, equal is {MARGIN:g}."
    found = least_detectable(contrast)
    return f"Not decided: {contrast.folds} folds would find a difference of {found:.3f} in four of five cases."


def _of_one_run(finding: Finding) -> str:
    if np.isnan(finding.original):
        return ""
    if finding.claim.expected == "equal":
        agrees = abs(finding.original) <= MARGIN
    else:
        agrees = (finding.original > 0) == (finding.claim.expected == "positive")
    return f"One run of each points {'this' if agrees else 'the other'} way."
