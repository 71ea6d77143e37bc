"""The thesis' claims, each as one contrast that was written down before any fold was run, and what the folds say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from thesis_rnn.papers.chormai_2018.published import FLOOR, MAJORITY, METHODS
from thesis_rnn.papers.selection import ORIGINAL, label_of, wide
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table
from thesis_rnn.statistics import Contrast, linear_contrast, verdict, verdict_of_equality

Arm = tuple[str, str]
"""(architecture, method)."""

SA, GB, DTD, LRP = METHODS
PROPAGATION = (DTD, LRP)
MARGIN = 0.02
"""Of cosine similarity: differences up to this count as equal. The thesis' "almost identical" gives no number."""


@dataclass(frozen=True)
class Claim:
    """A sentence of the thesis and the contrast that decides it.

    Attributes:
      name: its number among the claims, with a letter for each part.
      text: the sentence.
      weights: arm -> weight; they add up to 0.
      expected: the sign that the thesis claims: "positive", "negative" or "equal" (within ``MARGIN``).
      score: the measure that is compared: "cosine" or "foreground_mass_accuracy".
      datasets: where it is claimed.
    """

    name: str
    text: str
    weights: Mapping[Arm, float]
    expected: str = "positive"
    score: str = "cosine"
    datasets: Sequence[str] = field(default=MAJORITY)


def mean_of(architecture: str, methods: Sequence[str]) -> dict[Arm, float]:
    """The mean over methods, as weights."""
    return {(architecture, method): 1 / len(methods) for method in methods}


def difference(first: Mapping[Arm, float], second: Mapping[Arm, float]) -> dict[Arm, float]:
    """first - second, as weights."""
    return {arm: first.get(arm, 0.0) - second.get(arm, 0.0) for arm in (first | second)}


def gain(better: str, worse: str, methods: Sequence[str] = METHODS) -> dict[Arm, float]:
    """What one architecture has more than another, as a mean over methods."""
    return difference(mean_of(better, methods), mean_of(worse, methods))


CLAIMS = (
    Claim("1a", "DTD and LRP: Deep is better than Shallow", gain("deep", "shallow", PROPAGATION)),
    Claim("1b", "DTD and LRP: ConvDeep is better than Deep", gain("convdeep", "deep", PROPAGATION)),
    Claim("1c", "DTD and LRP: R-LSTM is better than Shallow", gain("rlstm", "shallow", PROPAGATION)),
    Claim(
        "1d",
        "from Shallow to ConvDeep, SA and GB gain less than DTD and LRP",
        difference(gain("convdeep", "shallow", PROPAGATION), gain("convdeep", "shallow", (SA, GB))),
    ),
    *(
        Claim("2a", f"{label_of(method)}: R-LSTM is better than Deep", gain("rlstm", "deep", (method,)))
        for method in METHODS
    ),
    Claim(
        "2b",
        "stationary dropout helps R-LSTM on FashionMNIST-MAJ",
        gain("rlstm_sd", "rlstm"),
        datasets=("fashion_mnist_maj",),
    ),
    Claim("2c", "stationary dropout does not help Deep", gain("deep_sd", "deep"), "negative"),
    Claim("3a", "ConvR-LSTM-SD is about equal to R-LSTM-SD", gain("convrlstm_sd", "rlstm_sd"), "equal"),
    Claim(
        "3b",
        "LRP: ConvR-LSTM-SD's heatmaps are cleaner than R-LSTM-SD's (share of positive relevance on ink)",
        gain("convrlstm_sd", "rlstm_sd", (LRP,)),
        score="foreground_mass_accuracy",
    ),
    Claim("4a", "literal connections do not help ConvDeep", gain("conv_plus_deep", "convdeep"), "negative"),
    Claim("4b", "literal connections hurt ConvR-LSTM-SD", gain("conv_plus_rlstm_sd", "convrlstm_sd"), "negative"),
)
"""Claim 5, on the relevance per time step of single images, is read from Figure 3.7 and its table."""


@dataclass(frozen=True)
class Finding:
    """What the folds say about a claim on one data set.

    Attributes:
      claim, dataset: which.
      contrast: over the folds that have all arms; None without any.
      verdict: in words.
      original: the contrast's value on the original split, NaN where an arm is missing.
    """

    claim: Claim
    dataset: str
    contrast: Contrast | None
    verdict: str
    original: float


SCORES = ("cosine", "foreground_mass_accuracy")
"""What the claims compare."""


def claim_scores(results: Results) -> pd.DataFrame:
    """The columns of ``SCORES`` for each run and method, beside the accuracy of the run."""
    return results.beside_facts(wide(results["cross_validation"], *SCORES), "accuracy")


def findings(scores: pd.DataFrame, above_floor: bool = False) -> list[Finding]:
    """The findings of all claims on all data sets that are there.

    Args:
      scores: as ``claim_scores`` gives them.
      above_floor: leave out models whose accuracy is below the thesis' floor.
    """
    present = sorted(set(scores.dataset), key=lambda name: (name not in MAJORITY, name))
    kept = scores[~is_below_floor(scores)] if above_floor else scores
    return [
        _finding(claim, dataset, kept[kept.dataset == dataset])
        for claim in CLAIMS
        for dataset in present
        if dataset in claim.datasets or dataset not in MAJORITY
    ]


def is_below_floor(rows: pd.DataFrame) -> pd.Series:
    """Whether each row's model is less accurate than the thesis asks of one that is explained."""
    return 100 * rows.accuracy < rows.dataset.map(FLOOR).astype(float).fillna(0.0)


def _finding(claim: Claim, dataset: str, rows: pd.DataFrame) -> Finding:
    values = _by_split(claim, rows)
    is_original = values.fold == ORIGINAL
    folds = values[~is_original].sort_values("fold", key=lambda folds: folds.astype(int))
    contrast = _contrast(claim, folds) if len(folds) else None
    original = float(_weighted(claim, values[is_original]).mean())
    return Finding(claim, dataset, contrast, _verdict(claim, contrast), original)


def _by_split(claim: Claim, rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each split that has every arm, a column for the score of each arm, the mean over seeds."""
    arms = rows.assign(arm=rows.architecture + " " + rows.method)
    table = arms.pivot_table(index=["folds", "fold"], columns="arm", values=claim.score, aggfunc="mean")
    return table.reindex(columns=list(_weights(claim))).dropna().reset_index()


def _weights(claim: Claim) -> dict[str, float]:
    return {" ".join(arm): weight for arm, weight in claim.weights.items()}


def _weighted(claim: Claim, values: pd.DataFrame) -> pd.Series:
    return sum(weight * values[arm] for arm, weight in _weights(claim).items())


def _contrast(claim: Claim, folds: pd.DataFrame) -> Contrast:
    arms = {arm: folds[arm].tolist() for arm in _weights(claim)}
    return linear_contrast(arms, _weights(claim), test_to_train=1 / (int(folds.folds.iloc[0]) - 1))


def _verdict(claim: Claim, contrast: Contrast | None) -> str:
    if contrast is None:
        return "undecided: no folds yet"
    return verdict_of_equality(contrast, MARGIN) if claim.expected == "equal" else verdict(contrast, claim.expected)


# ---- as a table

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


def claims_table(results: Results) -> Table:
    """A row for each finding, with the verdict of the models above the floor beside."""
    scores = claim_scores(results)
    pairs = zip(findings(scores), findings(scores, above_floor=True), strict=True)
    notes = (
        "Differences of cosine similarity (3b: of the share of relevance on ink), paired over folds. Interval and p "
        "have Nadeau and Bengio's correction for overlapping training sets; effect: Hedges' g of paired differences. "
        f"Equal means: the interval lies within ±{MARGIN:g}. An interval that contains 0 decides nothing.",
    )
    return Table("Claims of the thesis", HEADER, [_row(*pair) for pair in pairs], notes)


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
