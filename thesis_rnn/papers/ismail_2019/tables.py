"""Tables 1 and 2 of Ismail et al. (2019): saliency on box data, published beside measured."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from thesis_rnn.papers.ismail_2019.best import best_of_all
from thesis_rnn.papers.ismail_2019.bridge import bridge, half_lives
from thesis_rnn.papers.ismail_2019.chance_tables import beside_chance, opposite
from thesis_rnn.papers.ismail_2019.forms import forms_of_attention
from thesis_rnn.papers.ismail_2019.published import DATA, MISPRINT, PUBLISHED, TABLE_1, TABLE_2
from thesis_rnn.papers.ismail_2019.scores import COMPARED, LOGIT, box_scores, chance_mean, of_models
from thesis_rnn.papers.selection import by_seed, groups, interval_text, over_seeds, title_of, where
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table

TITLE_1 = "Table 1 of Ismail et al. (2019): saliency on box data"
TITLE_2 = "Table 2 of Ismail et al. (2019): nine models"
HEADER = ("data set", "model", "seeds", "at the cap")
HEADER += tuple(f"{score} {kind}" for score in ("WJac", "Euc") for kind in ("published", "probability", "logit"))
HEADER += ("accuracy published", "accuracy")

NOTES = (
    "Mean over seeds ± half of its 95% t interval. Saliency is the absolute gradient of the true class' output, scaled "
    'to [0, 1] in each sample. Published numbers are of the probability after the softmax: "probability" is what to '
    'compare them with; "logit" is the gradient of the logit.',
    "At the cap: runs that were ended by the cap of updates, not by their training or validation accuracy. Differences "
    "to the paper: the cross-entropy is taken of the logits, the validation data choose the epoch (there: the test "
    "data), and training is capped.",
)


CAPS = ("updates", "epochs")
"""What ends a training that neither its training nor its validation accuracy ended."""


def published_table(results: Results, title: str, models: Sequence[str]) -> Table:
    """A row for each data set and model that was run."""
    scores = box_scores(results)
    rows = of_models(scores)
    rows = rows[rows.architecture.isin(models) & rows.dataset.isin(DATA)]
    runs = groups(where(rows, method=COMPARED), "dataset", "architecture", first=(*DATA, *models))
    cells = [_cells(*key, own, where(rows, dataset=key[0], architecture=key[1], method=LOGIT)) for key, own in runs]
    return Table(title, HEADER, cells, (*NOTES, *_below_noise(scores, where(rows, method=COMPARED))))


def _cells(dataset: str, model: str, compared: pd.DataFrame, logit: pd.DataFrame) -> list[str]:
    published = PUBLISHED[model, dataset]
    scores = [
        cell
        for name in ("weighted_jaccard", "euclidean")
        for cell in (getattr(published, name), *(interval_text(over_seeds(own, name)) for own in (compared, logit)))
    ]
    return [
        dataset,
        title_of(model),
        str(len(by_seed(compared, "accuracy"))),
        str(compared.ended_by.isin(CAPS).sum()),
        *scores,
        published.accuracy,
        interval_text(over_seeds(compared, "accuracy", scale=100), digits=1),
    ]


def _below_noise(scores: pd.DataFrame, compared: pd.DataFrame) -> list[str]:
    """How many of the measured and of the published scores uniform noise beats."""
    if not len(compared):
        return []
    measured = compared.groupby(["architecture", "dataset"])["weighted_jaccard"].mean()
    noise = {name: chance_mean(scores, name, "(uniform)", "weighted_jaccard") for name in set(compared.dataset)}
    beaten = sum(score < noise[dataset] for (_, dataset), score in measured.items())
    printed = [(PUBLISHED[pair].weighted_jaccard, noise[pair[1]]) for pair in measured.index]
    printed = [float(score) < chance for score, chance in printed if score != MISPRINT]
    return [
        f"Uniform noise has a weighted Jaccard of {min(noise.values()):.3f} to {max(noise.values()):.3f} on these data "
        f"sets. It beats {beaten} of {len(measured)} measured and {sum(printed)} of {len(printed)} published scores."
    ]


TABLES: Mapping[str, Callable[[Results], Table]] = {
    "boxes_table_1": lambda results: published_table(results, TITLE_1, TABLE_1),
    "boxes_table_2": lambda results: published_table(results, TITLE_2, TABLE_2),
    "boxes_best": best_of_all,
    "boxes_chance": beside_chance,
    "boxes_opposite_orders": opposite,
    "boxes_bridge": bridge,
    "boxes_vanishing": half_lives,
    "boxes_forms": forms_of_attention,
}
"""The tables by name. A new one is a function of ``Results``, and a line here."""
