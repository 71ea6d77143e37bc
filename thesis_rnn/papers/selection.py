"""Choosing, ordering and averaging rows of the result files."""

from collections.abc import Sequence

import numpy as np

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.papers.chormai_2018 import published
from thesis_rnn.plans.results import Row
from thesis_rnn.statistics import Interval, mean_interval


def fitting(rows: Sequence[Row], **values: str) -> list[Row]:
    """The rows that have these values."""
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def sorted_keys(rows: Sequence[Row], *names: str) -> list[tuple[str, ...]]:
    """The combinations of columns that occur: MNIST before FashionMNIST, architectures in the order of the table."""
    return sorted({tuple(row[name] for name in names) for row in rows}, key=lambda key: tuple(map(place, key)))


_ORDER = [*published.MAJORITY, "mnist", "fashion_mnist", *ARCHITECTURES, *published.METHODS]
_PLACES = {name: place for place, name in enumerate(_ORDER)}


def place(value: str) -> tuple:
    """What a value is sorted by."""
    return (0, _PLACES[value], "") if value in _PLACES else (1, int(value) if value.isdecimal() else 0, value)


def title_of(architecture: str) -> str:
    """The architecture's name in the thesis."""
    return ARCHITECTURES[architecture].title


def spread(rows: Sequence[Row], column: str, scale: float = 1) -> Interval:
    """The mean of a column over folds with its interval; over the runs of the original split where there are no folds.

    Runs of the same fold count once, as their mean. So do those of the original split, which differ in nothing but the
    seed: their interval would say nothing of other data.
    """
    folds = [row for row in rows if row["fold"] != "original"] or rows
    splits = sorted_keys(folds, "fold", "folds")
    means = [np.mean([float(row[column]) for row in fitting(folds, fold=k, folds=n)]) for k, n in splits]
    return mean_interval(np.multiply(means, scale))


def shown(interval: Interval | None, digits: int = 3) -> str:
    """``mean ± half of the interval``, without the latter where it is of one value."""
    if interval is None:
        return ""
    half = f" ± {(interval.high - interval.low) / 2:.{digits}f}" if interval.n > 1 else ""
    return f"{interval.mean:.{digits}f}{half}"
