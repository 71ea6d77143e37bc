"""The attribution methods by name."""

import inspect
from typing import NamedTuple

from thesis_rnn.attribution.composites.table import ALPHA_BETA, COMPOSITES
from thesis_rnn.attribution.methods.averaged import IntegratedGradients, SmoothGrad
from thesis_rnn.attribution.methods.base import Backward, Method
from thesis_rnn.attribution.methods.gradient import (
    GradientTimesInput,
    GuidedBackprop,
    Saliency,
    Sensitivity,
    SimpleTaylor,
)
from thesis_rnn.attribution.methods.occlusion import Occlusion
from thesis_rnn.attribution.methods.propagation import RelevancePropagation, effective_parameters
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import check_kinds
from thesis_rnn.support.registry import Registry

__all__ = [
    "METHODS",
    "Backward",
    "Description",
    "Method",
    "RelevancePropagation",
    "describe_methods",
    "make_method",
    "method_names",
    "method_parameters",
    "parameter_names",
]

METHODS: Registry[type[Method]] = Registry("attribution method")
"""The methods that are no composites; ``COMPOSITES`` holds those that are."""

METHODS.add("sensitivity", Sensitivity)
METHODS.add("saliency", Saliency)
METHODS.add("guided_backprop", GuidedBackprop)
METHODS.add("gradient_x_input", GradientTimesInput)
METHODS.add("simple_taylor", SimpleTaylor)
METHODS.add("integrated_gradients", IntegratedGradients)
METHODS.add("smoothgrad", SmoothGrad)
METHODS.add("occlusion", Occlusion)

LABELS = {
    "sensitivity": "SA",
    "simple_taylor": "simple Taylor",
    "guided_backprop": "GB",
    "gradient_x_input": "gradient x input",
    "deep_taylor": "DTD",
}


class Description(NamedTuple):
    """A row of the table of methods."""

    name: str
    parameters: str
    conserves: str
    text: str


def method_names() -> list[str]:
    """The names that ``explain`` and ``--method`` know: methods and composites."""
    return METHODS.names() + COMPOSITES.names()


def make_method(name: str, parameters: dict) -> Method:
    """The method or composite ``name`` with its ``parameters``.

    Raises:
      InputError: for a name or a parameter that is not known, with those that are.
    """
    known = parameter_names(name)
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        described = f"the parameters {', '.join(known)}" if known else "no parameters"
        raise InputError(f"{name} has {described}; received {', '.join(unknown)}")
    check_kinds(name, method_factory(name), parameters)
    made = method_factory(name)(**parameters)
    return RelevancePropagation(made) if name in COMPOSITES else made


def parameter_names(name: str) -> list[str]:
    """The names of the parameters of the method ``name``."""
    return list(inspect.signature(method_factory(name)).parameters)


def method_parameters(name: str, parameters: dict) -> dict:
    """All parameters of the method ``name``, defaults included."""
    return effective_parameters(method_factory(name), parameters)


def method_label(name: str, parameters: dict) -> str:
    """The name of a method in tables and figures; "" where it has none beside its text."""
    if shows_positive_only(name):
        rule = method_factory(name)(**parameters).rule
        return f"LRP-a{rule.alpha:g}b{rule.beta:g}"
    return LABELS.get(name, "")


def shows_positive_only(name: str) -> bool:
    """Whether the thesis leaves negative relevance of the method out of its scores."""
    return name in ALPHA_BETA


def describe_methods() -> list[Description]:
    """The table of methods: name, parameters with defaults, whether it conserves relevance, formula and source."""
    return [_describe(name) for name in method_names()]


def _describe(name: str) -> Description:
    factory = method_factory(name)
    parameters = ", ".join(f"{item.name}={item.default}" for item in inspect.signature(factory).parameters.values())
    text = inspect.getdoc(factory).splitlines()[0]
    if name in METHODS:
        text = f"{text} ({factory.source})"
    return Description(name, parameters, "yes" if name in COMPOSITES else "no", text)


def method_factory(name: str):
    """What makes the method ``name``: its signature has the method's parameters."""
    if name in METHODS or name in COMPOSITES:
        return METHODS[name] if name in METHODS else COMPOSITES[name]
    raise InputError(f"unknown attribution method; known ones are {', '.join(method_names())}; received {name!r}")
