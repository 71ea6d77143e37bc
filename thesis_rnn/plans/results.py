"""The result files: one row for each number, of which all tables and figures are made.

``runs.csv`` has a row for each run and its facts; every other file a row for each run, method and measure. Values are
text as they were written, so that no digit is lost or added, and become numbers once, in ``Results``. Columns that are
not known here are kept.
"""

import csv
import io
import pathlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from thesis_rnn.errors import InputError
from thesis_rnn.support import files

Row = Mapping[str, str]

RUN_KEY = ("paper", "profile", "dataset", "architecture", "steps", "fold", "folds", "seed", "variant")
"""What names a run. ``fold`` is a number or "original", ``variant`` what differs from its architecture, or empty."""
SCORE_KEY = (*RUN_KEY, "method", "measure", "class", "step", "epoch")
"""What names a score; ``class``, ``step`` and ``epoch`` are empty where it is of all of them."""
VALUES = ("value", "low", "high", "n")
"""A score's mean over the test samples of its run, the ends of its 95% interval, and their number."""
MADE_BY = ("thesis_rnn", "tensorflow", "keras", "numpy", "machine")
FACTS = ("accuracy", "variables", "epochs", "best_epoch", "learning_rate", "schedule", "updates", "ended_by", "seconds")

RUNS = "runs"
SCORES = ("cross_validation", "step_shares", "epochs", "seed_agreement", "boxes", "all_steps")
"""The files of scores: problems with evidence in blocks, without any, while models learn, over seeds, in cells, and
again without any, of all steps together."""
NAMES = (RUNS, *SCORES)
NUMBERS = {RUNS: ("accuracy", "seconds"), **dict.fromkeys(SCORES, VALUES)}
"""What becomes a number; empty text becomes NaN."""


def key_of(name: str) -> tuple[str, ...]:
    """The columns that name a row of a file; what is written again under the same name replaces it."""
    return RUN_KEY if name == RUNS else SCORE_KEY


def columns_of(name: str) -> tuple[str, ...]:
    """The columns that a file has in any case, in order."""
    return (*RUN_KEY, *FACTS, *MADE_BY) if name == RUNS else (*SCORE_KEY, *VALUES)


def frame_of(name: str, rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a table of text with the columns of a file and then others; empty where a row has none."""
    frame = pd.DataFrame(list(rows), dtype=object)
    known = columns_of(name)
    others = [column for column in frame.columns if column not in known]
    return frame.reindex(columns=[*known, *others], fill_value="").fillna("").astype(str)


def read_results(folder: pathlib.Path, name: str) -> pd.DataFrame:
    """The rows of ``<folder>/<name>.csv`` as text; none if there is no such file.

    Raises:
      InputError: for a file that is cut, damaged, or has none of the columns that name a row.
    """
    path = folder / f"{name}.csv"
    if not path.is_file():
        return frame_of(name, [])
    return frame_of(name, read_csv(path, key_of(name)).to_dict("records"))


def read_csv(path: pathlib.Path, key: Collection[str]) -> pd.DataFrame:
    """The cells of a csv file as text.

    Raises:
      InputError: for a file that is cut, damaged, or has not all the columns of ``key``.
    """
    header, *rows = _lines(path)
    missing = [column for column in key if column not in header]
    if missing:
        raise _refused(path, 1, f"expected the column{'s' * (len(missing) > 1)} {', '.join(missing)}")
    if len(set(header)) < len(header):
        raise _refused(path, 1, "expected each column once")
    return pd.DataFrame(rows, columns=header, dtype=object)


def write_results(folder: pathlib.Path, name: str, rows: pd.DataFrame) -> None:
    """Adds ``rows`` to ``<folder>/<name>.csv``, in the place of those that have the same key; rows are kept sorted."""
    key = list(key_of(name))
    stored = read_results(folder, name).to_dict("records")
    merged = frame_of(name, [*stored, *rows.to_dict("records")]).drop_duplicates(key, keep="last")
    places = [_sort_key(own) for own in merged[key].itertuples(index=False)]
    merged = merged.iloc[sorted(range(len(merged)), key=places.__getitem__)]
    text = io.StringIO(newline="")
    merged.to_csv(text, index=False, lineterminator="\n")
    files.write_text(folder / f"{name}.csv", text.getvalue())


def _sort_key(key: Iterable[str]) -> tuple:
    """Numbers in their order, then words."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in key)


def _lines(path: pathlib.Path) -> list[list[str]]:
    """The cells of a csv file, line by line, all of them as many as the first has."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(path, path.read_bytes()[: error.start].count(b"\n") + 1, "expected text in UTF-8") from None
    if not text.endswith("\n"):
        raise _refused(path, text.count("\n") + 1, "expected a line that ends" if text else "expected columns")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = []
        for line in reader:
            lines.append(line)
            if len(line) != len(lines[0]):
                raise _refused(path, reader.line_num, f"expected {len(lines[0])} cells, found {len(line)}")
    except csv.Error as error:
        raise _refused(path, reader.line_num, f"expected comma-separated values, {error}") from None
    return lines


def _refused(path: pathlib.Path, line: int, expected: str) -> InputError:
    mend = "restore the file, or remove it and repeat python -m thesis_rnn reproduce --draw_only where the runs are"
    return InputError(f"{expected}; {mend}; received {path}, line {line}")


@dataclass(frozen=True, eq=False)
class Results:
    """The result files as tables, their values as numbers.

    Attributes:
      stored: file -> all its rows, as text.
      profile: the profile whose rows ``results[file]`` gives.
    """

    stored: Mapping[str, pd.DataFrame]
    profile: str

    def of_paper(self, paper: str) -> "Results":
        """The same with the rows of one paper alone."""
        return Results({name: frame[frame.paper == paper] for name, frame in self.stored.items()}, self.profile)

    @cached_property
    def every_profile(self) -> dict[str, pd.DataFrame]:
        """File -> all its rows, with numbers."""
        return {name: _with_numbers(name, frame) for name, frame in self.stored.items()}

    def __getitem__(self, name: str) -> pd.DataFrame:
        frame = self.every_profile[name]
        return frame[frame.profile == self.profile]

    def beside_facts(self, scores: pd.DataFrame, *facts: str) -> pd.DataFrame:
        """Scores with facts of the runs that they are of; empty or NaN where the run is not known."""
        runs = self.every_profile[RUNS][[*RUN_KEY, *facts]]
        beside = scores.merge(runs, how="left", on=list(RUN_KEY))
        return beside.fillna({name: "" for name in facts if name not in NUMBERS[RUNS]})


def results_of(folder: pathlib.Path, profile: str) -> Results:
    """The result files of a folder, for a profile."""
    return Results({name: read_results(folder, name) for name in NAMES}, profile)


def _with_numbers(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {column: pd.to_numeric(frame[column], errors="coerce") for column in NUMBERS[name]}
    for column, values in numbers.items():
        wrong = frame[values.isna() & ~frame[column].isin(["", "nan"])]
        if len(wrong):
            [first, *_] = wrong.to_dict("records")
            where = ", ".join(first[part] for part in key_of(name) if first[part])
            raise InputError(f"{column} in {name}.csv must be a number; received {first[column]!r} of {where}")
    return frame.assign(**numbers)
