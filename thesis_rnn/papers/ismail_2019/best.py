"""The paper's claim: input-cell attention beats all other models, by both scores and on every data set."""

import pandas as pd

from thesis_rnn.papers.ismail_2019.published import DATA, TABLE_1
from thesis_rnn.papers.ismail_2019.scores import COMPARED, box_scores, of_models
from thesis_rnn.papers.selection import by_seed, groups, interval_text, over_seeds, title_of, where
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table
from thesis_rnn.statistics import linear_contrast, verdict
from thesis_rnn.statistics.verdicts import HOLDS

CLAIMED = "lstm_ica"
BETTER = {"weighted_jaccard": ("WJac", "positive"), "euclidean": ("Euc", "negative")}
"""Score -> its column, and the sign of a difference that is better."""


def best_of_all(results: Results) -> Table:
    """A row for each data set and score: input-cell attention beside the best of the other models of Table 1."""
    rows = where(of_models(box_scores(results)), method=COMPARED)
    rows = rows[rows.architecture.isin(TABLE_1) & rows.dataset.isin(DATA)]
    cells = [
        _cells(data, score, own)
        for (data,), own in groups(rows, "dataset", first=DATA)
        for score in BETTER
        if CLAIMED in set(own.architecture) and own.architecture.nunique() > 1
    ]
    worse = [row for row in cells if row[-1] != HOLDS and not _is_better(row)]
    told = "; ".join(f"{data} ({title} {own} against {other} of {best})" for data, title, own, best, other, _ in worse)
    notes = (
        f"It does in {sum(row[-1] == HOLDS for row in cells)} of {len(cells)} rows. "
        f"Its mean is behind in {len(worse)}{': ' if told else ''}{told}.",
        "Saliency of the probability, mean over seeds ± half of its 95% t interval; low Euc is good. The verdict is on "
        "the difference to the best of the other three, paired over seeds.",
    )
    header = ["data set", "score", "input-cell attention", "best other", "its score", "it beats all others"]
    return Table("Does input-cell attention beat all others?", header, cells, notes)


def _cells(dataset: str, score: str, rows: pd.DataFrame) -> list[str]:
    title, better = BETTER[score]
    claimed, others = where(rows, architecture=CLAIMED), rows[rows.architecture != CLAIMED]
    means = others.groupby("architecture")[score].mean()
    best = means.idxmax() if better == "positive" else means.idxmin()
    own, other = by_seed(claimed, score), by_seed(where(others, architecture=best), score)
    seeds = [seed for seed in own if seed in other]
    intervals = [interval_text(over_seeds(scored, score)) for scored in (claimed, where(others, architecture=best))]
    return [dataset, title, intervals[0], title_of(best), intervals[1], _word(own, other, seeds, better)]


def _is_better(row: list[str]) -> bool:
    """Whether the mean is, by the numbers that are printed."""
    own, other = (float(row[place].split()[0]) for place in (2, 4))
    return own > other if row[1] == "WJac" else own < other


def _word(own: dict[str, float], other: dict[str, float], seeds: list[str], better: str) -> str:
    if not seeds:
        return ""
    arms = {"own": [own[seed] for seed in seeds], "other": [other[seed] for seed in seeds]}
    contrast = linear_contrast(arms, {"own": 1, "other": -1}, test_to_train=0)
    return verdict(contrast, better).replace("fold", "seed")
