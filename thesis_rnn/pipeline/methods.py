"""Which methods a run is explained by, and what they are called in files, tables and figures."""

from dataclasses import dataclass, field

from thesis_rnn.attribution import make_method
from thesis_rnn.attribution.composites import ALPHA_BETA


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


LABELS = {
    "sensitivity": "SA",
    "guided_backprop": "GB",
    "gradient_x_input": "gradient x input",
    "deep_taylor": "DTD",
}


def choices(names: str, alpha: float, beta: float) -> list[Choice]:
    """The methods of a comma-separated list, checked; ``alpha`` and ``beta`` are those of "lrp" and its longer name."""
    listed = [name.strip() for name in names.split(",")]
    chosen = [Choice(name, {"alpha": alpha, "beta": beta} if name in ALPHA_BETA else {}) for name in listed]
    for choice in chosen:
        make_method(choice.name, choice.parameters)
    return chosen
