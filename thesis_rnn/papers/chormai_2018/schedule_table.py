"""Do the conclusions hang on the schedule? The same architectures under another profile's, side by side."""

from collections.abc import Sequence

from thesis_rnn.papers.chormai_2018 import published
from thesis_rnn.papers.selection import fitting, shown, sorted_keys, spread, title_of
from thesis_rnn.plans.results import Results, Row
from thesis_rnn.reporting.tables import Table

PROFILE = "constant"
"""The profile that is there to be compared; it has this table and no other."""


def schedules(results: Results) -> Table:
    """Accuracy and cosine similarities of what was run under ``PROFILE`` and under others, original split."""
    rows = fitting(results["schedules"], fold="original")
    compared = sorted_keys(fitting(rows, profile=PROFILE), "dataset", "architecture")
    cells = []
    for dataset, arch in compared:
        own = fitting(rows, dataset=dataset, architecture=arch)
        cells += [[dataset, title_of(arch), *_cells(fitting(own, profile=each))] for (each,) in _profiles(own)]
    notes = (
        f"Profile {PROFILE}: the thesis' own rate of 2e-4 without decay, for as many of its 100 epochs as the table "
        "says. The others: the flagfiles in flags/standard and flags/full.",
    )
    header = ["data set", "architecture", "profile", "epochs", "accuracy", *published.METHODS]
    return Table("The same architectures under other schedules, original split", header, cells, notes)


def _profiles(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    return sorted_keys([row for row in rows if row["profile"] != "quick"], "profile")


def _cells(rows: Sequence[Row]) -> list[str]:
    accuracy = shown(spread(rows, "accuracy", scale=100), digits=2)
    by_method = [fitting(rows, method=method) for method in published.METHODS]
    cosines = [shown(spread(own, "cosine")) if own else "" for own in by_method]
    return [rows[0]["profile"], rows[0]["epochs"], accuracy, *cosines]
