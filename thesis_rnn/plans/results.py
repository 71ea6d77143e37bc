"""The committed result files: rows in CSV files, of which the tables and figures are made."""

import csv
import io
import pathlib
from collections.abc import Mapping, Sequence

from thesis_rnn.errors import InputError
from thesis_rnn.support import files

Row = dict[str, str]
Results = Mapping[str, Sequence[Row]]
"""The rows of each result file by its name, and "schedules"; see ``results_of``."""

MADE_BY = ("thesis_rnn", "tensorflow", "keras", "numpy", "machine")
RUN_KEY = ("profile", "dataset", "architecture", "steps", "fold", "folds", "seed")
RUNS = (*RUN_KEY, "accuracy", "variables", "epochs", "best_epoch", "learning_rate", "seconds", *MADE_BY)
METHODS = (*RUN_KEY, "method", "cosine", "accuracy", "right_percentage", "ink_share", "step_flipping", "patch_flipping")
METHODS += ("unexplained", "zero_relevance", "epochs", "seconds", *MADE_BY)
STEPS = (*RUN_KEY, "class", "method", "step", "share")

EPOCHS = (*RUN_KEY, "epoch", "method", "cosine", "val_accuracy")
AGREEMENT_KEY = ("profile", "dataset", "architecture", "steps", "method")
AGREEMENT = (*AGREEMENT_KEY, "seeds", "rank_correlation")

BOXES_KEY = ("profile", "data", "model", "window", "last_steps", "seed", "map")
BOXES = (*BOXES_KEY, "accuracy", "masked_accuracy", "weighted_jaccard", "euclidean", "euclidean_printed", "roc_auc")
BOXES += ("average_precision", "mass_accuracy", "rank_accuracy", "pointing_game", "time_cosine", "half_life")
BOXES += ("updates", "hit_the_cap", "seconds", *MADE_BY)

KEYS = {
    "runs": RUN_KEY,
    "cross_validation": (*RUN_KEY, "method"),
    "step_shares": (*RUN_KEY, "class", "method", "step"),
    "epochs": (*RUN_KEY, "epoch", "method"),
    "seed_agreement": AGREEMENT_KEY,
    "boxes": BOXES_KEY,
}
"""The columns that name a row of each file; what is written again under the same name replaces it."""
COLUMNS = {
    "runs": RUNS,
    "cross_validation": METHODS,
    "step_shares": STEPS,
    "epochs": EPOCHS,
    "seed_agreement": AGREEMENT,
    "boxes": BOXES,
}


def filled(name: str, row: Row) -> Row:
    """The columns of a result file, in order; empty where ``row`` has none."""
    return {column: row.get(column, "") for column in COLUMNS[name]}


def read_results(folder: pathlib.Path, name: str) -> list[Row]:
    """The rows of ``<folder>/<name>.csv``; none if there is no such file.

    Raises:
      InputError: for a file with other columns.
    """
    path = folder / f"{name}.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        rows = list(reader)
    if tuple(reader.fieldnames or ()) != COLUMNS[name]:
        expected = f"a table with the columns {','.join(COLUMNS[name])}; restore or remove it"
        raise InputError(f"expected {expected}; received {path} with {','.join(reader.fieldnames or ())}")
    return rows


def results_of(folder: pathlib.Path, profile: str) -> Results:
    """A profile's rows of every file, and as "schedules" those of cross_validation whatever their profile."""
    stored = {name: read_results(folder, name) for name in COLUMNS}
    own = {name: [row for row in rows if row["profile"] == profile] for name, rows in stored.items()}
    return own | {"schedules": stored["cross_validation"]}


def write_results(folder: pathlib.Path, name: str, rows: Sequence[Row]) -> None:
    """Adds ``rows`` to ``<folder>/<name>.csv``, in the place of those that have the same key; rows are kept sorted."""
    merged = {_key(name, row): row for row in [*read_results(folder, name), *rows]}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS[name], lineterminator="\n")
    writer.writeheader()
    writer.writerows(merged[key] for key in sorted(merged))
    files.write_text(folder / f"{name}.csv", text.getvalue())


def _key(name: str, row: Row) -> tuple:
    return tuple((0, int(row[part]), "") if row[part].isdecimal() else (1, 0, row[part]) for part in KEYS[name])
