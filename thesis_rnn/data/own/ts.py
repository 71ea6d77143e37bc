"""The .ts format of the UEA and UCR archives (timeseriesclassification.com), plain or in gzip.

Lines that begin with # are comments, those with @ a header that ends with @data; then a line per series: the values of
one dimension separated by commas, dimensions separated by colons, the class behind the last colon. Series may differ in
length. Time stamps, missing values ("?") and numbers in the place of classes are refused.
"""

import gzip
import pathlib
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from thesis_rnn.data.own.samples import Samples
from thesis_rnn.errors import InputError

LONGEST_LINE = 1 << 26
"""Characters; a longer line is not read further, so that no small compressed file fills the memory."""
MOST_CHARACTERS = 1 << 32


class _Header(NamedTuple):
    classes: list[str]
    dimensions: int | None
    length: int | None  # of all series; None if they may differ


def read_ts(path: pathlib.Path) -> Samples:
    """Reads the samples of a .ts file in their order.

    Raises:
      InputError: a damaged or endless file, no header, what is refused above, a series that contradicts the header, a
        value that is not a number. The message names the line, or sample, step and feature.
    """
    lines = _lines(path)
    header, values, labels = _header(lines, path), [], []
    for number, line in lines:
        *dimensions, label = line.split(":")
        place = f"{path}, line {number}"
        series = _series(dimensions, f"{place}, sample {len(labels)}")
        header = _checked(series, label.strip(), header, place)
        values.append(series)
        labels.append(label.strip())
    return Samples(values, labels)


def _lines(path: pathlib.Path) -> Iterator[tuple[int, str]]:
    """The numbered lines that are neither empty nor comments."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", errors="replace") as file:
            number = total = 0
            while line := file.readline(LONGEST_LINE + 1):
                number, total = number + 1, total + len(line)
                if len(line) > LONGEST_LINE or total > MOST_CHARACTERS:
                    limit = f"{LONGEST_LINE} characters a line, {MOST_CHARACTERS} in all"
                    raise InputError(f"{path}: expected at most {limit}; received more in line {number}")
                if line.strip() and not line.startswith("#"):
                    yield number, line.strip()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: expected an undamaged file; received {error}") from error


def _header(lines: Iterator[tuple[int, str]], path: pathlib.Path) -> _Header:
    said = {}
    for _, line in lines:
        name, *words = line.removeprefix("@").lower().split() if line.startswith("@") else [""]
        if name == "data":
            break
        if not name:
            raise InputError(f"{path}: expected a header of @ lines that ends with @data; received {line[:40]!r}")
        said[name] = line.split()[1:] if name == "classlabel" else words
    else:
        raise InputError(f"{path}: expected a header of @ lines that ends with @data; received none")
    if said.get("timestamps", ["false"])[:1] == ["true"]:
        raise InputError(f"{path}: expected values at equal distances; received @timeStamps true")
    has_classes, *classes = said.get("classlabel") or [""]
    if has_classes.lower() != "true" or not classes:
        received = " ".join(["@classLabel", has_classes, *classes]) if has_classes else "none"
        raise InputError(f"{path}: expected @classLabel true and the classes; received {received}")
    equal = said.get("equallength", [])[:1] == ["true"]
    dimensions = 1 if said.get("univariate", [])[:1] == ["true"] else _number(said, "dimensions", path)
    return _Header(classes, dimensions, _number(said, "serieslength", path) if equal else None)


def _number(said: dict[str, list[str]], name: str, path: pathlib.Path) -> int | None:
    words = said.get(name, [])
    if words and not words[0].isdecimal():
        raise InputError(f"{path}: expected a number behind @{name}; received {words[0]!r}")
    return int(words[0]) if words else None


def _series(dimensions: list[str], place: str) -> np.ndarray:
    """[steps, dimensions]."""
    columns = [_column(text.split(","), f"feature {feature} of {place}") for feature, text in enumerate(dimensions)]
    if len({len(column) for column in columns}) != 1:
        received = ", ".join(str(len(column)) for column in columns) or "no values"
        raise InputError(f"{place}: expected dimensions of one length and a class; received {received}")
    return np.stack(columns, axis=1)


def _column(words: list[str], place: str) -> np.ndarray:
    try:
        return np.array(words, np.float64)
    except ValueError:
        step, word = next((step, word) for step, word in enumerate(words) if not _is_number(word))
        what = "a missing value, '?'," if word.strip() == "?" else repr(word.strip())
        raise InputError(f"series must be whole and of numbers; received {what} at step {step}, {place}") from None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _checked(series: np.ndarray, label: str, header: _Header, place: str) -> _Header:
    """The header with the number of dimensions, if it did not say it."""
    dimensions = header.dimensions or series.shape[1]
    if series.shape[1] != dimensions:
        raise InputError(f"{place}: expected {dimensions} dimensions and a class; received {series.shape[1]}")
    if header.length is not None and len(series) != header.length:
        raise InputError(f"{place}: expected {header.length} steps, as @seriesLength says; received {len(series)}")
    if label not in header.classes:
        raise InputError(f"{place}: expected a class of {', '.join(header.classes)}; received {label!r}")
    return header._replace(dimensions=dimensions)
