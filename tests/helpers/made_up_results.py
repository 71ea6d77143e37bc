"""Result files written by hand, for tests of tables and figures."""

from thesis_rnn.papers.chormai_2018.published import METHODS
from thesis_rnn.papers.ismail_2019.scores import CHANCE_TITLES
from thesis_rnn.papers.selection import CHANCE
from thesis_rnn.plans.results import NAMES, RUN_KEY, Results, frame_of, key_of

SA, GB, DTD, LRP = METHODS
FILE = "file"
"""The key under which a row says which file it is of."""

CHANCE_SCORES = {
    # weighted Jaccard, Euclidean distance, ROC-AUC, average precision, mass: round numbers near the true ones
    "(uniform)": (0.2, 1.2, 0.5, 0.24, 0.24),
    "(half_normal)": (0.14, 1.0, 0.5, 0.24, 0.24),
    "(empty)": (0.0, 1.0, 0.5, 0.24, 0.0),
    "(last_step)": (0.0, 1.02, 0.49, 0.24, 0.0),
    "(oracle)": (1.0, 0.0, 1.0, 1.0, 1.0),
}
LOCALISATION = ("weighted_jaccard", "euclidean", "roc_auc", "average_precision", "mass_accuracy")
BOX_FACTS = ("accuracy", "updates", "ended_by", "seconds")


def results(*rows, profile="p") -> Results:
    """Result files of these rows, each of them or a list of them."""
    flat = [own for row in rows for own in (row if isinstance(row, list) else [row])]
    stored = {}
    for name in NAMES:
        own = [{key: value for key, value in row.items() if key != FILE} for row in flat if row[FILE] == name]
        stored[name] = frame_of(name, own).drop_duplicates(list(key_of(name)), keep="last")
    return Results(stored, profile)


def _row(file, usual, values):
    return {FILE: file} | {name: str(value) for name, value in (usual | values).items()}


def run(**values):
    """A row of runs.csv with these values and what every run has."""
    usual = {"profile": "p", "dataset": "mnist_maj", "steps": 12, "fold": "original", "folds": "", "seed": 0}
    usual |= {"accuracy": 0.99, "epochs": 3, "seconds": 60, "variables": 184330}
    return _row("runs", usual, values)


def score(file, measure, value, **values):
    """A row of a file of scores."""
    usual = {"profile": "p", "dataset": "mnist_maj", "steps": 12, "fold": "original", "folds": "", "seed": 0}
    return _row(file, usual | {"measure": measure, "value": value}, values)


def cosine(architecture, method, value, fold="original", accuracy=0.99, measure="cosine", **values):
    """A score of a majority problem, and its run."""
    own = {"architecture": architecture, "fold": fold, "folds": "" if fold == "original" else 7} | values
    facts = {name: own.pop(name) for name in ("epochs",) if name in own}
    return [score("cross_validation", measure, value, method=method, **own), run(accuracy=accuracy, **own, **facts)]


def box(dataset, architecture, method="saliency(output=log_odds)", seed=0, **values):
    """The scores of a method on boxes, these or usual ones, and its run."""
    usual = {"accuracy": 1.0, "updates": 800, "ended_by": "patience", "seconds": 60}
    usual |= {"masked_accuracy": 0.9, "half_life": 2.5}
    usual |= dict(zip(LOCALISATION, (0.1, 0.9, 0.6, 0.3, 0.3), strict=True))
    scores = usual | values
    place = {"dataset": dataset, "architecture": architecture, "seed": seed, "steps": 100}
    place |= {name: scores.pop(name) for name in RUN_KEY if name in scores}
    facts = {name: scores.pop(name) for name in BOX_FACTS}
    rows = [score("boxes", name, value, method=method, **place) for name, value in scores.items()]
    return [*rows, *([] if architecture == CHANCE else [run(**place, **facts)])]


def chance(*datasets):
    """The scores of the maps that know nothing."""
    return [
        row
        for dataset in datasets
        for method in CHANCE_TITLES
        for row in box(dataset, CHANCE, method, **dict(zip(LOCALISATION, CHANCE_SCORES[method], strict=True)))
    ]
