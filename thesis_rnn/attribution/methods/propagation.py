"""Relevance propagation by a composite: LRP in all its forms, and deep Taylor decomposition."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import tensorflow as tf

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.methods.base import Method
from thesis_rnn.attribution.rules import AlphaBeta, ZBeta
from thesis_rnn.attribution.semantics import RelevanceSemantics
from thesis_rnn.core.primitives import ForwardSemantics
from thesis_rnn.errors import InputError


@dataclass(frozen=True)
class RelevancePropagation(Method):
    """Shares out the explained logit by the rules of a composite.

    Args:
      composite: which rule acts where.
    """

    conserves: ClassVar[bool] = True
    composite: Composite

    @property
    def bounds(self) -> list[tuple]:
        """The (low, high) in which pixels must lie, of every rule that asks for them."""
        bounded = AlphaBeta if self.composite.inputs == "bounded" else ZBeta
        return [(rule.low, rule.high) for rule in self.composite.at_input.values() if isinstance(rule, bounded)]

    def semantics(self) -> ForwardSemantics:
        return RelevanceSemantics(self.composite)

    def start(self, logits):
        return logits if self.composite.signed else tf.nn.relu(logits)

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


def effective_parameters(factory: Callable, parameters: dict) -> dict:
    """The parameters with their defaults, and what a composite's rule made of those that were left open."""
    bound = inspect.signature(factory).bind(**parameters)
    bound.apply_defaults()
    rule = getattr(factory(**parameters), "rule", None)
    return {name: getattr(rule, name, None) if value is None else value for name, value in bound.arguments.items()}
