"""Localisation scores beside those of maps that know nothing, and where two scores disagree."""

from collections.abc import Mapping, Sequence

from thesis_rnn.measures import CHANCE_MAPS, chance_corrected, opposite_orders
from thesis_rnn.papers.ismail_2019.selection import (
    CHANCE_TITLES,
    COMPARED,
    chance_mean,
    data_sets,
    model_title,
    models,
    over_seeds,
    whole_rows,
)
from thesis_rnn.papers.selection import fitting
from thesis_rnn.plans.results import Results, Row
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
    rows, cells = results["boxes"], []
    for data in data_sets(whole_rows(rows)):
        cells += [[data, CHANCE_TITLES[name], *_chance_cells(rows, data, name)] for name in CHANCE_MAPS]
        means = _means(rows, data)
        cells += [[data, model_title(model), *_corrected(rows, data, own)] for model, own in means.items()]
    notes = (
        "Saliency of the probability, mean over seeds, above it maps that know nothing of the model and, as the best "
        "there is, the box itself. After each score its corrected form, (score - uniform noise) / (the box itself - "
        "uniform noise): 0 is no better than noise, below 0 worse, 1 as good as the box. Low Euc is good.",
    )
    header = ["data set", "map", *(column for title in SCORES.values() for column in (title, f"{title} corrected"))]
    return Table("Localisation beside chance", header, cells, notes)


def opposite(results: Results) -> Table:
    """How often weighted Jaccard and ROC-AUC rank two models in opposite order, and the clearest case."""
    rows, cells = results["boxes"], []
    for data in data_sets(whole_rows(rows)):
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


def _means(rows: Sequence[Row], data: str) -> dict[str, dict[str, float]]:
    """Model -> score -> mean over seeds, of the saliency that is compared."""
    own = fitting(whole_rows(rows), data=data, map=COMPARED)
    return {
        model: {score: over_seeds(fitting(own, model=model), score).mean for score in SCORES} for model in models(own)
    }


def _chance_cells(rows: Sequence[Row], data: str, name: str) -> list[str]:
    return _corrected(rows, data, {score: chance_mean(rows, data, name, score) for score in SCORES})


def _corrected(rows: Sequence[Row], data: str, means: Mapping[str, float]) -> list[str]:
    cells = []
    for score, mean in means.items():
        chance, oracle = (chance_mean(rows, data, name, score) for name in ("uniform", "oracle"))
        corrected = round(float(chance_corrected(mean, chance, oracle)), 2) + 0.0  # no minus before a zero
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
    return f"{model_title(model)} ({scores[FIRST]:.3f}, {scores[SECOND]:.3f})"
