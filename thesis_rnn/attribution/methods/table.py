"""The table of attribution methods, and how a method is made from its name and parameters.

A method is a class: its fields are its parameters, the first line of its docstring its formula; what it needs and is
called it declares. To add one: ``@METHODS.register("name")`` above the class, in a module that ``methods`` imports.
"""

import inspect
import re
from typing import NamedTuple

from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.errors import InputError
from thesis_rnn.support import elsewhere
from thesis_rnn.support.calls import Call
from thesis_rnn.support.kinds import check_kinds
from thesis_rnn.support.making import arguments_by_name
from thesis_rnn.support.registry import Registry

METHODS: Registry[type[Method]] = Registry("attribution method", elsewhere.METHODS)
"""Name -> the method's class; propagation presets are in ``COMPOSITES`` too."""


class Description(NamedTuple):
    """A row of the table of methods, in words.

    Attributes:
      name: of the method.
      parameters: with their defaults.
      conserves: "yes", what else the relevance sums to, or "no".
      text: the formula and its source.
      meanings: what each parameter is, by its name.
      takes: the inputs it is defined for.
    """

    name: str
    parameters: str
    conserves: str
    text: str
    meanings: dict[str, str]
    takes: tuple[str, ...]


def method_names() -> list[str]:
    """The names that ``explain`` and ``--methods`` know.

    Returns:
      Names in the order of the table.

    Example:
      >>> "sensitivity" in method_names()
      True
    """
    return METHODS.names()


def make_method(name: str, parameters: dict) -> Method:
    """The method ``name`` with its ``parameters``.

    Args:
      name: one of ``method_names()``.
      parameters: values by the names of the method's parameters.

    Returns:
      The method.

    Raises:
      InputError: for a name or a parameter that is not known, with those that are, or a value of another kind.

    Example:
      >>> make_method("smoothgrad", {"copies": 3}).copies
      3
    """
    method = METHODS[name]
    if "rules" in parameters and "rule" in parameter_names(name):
        raise InputError(
            "rules= became arguments, as in composite(epsilon(0.01), first=flat); received "
            f"rules={parameters['rules']!r}"
        )
    given = arguments_by_name(Call(name, (), parameters), method)
    check_kinds(name, method, given)
    return method(**given)


def parameter_names(name: str) -> list[str]:
    """The names of the parameters of the method ``name``."""
    return list(inspect.signature(METHODS[name]).parameters)


def method_parameters(name: str, parameters: dict, background: float = 0.0) -> dict:
    """All parameters of the method ``name``: defaults included, what was left open filled in, rules as text."""
    signature = inspect.signature(METHODS[name]).parameters.values()
    given = {one.name: one.default for one in signature} | arguments_by_name(Call(name, (), parameters), METHODS[name])
    return given | make_method(name, parameters).filled(background)


def describe_methods() -> list[Description]:
    """The table of methods: name, parameters with defaults, whether it conserves relevance, formula and source.

    Returns:
      A row for each method, in the order of the table.

    Example:
      >>> describe_methods()[0].name
      'sensitivity'
    """
    return [_describe(name) for name in METHODS]


def _describe(name: str) -> Description:
    method = METHODS[name]
    parameters = inspect.signature(method).parameters.values()
    shown = ", ".join(one.name if one.default is one.empty else f"{one.name}={one.default}" for one in parameters)
    text = f"{(inspect.getdoc(method) or '').partition(chr(10))[0]} ({method.source})"
    conserves = "yes" if method.conserves else method.sums_to or "no"
    return Description(name, shown, conserves, text, _meanings(method), method.takes)


def _meanings(method: type[Method]) -> dict[str, str]:
    """The lines of "Args:" in the docstring, by parameter."""
    _, _, lines = (inspect.getdoc(method) or "").partition("Args:\n")
    entries = re.split(r"\n(?=  \w)", lines.partition("\n\n")[0])
    found: dict[str, str] = {}
    for entry in filter(None, entries):
        names, _, meaning = entry.strip().partition(": ")
        found |= {name.strip(): re.sub(r"\s+", " ", meaning) for name in names.split(",")}
    return found
