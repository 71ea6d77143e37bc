"""The thesis' claims, each as one contrast that was written down before any fold was run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thesis_rnn.papers.chormai_2018.published import MAJORITY, METHODS
from thesis_rnn.papers.selection import label_of

Arm = tuple[str, str]
"""(architecture, method)."""

SA, GB, DTD, LRP = METHODS
PROPAGATION = (DTD, LRP)
FULL = "full"
"""The profile of the thesis' own schedule."""
BEST = "(best rule)"
"""The propagation rule of an architecture that has the best cosine similarity on ``CHOOSING``, which then decides
nothing."""
CHOOSING = "1"
"""The fold that chooses rules."""
MARGIN = 0.05
"""Of cosine similarity: differences up to this count as equal. The thesis' "almost identical" gives no number. A margin
of .02 could not be decided by seven folds: their differences have a standard deviation of .016, and so half an interval
of .022."""


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
      profile: the profile whose runs decide it; by default the one that is drawn.
    """

    name: str
    text: str
    weights: Mapping[Arm, float]
    expected: str = "positive"
    score: str = "cosine"
    datasets: Sequence[str] = field(default=MAJORITY)
    profile: str = ""


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
    *(
        Claim("1b", f"{label_of(method)}: ConvDeep is better than Deep", gain("convdeep", "deep", (method,)))
        for method in PROPAGATION
    ),
    Claim("1c", "DTD and LRP: R-LSTM is better than Shallow", gain("rlstm", "shallow", PROPAGATION)),
    Claim(
        "1d",
        "from Shallow to ConvDeep, SA and GB gain less than DTD and LRP",
        difference(gain("convdeep", "shallow", PROPAGATION), gain("convdeep", "shallow", (SA, GB))),
    ),
    *(
        Claim(
            "1e",
            f"{label_of(method)}: Deep is better than Shallow, under the thesis' schedule",
            gain("deep", "shallow", (method,)),
            profile=FULL,
        )
        for method in (SA, GB)
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
    Claim(
        "2d",
        "stationary dropout does not help R-LSTM on MNIST-MAJ",
        gain("rlstm_sd", "rlstm"),
        "negative",
        datasets=("mnist_maj",),
    ),
    Claim("3a", "ConvR-LSTM-SD is about equal to R-LSTM-SD", gain("convrlstm_sd", "rlstm_sd"), "equal"),
    Claim(
        "3b",
        "LRP: ConvR-LSTM-SD's heatmaps are cleaner than R-LSTM-SD's (share of positive relevance on ink)",
        gain("convrlstm_sd", "rlstm_sd", (LRP,)),
        score="foreground_mass_accuracy",
    ),
    Claim("4a", "literal connections do not help ConvDeep", gain("conv_plus_deep", "convdeep"), "negative"),
    Claim("4b", "literal connections hurt ConvR-LSTM-SD", gain("conv_plus_rlstm_sd", "convrlstm_sd"), "negative"),
    Claim(
        "6a",
        "DTD and LRP: R-LSTM-SD is better than LSTM by its best propagation rule",
        difference(mean_of("rlstm_sd", PROPAGATION), mean_of("lstm", (BEST,))),
    ),
    Claim(
        "6b",
        "LSTM by its best propagation rule is better than Deep by DTD and LRP",
        difference(mean_of("lstm", (BEST,)), mean_of("deep", PROPAGATION)),
    ),
)
"""4c, 5 and 7 are no differences of means: see ``other_claims``."""
