"""A method with its parameters as text, ``lrp(alpha=2, beta=1)``: what names it in flags, files, tables and figures."""

import re
from dataclasses import dataclass, field
from typing import Any

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.composites.spelling import EXAMPLE, arguments_of, spelled, unspelled
from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.methods.table import METHODS, make_method, parameter_names
from thesis_rnn.attribution.rules import RULES
from thesis_rnn.errors import InputError
from thesis_rnn.support.calls import Call, check_once, file_stem, parse_call, parse_calls
from thesis_rnn.support.making import argument_names

OPTIONS = ("output", "dtype", "engine")
"""The arguments of ``explain`` that may stand beside a method's own parameters."""


@dataclass(frozen=True)
class MethodSpec:
    """A method, as it is named in flags and results.

    Attributes:
      name: of ``METHODS``.
      parameters: those of the method that were given, as they were written.
      options: arguments of ``explain`` that stood beside them: output, dtype, engine.

    Example:
      >>> spec = MethodSpec("lrp", {"alpha": 1.5, "beta": 0.5})
      >>> spec.text, spec.label
      ('lrp(alpha=1.5, beta=0.5)', 'LRP-a1.5b0.5')
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
        return self._text(*(name for name in self.options if name != "dtype"))

    @property
    def label(self) -> str:
        """The name in tables and figures, in the words of the thesis where it has one."""
        label = self.made().label or self._text()
        return f"{label} ({self.options['output']})" if "output" in self.options else label

    @property
    def positive_only(self) -> bool:
        """Whether negative relevance is set to zero before the cosine similarity (thesis, section 3.3.2)."""
        return METHODS[self.name].positive_only

    @property
    def file_name(self) -> str:
        """The stem of the method's files: the text, in letters that every file system takes."""
        return file_stem(self.text)

    def made(self) -> Method:
        """The method with its parameters."""
        return make_method(self.name, self.parameters)

    def _text(self, *options: str) -> str:
        return unspelled(self.name, self.parameters | {name: self.options[name] for name in options})


def method_spec(method: str | MethodSpec | Composite, **parameters) -> MethodSpec:
    """The method that a text such as ``lrp(alpha=2, beta=1)`` names, checked; ``parameters`` may also stand beside it.

    A ``Composite`` is the method "composite" with its rules.

    Returns:
      The spec, with parameters and options of ``explain`` apart.

    Raises:
      InputError: for text of another form, an unknown method or parameter, or a value that does not fit.

    Example:
      >>> method_spec("lrp", alpha=2, beta=1).text
      'lrp(alpha=2, beta=1)'
    """
    if isinstance(method, MethodSpec):
        call = Call(method.name, (), method.parameters | method.options)
    elif isinstance(method, Composite):
        call = Call("composite", (), arguments_of(method))
    elif isinstance(method, str):
        name = re.split(r"[(;\s]", method.strip())[0]
        if name in RULES and name not in METHODS:
            raise InputError(f"rules are arguments of composite, as in {EXAMPLE}; received {method!r}")
        call = parse_call(method)
    else:
        raise InputError(
            f"a method is a text such as lrp(alpha=2, beta=1), a MethodSpec or a Composite; received {method!r}"
        )
    return _spec(call, parameters)


def method_specs(text: str) -> list[MethodSpec]:
    """The methods of a text in which semicolons separate them, checked.

    Args:
      text: such as "sensitivity; lrp(alpha=1.5, beta=0.5)".

    Returns:
      The methods, in the order of the text.

    Raises:
      InputError: for text of another form, an unknown method or parameter, or a method named twice.

    Example:
      >>> [spec.label for spec in method_specs("sensitivity; lrp(alpha=1.5, beta=0.5)")]
      ['SA', 'LRP-a1.5b0.5']
    """
    specs = [_spec(call, {}) for call in parse_calls(text)]
    check_once("method", [spec.text for spec in specs])
    return specs


def _spec(call: Call, more: dict[str, Any]) -> MethodSpec:
    """The call with its arguments by name, and ``more`` of them, made once to see whether they fit."""
    method = METHODS[call.name]
    call = spelled(call) if "layers" in parameter_names(call.name) else call
    options = {name: value for name, value in call.named.items() if name in OPTIONS}
    own = {name: value for name, value in call.named.items() if name not in OPTIONS}
    given = argument_names(Call(call.name, call.positional, own), method) | more
    make_method(call.name, given)
    return MethodSpec(call.name, given, options)
