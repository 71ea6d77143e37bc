"""Experts: what tells likely inputs from others. A new one is a class in a file here, and a row of ``EXPERTS``."""

from thesis_rnn.prototypes.experts.boltzmann import GaussianBoltzmann
from thesis_rnn.prototypes.experts.codes import Decoder, Generator
from thesis_rnn.prototypes.experts.expert import EXPERTS, Expert
from thesis_rnn.prototypes.experts.mixtures import Distance, Mixture, PrincipalComponents

__all__ = [
    "EXPERTS",
    "Decoder",
    "Distance",
    "Expert",
    "GaussianBoltzmann",
    "Generator",
    "Mixture",
    "PrincipalComponents",
]

EXPERTS.add("l2", Distance)
EXPERTS.add("ppca", PrincipalComponents)
EXPERTS.add("gmm", Mixture)
EXPERTS.add("rbm", GaussianBoltzmann)
EXPERTS.add("decoder", Decoder)
EXPERTS.add("generator", Generator)
