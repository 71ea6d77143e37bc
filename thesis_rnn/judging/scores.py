"""The numbers of a judgement: each method by each measure on two halves of the samples, with chance and time."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.inputs.axes import Axes
from thesis_rnn.attribution.methods import MethodSpec
from thesis_rnn.errors import ConvergenceWarning
from thesis_rnn.judging.subject import Subject
from thesis_rnn.measures import MeasureSpec, Scored
from thesis_rnn.measures.faithfulness.fills import is_tokens
from thesis_rnn.statistics.intervals import mean_interval

COSTS = {
    "selectivity": (22, 0),
    "comprehensiveness": (6, 0),
    "sufficiency": (6, 0),
    "log_odds_drop": (6, 0),
    "infidelity": (21, 0),
    "step_flipping": (7, 0),
    "patch_flipping": (31, 0),
    "masked_accuracy": (1, 0),
    "continuity": (6, 5),
    "max_sensitivity": (0, 10),
    "randomisation": (0, 1),
    "negation": (2, 1),
}
"""Measure -> predictions and explanations per sample, with its default parameters; those not named take neither."""


@dataclass
class Method:
    """A method that applies.

    Attributes:
      spec: its name and parameters.
      scored: its heatmaps of all samples, and how to make more.
      seconds: what they took, without compiling.
      compiling: what compiling took.
      warned: what was said of its heatmaps.
      values: measure -> its values on the two halves; None on the first, where it does not rank.
      took: measure -> seconds.
    """

    spec: MethodSpec
    scored: Scored
    seconds: float
    compiling: float
    warned: list[str] = field(default_factory=list)
    values: dict[str, tuple[np.ndarray | None, np.ndarray]] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)


def tried(subject: Subject, spec: MethodSpec) -> Method:
    """The method with its heatmaps.

    Raises:
      InputError: what ``explain`` refuses.
    """
    scored, started = subject.scored, time.perf_counter()
    explainer = subject.explainer(spec)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ConvergenceWarning)
        explainer(scored.x[:2], scored.target[:2], batch_size=scored.batch_size)
        compiled = time.perf_counter()
        said.clear()  # of the first two
        record = explainer(scored.x, scored.target, batch_size=scored.batch_size)
    ended = time.perf_counter()

    def again(x, target):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # said once, of the samples themselves
            return explainer(x, target, batch_size=scored.batch_size).relevance

    made = scored._replace(
        relevance=record.relevance, explanation=record, positive_only=spec.positive_only, explain=again
    )
    return Method(spec, made, ended - compiled, compiled - started, [str(one.message) for one in said])


def estimate(method: Method, measure: MeasureSpec, seconds_per_prediction: float) -> float:
    """How many seconds the measure will take of the method on all samples."""
    predictions, explanations = COSTS.get(measure.name, (0, 0))
    n = len(method.scored.x)
    used = min(n, 2 * (measure.measure.samples or n))
    return used * (predictions * seconds_per_prediction + explanations * method.seconds / n)


def halves(scored: Scored) -> tuple[Scored, Scored]:
    """The first half of the samples, which ranks, and the other, which is scored."""
    middle = len(scored.x) // 2
    return scored.between(0, middle), scored.between(middle, None)


def of_first(method: Method) -> Explanation:
    """The method's explanation of the first sample that is scored."""
    scored, middle = method.scored, len(method.scored.x) // 2
    first, axes = slice(middle, middle + 1), (Axes(tokens=True),) if is_tokens(scored.x) else ()
    return replace(_record(scored.explanation, first), x=scored.x[first], axes=axes)


def are_same(first: Method, second: Method) -> bool:
    """Whether two methods give the same heatmaps, up to rounding."""
    a, b = first.scored.relevance, second.scored.relevance
    return bool(np.allclose(a, b, rtol=1e-6, atol=1e-9 * np.abs(a).max()))


def measured(method: Method, measure: MeasureSpec, ranks: bool) -> None:
    """Scores the half that is told, and the one that ranks where the measure does."""
    started = time.perf_counter()
    parts = zip(halves(method.scored), _records(method.scored), (ranks, True), strict=True)
    method.values[measure.text] = tuple(
        of_samples(measure, part._replace(explanation=record)) if asked else None for part, record, asked in parts
    )
    method.took[measure.text] = time.perf_counter() - started


def of_samples(measure: MeasureSpec, scored: Scored) -> np.ndarray:
    """A number for each sample [n]; NaN for those of an expensive measure that are not looked at."""
    enough = measure.measure.samples
    some = scored.first(enough) if enough and len(scored.x) > enough else scored
    values = np.asarray(measure.measure.function(some, **measure.parameters), float)
    return np.concatenate([values, np.full(len(scored.x) - len(values), np.nan)])


def chance_of(measure: MeasureSpec, half: Scored) -> np.ndarray | None:
    """What heatmaps that know nothing get [n]; None where the measure has none."""
    row = measure.measure
    if row.chance is None:
        return None
    return of_samples(measure, half.beside(row.chance(half, **measure.parameters)))


def summary(values: np.ndarray) -> tuple[float, float, float, int]:
    """Mean, ends of the 95% interval and number of the samples that have a value; NaN and 0 where none has."""
    known = values[~np.isnan(values)]
    return tuple(mean_interval(known)) if len(known) else (np.nan, np.nan, np.nan, 0)


def better(measure: MeasureSpec, values: np.ndarray) -> np.ndarray:
    """``values`` such that higher is better."""
    return -values if measure.measure.better == "lower" else values


def _records(scored: Scored) -> Sequence:
    """The parts of the record that measures of conservation read, of both halves."""
    record, middle = scored.explanation, len(scored.x) // 2
    if record is None:
        return None, None
    return [_record(record, part) for part in (slice(middle), slice(middle, None))]


def _record(record: Explanation, part: slice) -> Explanation:
    arrays = (getattr(record, name)[part] for name in ("relevance", "logits", "target", "value", "explained"))
    return Explanation(*arrays, record.method, conserves=record.conserves)
