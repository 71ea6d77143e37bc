"""The claims that are no differences of means: 4c of spreads over folds, 5 of time steps, 7 of seeds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from thesis_rnn.papers.chormai_2018.published import METHODS
from thesis_rnn.papers.selection import ORIGINAL, groups, in_order, title_of, where, wide
from thesis_rnn.plans.results import Results
from thesis_rnn.statistics import Ratio, spread_over_noise, variance_ratio
from thesis_rnn.statistics.verdicts import DOES_NOT_HOLD, HOLDS

PROPAGATION = METHODS[2:]
LITERAL = {"conv_plus_deep": "convdeep", "conv_plus_rlstm_sd": "convrlstm_sd"}
"""Architecture with literal connections -> the same without."""
SEEDED = ("shallow", "deep", "rlstm_sd")
LAST, STEPS, SHARE = 3, 7, 0.9
"""Of Shallow-7's relevance, more than this share lies on the last steps."""
CLASS = "1"
"""Digit 1 and Trouser, as in Figure 3.7."""
INTENSITY = "(pixel mass)"
ON_ONE_RUN = {True: f"{HOLDS} on one run", False: f"{DOES_NOT_HOLD} on one run"}


@dataclass(frozen=True)
class Told:
    """A claim on one data set.

    Attributes:
      name, text, dataset, expected: of the claim.
      original: what the original split has, or empty.
      folds: how many there are, or empty.
      measured: with its interval, or empty.
      verdict, words: in a word, in a sentence.
    """

    name: str
    text: str
    dataset: str
    expected: str
    original: str
    folds: str
    measured: str
    verdict: str
    words: str


# ---- 4c: literal connections make explanations less stable


def stability(results: Results) -> list[Told]:
    """The variance over folds of the mean cosine similarity, with literal connections over without."""
    scores = wide(results["cross_validation"], "cosine")
    scores = scores[(scores.fold != ORIGINAL) & scores.method.isin(METHODS) & (scores.variant == "")]
    means = scores.groupby(["dataset", "architecture", "fold"])["cosine"].mean()
    return [
        _stability(literal, plain, dataset, means)
        for literal, plain in LITERAL.items()
        for dataset in in_order(scores.dataset)
        if len(_pairs(means, dataset, literal, plain)) > 1
    ]


def _pairs(means: pd.Series, dataset: str, literal: str, plain: str) -> pd.DataFrame:
    table = means.loc[[dataset]].unstack("architecture").reindex(columns=[literal, plain])
    return table.dropna()


def _stability(literal: str, plain: str, dataset: str, means: pd.Series) -> Told:
    pairs = _pairs(means, dataset, literal, plain)
    found = variance_ratio(pairs[literal].tolist(), pairs[plain].tolist())
    text = f"literal connections make {title_of(plain)}'s explanations less stable (ratio of variances over folds)"
    verdict = _exceeds(found)
    words = {
        HOLDS: f"Yes: at least {found.low:.1f} times the variance.",
        DOES_NOT_HOLD: f"No: at most {found.high:.2f} times the variance.",
    }.get(verdict, f"Not decided: {found.n} folds do not tell which varies more.")
    return Told("4c", text, dataset, "above 1", "", str(found.n), ratio_text(found), verdict, words)


def _exceeds(found: Ratio) -> str:
    if found.low > 1:
        return HOLDS
    return DOES_NOT_HOLD if found.high < 1 else f"undecided at {found.n} folds"


def ratio_text(found: Ratio) -> str:
    """The ratio with its interval, where it has one."""
    if np.isnan(found.low):
        return f"{found.ratio:.2f}".replace("nan", "-")
    return f"{found.ratio:.2f} [{found.low:.2f}, {found.high:.2f}]"


# ---- 5: relevance over time steps


def time_steps(results: Results) -> list[Told]:
    """Figure 3.7's two sentences: where Shallow-7 puts its relevance, and whose follows the image's intensity."""
    rows = where(results["step_shares"], steps=str(STEPS), fold=ORIGINAL, **{"class": CLASS})
    told = []
    for (dataset,), own in groups(rows, "dataset"):
        shares = {key: _by_step(mine) for key, mine in groups(own, "architecture", "method")}
        arms = [(arch, method) for arch in ("shallow", "deep") for method in (*PROPAGATION, INTENSITY)]
        if all(arm in shares for arm in arms):
            told += [_last_steps(dataset, shares), _distances(dataset, shares)]
    return sorted(told, key=lambda each: each.name)


def _by_step(rows: pd.DataFrame) -> np.ndarray:
    return rows.groupby(rows.step.astype(int))["value"].mean().to_numpy()


def _last_steps(dataset: str, shares: dict) -> Told:
    last = [shares["shallow", method][-LAST:].sum() for method in PROPAGATION]
    holds = bool(min(last) > SHARE)
    words = f"{'Yes' if holds else 'No'}: {_percents(last)} by DTD and LRP."
    text = "Shallow-7 has over 90% of its relevance by DTD and LRP on the last 3 steps (the least share)"
    return Told("5a", text, dataset, f"above {SHARE}", f"{min(last):.3f}", "", "", ON_ONE_RUN[holds], words)


def _distances(dataset: str, shares: dict) -> Told:
    far = {
        arch: [total_variation(shares[arch, method], shares[arch, INTENSITY]) for method in PROPAGATION]
        for arch in ("shallow", "deep")
    }
    gains = [shallow - deep for shallow, deep in zip(far["shallow"], far["deep"], strict=True)]
    holds = min(gains) > 0
    numbers = " and ".join(
        f"{deep:.2f} against {shallow:.2f}" for shallow, deep in zip(far["shallow"], far["deep"], strict=True)
    )
    words = f"{'Yes' if holds else 'No'}: {numbers} by DTD and LRP."
    text = "Deep-7's relevance follows the image's intensity over time more than Shallow-7's (total variation distance)"
    return Told("5b", text, dataset, "positive", f"{min(gains):+.3f}", "", "", ON_ONE_RUN[holds], words)


def total_variation(first: np.ndarray, second: np.ndarray) -> float:
    """Half the sum of absolute differences of two distributions: 0 the same, 1 apart."""
    return float(np.abs(np.asarray(first) - np.asarray(second)).sum() / 2)


def _percents(shares: list[float]) -> str:
    return " and ".join(f"{100 * share:.1f}%" for share in shares)


# ---- 7: initialisation


def initialisation(results: Results) -> list[Told]:
    """The spread over seeds of cosine similarity and accuracy, over what the test sequences alone would give."""
    scores = where(results["cross_validation"], fold=ORIGINAL, measure="cosine", variant="")
    scores = results.beside_facts(scores[scores.architecture.isin(SEEDED) & scores.method.isin(METHODS)], "accuracy")
    told = [_initialisation(*key, own) for key, own in groups(scores, "dataset", "architecture")]
    return [each for each in told if each]


def _initialisation(dataset: str, architecture: str, rows: pd.DataFrame) -> Told | None:
    """None without two seeds, or an interval within a run."""
    noises = _noises(rows)
    if rows.seed.nunique() < 2 or not noises:
        return None
    cosine = _over_methods(rows, noises)
    accuracies = rows.drop_duplicates("seed").accuracy
    binomial = float(np.sqrt((accuracies * (1 - accuracies)).mean() / rows.n.max()))
    accuracy = spread_over_noise(accuracies.tolist(), binomial)
    verdict = _differs(cosine, accuracy)
    words = (
        f"The cosines of {cosine.n} seeds spread {cosine.ratio:.1f} times as far as test sequences alone would make "
    )
    words += f"them, their accuracies {ratio_text(accuracy)} times."
    text = f"initialisation changes {title_of(architecture)}'s explanations but not its accuracy"
    return Told("7", text, dataset, "above 1", "", "", ratio_text(cosine), verdict, words)


def _noises(rows: pd.DataFrame) -> dict[str, float]:
    """Method -> the standard error within a run, of its 95% interval."""
    halves = ((rows.high - rows.low) / 2 / stats.norm.ppf(0.975)).groupby(rows.method).mean()
    return halves[halves > 0].to_dict()


def _over_methods(rows: pd.DataFrame, noises: dict[str, float]) -> Ratio:
    """The ratio of the method whose spread is the median: no method is picked for what it shows."""
    found = [
        spread_over_noise(own.value.tolist(), noises[method])
        for (method,), own in groups(rows, "method")
        if method in noises and len(own) > 1
    ]
    return sorted(found)[(len(found) - 1) // 2]


def _differs(cosine: Ratio, accuracy: Ratio) -> str:
    if cosine.high < 1 or accuracy.low > 1:
        return DOES_NOT_HOLD
    return HOLDS if cosine.low > 1 else f"undecided at {cosine.n} seeds"


OTHERS: dict[str, Callable[[Results], list[Told]]] = {
    "4c": stability,
    "5": time_steps,
    "7": initialisation,
}
"""Claim -> what is told of it on each data set."""
