"""Rules and composites as text: ``composite(epsilon(0.01), at('cell/candidate', gamma(0.25)), first=flat)``.

The arguments are those of ``Composite``: the rule for everything first, then rules for single layers, ``at(name,
rule)``, then whatever else is named. Rules have the names of ``RULES``.
"""

import inspect
from dataclasses import MISSING, fields
from typing import Any

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.rules import RULES, AlphaBeta, Rule, ZBeta
from thesis_rnn.errors import InputError
from thesis_rnn.support.calls import Call
from thesis_rnn.support.kinds import check_kinds
from thesis_rnn.support.making import arguments_by_name

EXAMPLE = "composite(epsilon(0.01), first=flat, convolution=gamma(0.25))"

TAKE_RULES = ("rule", "first", "convolution", "mixing")
"""The arguments of ``Composite`` that are rules."""


def spelled(call: Call) -> Call:
    """``call`` with the rules for single layers, which stand behind the first rule, under the name ``layers``."""
    layers = [value for value in call.positional[1:] if isinstance(value, Call) and value.name == "at"]
    if not layers:
        return call
    if "layers" in call.named:
        raise InputError(f"name the rules of single layers once, as in at('logits', flat); received {call}")
    others = tuple(value for value in call.positional if value not in layers)
    return Call(call.name, others, call.named | {"layers": tuple(layers)})


def unspelled(name: str, arguments: dict[str, Any]) -> str:
    """The canonical text of a call with ``arguments`` by name: a composite's first rule stands without its name."""
    if "rule" not in arguments:
        return str(Call(name, (), arguments))
    written = {key: rule_call(value) if isinstance(value, Rule) else value for key, value in arguments.items()}
    rule, layers = written.pop("rule"), written.pop("layers", ())
    layers = (layers,) if isinstance(layers, Call) else layers
    return str(Call(name, (rule, *(Call("at", _pair(one)) for one in layers)), written))


def rules_of(arguments: dict[str, Any]) -> dict[str, Any]:
    """The ``arguments`` of ``Composite`` with every rule that is a text or a call made.

    The box of pixels is part of the rule that needs it, as in alpha_beta(2, 1, low=0, high=1) or first=z_beta(0, 1).

    Raises:
      InputError: for an unknown rule or parameter, a value that the rule refuses, or a rule whose box is not given
        although the inputs are bounded.
    """
    made = dict(arguments)
    for name in TAKE_RULES:
        if arguments.get(name) is not None:
            made[name] = make_rule(arguments[name])
    if "layers" in arguments:
        layers = arguments["layers"]
        made["layers"] = tuple(map(_at, (layers,) if isinstance(layers, Call) else layers))
    if arguments.get("inputs", "bounded") == "bounded":
        for name in ("first",) if made.get("first") else ("rule", "convolution"):
            _check_box(arguments.get(name), made.get(name))
    return made


def make_rule(value) -> Rule:
    """A rule, or the one that ``epsilon(0.01)`` or ``flat`` names.

    Raises:
      InputError: for an unknown rule or parameter, or a value that the rule refuses.
    """
    if isinstance(value, Rule):
        return value
    call = Call(value) if isinstance(value, str) and value.isidentifier() else value
    if not isinstance(call, Call):
        raise InputError(f"expected a rule, one of {', '.join(RULES)}, as in {EXAMPLE}; received {value!r}")
    arguments = arguments_by_name(call, RULES[call.name])
    check_kinds(call.name, RULES[call.name], arguments)
    return RULES[call.name](**arguments)


def rule_call(rule: Rule) -> Call:
    """A rule as it is written, such as ``epsilon(epsilon=0.01, bias=absorb)``."""
    for name in RULES:
        parameters = inspect.signature(RULES[name]).parameters
        if all(hasattr(rule, parameter) for parameter in parameters):
            values = {parameter: getattr(rule, parameter) for parameter in parameters}
            if RULES[name](**values) == rule:
                return Call(name, (), values)
    return Call(type(rule).__name__)  # of the user's own


def layer_calls(composite: Composite) -> tuple[Call, ...]:
    """The rules for single layers as they are written."""
    return tuple(Call("at", (name, rule_call(rule))) for name, rule in composite.layers)


def arguments_of(composite: Composite) -> dict[str, Any]:
    """The arguments that make ``composite``, without those that have their default."""
    return {
        item.name: getattr(composite, item.name)
        for item in fields(composite)
        if item.default is MISSING or getattr(composite, item.name) != item.default
    }


def _at(value) -> tuple[str, Rule]:
    """The layer's name and the rule of ``at('cell/candidate', gamma(0.25))``, or of the pair of both."""
    name, rule = _pair(value)
    return name, make_rule(rule)


def _pair(value) -> tuple:
    pair = value.positional if isinstance(value, Call) and value.name == "at" and not value.named else value
    if not isinstance(pair, tuple) or len(pair) != 2 or not isinstance(pair[0], str):
        expected = "a rule for one layer is written at('cell/candidate', gamma(0.25))"
        raise InputError(f"{expected}; received {value}")
    return pair[0], rule_call(pair[1]) if isinstance(pair[1], Rule) else pair[1]


def _check_box(spelling, rule: Rule | None) -> None:
    if not isinstance(spelling, Call | str) or not isinstance(rule, AlphaBeta) or isinstance(rule, ZBeta):
        return
    call = Call(spelling) if isinstance(spelling, str) else spelling
    if not {"low", "high"} <= arguments_by_name(call, RULES[call.name]).keys():
        raise InputError(
            "a rule of the alpha-beta family needs to know where your inputs live: give it low= and high=, or say "
            f"inputs=real or inputs=positive; received {call}"
        )
