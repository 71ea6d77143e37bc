"""The scores of the comparison: a row for each run and method, and what chance has on the same run."""

import functools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from thesis_rnn.papers.selection import CHANCE, where, wide
from thesis_rnn.papers.shickel_2020.claims import ERASURE, RANDOM, ROC_AUC, SECONDS, SELECTIVITY, VALENCE
from thesis_rnn.plans.results import Results

MEASURES = {
    SELECTIVITY: "selectivity",
    "comprehensiveness(unit=steps)": "comprehensiveness",
    "sufficiency(unit=steps)": "sufficiency",
    "entropy": "entropy",
    ROC_AUC: "ROC-AUC",
    "mass_accuracy": "mass",
    VALENCE: "valence",
    SECONDS: "ms per sample",
}
"""Measure -> its column."""
FILES = ("all_steps", "boxes")
RELATIVE = "relative"
"""The column of a method's gain over chance in selectivity, as a share of what erasing step by step gains."""


@functools.lru_cache(maxsize=1)  # all tables are made of the same results
def comparison_scores(results: Results) -> pd.DataFrame:
    """The rows of all methods and of noise, with a column for each of ``MEASURES``, ``RELATIVE`` and the accuracy."""
    rows = pd.concat([wide(results[name], *MEASURES) for name in FILES], ignore_index=True)
    rows = results.beside_facts(rows[rows.architecture != CHANCE], "accuracy")
    return rows.assign(**{RELATIVE: _relative(rows)})


def of_methods(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that are of methods."""
    return rows[~rows.method.str.startswith("(")]


def of_run(rows: pd.DataFrame, method: str, names: Sequence[str] = ("dataset", "architecture", "seed")) -> pd.Series:
    """The selectivity of one method by run."""
    return where(rows, method=method).set_index(list(names))[SELECTIVITY]


def _relative(rows: pd.DataFrame) -> np.ndarray:
    """(s - chance) / (erasure - chance) of the same run; NaN where erasing gains nothing."""
    key = pd.MultiIndex.from_frame(rows[["dataset", "architecture", "seed"]])
    chance, erasure = (of_run(rows, method).reindex(key).to_numpy() for method in (RANDOM, ERASURE))
    gain = erasure - chance
    return np.where(gain > 0, (rows[SELECTIVITY].to_numpy() - chance) / np.where(gain > 0, gain, 1), np.nan)
