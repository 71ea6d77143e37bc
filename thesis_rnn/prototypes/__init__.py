"""What a class, a unit or a state looks like to a model: inputs that it finds, and that data make likely."""

from thesis_rnn.prototypes.experts import EXPERTS
from thesis_rnn.prototypes.finding import prototype
from thesis_rnn.prototypes.record import Prototypes
from thesis_rnn.support.checks import tell_in_public

__all__ = ["EXPERTS", "Prototypes", "prototype"]

tell_in_public(globals())
