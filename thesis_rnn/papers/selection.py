"""Choosing, ordering and averaging rows of the result files, and what stands in them for people."""

import functools
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.attribution import method_names, method_spec
from thesis_rnn.data import PROBLEMS
from thesis_rnn.plans.results import RUN_KEY
from thesis_rnn.statistics import Interval, mean_interval

ORIGINAL = "original"
"""The fold of runs on the data set's own split."""
CHANCE = "(chance)"
"""The architecture, or the method, of what knows nothing."""


def wide(scores: pd.DataFrame, *measures: str) -> pd.DataFrame:
    """A row for each run and method with a column for each of ``measures``, NaN where a score was not taken."""
    rows = scores[scores.measure.isin(measures)]
    pivoted = rows.pivot(index=[*RUN_KEY, "method"], columns="measure", values="value")
    return pivoted.reindex(columns=list(measures)).reset_index().rename_axis(columns=None)


def where(rows: pd.DataFrame, **values: str) -> pd.DataFrame:
    """The rows that have these values."""
    chosen = np.ones(len(rows), bool)
    for column, value in values.items():
        chosen &= (rows[column] == value).to_numpy(bool)
    return rows[chosen]


def groups(rows: pd.DataFrame, *names: str, first: Sequence[str] = ()) -> list[tuple[tuple[str, ...], pd.DataFrame]]:
    """The combinations of columns that occur, in the order of ``in_order``, each with its rows."""
    found = dict(iter(rows.groupby(list(names), sort=False)))
    return [(key, found[key]) for key in sorted(found, key=lambda key: [_place(part, first) for part in key])]


def in_order(values: Collection[str], first: Sequence[str] = ()) -> list[str]:
    """Those of ``first``, then problems, architectures, methods in the order of their tables, then numbers, words."""
    return sorted(set(values), key=lambda value: _place(value, first))


def _place(value: str, first: Sequence[str]) -> tuple:
    if value in first:
        return (0, list(first).index(value), "")
    name = value.partition("(")[0]
    if name in _places():
        return (1, _places()[name], value)
    return (2, int(value) if value.isdecimal() else 0, value)


@functools.cache
def _places() -> dict[str, int]:
    return {name: place for place, name in enumerate([*PROBLEMS, *ARCHITECTURES, *method_names()])}


def over_splits(rows: pd.DataFrame, column: str, scale: float = 1) -> Interval:
    """The mean of a column over folds with its interval; over the runs of the original split where there are no folds.

    Runs of the same fold count once, as their mean. So do those of the original split, which differ in nothing but the
    seed: their interval would say nothing of other data.
    """
    folds = rows[rows.fold != ORIGINAL]
    means = [own[column].mean() for _, own in groups(folds if len(folds) else rows, "fold", "folds")]
    return mean_interval([scale * mean for mean in means])


def by_seed(rows: pd.DataFrame, column: str) -> dict[str, float]:
    """Seed -> score, in the order of the seeds."""
    scores = zip(rows["seed"], rows[column].tolist(), strict=True)
    return dict(sorted((pair for pair in scores if not pd.isna(pair[1])), key=lambda pair: int(pair[0])))


def over_seeds(rows: pd.DataFrame, column: str, scale: float = 1) -> Interval | None:
    """The mean over seeds with its 95% t interval; None without rows."""
    values = [scale * value for value in by_seed(rows, column).values()]
    return mean_interval(values) if values else None


def interval_text(interval: Interval | None, digits: int = 3) -> str:
    """``mean ± half of the interval``, without the latter where it is of one value."""
    if interval is None:
        return ""
    half = f" ± {(interval.high - interval.low) / 2:.{digits}f}" if interval.n > 1 else ""
    return f"{interval.mean:.{digits}f}{half}"


def title_of(architecture: str) -> str:
    """The architecture's name for people."""
    return ARCHITECTURES[architecture].title


@functools.cache
def label_of(method: str) -> str:
    """The method's name in tables; what stands in brackets is no method and keeps its name."""
    return method if method.startswith("(") else method_spec(method).label
