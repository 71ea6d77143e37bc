"""The scores of series with planted evidence: a row for each run and method, beside the facts of the run."""

import functools
from collections.abc import Collection

import pandas as pd

from thesis_rnn.data import PROBLEMS, BoxData
from thesis_rnn.papers.ismail_2019.published import TABLE_2
from thesis_rnn.papers.selection import CHANCE, in_order, where, wide
from thesis_rnn.plans.results import Results

COMPARED, LOGIT = "saliency(output=log_odds)", "saliency"
"""The method that the published numbers are compared with, and the saliency of the logit, which methods explain."""

MEASURES = (
    "weighted_jaccard",
    "euclidean",
    "roc_auc",
    "average_precision",
    "mass_accuracy",
    "masked_accuracy",
    "half_life",
)

CHANCE_TITLES = {
    "(uniform)": "uniform noise",
    "(half_normal)": "half-normal noise",
    "(empty)": "empty map",
    "(last_step)": "last step only",
    "(oracle)": "the box itself",
}
"""Maps that know nothing, and the evidence itself."""


@functools.lru_cache(maxsize=1)  # all tables are made of the same results
def box_scores(results: Results) -> pd.DataFrame:
    """The rows of all models, and of the maps that know nothing, with a column for each of ``MEASURES``."""
    return results.beside_facts(wide(results["boxes"], *MEASURES), "accuracy", "ended_by")


def of_models(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of models that attend, if they do, to all steps at all steps."""
    return rows[(rows.architecture != CHANCE) & (rows.variant == "")]


def problems(rows: pd.DataFrame) -> list[str]:
    """The problems that occur: boxes, then others."""
    return in_order(rows.dataset, first=_BOXES)


_BOXES = [name for name in PROBLEMS if isinstance(PROBLEMS[name].source, BoxData)]


def models(rows: pd.DataFrame) -> list[str]:
    """The models that occur, those of Table 2 first and in its order."""
    return in_order(set(rows.architecture) - {CHANCE}, first=(*TABLE_2, "gru", "gru_ica"))


def present(rows: pd.DataFrame, methods: Collection[str]) -> list[str]:
    """Those of ``methods`` that occur."""
    found = set(rows.method)
    return [method for method in methods if method in found]


def chance_mean(rows: pd.DataFrame, dataset: str, chance: str, measure: str) -> float:
    """What a map that knows nothing scores on a problem."""
    return where(of_chance(rows), dataset=dataset, method=chance)[measure].item()


def of_chance(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the maps that know nothing."""
    return rows[rows.architecture == CHANCE]
