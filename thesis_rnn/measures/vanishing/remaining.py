"""How much of each step remains at the last one: of relevance, of the influence of states, behind forget gates."""

import numpy as np

from thesis_rnn.measures.localisation.blocks import step_share
from thesis_rnn.measures.localisation.own_steps import own_steps_first
from thesis_rnn.measures.measure import Scored
from thesis_rnn.measures.vanishing.decay import half_life, products_after, relevance_by_step

SERIES = 20
"""Samples of states that are enough: a Jacobian takes a backward pass for each unit, and series are much alike."""


def share_of_steps(scored: Scored, absolute: bool = False) -> np.ndarray:
    """The share of positive relevance on each time step, [n, steps]; ``absolute``: of |relevance|."""
    return relevance_by_step(scored.relevance) if absolute else step_share(scored.relevance)


def relevance_half_life(scored: Scored) -> np.ndarray:
    """The last own steps that together hold half of each sample's |relevance|, [n]; NaN for one without relevance."""
    scored = own_steps_first(scored)
    mass = relevance_by_step(scored.relevance)
    if scored.lengths is not None:  # padding stands behind a sample's end, and is none of its steps
        places = np.arange(mass.shape[1]) - mass.shape[1] + np.asarray(scored.lengths)[:, np.newaxis]
        mass = np.where(places >= 0, np.take_along_axis(mass, np.maximum(places, 0), axis=1), 0)
    return half_life(mass)


def state_references(scored: Scored, **_) -> dict[str, np.ndarray]:
    """:func:`state_decay`; nothing without a model, or where series end at different steps."""
    if scored.model is None or scored.lengths is not None or scored.present is not None:
        return {}
    return state_decay(scored.model, scored.x)


def state_decay(model, x) -> dict[str, np.ndarray]:
    """What is left of each step at the last one, [n, steps] each; nothing for a model without a single gated layer.

    "(hidden)" is ||dh_T / dh_t||, "(cell)" ||dh_T / dc_t||, "(forget_gates)" the mean over units of the product of all
    later forget gates. A bidirectional model has two last states.

    Args:
      model: a Keras model of series.
      x: inputs ``[n, steps, ...]``.

    Returns:
      What is left, by the name of the state.
    """
    # Needs TensorFlow, which the table of measures does not.
    from thesis_rnn.measures.vanishing.state_influence import forget_gates, gated_layers, jacobian_norms

    if len(gated_layers(model)) != 1:
        return {}
    norms = {f"({name})": values for name, values in jacobian_norms(model, x).items()}
    return norms | {"(forget_gates)": products_after(forget_gates(model, x)).mean(axis=2)}
