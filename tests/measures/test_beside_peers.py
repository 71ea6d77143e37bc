"""Measures against what Captum and Quantus gave on the same arrays: ``tests/helpers/peer_measures.json``.

``python -m tests.peers.frozen_measures`` writes it, where those are installed. Perturbations are the ones that ours
draw, so that the numbers must be the same, not alike.
"""

import numpy as np
import pytest

from tests.helpers.peer_case import NUMBER, RADIUS, SHARE, Case, frozen
from thesis_rnn.measures import MEASURES, Scored, selectivity_curve

CASE, KNOWN = Case(), frozen()
SCORED = Scored(
    CASE.relevance, CASE.x, CASE.target, predict=CASE.predict, explain=CASE.explain, activation="linear", seed=0
)
NOISE, REMOVAL = {"by": "noise", "radius": RADIUS}, {"by": "removal", "share": SHARE}


@pytest.mark.parametrize(
    ("name", "theirs", "given"),
    [
        ("max_sensitivity", "max_sensitivity", {"radius": RADIUS, "number": NUMBER}),
        ("infidelity", "infidelity_noise", {**NOISE, "number": NUMBER, "scaled": False}),
        ("infidelity", "infidelity_noise_scaled", {**NOISE, "number": NUMBER}),
        ("infidelity", "infidelity_removal", {**REMOVAL, "number": NUMBER, "scaled": False}),
        ("infidelity", "infidelity_removal_scaled", {**REMOVAL, "number": NUMBER}),
    ],
)
def test_captum(name, theirs, given):
    np.testing.assert_allclose(MEASURES[name].function(SCORED, **given), KNOWN[theirs], rtol=1e-9)


def test_quantus_flips_the_same_cells():
    curve = selectivity_curve(SCORED, points=CASE.x[0].size)
    np.testing.assert_allclose(curve.outputs[:, 1:], KNOWN["flipping"], atol=1e-6)  # Quantus predicts in float32


@pytest.mark.parametrize(("name", "rtol"), [("gini", 1e-5), ("entropy", 1e-9)])
def test_quantus_of_complexity(name, rtol):
    """Quantus adds 1e-7 to each cell before its Gini index, and 1e-12 in the logarithm of its entropy."""
    np.testing.assert_allclose(MEASURES[name].function(SCORED), KNOWN[name], rtol=rtol)


@pytest.mark.parametrize("name", ["roc_auc", "mass_accuracy", "rank_accuracy", "pointing_game"])
def test_quantus_of_localisation(name):
    scored = SCORED._replace(relevance=np.abs(CASE.relevance), evidence=CASE.evidence)
    np.testing.assert_allclose(MEASURES[name].function(scored), KNOWN[name], rtol=1e-12)
