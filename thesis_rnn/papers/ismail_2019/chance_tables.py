"""Localisation scores beside those of maps that know nothing, and where two scores disagree."""

from collections.abc import Mapping

import pandas as pd

from thesis_rnn.measures import chance_corrected, opposite_orders
from thesis_rnn.papers.ismail_2019.scores import (
    CHANCE_TITLES,
    COMPARED,
    box_scores,
    models,
    of_chance,
    of_models,
    problems,
)
from thesis_rnn.papers.selection import over_seeds, title_of, where
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table

SCORES = {
    "weighted_jaccard": "WJac",
    "euclidean": "Euc",
    "roc_auc": "ROC-AUC",
    "average_precision": "AP",
    "mass_accuracy": "mass",
}
"""Score -> its column."""
FIRST, SECOND = "weighted_jaccard", "roc_auc"
"""The published score, and the one that noise cannot win."""


def beside_chance(results: Results) -> Table:
    """For each data set the chance maps and then the models, each score with its corrected form."""
    rows, cells = box_scores(results), []
    for data in problems(of_models(rows)):
        chance = where(of_chance(rows), dataset=data)
        cells += [
            [data, title, *_corrected(chance, _chance_means(chance, name))] for name, title in CHANCE_TITLES.items()
        ]
        cells += [[data, title_of(model), *_corrected(chance, own)] for model, own in _means(rows, data).items()]
    notes = (
        "Saliency of the probability, mean over seeds, above it maps that know nothing of the model and, as the best "
        "there is, the box itself. After each score its corrected form, (score - uniform noise) / (the box itself - "
        "uniform noise): 0 is no better than noise, below 0 worse, 1 as good as the box. Low Euc is good.",
    )
    header = ["data set", "map", *(column for title in SCORES.values() for column in (title, f"{title} corrected"))]
    return Table("Localisation beside chance", header, cells, notes)


def opposite(results: Results) -> Table:
    """How often weighted Jaccard and ROC-AUC rank two models in opposite order, and the clearest case."""
    rows, cells = box_scores(results), []
    for data in problems(of_models(rows)):
        means = _means(rows, data)
        if len(means) > 1:
            cells.append([data, *_order_cells(means)])
    notes = (
        "Saliency of the probability, mean over seeds. Preferred models stand with their weighted Jaccard and ROC-AUC. "
        "The clearest case is the pair in opposite order with the largest difference in ROC-AUC.",
    )
    header = ["data set", "pairs", "in opposite order", "best by WJac", "best by ROC-AUC"]
    header += ["clearest case: WJac prefers", "ROC-AUC prefers"]
    return Table("Where weighted Jaccard and ROC-AUC rank models in opposite order", header, cells, notes)


def _means(rows: pd.DataFrame, data: str) -> dict[str, dict[str, float]]:
    """Model -> score -> mean over seeds, of the saliency that is compared."""
    own = where(of_models(rows), dataset=data, method=COMPARED)
    runs = {model: where(own, architecture=model) for model in models(own)}
    return {model: {score: over_seeds(mine, score).mean for score in SCORES} for model, mine in runs.items()}


def _chance_means(chance: pd.DataFrame, name: str) -> dict[str, float]:
    """Score -> what a map that knows nothing has on a problem, of whose ``chance`` rows one is its."""
    return where(chance, method=name)[list(SCORES)].iloc[0].to_dict()


def _corrected(chance: pd.DataFrame, means: Mapping[str, float]) -> list[str]:
    cells = []
    noise, oracle = (_chance_means(chance, name) for name in ("(uniform)", "(oracle)"))
    for score, mean in means.items():
        corrected = round(float(chance_corrected(mean, noise[score], oracle[score])), 2) + 0.0  # no minus before a zero
        cells += [f"{mean:.3f}", f"{corrected:+.2f}"]
    return cells


def _order_cells(means: Mapping[str, Mapping[str, float]]) -> list[str]:
    found = opposite_orders(means, FIRST, SECOND)
    pairs = len(means) * (len(means) - 1) // 2
    best = [max(means, key=lambda model: means[model][score]) for score in (FIRST, SECOND)]
    clearest = max(found, key=lambda pair: means[pair[1]][SECOND] - means[pair[0]][SECOND], default=())
    words = [_words(model, means[model]) for model in (*best, *clearest)]
    return [str(pairs), str(len(found)), *words, *[""] * (4 - len(words))]


def _words(model: str, scores: Mapping[str, float]) -> str:
    return f"{title_of(model)} ({scores[FIRST]:.3f}, {scores[SECOND]:.3f})"
