"""What ``thesis_rnn`` has, for editors and type checkers: the package itself imports a name when it is first used."""

from thesis_rnn import analysis as analysis
from thesis_rnn import corpus as corpus
from thesis_rnn import data as data
from thesis_rnn import layers as layers
from thesis_rnn import measures as measures
from thesis_rnn import prototypes as prototypes
from thesis_rnn import statistics as statistics
from thesis_rnn.analysis import analyse as analyse
from thesis_rnn.architectures import architecture_names as architecture_names
from thesis_rnn.architectures import build as build
from thesis_rnn.attribution import Explanation as Explanation
from thesis_rnn.attribution import explain as explain
from thesis_rnn.attribution import method_names as method_names
from thesis_rnn.attribution.inputs.reading import coverage as coverage
from thesis_rnn.data import names as problem_names
from thesis_rnn.data import problem_of as problem_of
from thesis_rnn.judging import judge as judge
from thesis_rnn.measures import measure_names as measure_names
from thesis_rnn.prototypes import prototype as prototype
from thesis_rnn.reporting.pages import explanation_page as explanation_page
from thesis_rnn.reporting.plots.plotting import plot as plot
from thesis_rnn.reporting.prototypes import plot_prototypes as plot_prototypes
from thesis_rnn.shards import explain_shards as explain_shards
from thesis_rnn.support.tuning import tune_process as tune_process
from thesis_rnn.training.zoo import load as load
from thesis_rnn.training.zoo import zoo_card as zoo_card
from thesis_rnn.training.zoo import zoo_names as zoo_names
from thesis_rnn.version import __version__ as __version__

__all__ = [
    "Explanation",
    "__version__",
    "analyse",
    "analysis",
    "architecture_names",
    "build",
    "corpus",
    "coverage",
    "data",
    "explain",
    "explain_shards",
    "explanation_page",
    "judge",
    "layers",
    "load",
    "measure_names",
    "measures",
    "method_names",
    "plot",
    "plot_prototypes",
    "problem_names",
    "problem_of",
    "prototype",
    "prototypes",
    "statistics",
    "tune_process",
    "zoo_card",
    "zoo_names",
]
