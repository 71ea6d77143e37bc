"""Choosing, ordering and averaging rows of boxes.csv."""

from collections.abc import Sequence

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.architectures.series import TABLE_2
from thesis_rnn.data import PROBLEMS
from thesis_rnn.papers.selection import fitting
from thesis_rnn.plans.box_rows import CHANCE
from thesis_rnn.plans.results import Row
from thesis_rnn.statistics import Interval, mean_interval

COMPARED, LOGIT = "saliency_probability", "saliency"
"""The map that the published numbers are compared with, and the saliency of the logit, which methods explain."""

CHANCE_TITLES = {
    "uniform": "uniform noise",
    "half_normal": "half-normal noise",
    "empty": "empty map",
    "last_step": "last step only",
    "oracle": "the box itself",
}


def whole_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows of models that attend, if they do, to all steps at all steps."""
    return [row for row in rows if row["model"] != CHANCE and not row["window"] and not row["last_steps"]]


def data_sets(rows: Sequence[Row]) -> list[str]:
    """The data sets that occur, in the order of ``PROBLEMS``, then others."""
    order = [name.removeprefix("box_") for name in PROBLEMS if name.startswith("box_")]
    return _ordered({row["data"] for row in rows}, order)


def models(rows: Sequence[Row]) -> list[str]:
    """The models that occur, those of Table 2 first and in its order."""
    return _ordered({row["model"] for row in rows} - {CHANCE}, [*TABLE_2, "gru", "gru_ica", *ARCHITECTURES])


def maps(rows: Sequence[Row]) -> list[str]:
    """The maps that occur, in the order of the file."""
    return list(dict.fromkeys(row["map"] for row in rows))


def _ordered(values: set[str], order: Sequence[str]) -> list[str]:
    return sorted(values, key=lambda value: (order.index(value) if value in order else len(order), value))


def by_seed(rows: Sequence[Row], column: str) -> dict[str, float]:
    """Seed -> score, in the order of the seeds."""
    own = sorted((row for row in rows if row[column]), key=lambda row: int(row["seed"]))
    return {row["seed"]: float(row[column]) for row in own}


def over_seeds(rows: Sequence[Row], column: str, scale: float = 1) -> Interval | None:
    """The mean over seeds with its 95% t interval; None without rows."""
    values = [scale * value for value in by_seed(rows, column).values()]
    return mean_interval(values) if values else None


def chance_mean(rows: Sequence[Row], data: str, chance: str, column: str) -> float:
    """A chance map's score on a data set."""
    [row] = fitting(rows, model=CHANCE, data=data, map=chance)
    return float(row[column])


def model_title(name: str) -> str:
    """The model's name for people."""
    return ARCHITECTURES[name].title
