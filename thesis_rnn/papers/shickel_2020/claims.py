"""What the comparison is to decide, written down before any of its runs: each claim is one contrast over seeds.

The review says which methods there are, and gives no number. The claims are what is said of its families elsewhere, and
here they are put to a test: that attention is no explanation, that what helps a network built for propagation need not
help an LSTM, that a method which follows words finds what people feel in them, and that sampling costs more than it
gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Weights = Mapping[str, float]

SELECTIVITY, VALENCE, SECONDS, ROC_AUC = "selectivity(unit=steps)", "valence_correlation", "seconds", "roc_auc"
RANDOM, ERASURE, LRP, CD = "(random)", "erasure", "lrp_epsilon", "contextual_decomposition"
GRADIENTS = ("sensitivity", "gradient_x_input")
SHAP = "permutation_shap(players=segments, size=4, orders=2)"
"""Four parts of the series in two orders and their reverses, 12 outputs of the model and 2 more: about LRP's time."""
LEAST = 0.1
"""Of what erasing step by step gains over chance. A smaller gain counts as none."""
LEVEL = 0.05
"""Of the adjusted p values."""


@dataclass(frozen=True)
class Claim:
    """A sentence and the contrast that decides it, on every problem that has all its arms.

    Attributes:
      name: its number, with a letter for each part.
      text: the sentence.
      weights: (architecture, method) -> weight; they add up to 0.
      measure: what is compared, seed by seed.
      expected: the sign that is claimed, "positive" or "negative".
    """

    name: str
    text: str
    weights: Mapping[tuple[str, str], float]
    measure: str = SELECTIVITY
    expected: str = "positive"


def on(architecture: str, *parts: Weights) -> dict[tuple[str, str], float]:
    """The sum of weights of methods, of one architecture."""
    methods = {method for part in parts for method in part}
    return {(architecture, method): sum(part.get(method, 0.0) for part in parts) for method in sorted(methods)}


def minus(first: Weights, second: Weights) -> dict:
    """first - second."""
    return {arm: first.get(arm, 0.0) - second.get(arm, 0.0) for arm in (first | second)}


def over_gradients(method: str) -> dict[str, float]:
    """What a method has more than the mean of the two gradient methods."""
    return {method: 1.0} | {gradient: -1 / len(GRADIENTS) for gradient in GRADIENTS}


NO_GAIN = {ERASURE: -LEAST, RANDOM: LEAST}
"""Taken off a difference that is claimed to be none."""

CLAIMS = (
    *(
        Claim(
            "1",
            f"attention read-out of {title} is no better than chance at selectivity",
            on(architecture, {"attention": 1.0, RANDOM: -1.0}, NO_GAIN),
            expected="negative",
        )
        for architecture, title in (("lstm_ica", "LSTM, input-cell attention"), ("transformer", "Transformer"))
    ),
    Claim("2a", "propagation beats gradients on R-LSTM-SD", on("rlstm_sd", over_gradients(LRP))),
    Claim(
        "2b",
        "propagation does not beat gradients on LSTM",
        on("lstm", over_gradients(LRP), NO_GAIN),
        expected="negative",
    ),
    Claim(
        "2c",
        "propagation gains more over gradients on R-LSTM-SD than on LSTM",
        minus(on("rlstm_sd", over_gradients(LRP)), on("lstm", over_gradients(LRP))),
    ),
    Claim(
        "2d",
        "propagation finds the evidence better than gradients on R-LSTM-SD",
        on("rlstm_sd", over_gradients(LRP)),
        ROC_AUC,
    ),
    *(
        Claim(
            "3",
            f"{title}: relevance of words by {label} correlates with human valence better than gradient x input",
            on(architecture, {method: 1.0, "gradient_x_input": -1.0}),
            VALENCE,
        )
        for architecture, title in (("lstm", "LSTM"), ("gru", "GRU"))
        for method, label in ((CD, "contextual decomposition"), (LRP, "LRP"))
    ),
    *(
        Claim(name, f"{title}: {text}", on(architecture, weights), measure)
        for architecture, title in (("lstm", "LSTM"), ("gru", "GRU"), ("rlstm_sd", "R-LSTM-SD"))
        for name, text, weights, measure in (
            (
                "4a",
                "LRP is more selective than Shapley estimates in about its time",
                {LRP: 1.0, SHAP: -1.0},
                SELECTIVITY,
            ),
            ("4b", "these Shapley estimates take no less time than LRP", {LRP: -1.0, SHAP: 1.0}, SECONDS),
        )
    ),
)
