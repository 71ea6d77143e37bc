"""The CSV layout of labelled series: a row for each step (``data.own.files`` describes it)."""

import csv
import pathlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TextIO

import numpy as np

from thesis_rnn.data.own.samples import Samples
from thesis_rnn.errors import InputError

KEYS = ["sample", "step", "label"]


@dataclass
class _Sample:
    label: str
    steps: list[int] = field(default_factory=list)
    numbers: array = field(default_factory=lambda: array("d"))  # a tenth of the memory of a list of strings


@contextmanager
def text_file(path: pathlib.Path) -> Iterator[TextIO]:
    """The open CSV file, without the byte order mark that spreadsheets write."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            yield file
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: expected UTF-8 text; received {error}") from error


def read_table(path: pathlib.Path) -> Samples:
    """Reads the samples of a CSV file in the order of their first rows.

    Raises:
      InputError: a header without the columns, a row of another width, a step or cell that is not a number, two labels
        for one sample, steps with a gap or a repetition.
    """
    samples: dict[str, _Sample] = {}
    with text_file(path) as file:
        rows = csv.reader(file)
        header = next(rows, [])
        features, marks = _columns(header, path)
        for row in rows:
            if row:
                _add(samples, row, header, f"{path}, line {rows.line_num}")
    tables = [_in_order_of_steps(name, sample, path) for name, sample in samples.items()]
    labels = [sample.label for sample in samples.values()]
    values = [table[:, : len(features)] for table in tables]
    evidence = [_evidence(table[:, len(features) :]) for table in tables] if marks else None
    return Samples(values, labels, evidence, list(samples), features)


def _columns(header: list[str], path: pathlib.Path) -> tuple[list[str], list[str]]:
    """The features' columns and those of the evidence behind them."""
    marks = [name for name in header if name == "evidence" or name.startswith("evidence:")]
    features = [name for name in header[len(KEYS) :] if name not in marks]
    wanted = ([], ["evidence"], [f"evidence:{name}" for name in features])
    if header != KEYS + features + marks or not features or marks not in wanted:
        layout = "sample,step,label, a column per feature, then none, evidence, or evidence:<feature> for each feature"
        raise InputError(f"{path}: expected the columns {layout}; received {','.join(header) or 'nothing'}")
    return features, marks


def _add(samples: dict[str, _Sample], row: list[str], header: list[str], place: str) -> None:
    if len(row) != len(header):
        raise InputError(f"{place}: expected {len(header)} cells; received {len(row)}")
    name, step, label, *cells = row
    sample = samples.setdefault(name, _Sample(label))
    if sample.label != label:
        raise InputError(f"{place}: expected label {sample.label!r} in each row of sample {name}; received {label!r}")
    try:
        sample.steps.append(int(step))
        sample.numbers.extend([float(cell or "nan") for cell in cells])  # an empty cell is a missing value
    except ValueError as error:
        received = str(error).partition(": ")[2]  # int() and float() end with what they could not read
        message = f"{place}: expected an integer as step and numbers behind the label; received {received}"
        raise InputError(message) from None


def _in_order_of_steps(name: str, sample: _Sample, path: pathlib.Path) -> np.ndarray:
    """The sample's numbers [steps, columns], its rows sorted by step."""
    order = np.argsort(sample.steps, kind="stable")
    steps = np.array(sample.steps)[order]
    for before, after in pairwise(steps):
        if after != before + 1:
            received = f"step {after} after step {before} in sample {name}"
            raise InputError(f"{path}: steps must count up by one; received {received}")
    return np.array(sample.numbers).reshape(len(steps), -1)[order]


def _evidence(marks: np.ndarray) -> np.ndarray:
    return marks[:, 0] if marks.shape[1] == 1 else marks
