"""A method with its parameters as text, ``lrp(alpha=2, beta=1)``: what names it in flags, files, tables and figures."""

import inspect
import re
from dataclasses import dataclass, field
from typing import Any

from thesis_rnn.attribution.explaining import explain
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import (
    make_method,
    method_factory,
    method_label,
    parameter_names,
    shows_positive_only,
)
from thesis_rnn.errors import InputError
from thesis_rnn.support.calls import Call, parse_call, parse_calls

OPTIONS = ("output", "dtype", "engine")
"""The arguments of ``explain`` that may stand beside a method's own parameters."""


@dataclass(frozen=True)
class MethodSpec:
    """A method, as it is named in flags and results.

    Attributes:
      name: of ``METHODS``.
      parameters: those of the method that were given.
      options: arguments of ``explain`` that stood beside them: output, dtype, engine.
    """

    name: str
    parameters: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.text, self.options.get("dtype")))

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The key of the method in results: its canonical text, without the floating-point type."""
        options = {name: value for name, value in self.options.items() if name != "dtype"}
        return str(Call(self.name, (), self.parameters | options))

    @property
    def label(self) -> str:
        """The name in tables and figures, in the words of the thesis where it has one."""
        label = method_label(self.name, self.parameters) or str(Call(self.name, (), self.parameters))
        return f"{label} ({self.options['output']})" if "output" in self.options else label

    @property
    def positive_only(self) -> bool:
        """Whether negative relevance is set to zero before the cosine similarity (thesis, section 3.3.2)."""
        return shows_positive_only(self.name)

    @property
    def file_name(self) -> str:
        """The stem of the method's files: the text, in letters that every file system takes."""
        return re.sub(r"[^\w-]+", "_", self.text).strip("_")[:100]


def method_spec(method: "str | MethodSpec", **parameters) -> MethodSpec:
    """The method that a text such as ``lrp(alpha=2, beta=1)`` names, checked; ``parameters`` may also stand beside it.

    Raises:
      InputError: for text of another form, an unknown method or parameter, or a value that does not fit.

    Example:
      >>> method_spec("lrp", alpha=2, beta=1).text
      'lrp(alpha=2, beta=1)'
    """
    if isinstance(method, MethodSpec):
        call = Call(method.name, (), method.parameters | method.options | parameters)
    else:
        call = parse_call(method)
        call = Call(call.name, call.positional, call.named | parameters)
    return _spec(call)


def method_specs(text: str) -> list[MethodSpec]:
    """The methods of a text in which semicolons separate them, checked.

    Raises:
      InputError: for text of another form, an unknown method or parameter, or a method named twice.

    Example:
      >>> [spec.label for spec in method_specs("sensitivity; lrp(alpha=1.5, beta=0.5)")]
      ['SA', 'LRP-a1.5b0.5']
    """
    specs = [_spec(call) for call in parse_calls(text)]
    texts = [spec.text for spec in specs]
    twice = [one for one in texts if texts.count(one) > 1]
    if twice:
        raise InputError(f"name each method once; received {twice[0]} twice")
    return specs


def explain_by(model, x, target, method: str | MethodSpec, **more) -> Explanation:
    """``explain`` by a method with its parameters and options; ``more`` are further arguments of ``explain``."""
    spec = method_spec(method)
    dtype = {"dtype": "float64"} if spec.name == "saliency" else {}
    return explain(model, x, target, spec.name, **more | dtype | spec.options | spec.parameters)


def _spec(call: Call) -> MethodSpec:
    """The call with its arguments by name, made once to see whether they fit."""
    known = list(inspect.signature(method_factory(call.name)).parameters)
    if len(call.positional) > len(known):
        raise InputError(f"{call.name} has the parameters {', '.join(known)}; received {call}")
    given = dict(zip(known, call.positional, strict=False)) | call.named
    options = {name: given.pop(name) for name in OPTIONS if name in given and name not in parameter_names(call.name)}
    make_method(call.name, given)
    return MethodSpec(call.name, given, options)
