"""The attribution methods by name: what flows back, where it starts, and what becomes of what arrives at the input."""

import inspect
from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from thesis_rnn.attribution.rules import AlphaBeta
from thesis_rnn.attribution.semantics import Guided, Propagation
from thesis_rnn.errors import InputError
from thesis_rnn.primitives import Plain
from thesis_rnn.registry import Registry


@dataclass(frozen=True)
class Method:
    """How a backward pass becomes an explanation; a method's fields are its parameters.

    Attributes:
      source: where the method is defined.
      conserves: whether the relevance of the input sums to the explained value.
    """

    source: ClassVar[str]
    conserves: ClassVar[bool] = False

    def semantics(self) -> Plain:
        """What the primitives do in the backward pass."""
        return Plain()

    def start(self, logit):
        """What the backward pass starts from at the explained ``logit`` [batch]."""
        return tf.ones_like(logit)

    def finish(self, signal, x):
        """The relevance, from the ``signal`` that arrives at ``x``."""
        raise NotImplementedError

    def check(self, x) -> None:
        """Refuses inputs for which the method is not defined."""


@dataclass(frozen=True)
class Sensitivity(Method):
    """R_i = (df/dx_i)^2."""

    source: ClassVar[str] = "thesis, equation 2.26; Simonyan et al. (2013)"

    def finish(self, signal, x):
        return tf.square(signal)


@dataclass(frozen=True)
class GuidedBackprop(Method):
    """R_i = (d*f/dx_i)^2, where only positive signals pass active ReLUs, and gates are constants."""

    source: ClassVar[str] = "thesis, equations 2.29 and 2.30; Springenberg et al. (2014)"

    def semantics(self) -> Plain:
        return Guided()

    def finish(self, signal, x):
        return tf.square(signal)


@dataclass(frozen=True)
class GradientTimesInput(Method):
    """R_i = x_i df/dx_i."""

    source: ClassVar[str] = "thesis, equation 2.40; Montavon et al. (2018), section 4.2"

    def finish(self, signal, x):
        return signal * x


@dataclass(frozen=True)
class LRP(Method):
    """LRP-alpha-beta, with the z-beta rule on pixels; shares out max(0, logit).

    beta defaults to alpha - 1. Pixels live in [low, high].
    """

    source: ClassVar[str] = "thesis, equations 2.34, 2.73, 3.5 and 3.6; Bach et al. (2015)"
    conserves: ClassVar[bool] = True
    alpha: float = 1.5
    beta: float | None = None
    low: float = -1.0
    high: float = 1.0

    def __post_init__(self):
        if self.beta is None:
            object.__setattr__(self, "beta", self.alpha - 1)
        self.rule()  # refuses bad parameters before any graph is traced

    def rule(self) -> AlphaBeta:
        return AlphaBeta(self.alpha, self.beta, self.low, self.high)

    def semantics(self) -> Plain:
        rule = self.rule()
        return Propagation(lambda site: rule)

    def start(self, logit):
        return tf.nn.relu(logit)

    def finish(self, signal, x):
        return signal

    def check(self, x) -> None:
        if x.min() < self.low or x.max() > self.high:
            raise InputError(
                f"pixels must lie in [{self.low:g}, {self.high:g}] for the z-beta rule; scale them or pass low and "
                f"high; received values from {x.min():g} to {x.max():g}"
            )


@dataclass(frozen=True)
class DeepTaylor(LRP):
    """Deep Taylor decomposition: z-beta on pixels, z+ above; shares out max(0, logit). It is LRP with alpha = 1."""

    source: ClassVar[str] = "thesis, table 2.1; Montavon et al. (2017)"
    alpha: ClassVar[float] = 1.0
    beta: ClassVar[float] = 0.0


METHODS: Registry[type[Method]] = Registry("attribution method")
METHODS.add("sensitivity", Sensitivity)
METHODS.add("guided_backprop", GuidedBackprop)
METHODS.add("gradient_x_input", GradientTimesInput)
METHODS.add("deep_taylor", DeepTaylor)
METHODS.add("lrp", LRP)


def method_names() -> list[str]:
    """The names that ``explain`` and ``--method`` know."""
    return METHODS.names()


def make_method(name: str, parameters: dict) -> Method:
    """The method ``name`` with its ``parameters``; unknown ones are refused with the list of known ones."""
    kind = METHODS[name]
    known = list(inspect.signature(kind).parameters)
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise InputError(
            f"{name} has {'the parameters ' + ', '.join(known) if known else 'no parameters'}; "
            f"received {', '.join(unknown)}"
        )
    return kind(**parameters)
