"""The tables of the comparison: the review's Table 1, the claims, and every score."""

from collections.abc import Callable, Mapping

import pandas as pd

from thesis_rnn.papers.selection import groups, interval_text, label_of, over_seeds, title_of, where
from thesis_rnn.papers.shickel_2020.claims import RANDOM, SECONDS
from thesis_rnn.papers.shickel_2020.deciding import claims_table
from thesis_rnn.papers.shickel_2020.families import families_table
from thesis_rnn.papers.shickel_2020.scores import MEASURES, RELATIVE, comparison_scores, of_methods
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table


def scores_table(results: Results) -> Table:
    """A row for each problem, architecture and method, noise first."""
    rows, cells = comparison_scores(results), []
    for (dataset, architecture), own in groups(rows, "dataset", "architecture"):
        accuracy = interval_text(over_seeds(where(own, method=RANDOM), "accuracy", scale=100), digits=1)
        first = [dataset, title_of(architecture), accuracy]
        cells.append([*first, "noise", *_cells(where(own, method=RANDOM))])
        cells += [[*first, label_of(method), *_cells(one)] for (method,), one in groups(of_methods(own), "method")]
    notes = (
        "Mean over seeds ± half of its 95% t interval. Selectivity, comprehensiveness (high is good) and sufficiency "
        "(low is good) remove whole steps, or words. Share: of what erasure gains over noise in selectivity. ROC-AUC "
        "and mass: of the box's cells, or the words that people rate with the sign of the sentence; valence: rank "
        "correlation with people's ratings of words, whose chance is 0.",
    )
    header = ["data set", "model", "accuracy", "method", *MEASURES.values(), "share"]
    return Table("Scores of the families of the review", header, cells, notes)


def _cells(rows: pd.DataFrame) -> list[str]:
    columns = [(name, 1000 if name == SECONDS else 1) for name in MEASURES] + [(RELATIVE, 1)]
    return [interval_text(over_seeds(rows, name, scale), digits=3 if name != SECONDS else 1) for name, scale in columns]


TABLES: Mapping[str, Callable[[Results], Table]] = {
    "review_families": families_table,
    "review_claims": claims_table,
    "review_scores": scores_table,
}
"""The tables by name. A new one is a function of ``Results``, and a line here."""
