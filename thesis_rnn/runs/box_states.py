"""What vanishes inside a model of series: the influence of its states on the last one, and what its gates let pass."""

import keras
import numpy as np

from thesis_rnn.measures.vanishing.decay import products_after
from thesis_rnn.measures.vanishing.state_influence import forget_gates, gated_layers, jacobian_norms

SERIES = 20
"""Of the test set, which is enough: a Jacobian takes a backward pass for each unit, and the series are much alike."""


def state_decay(model: keras.Model, x: np.ndarray) -> dict[str, np.ndarray]:
    """What is left of each step at the last one, [n, steps] each; nothing for a model without a single gated layer.

    "(hidden)" is ||dh_T / dh_t||, "(cell)" ||dh_T / dc_t||, "(forget_gates)" the mean over units of the product of all
    later forget gates. A bidirectional model has two last states.
    """
    if len(gated_layers(model)) != 1:
        return {}
    norms = {f"({name})": values for name, values in jacobian_norms(model, x[:SERIES]).items()}
    return norms | {"(forget_gates)": products_after(forget_gates(model, x[:SERIES])).mean(axis=2)}
