"""What a network does inside: its weights by gate, states, units and what imitates it, one file for each analysis."""

from thesis_rnn.analysis.analysing import Analysed, analyse
from thesis_rnn.analysis.analysis import Analysis, AnalysisSpec, Finding, Studied, analysis_specs
from thesis_rnn.analysis.states import States, states_of
from thesis_rnn.analysis.table import ANALYSES
from thesis_rnn.support.checks import tell_in_public

__all__ = [
    "ANALYSES",
    "Analysed",
    "Analysis",
    "AnalysisSpec",
    "Finding",
    "States",
    "Studied",
    "analyse",
    "analysis_specs",
    "states_of",
]

tell_in_public(globals())
