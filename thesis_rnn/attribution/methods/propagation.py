"""Relevance propagation by a composite: what LRP in all its forms and deep Taylor decomposition share."""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, fields, make_dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import tensorflow as tf

from thesis_rnn.attribution.composites.composite import COMPOSITES, Composite
from thesis_rnn.attribution.composites.spelling import layer_calls, rule_call
from thesis_rnn.attribution.methods.base import Method, freeze_fields
from thesis_rnn.attribution.methods.table import METHODS
from thesis_rnn.attribution.rules import AlphaBeta, Rule, ZBeta
from thesis_rnn.attribution.semantics import RelevanceSemantics
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError
from thesis_rnn.support.calls import Call


@dataclass(frozen=True)
class RelevancePropagation(Method):
    """Shares out the explained logit by the rules of a composite; ``preset`` makes a method of each composite."""

    conserves: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ("propagation",)
    make: ClassVar[Callable[..., Composite]]

    def __post_init__(self):
        freeze_fields(self)
        _ = self.composite  # refuses parameters that do not fit

    @cached_property
    def composite(self) -> Composite:
        """Which rule acts where."""
        return type(self).make(**{item.name: getattr(self, item.name) for item in fields(self)})

    @property
    def computation(self) -> Composite:
        return self.composite

    def computing(self, computation: Composite) -> "RelevancePropagation":
        made = copy.copy(self)
        vars(made)["composite"] = computation
        return made

    @property
    def dtype(self) -> str:  # type: ignore[override]  # of the class elsewhere
        """float64 where gates receive relevance.

        What reaches a gate is shared out by a sum of either sign, at every step anew: after 100 steps relevance of 1e65
        was seen, which float32 cannot hold.
        """
        return "float32" if self.composite.gates == "all" else "float64"

    @property
    def bounds(self) -> list[tuple]:
        """The (low, high) in which inputs must lie, of every rule that asks for them."""
        bounded: type[AlphaBeta | ZBeta] = AlphaBeta if self.composite.inputs == "bounded" else ZBeta
        return [(rule.low, rule.high) for rule in self.composite.at_input.values() if isinstance(rule, bounded)]

    @property
    def asks_for_bounds(self) -> bool:
        return bool(self.bounds) and getattr(self, "low", 0) is None

    @property
    def matrix_rule(self) -> tuple | None:
        """Where the alpha-beta rule acts everywhere, on pixels whose bounds are the same for all."""
        rule = self.composite.rule
        if type(rule) is not AlphaBeta or self.composite != Composite(rule):
            return None
        if not isinstance(rule.low, float) or not isinstance(rule.high, float):
            return None
        return rule.alpha, rule.beta, rule.low, rule.high

    def semantics(self) -> ForwardSemantics:
        return RelevanceSemantics(self.composite)

    def start(self, outputs):
        return outputs if self.composite.signed else tf.nn.relu(outputs)

    def check(self, x: np.ndarray) -> None:
        if self.composite.inputs == "positive" and x.min() < 0:
            raise InputError(f"inputs were declared positive; received {x.min():g}")
        for low, high in self.bounds:
            if np.ndim(low) or np.ndim(high):
                continue  # one bound for each feature of the first layer, whose shape need not be that of x
            if x.min() >= low and x.max() <= high:
                continue
            raise InputError(
                f"pixels must lie in [{low:g}, {high:g}] for the z-beta rule; scale them or pass low and high; "
                f"received values from {x.min():g} to {x.max():g}"
            )

    def filled(self, background: float) -> dict:
        """What the rule made of the parameters that were left open; rules as text."""
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        filled = {name: getattr(self.composite.rule, name, None) for name, value in given.items() if value is None}
        filled |= {name: str(value) for name, value in given.items() if isinstance(value, Call)}
        filled |= {name: str(rule_call(value)) for name, value in given.items() if isinstance(value, Rule)}
        return filled | ({"layers": ", ".join(map(str, layer_calls(self.composite)))} if "layers" in given else {})


def preset(
    name: str, source: str, label: str | Callable[[Composite], str] = "", positive_only: bool = False
) -> Callable[[Callable[..., Composite]], Callable[..., Composite]]:
    """Makes a method of the function below, which makes a composite from the method's parameters.

    Args:
      name: the name of the method, and of the composite.
      source: where it is defined.
      label: its name in tables and figures, or a function from the composite to it; "" for its text.
      positive_only: whether its negative relevance is left out of the cosine similarity.

    Returns:
      A decorator, which adds the method to the table and leaves the function as it is.

    Example:
      >>> @preset("mine", source="my notes")
      ... def mine(epsilon: float = 1e-2) -> Composite:
      ...     \"\"\"epsilon everywhere, flat where the input is seen.\"\"\"
      ...     return Composite(Epsilon(epsilon), first=Flat(), signed=True)
    """

    def register(function: Callable[..., Composite]) -> Callable[..., Composite]:
        declared = {
            "__doc__": inspect.getdoc(function),
            "source": source,
            "label": property(lambda self: label(self.composite)) if callable(label) else label,
            "positive_only": positive_only,
            "make": staticmethod(function),
        }
        parameters = [_field(one) for one in inspect.signature(function).parameters.values()]
        method = make_dataclass(
            function.__name__, parameters, bases=(RelevancePropagation,), namespace=declared, frozen=True
        )
        COMPOSITES.add(name, function)
        METHODS.add(name, method)
        return function

    return register


def _field(parameter: inspect.Parameter) -> tuple:
    if parameter.default is parameter.empty:
        return parameter.name, parameter.annotation
    return parameter.name, parameter.annotation, field(default=parameter.default)
