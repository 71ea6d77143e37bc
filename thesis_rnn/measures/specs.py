"""Measures as they are named in flags and results, ``step_flipping(removed=6)``, and which of them fit a problem."""

import inspect
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from thesis_rnn.data.problem import Problem, Split
from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.fills import is_tokens
from thesis_rnn.measures.measure import MEASURES, NEEDS, Measure
from thesis_rnn.measures.reference_maps import are_pixels
from thesis_rnn.support.calls import Call, check_once, parse_calls
from thesis_rnn.support.kinds import check_kinds

FORMS = {4: "images", 3: "series", 2: "tokens"}
"""Axes of a batch of inputs -> their form."""
OF_A_MODEL = ("predict", "explanation", "explain", "model")
"""What a model and its methods give to measures."""


@dataclass(frozen=True)
class MeasureSpec:
    """A measure with the parameters that were given.

    Attributes:
      name: of ``MEASURES``.
      parameters: those of the measure's function that were given.

    Example:
      >>> MeasureSpec("step_flipping", {"removed": 6}).text
      'step_flipping(removed=6)'
    """

    name: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text

    @property
    def measure(self) -> Measure:
        """The row of the table."""
        return MEASURES[self.name]

    @property
    def text(self) -> str:
        """The key of the measure in results: its canonical text."""
        return str(Call(self.name, (), self.parameters))

    @property
    def title(self) -> str:
        """The name in tables and figures."""
        given = str(Call("", (), self.parameters)) if self.parameters else ""
        return f"{self.measure.title or self.name} {given}".strip()


def measure_names() -> list[str]:
    """The names that ``--measures`` knows.

    Returns:
      Names in the order of the table.

    Example:
      >>> "cosine" in measure_names()
      True
    """
    return MEASURES.names()


def measure_specs(text: str) -> list[MeasureSpec]:
    """The measures of a text in which semicolons separate them, checked.

    Args:
      text: such as "cosine; step_flipping(removed=6)".

    Returns:
      The measures, in the order of the text.

    Raises:
      InputError: for text of another form, an unknown measure or parameter, a value of another kind, or a measure named
        twice.

    Example:
      >>> [spec.text for spec in measure_specs("cosine; step_flipping( removed=6 )")]
      ['cosine', 'step_flipping(removed=6)']
    """
    specs = [_spec(call) for call in parse_calls(text)]
    check_once("measure", [spec.text for spec in specs])
    return specs


def chosen_measures(text: str, given: Collection[str]) -> list[MeasureSpec]:
    """The measures of ``text``, or, if it is empty, all that are usual for what is given.

    Args:
      text: as for :func:`measure_specs`, or "".
      given: of :func:`given_by_problem` or :func:`given_by_split`.

    Returns:
      The measures, in the order of the text or of the table.

    Raises:
      InputError: as :func:`measure_specs`, or a named measure that needs what is not given.

    Example:
      >>> [spec.name for spec in chosen_measures("", {"images", "evidence:blocks"})]
      ['cosine', 'evidence_percentage', 'n_zero_relevance', 'step_share']
    """
    if not text.strip():
        return [MeasureSpec(name) for name in MEASURES if _is_usual(MEASURES[name], given)]
    specs = measure_specs(text)
    for spec in specs:
        for need in spec.measure.needs:
            if need not in given:
                fitting = ", ".join(name for name in MEASURES if set(MEASURES[name].needs) <= set(given))
                raise InputError(f"{spec.name} needs {NEEDS[need]}; here one of {fitting} fits; received {spec.text!r}")
    return specs


def given_by_problem(problem: Problem, steps: int | None = None) -> set[str]:
    """Says what a problem gives to measures: its form, domain and kind of evidence, a model and its explanations.

    Args:
      problem: a row of ``data.PROBLEMS``.
      steps: into how many steps images are cut; by default the problem's own number.

    Returns:
      Names that stand in the ``needs`` of measures.

    Raises:
      InputError: for a number of steps that the samples cannot be cut into.

    Example:
      >>> from thesis_rnn.data import PROBLEMS
      >>> sorted(given_by_problem(PROBLEMS["box_earlier"]))
      ['evidence:cells', 'explain', 'explanation', 'model', 'numbers', 'predict', 'series']
    """
    given = {FORMS[1 + len(problem.shape(steps))], *OF_A_MODEL}
    given |= {"numbers"} if problem.domain != "tokens" else set()
    given |= {"bounded"} if problem.domain == "bounded" else set()
    given |= {"valence"} if problem.is_rated else set()
    return given | _evidence(problem.evidence)


def given_by_split(split: Split) -> set[str]:
    """Says what samples give to measures: as :func:`given_by_problem`, told from the samples alone.

    Args:
      split: samples, such as ``data.load`` gives them.

    Returns:
      Names that stand in the ``needs`` of measures.

    Example:
      >>> from thesis_rnn.data import Split
      >>> sorted(given_by_split(Split(np.full((1, 2, 3), 5.0), np.array([0]))))
      ['explain', 'explanation', 'model', 'numbers', 'predict', 'series']
    """
    given = {FORMS.get(np.ndim(split.x), "series"), *OF_A_MODEL}
    given |= set() if is_tokens(split.x) else {"numbers"}
    given |= {"bounded"} if are_pixels(split.x) else set()
    if split.evidence is None:
        return given
    return given | _evidence("cells" if np.shape(split.evidence) == np.shape(split.x) else "blocks")


def _evidence(kind: str | None) -> set[str]:
    """Evidence of tokens is evidence of cells."""
    return {f"evidence:{'cells' if kind == 'tokens' else kind}"} if kind else set()


def _is_usual(measure: Measure, given: Collection[str]) -> bool:
    return set(measure.needs) <= set(given) and any(form in given for form in measure.usual_for)


def _spec(call: Call) -> MeasureSpec:
    """The call with its arguments by name, of the right kinds."""
    function = MEASURES[call.name].function
    known = list(inspect.signature(function).parameters)[1:]
    named = dict(zip(known, call.positional, strict=False)) | call.named
    unknown = [name for name in named if name not in known]
    if unknown or len(call.positional) + len(call.named) > len(named):
        has = f"has the parameters {', '.join(known)}, each once" if known else "has no parameters"
        raise InputError(f"{call.name} {has}; received {call}")
    check_kinds(call.name, function, named)
    return MeasureSpec(call.name, named)
