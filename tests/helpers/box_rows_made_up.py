"""Rows of boxes.csv written by hand, for tests of tables and figures."""

from thesis_rnn.measures import CHANCE_MAPS
from thesis_rnn.plans.box_rows import CHANCE
from thesis_rnn.plans.results import BOXES, Row

CHANCE_SCORES = {
    # weighted Jaccard, Euclidean distance, ROC-AUC, average precision, mass: round numbers near the true ones
    "uniform": (0.2, 1.2, 0.5, 0.24, 0.24),
    "half_normal": (0.14, 1.0, 0.5, 0.24, 0.24),
    "empty": (0.0, 1.0, 0.5, 0.24, 0.0),
    "last_step": (0.0, 1.02, 0.49, 0.24, 0.0),
    "oracle": (1.0, 0.0, 1.0, 1.0, 1.0),
}
NAMES = ("weighted_jaccard", "euclidean", "roc_auc", "average_precision", "mass_accuracy")


def box_row(data: str, model: str, name: str = "saliency_probability", seed: int = 0, **values) -> Row:
    """A row with these values, and some that every run has."""
    usual = {"profile": "p", "data": data, "model": model, "map": name, "seed": seed, "accuracy": 1.0}
    usual |= {"masked_accuracy": 0.9, "updates": 800, "hit_the_cap": "false", "seconds": 60, "half_life": 2.5}
    usual |= {"weighted_jaccard": 0.1, "euclidean": 0.9, "roc_auc": 0.6, "average_precision": 0.3, "mass_accuracy": 0.3}
    return dict.fromkeys(BOXES, "") | {key: str(value) for key, value in (usual | values).items()}


def chance_rows(*data: str) -> list[Row]:
    """The rows of the maps that know nothing."""
    return [
        box_row(each, CHANCE, name, accuracy="", **dict(zip(NAMES, CHANCE_SCORES[name], strict=True)))
        for each in data
        for name in CHANCE_MAPS
    ]
