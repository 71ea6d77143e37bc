"""Scoring explanations by measures: long-form rows of methods, and of the heatmaps that they are read beside.

A row is {method, label, measure, class, step, epoch, value, low, high, n}: class and step are "" where a value is of
all of them, epoch where it is of the trained model; low and high, the 95% interval of a mean over samples, are None
for what is no mean. Heatmaps that are no method's have their name in brackets.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from thesis_rnn.attribution import MethodSpec, explain_by
from thesis_rnn.attribution.tape.explained import Predictor
from thesis_rnn.data.problem import Problem, Split
from thesis_rnn.measures.measure import ARRAYS, Scored
from thesis_rnn.measures.specs import MeasureSpec, chosen_measures, given_by_problem, given_by_split
from thesis_rnn.statistics.intervals import mean_interval
from thesis_rnn.support.progress import bar

CHUNK = 500
"""Samples whose relevance is held at once."""

Row = dict


def score_model(
    model,
    split: Split,
    methods: Sequence[MethodSpec],
    measures: Sequence[MeasureSpec] | None = None,
    problem: Problem | None = None,
    *,
    explain: Callable = explain_by,
    chunk: int = CHUNK,
    seed: int = 0,
    valence: np.ndarray | None = None,
) -> list[Row]:
    """The rows of each method and of what it is read beside, of the true classes of ``split``.

    Args:
      model: a Keras model that ``explain`` covers.
      split: samples; relevance of no more than ``chunk`` of them is held at once.
      methods: as ``method_specs`` gives them.
      measures: as ``chosen_measures`` gives them; by default those of the problem, or all usual ones.
      problem: says what "removed" means; without one it is -1 for pixels, else 0.
      explain: ``explain(model, x, target, spec)`` -> Explanation.
      chunk: samples that are explained and scored at once.
      seed: of random orders, ties and noise.
      valence: what people say of each token, in the shape of ``split.x``; None where nobody was asked.

    Returns:
      Rows, methods first.

    Raises:
      InputError: what a method or a measure refuses.
    """
    if measures is None:
        given = given_by_problem(problem, split.x.shape[1]) if problem else given_by_split(split)
        measures = chosen_measures(problem.measures if problem else "", given)
    whole = _without_relevance(model, split, problem, seed)._replace(valence=valence)
    rows: list[Row] = []
    for spec in methods:
        rows += score(spec.text, _explained(whole, spec, explain, chunk), measures, spec.label)
    return rows + score_references(whole, measures, chunk)


def score(method: str, scored_chunks: Iterable[Scored], measures: Sequence[MeasureSpec], label: str = "") -> list[Row]:
    """The rows of one method, from what was scored chunk by chunk.

    Expensive measures are taken of the first samples together, whatever the size of a chunk.
    """
    values: dict[MeasureSpec, list[np.ndarray]] = {spec: [] for spec in measures}
    enough = max((spec.measure.samples or 0 for spec in measures), default=0)
    first: list[Scored] = []
    targets: list[np.ndarray] = []
    for chunk in scored_chunks:
        held = sum(len(part.target) for part in first)
        if held < enough:
            first.append(chunk.first(enough - held))
        targets.append(chunk.target)
        for spec in (each for each in measures if not each.measure.samples):
            values[spec].append(spec.measure.function(chunk, **spec.parameters))
    if first:
        joined = _joined(first)
        for spec in (each for each in measures if each.measure.samples):
            values[spec].append(spec.measure.function(joined.first(spec.measure.samples), **spec.parameters))
    y = np.concatenate(targets) if targets else np.zeros(0, int)
    return [row for spec in measures for row in _rows(method, label or method, spec, values[spec], y)]


def score_references(scored: Scored, measures: Sequence[MeasureSpec], chunk: int = CHUNK) -> list[Row]:
    """The rows of the heatmaps that measures are read beside, such as noise; ``scored.relevance`` is not read.

    Returns:
      Rows, for each measure by itself.
    """
    rows: list[Row] = []
    for spec in measures:
        measure = spec.measure
        if measure.references is None:
            continue
        values: dict[str, list[np.ndarray]] = {}
        targets: dict[str, list[np.ndarray]] = {}
        enough = measure.reference_samples
        for part in [scored.first(enough)] if enough else _parts(scored, chunk):
            for name, heatmaps in measure.references(part, **spec.parameters).items():
                beside = part.beside(heatmaps)
                values.setdefault(name, []).append(measure.function(beside, **spec.parameters))
                targets.setdefault(name, []).append(beside.target)
        for name, each in values.items():
            rows += _rows(name, name, spec, each, np.concatenate(targets[name]))
    return rows


def _without_relevance(model, split: Split, problem: Problem | None, seed: int) -> Scored:
    pixels = "bounded" in given_by_split(split)
    return Scored(
        relevance=np.broadcast_to(np.float32(0), split.x.shape),
        x=split.x,
        target=np.asarray(split.y),
        evidence=split.evidence,
        lengths=getattr(split, "lengths", None),
        predict=Predictor(model),
        background=problem.background if problem else -1.0 if pixels else 0.0,
        box=(-1.0, 1.0) if pixels else None,
        model=model,
        seed=seed,
    )


def _explained(whole: Scored, spec: MethodSpec, explain: Callable, chunk: int) -> Iterator[Scored]:
    parts = bar(list(_parts(whole, chunk)), f"evaluating {spec.label}", "batch")
    for part in parts:
        record = explain(part.model, part.x, part.target, spec)

        def again(x, target):
            return explain_by(whole.model, x, target, spec, background=whole.background).relevance

        yield part._replace(
            relevance=record.relevance, explanation=record, positive_only=spec.positive_only, explain=again
        )


def _parts(scored: Scored, size: int) -> Iterator[Scored]:
    for start in range(0, len(scored.target), size):
        yield scored.between(start, start + size)


def _joined(parts: Sequence[Scored]) -> Scored:
    if len(parts) == 1:
        return parts[0]
    names = [name for name in ARRAYS if getattr(parts[0], name) is not None]
    return parts[0]._replace(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _rows(method: str, label: str, spec: MeasureSpec, parts: Sequence[np.ndarray], y: np.ndarray) -> Iterator[Row]:
    if not parts:
        return
    values = np.concatenate(parts)
    classes = {"": slice(None)}
    if spec.measure.by_class:
        classes |= {int(label): y[: len(values)] == label for label in np.unique(y)}
    for class_, chosen in classes.items():
        steps = enumerate(values[chosen].T, start=1) if spec.measure.by_step else [("", values[chosen])]
        for step, amounts in steps:
            if summary := _summary(spec.measure.summary, amounts[~np.isnan(amounts.astype(float))]):
                key = {"method": method, "label": label, "measure": spec.text, "class": class_, "step": step}
                yield key | {"epoch": ""} | summary


def _summary(kind: str, values: np.ndarray) -> dict | None:
    """Value, low, high and n; None where no sample has a value."""
    if not len(values):
        return None
    if kind == "mean":
        value, low, high, n = mean_interval(values)
        low, high = (None if np.isnan(end) else end for end in (low, high))
        return {"value": value, "low": low, "high": high, "n": n}
    value = {"sum": lambda: int(values.sum()), "median": lambda: float(np.median(values))}
    value |= {"largest": lambda: float(values.max())}
    return {"value": value[kind](), "low": None, "high": None, "n": len(values)}
