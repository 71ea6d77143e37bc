"""Tables 1 and 2 of Ismail et al. (2019): saliency on box data, published beside measured."""

from collections.abc import Sequence

from thesis_rnn.papers.ismail_2019.published import DATA, MISPRINT, PUBLISHED
from thesis_rnn.papers.ismail_2019.selection import (
    COMPARED,
    LOGIT,
    by_seed,
    chance_mean,
    model_title,
    over_seeds,
    whole_rows,
)
from thesis_rnn.papers.selection import fitting, shown
from thesis_rnn.plans.results import Results, Row
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


def published_table(results: Results, title: str, models: Sequence[str]) -> Table:
    """A row for each data set and model that was run."""
    rows = [row for row in whole_rows(results["boxes"]) if row["model"] in models and row["data"] in DATA]
    cells = []
    for data in DATA:
        for model in models:
            own = fitting(rows, data=data, model=model, map=COMPARED)
            if own:
                cells.append(_cells(own, fitting(rows, data=data, model=model, map=LOGIT)))
    return Table(title, HEADER, cells, (*NOTES, *_below_noise(results["boxes"], rows)))


def _cells(compared: Sequence[Row], logit: Sequence[Row]) -> list[str]:
    data, model = compared[0]["data"], compared[0]["model"]
    published = PUBLISHED[model, data]
    capped = sum(row["hit_the_cap"] == "true" for row in compared)
    scores = [
        cell
        for name in ("weighted_jaccard", "euclidean")
        for cell in (
            getattr(published, name),
            *(shown(over_seeds(own, name)) for own in (compared, logit)),
        )
    ]
    accuracy = shown(over_seeds(compared, "accuracy", scale=100), digits=1)
    return [
        data,
        model_title(model),
        str(len(by_seed(compared, "accuracy"))),
        str(capped),
        *scores,
        published.accuracy,
        accuracy,
    ]


def _below_noise(rows: Sequence[Row], runs: Sequence[Row]) -> list[str]:
    """How many of the measured and of the published scores uniform noise beats."""
    compared = fitting(runs, map=COMPARED)
    pairs = sorted({(row["model"], row["data"]) for row in compared})
    if not pairs:
        return []
    noise = {data: chance_mean(rows, data, "uniform", "weighted_jaccard") for _, data in pairs}
    printed = [(PUBLISHED[pair].weighted_jaccard, noise[pair[1]]) for pair in pairs]
    printed = [float(score) < chance for score, chance in printed if score != MISPRINT]
    measured = [
        over_seeds(fitting(compared, model=model, data=data), "weighted_jaccard").mean < noise[data]
        for model, data in pairs
    ]
    low, high = min(noise.values()), max(noise.values())
    return [
        f"Uniform noise has a weighted Jaccard of {low:.3f} to {high:.3f} on these data sets. It beats "
        f"{sum(measured)} of {len(measured)} measured and {sum(printed)} of {len(printed)} published scores."
    ]
