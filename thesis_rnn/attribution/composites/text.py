"""Composites as text: "epsilon(0.01); first=flat; convolution=gamma(0.25)".

The text lists the arguments of ``Composite``, with ; between them: the rule for everything first, then whatever else is
named. Rules have the names of ``RULES``, with arguments in parentheses; other values are numbers, tuples of numbers,
true, false or words. The text is taken apart, never run.
"""

import ast
import inspect
from collections.abc import Callable

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.rules import RULES, AlphaBeta, Rule, ZBeta
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import check_kinds

EXAMPLE = "epsilon(0.01); first=flat; convolution=gamma(0.25)"

TAKE_RULES = ("rule", "first", "convolution", "mixing")
"""The arguments of ``Composite`` that are rules."""


def read_composite(text: str) -> Composite:
    """The composite that ``text`` describes; see the module's text.

    The box of pixels is part of the rule that needs it, as in alpha_beta(2, 1, low=0, high=1) or first=z_beta(0, 1).

    Raises:
      InputError: for text of another form, an unknown rule or argument (with those that are known), a value that the
        rule refuses, or a rule whose box is not given although the inputs are bounded.
    """
    nodes = _arguments("a composite", Composite, _parsed(text))
    rules = {name: _rule(node) for name, node in nodes.items() if name in TAKE_RULES}
    options = {name: _value(node) for name, node in nodes.items() if name not in TAKE_RULES}
    check_kinds("a composite", Composite, options)
    composite = Composite(**{name: rule for name, (rule, _) in rules.items()}, **options)
    for name, rule in composite.at_input.items():
        by_box = composite.inputs == "bounded" and isinstance(rule, AlphaBeta) and not isinstance(rule, ZBeta)
        if by_box and not {"low", "high"} <= rules[name][1]:
            raise InputError(
                "a rule of the alpha-beta family needs to know where your inputs live: give it low= and high=, or say "
                f"inputs=real or inputs=positive; received {ast.unparse(nodes[name])}"
            )
    return composite


def _parsed(text: str) -> ast.Call:
    """The text as the arguments of a call, whose function has no meaning."""
    try:
        call = ast.parse(f"composite({text.replace(';', ',')}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        call = None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise InputError(f"rules are separated by semicolons, as in {EXAMPLE!r}; received {text!r}")
    return call


def _rule(node: ast.expr) -> tuple[Rule, set[str]]:
    """The rule, and the names of the arguments that were given to it."""
    call = ast.Call(node, [], []) if isinstance(node, ast.Name) else node
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise InputError(f"expected a rule, one of {', '.join(RULES)}; received {ast.unparse(node)}")
    name = call.func.id
    make = RULES[name]
    values = {argument: _value(value) for argument, value in _arguments(name, make, call).items()}
    check_kinds(name, make, values)
    return make(**values), set(values)


def _arguments(name: str, function: Callable, call: ast.Call) -> dict[str, ast.expr]:
    """The arguments of a ``call`` of ``function``, by the names of its parameters."""
    parameters = inspect.signature(function).parameters
    given = [*zip(parameters, call.args, strict=False), *((item.arg, item.value) for item in call.keywords)]
    arguments = dict(given)
    required = {key for key, parameter in parameters.items() if parameter.default is parameter.empty}
    fits = len(arguments) == len(given) == len(call.args) + len(call.keywords)
    if not fits or not required <= arguments.keys() <= parameters.keys():
        known = ", ".join(key if key in required else f"{key}={parameters[key].default}" for key in parameters)
        raise InputError(f"{name} takes {known or 'no arguments'}; received {ast.unparse(call)}")
    return arguments


def _value(node: ast.expr):
    """A number, a tuple of numbers, true, false or a word."""
    if isinstance(node, ast.Name):
        return {"true": True, "false": False}.get(node.id.lower(), node.id)
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        value = None
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list) and value and all(type(item) in (int, float) for item in value):
        return tuple(map(float, value))
    raise InputError(f"values are numbers, tuples of numbers, true, false or words; received {ast.unparse(node)}")
