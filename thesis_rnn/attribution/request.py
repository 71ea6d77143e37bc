"""What is asked of an explanation, before there are samples."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.methods import Method, MethodSpec, make_method, method_spec
from thesis_rnn.errors import InputError
from thesis_rnn.support.scalars import scalars_of, structure_of, with_scalars

ENGINES = ("tape", "matrix")
OUTPUTS = ("logit", "probability", "log_odds")
TYPES = ("float32", "float64")


@dataclass(frozen=True)
class Request:
    """What to explain of a model, and how; an ``Explainer`` compiles it once.

    Attributes:
      spec: the method's name and parameters.
      method: the method itself.
      output: what of each class is explained: "logit", "probability" or "log_odds".
      engine: "tape" or "matrix".
      dtype: the floating-point type to compute in.
      head, step: which of the model's outputs, and which time step of an output per step.
      every_class: explain each class on its own, from one forward pass.
      ledger: also keep the account of lost relevance.
      states: also give the relevance of hidden and cell states.
      xla: compile with XLA, anew for every size of a batch; None leaves the choice (see ``tape.running``).
      through: the units that relevance must pass, (layer, places) each.
      background: the value that "removed" means to methods that remove something.

    Raises:
      InputError: for what the method or the engine does not cover.

    Example:
      >>> Request.of("lrp").output
      'logit'
    """

    spec: MethodSpec
    method: Method
    output: str = "logit"
    engine: str = "tape"
    dtype: str = "float32"
    head: int = 0
    step: int | None = None
    every_class: bool = False
    ledger: bool = False
    states: bool = False
    xla: bool | None = None
    background: float = 0.0
    through: tuple = ()

    @classmethod
    def of(
        cls,
        method: str | MethodSpec | Composite = "lrp",
        parameters: dict | None = None,
        output: str | None = None,
        engine: str | None = None,
        dtype: str | None = None,
        **options,
    ) -> "Request":
        """The request for a method that is a text, such as ``lrp(alpha=2, beta=1)``, a spec, a composite, or a name.

        Args:
          method: the method.
          parameters: further parameters of it.
          output, engine, dtype: see ``explain``; None is what the method's text says, or else the default.
          **options: the other fields.

        Example:
          >>> Request.of("saliency(output=log_odds)").dtype
          'float64'
        """
        spec = method_spec(method, **parameters or {})
        made = make_method(spec.name, spec.parameters)
        chosen = {"output": output, "engine": engine, "dtype": dtype}
        chosen = spec.options | {name: value for name, value in chosen.items() if value is not None}
        return cls(spec, made, **{"dtype": made.dtype} | chosen, **options)

    @property
    def structure(self) -> tuple:
        """What a network compiles once: requests that differ in numbers only share it."""
        options = (self.output, self.every_class, self.ledger, self.states)
        return (structure_of(self.method.computation), *options)

    @property
    def numbers(self) -> list[float | int]:
        """What the compiled explanation takes in."""
        return [*scalars_of(self.method.computation), self.background]

    def with_numbers(self, numbers: Iterable) -> "Request":
        """The request with other ``numbers``, or tensors, unchecked."""
        numbers, made = iter(numbers), copy.copy(self)
        method = self.method.computing(with_scalars(self.method.computation, numbers))
        vars(made).update(method=method, background=next(numbers))
        return made

    def __post_init__(self):
        if self.output not in OUTPUTS:
            raise InputError(f"output must be one of {', '.join(OUTPUTS)}; received {self.output!r}")
        if self.engine not in ENGINES:
            raise InputError(f"engine must be one of {', '.join(ENGINES)}; received {self.engine!r}")
        if self.dtype not in TYPES:
            raise InputError(f"dtype must be float32 or float64; received {self.dtype!r}")
        if self.every_class and (self.ledger or self.states):
            raise InputError("every_class=True is for relevance alone, without ledger and states; received both")
        if self.states and not self.method.of_states:
            raise InputError(f"{self.spec.name} gives inputs relevance, not states; received states=True")
        if self.output != "logit" and self.method.conserves:
            raise InputError(
                f"relevance propagation starts at a logit; use output='logit'; received output={self.output!r}"
            )
        if self.through and ("propagation" not in self.method.needs or self.ledger or self.states):
            raise InputError(
                "relevance that is propagated can be filtered, by lrp, deep_taylor, guided_backprop and their like, "
                f"without ledger and states; received through with {self.spec}"
            )
        gates = getattr(getattr(self.method, "composite", None), "gates", "all")
        if gates != "all" and any("/cell@" in name for name, _ in self.through):
            expected = "gates with relevance go around a cell state; filter with gates=all"
            raise InputError(f"{expected}; received gates={gates}")
        if self.ledger and self.xla:
            raise InputError("the ledger is kept without XLA; received ledger=True and xla=True")
        if self.ledger and not self.method.conserves:
            raise InputError("the ledger is for methods that conserve relevance; received ledger=True")
        asked = self.output != "logit" or self.ledger or self.states or self.every_class or self.through
        if self.engine == "matrix" and (asked or self.method.matrix_rule is None):
            raise InputError(
                "the matrix engine computes deep_taylor and lrp of one class, on pixels in one box, without ledger and "
                f"states; use engine='tape'; received {self.spec}"
            )
