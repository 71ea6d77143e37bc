"""The cells of an explanation by name: as rows, the strongest, and in a few lines of text."""

from collections import Counter

import numpy as np

from thesis_rnn.attribution.inputs.axes import Axes, OfLengths
from thesis_rnn.attribution.inputs.structure import leaves_of
from thesis_rnn.support.checks import at_least_one

AXES = {1: ("feature",), 2: ("step", "feature"), 3: ("step", "row", "column"), 4: ("step", "row", "column", "channel")}
"""The axes of one sample by their number."""


def long_form(explanation) -> dict[str, list]:
    """Columns of all cells: names, the input's value where it is known, and relevance."""
    rows = [row for sample in range(len(explanation.target)) for row in _rows(explanation, sample)]
    return {name: [row[name] for row in rows] for name in _columns(rows)}


def top_cells(explanation, k: int, samples=None) -> list[list[dict]]:
    """For each of the ``samples``, by default all, the ``k`` cells of largest |relevance|."""
    at_least_one(k=k)
    chosen = range(len(explanation.target)) if samples is None else samples
    samples = [_rows(explanation, sample) for sample in chosen]
    return [sorted(rows, key=lambda row: -abs(row["relevance"]))[:k] for rows in samples]


def summary(explanation) -> str:
    """What was explained, how, and what came of it, a line each."""
    n, every = len(explanation.target), explanation.explained.ndim > 1
    parameters = ", ".join(f"{name}={short_value(value)}" for name, value in explanation.parameters.items())
    target = "every class" if every else _counted([class_name(explanation, one) for one in explanation.target])
    shapes = ", ".join(_shape(leaf) for leaf in leaves_of(explanation.relevance))
    lines = {
        "target": target,
        "explained": _mean(explanation.explained),
        "relevance": f"{shapes}, sums to {_mean(explanation.received)}",
        "strongest": "" if every else _strongest(explanation),
    }
    if explanation.conserves:
        lines["absorbed"] = _mean(explanation.absorbed)
    text = [f"Explanation of {n} {'sample' if n == 1 else 'samples'} by {explanation.method}({parameters})"]
    text += [f"  {name:10} {line}" for name, line in lines.items() if line]
    return "\n".join([*text, *(f"  note       {note}" for note in explanation.notes)])


def class_name(explanation, target: int) -> str:
    """The name of a class, or its number."""
    names = explanation.class_names
    return names[target] if names and 0 <= target < len(names) else f"{target}"


def cell_name(row: dict) -> str:
    """A row's place in words: "step 3, feature age"."""
    places = {name: value for name, value in row.items() if name not in ("sample", "value", "relevance")}
    if "token" in places:
        return f"{places['token']!r} at step {places['step']}"
    return ", ".join(f"{name} {value}" for name, value in places.items())


def _rows(explanation, sample: int) -> list[dict]:
    """The cells of one sample."""
    leaves = leaves_of(explanation.relevance)
    values = [None] * len(leaves) if explanation.x is None else leaves_of(explanation.x)
    axes = explanation.axes or (Axes(),) * len(leaves)
    rows = []
    for leaf, x, names in zip(leaves, values, axes, strict=True):
        shown = None if x is None else np.asarray(x[sample])
        rows += _rows_of(explanation, sample, np.asarray(leaf[sample]), shown, names)
    return rows


def _rows_of(explanation, sample: int, relevance: np.ndarray, x, names: Axes) -> list[dict]:
    every = explanation.explained.ndim > 1
    shape = relevance.shape[every:]
    axes = (
        ("step",)
        if names.tokens and len(shape) == 1
        else AXES.get(len(shape), [f"axis {k}" for k in range(len(shape))])
    )
    start = {"sample": explanation.sample_names[sample] if explanation.sample_names else sample}
    start |= {"input": names.input} if names.input else {}
    rows = []
    for place in np.ndindex(relevance.shape):
        row = start | ({"class": class_name(explanation, place[0])} if every else {})
        value = x[place[every:]].item() if x is not None and x.shape == shape else None
        row |= _named(names, sample, dict(zip(axes, place[every:], strict=True)), value)
        if value is not None and not names.tokens:
            row["value"] = value
        rows.append(row | {"relevance": relevance[place].item()})
    return rows


def _named(names: Axes, sample: int, place: dict, value) -> dict:
    if names.tokens and "step" in place:
        return place | {"token": f"{names.step(sample, place['step']) if names.steps else value}"}
    if "step" in place:
        place["step"] = names.step(sample, place["step"])
    if "feature" in place:
        place["feature"] = names.feature(place["feature"])
    return place


def _columns(rows: list[dict]) -> list[str]:
    """The columns of all rows; inputs may have different axes."""
    names = dict.fromkeys(name for row in rows for name in row)
    for row in rows:
        row |= {name: None for name in names if name not in row}
    last = [name for name in ("value", "relevance") if name in names]
    return [*(name for name in names if name not in last), *last]


def _strongest(explanation) -> str:
    rows = top_cells(explanation, 1, range(min(1, len(explanation.target))))
    rows = rows[0] if rows else []
    return f"{cell_name(rows[0])}: {rows[0]['relevance']:.3g} (sample 0)" if rows else ""


def _counted(names: list[str]) -> str:
    counts = Counter(names).most_common(5)
    return ", ".join(f"{name} ({count})" for name, count in counts) + (", ..." if len(set(names)) > 5 else "")


def _mean(values: np.ndarray) -> str:
    return f"{np.mean(values):.4g}" if np.size(values) == 1 else f"{np.mean(values):.4g} on average"


def _shape(leaf) -> str:
    if isinstance(leaf, OfLengths):
        return f"{len(leaf)} of {min(map(len, leaf))} to {max(map(len, leaf))} steps"
    return str(list(leaf.shape))


def short_value(value) -> str:
    """A parameter in a line: arrays by their shape."""
    return f"array {np.shape(value)}" if np.ndim(value) else f"{value}"
