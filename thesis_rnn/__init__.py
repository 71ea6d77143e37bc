"""Recurrent networks designed for explainability: build, train, explain, evaluate.

    import thesis_rnn
    model = thesis_rnn.build("convrlstm_sd", steps=12, rows=28, columns=7, classes=10, seed=0)
    model.fit(x, y)
    explanation = thesis_rnn.explain(model, x, target=y, method="lrp", alpha=1.5, beta=0.5)
    explanation.relevance  # has x's shape

Names are imported when they are first used, so that ``import thesis_rnn`` does not wait for TensorFlow.
"""

import importlib

from thesis_rnn.version import __version__

_HOMES = {
    "architecture_names": "thesis_rnn.architectures",
    "build": "thesis_rnn.architectures",
    "explain": "thesis_rnn.attribution",
    "Explanation": "thesis_rnn.attribution",
    "method_names": "thesis_rnn.attribution",
    "load": "thesis_rnn.training.zoo",
    "plot": "thesis_rnn.reporting.heatmaps.explanations",
    "zoo_card": "thesis_rnn.training.zoo",
    "zoo_names": "thesis_rnn.training.zoo",
}

__all__ = [
    "Explanation",
    "__version__",
    "architecture_names",
    "build",
    "data",
    "explain",
    "load",
    "method_names",
    "plot",
    "zoo_card",
    "zoo_names",
]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in ("data", "evaluation", "layers"):
        return importlib.import_module(f"thesis_rnn.{name}")
    raise AttributeError(f"module 'thesis_rnn' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
