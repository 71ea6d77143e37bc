"""Which methods a run is explained by, and what they are called in files, tables and figures."""

from dataclasses import dataclass, field

from thesis_rnn.attribution import make_method
from thesis_rnn.errors import InputError
from thesis_rnn.runs.old_settings import Settings


@dataclass(frozen=True)
class Choice:
    """A method and its parameters.

    Attributes:
      name: the method's registered name, which its files are named after.
      parameters: those that differ from the method's defaults.
    """

    name: str
    parameters: dict = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name in tables and figures, in the thesis' words."""
        if self.name in ALPHA_BETA:
            return f"LRP-a{self.parameters['alpha']:g}b{self.parameters['beta']:g}"
        return LABELS.get(self.name, self.name)

    @property
    def positive_only(self) -> bool:
        """Whether negative relevance is set to zero before the cosine similarity (thesis, section 3.3.2)."""
        return self.name in ALPHA_BETA


ALPHA_BETA = ("lrp", "lrp_alpha_beta")

LABELS = {
    "sensitivity": "SA",
    "guided_backprop": "GB",
    "gradient_x_input": "gradient x input",
    "deep_taylor": "DTD",
}


def choices(names: str, alpha: float, beta: float, rules: str = "") -> list[Choice]:
    """The methods of a comma-separated list, checked.

    ``alpha`` and ``beta`` are those of "lrp" and its longer name, ``rules`` are those of "composite".
    """
    listed = [name.strip() for name in names.split(",")]
    own = {name: {"alpha": alpha, "beta": beta} for name in ALPHA_BETA} | rules_of_composite(listed, rules)
    chosen = [Choice(name, own.get(name, {})) for name in listed]
    for choice in chosen:
        make_method(choice.name, choice.parameters)
    return chosen


def chosen_methods(settings: Settings) -> list[Choice]:
    """The methods that a run's settings name."""
    return choices(settings.method, settings.alpha, settings.beta, settings.rules)


def rules_of_composite(names: list[str], rules: str) -> dict[str, dict]:
    """The parameters of the method "composite", under its name, if there are ``rules``.

    Raises:
      InputError: for rules without a composite among the methods' ``names``.
    """
    if rules and "composite" not in names:
        raise InputError(f"rules are those of the method composite; received rules with {', '.join(names)}")
    return {"composite": {"rules": rules}} if rules else {}
