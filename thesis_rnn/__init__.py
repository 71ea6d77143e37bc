"""Recurrent networks designed for explainability: build, train, explain, evaluate.

    import thesis_rnn
    model = thesis_rnn.build("convrlstm_sd", steps=12, rows=28, columns=7, classes=10, seed=0)
    model.fit(x, y)
    explanation = thesis_rnn.explain(model, x, target=y, method="lrp(alpha=1.5, beta=0.5)")
    explanation.relevance  # has x's shape

Names are imported when they are first used, so that ``import thesis_rnn`` does not wait for TensorFlow.
"""

import importlib

from thesis_rnn.support import old_entry_points
from thesis_rnn.version import __version__

old_entry_points.install()

_HOMES = {
    "analyse": ("analysis", "analyse"),
    "architecture_names": ("architectures", "architecture_names"),
    "build": ("architectures", "build"),
    "coverage": ("attribution.inputs.reading", "coverage"),
    "explain": ("attribution", "explain"),
    "Explanation": ("attribution", "Explanation"),
    "explain_shards": ("shards", "explain_shards"),
    "method_names": ("attribution", "method_names"),
    "explanation_page": ("reporting.pages", "explanation_page"),
    "judge": ("judging", "judge"),
    "load": ("training.zoo", "load"),
    "measure_names": ("measures", "measure_names"),
    "plot": ("reporting.plots.plotting", "plot"),
    "plot_prototypes": ("reporting.prototypes", "plot_prototypes"),
    "problem_names": ("data", "names"),
    "problem_of": ("data", "problem_of"),
    "prototype": ("prototypes", "prototype"),
    "tune_process": ("support.tuning", "tune_process"),
    "zoo_card": ("training.zoo", "zoo_card"),
    "zoo_names": ("training.zoo", "zoo_names"),
}
"""Public name -> the module below this package that has it, and its name there."""
_PACKAGES = ("analysis", "corpus", "data", "layers", "measures", "prototypes", "statistics")

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


def __getattr__(name: str):
    if name in _HOMES:
        module, attribute = _HOMES[name]
        return getattr(importlib.import_module(f"thesis_rnn.{module}"), attribute)
    if name in _PACKAGES:
        return importlib.import_module(f"thesis_rnn.{name}")
    raise AttributeError(f"module 'thesis_rnn' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
