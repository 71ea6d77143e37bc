"""The maps that a model of series is scored by: its saliency, and attribution methods as they apply to series."""

from collections.abc import Iterator

import keras
import numpy as np

from thesis_rnn.attribution import explain
from thesis_rnn.attribution.rules.gates import GATE_RULES
from thesis_rnn.data import Split
from thesis_rnn.runs.methods import Choice, choices

SALIENCY = {"saliency": "logit", "saliency_probability": "log_odds"}
"""Map -> the output whose absolute gradient it is: of the true class' logit, or of its probability as published.

The latter is taken of the log-odds: the same up to a factor p (1 - p) for each sample, which scaling to [0, 1] removes,
but not rounded away where the model is sure.
"""
BATCH = 250

_REAL = {"inputs": "real"}
_FLOAT64 = {"dtype": "float64"}
VARIANTS = {
    "deep_taylor": Choice("deep_taylor", _REAL),
    "lrp": Choice("lrp", {"alpha": 1.5, "beta": 0.5} | _REAL),
    "integrated_gradients": Choice("integrated_gradients", {"points": 16}),
    "guided_backprop": Choice("guided_backprop", _FLOAT64),
} | {
    f"lrp_epsilon_{gates}": Choice("lrp_epsilon", {"gates": gates} | _FLOAT64) for gates in GATE_RULES if gates != "all"
}
"""Map -> method, where it needs parameters: series are real numbers and no pixels, and gated products have rules.

What reaches a gate is shared out by a sum of either sign, at every step anew: after 100 steps relevance of 1e65 was
seen, which float32 cannot hold; nor can it hold squares of what vanishes on the way back. Sixteen points leave 0.2% of
integrated gradients to the rule's error, measured on trained models against 128 points.
"""


def methods_of_series(names: str) -> dict[str, Choice]:
    """Map -> method of a comma-separated list, without "sensitivity": the saliency is always there.

    Raises:
      InputError: for a name that is neither a method's nor one of ``VARIANTS``.
    """
    listed = [name.strip() for name in names.split(",") if name.strip() != "sensitivity"]
    plain = ",".join(name for name in listed if name not in VARIANTS)
    known = VARIANTS | ({choice.name: choice for choice in choices(plain, 1.5, 0.5)} if plain else {})
    return {name: known[name] for name in listed}


def explained(model: keras.Model, series: Split, names: str) -> Iterator[tuple[str, np.ndarray]]:
    """Each map's name with its relevance for the true classes, [n, steps, features]: first the saliency's."""
    for name, output in SALIENCY.items():
        yield name, saliency(model, series, output)
    for name, choice in methods_of_series(names).items():
        yield name, explain(model, series.x, series.y, choice.name, batch_size=BATCH, **choice.parameters).relevance


def saliency(model: keras.Model, series: Split, output: str) -> np.ndarray:
    """|d output / dx| of the true class, [n, steps, features]: the root of the sensitivity.

    In float64: after 100 steps of an LSTM a gradient of 1e-30 is all that is left, whose square is 0 in float32.
    """
    squared = explain(model, series.x, series.y, "sensitivity", output=output, batch_size=BATCH, **_FLOAT64).relevance
    return np.sqrt(squared)
