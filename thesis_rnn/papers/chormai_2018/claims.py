"""The thesis' claims, each as one contrast that was written down before any fold was run, and what the folds say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from thesis_rnn.papers.chormai_2018.published import FLOOR, MAJORITY, METHODS
from thesis_rnn.plans.results import Row
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
      score: the column that is compared: "cosine" or "ink_share".
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
    *(Claim("2a", f"{method}: R-LSTM is better than Deep", gain("rlstm", "deep", (method,))) for method in METHODS),
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
        score="ink_share",
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


def findings(rows: Sequence[Row], above_floor: bool = False) -> list[Finding]:
    """The findings of all claims on all data sets that the rows of ``cross_validation.csv`` speak of.

    Args:
      rows: of one profile.
      above_floor: leave out models whose accuracy is below the thesis' floor.
    """
    present = sorted({row["dataset"] for row in rows}, key=lambda name: (name not in MAJORITY, name))
    kept = [row for row in rows if not (above_floor and is_below_floor(row))]
    return [
        _finding(claim, dataset, kept)
        for claim in CLAIMS
        for dataset in present
        if dataset in claim.datasets or dataset not in MAJORITY
    ]


def is_below_floor(row: Row) -> bool:
    """Whether the row's model is less accurate than the thesis asks of one that is explained."""
    return 100 * float(row["accuracy"]) < FLOOR.get(row["dataset"], 0.0)


def _finding(claim: Claim, dataset: str, rows: Iterable[Row]) -> Finding:
    values = _by_split(claim, [row for row in rows if row["dataset"] == dataset])
    original = [arms for (fold, _), arms in values.items() if fold == "original"]
    folds = sorted((split for split in values if split[0] != "original"), key=lambda split: int(split[0]))
    contrast = _contrast(claim, [values[split] for split in folds], int(folds[0][1])) if folds else None
    return Finding(claim, dataset, contrast, _verdict(claim, contrast), _mean_weighted(claim, original))


def _by_split(claim: Claim, rows: Iterable[Row]) -> dict[tuple[str, str], dict[Arm, float]]:
    """(fold, folds) -> the score of each arm, the mean over seeds; only splits that have every arm."""
    seen: dict[tuple[str, str], dict[Arm, list[float]]] = {}
    for row in rows:
        arm = row["architecture"], row["method"]
        if arm in claim.weights and row[claim.score]:
            seen.setdefault((row["fold"], row["folds"]), {}).setdefault(arm, []).append(float(row[claim.score]))
    means = {split: {arm: sum(own) / len(own) for arm, own in arms.items()} for split, arms in seen.items()}
    return {split: arms for split, arms in means.items() if arms.keys() == claim.weights.keys()}


def _contrast(claim: Claim, folds: Sequence[Mapping[Arm, float]], count: int) -> Contrast:
    arms = {" ".join(arm): [values[arm] for values in folds] for arm in claim.weights}
    weights = {" ".join(arm): weight for arm, weight in claim.weights.items()}
    return linear_contrast(arms, weights, test_to_train=1 / (count - 1))


def _verdict(claim: Claim, contrast: Contrast | None) -> str:
    if contrast is None:
        return "undecided: no folds yet"
    return verdict_of_equality(contrast, MARGIN) if claim.expected == "equal" else verdict(contrast, claim.expected)


def _mean_weighted(claim: Claim, splits: Sequence[Mapping[Arm, float]]) -> float:
    if not splits:
        return float("nan")
    return sum(weight * values[arm] for values in splits for arm, weight in claim.weights.items()) / len(splits)
