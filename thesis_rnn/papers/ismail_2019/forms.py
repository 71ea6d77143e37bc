"""What the forms of input-cell attention change: at the last steps only, to the last inputs only, hops side by side."""

import pandas as pd

from thesis_rnn.papers.ismail_2019.bridge import DATA
from thesis_rnn.papers.ismail_2019.scores import COMPARED, box_scores
from thesis_rnn.papers.selection import groups, interval_text, over_seeds, where
from thesis_rnn.plans.results import Results
from thesis_rnn.reporting.tables import Table

FORMS = {
    ("lstm", ""): "none",
    ("lstm_ica", "attend_last_steps=10"): "at the last 10 steps only",
    ("lstm_ica", "attention_window=10"): "to the last 10 inputs only",
    ("lstm_ica", ""): "all",
    ("lstm_ica", "attention_variant=flatten"): "all, hops side by side",
}
"""(architecture, variant) -> what it is called."""
SCORES = {"weighted_jaccard": "WJac", "euclidean": "Euc", "roc_auc": "ROC-AUC", "half_life": "half-life"}


def forms_of_attention(results: Results) -> Table:
    """A row for each data set and form, as far as it was run."""
    rows = where(box_scores(results), method=COMPARED)
    cells = [
        [data, title, *_cells(own)]
        for (data,), of_data in groups(rows[rows.dataset.isin(DATA)], "dataset", first=DATA)
        for (architecture, variant), title in FORMS.items()
        if len(own := where(of_data, architecture=architecture, variant=variant))
    ]
    notes = (
        "LSTM with input-cell attention; saliency of the probability, mean over seeds ± half of its 95% t interval. "
        "Half-life: how many of the last steps hold half of it; even relevance has 50. The paper's Figure 10 shows "
        '"attention applied to the last 10 time steps only", whose saliency "eventually vanishes" there; both readings '
        "of it are here.",
    )
    return Table("Forms of input-cell attention", ["data set", "attention", *SCORES.values(), "accuracy"], cells, notes)


def _cells(own: pd.DataFrame) -> list[str]:
    digits = {"half_life": 1}
    scores = [interval_text(over_seeds(own, score), digits=digits.get(score, 3)) for score in SCORES]
    return [*scores, interval_text(over_seeds(own, "accuracy", scale=100), digits=1)]
