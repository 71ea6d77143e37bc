"""Numbers that scoring gave before measures were a table: of an untrained model, and of noise beside a box."""

import numpy as np
import pytest

import thesis_rnn
from thesis_rnn.attribution.methods.spec import method_specs
from thesis_rnn.data.problem import Split
from thesis_rnn.measures import Scored, measure_specs
from thesis_rnn.measures.scoring import score_model, score_references

METHODS = "sensitivity; deep_taylor; lrp(alpha=1.5, beta=0.5)"
IMAGES = {
    "SA": (0.5648216, 65.5463582, 0, 0.4608404, 0, [0.0149652, 0.0540042, 0.1945341, 0.7364964]),
    "DTD": (0.2888592, 27.3230166, 33, 0.1823045, 33, [0.0338503, 0.0646562, 0.1235759, 0.2279177]),
    "LRP-a1.5b0.5": (0.2770054, 26.4191823, 33, 0.1812516, 33, [0.0310113, 0.0630997, 0.1199892, 0.2358999]),
    "(uniform)": (0.8164966,),
    "(pixel mass)": (0.8077575,),
    "(last step)": (0.4596194,),
}
MEASURES = ("cosine", "evidence_percentage", "n_zero_relevance", "foreground_mass_accuracy", "n_unexplained")
NOISE = {
    "weighted_jaccard": 0.1673355,
    "euclidean": 1.3136018,
    "euclidean_printed": 2.5372793,
    "roc_auc": 0.4930990,
    "average_precision": 0.2621022,
    "mass_accuracy": 0.1988388,
    "rank_accuracy": 0.1791667,
    "pointing_game": 0.2,
    "time_cosine": 0.6249143,
}


def images():
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 1, (60, 4, 6, 3)).astype(np.float32)
    x[rng.random(x.shape) < 0.5] = -1
    y = rng.integers(0, 4, 60).astype(np.int32)
    return Split(x, y, np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])[rng.integers(0, 3, 60)])


def test_images():
    model = thesis_rnn.build("rlstm", 4, 6, 3, classes=4, seed=1)
    rows = score_model(model, images(), method_specs(METHODS))
    found = {(row["label"], row["measure"], row["class"], row["step"]): row for row in rows}
    for label, (*values, shares) in ((label, known) for label, known in IMAGES.items() if len(known) > 1):
        for measure, value in zip(MEASURES, values, strict=True):
            assert found[label, measure, "", ""]["value"] == pytest.approx(value, rel=1e-4), (label, measure)
        for step, value in enumerate(shares, start=1):
            assert found[label, "step_share", "", step]["value"] == pytest.approx(value, rel=1e-4)
    for label in ("(uniform)", "(pixel mass)", "(last step)"):
        assert found[label, "cosine", "", ""]["value"] == pytest.approx(IMAGES[label][0], rel=1e-6)
    # Sensitivity has no ties here, nor has an order of chance: what is removed first has not changed.
    flipped = [found[label, f"{what}_flipping", "", ""] for label in ("SA", "(chance)") for what in ("step", "patch")]
    known = [0.0212668, 0.0198387, 0.0155531, 0.0138764]
    np.testing.assert_allclose([row["value"] for row in flipped], known, rtol=1e-3)
    assert (flipped[2]["low"], flipped[2]["high"]) == pytest.approx((0.0051849, 0.0259213), rel=1e-3)


def test_noise_beside_a_box():
    evidence = np.zeros((30, 10, 4), bool)
    evidence[:, 2:6, 1:3] = True
    rows = score_references(Scored(evidence, evidence, np.zeros(30, int), evidence), measure_specs("; ".join(NOISE)))
    found = {row["measure"]: row["value"] for row in rows if row["method"] == "(uniform)"}
    assert found == pytest.approx(NOISE, rel=1e-5)
