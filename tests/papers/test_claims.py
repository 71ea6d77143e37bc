"""The thesis' claims: what folds that are written by hand say of them."""

import math

import pytest

from tests.helpers.made_up_results import cosine, results
from thesis_rnn.papers.chormai_2018 import claims
from thesis_rnn.papers.chormai_2018.claims import CLAIMS, claim_scores, claims_table, findings


def scores(rows):
    return claim_scores(results(rows))


def both(architecture, value, **own):
    """DTD and LRP of an architecture with the same cosine."""
    return [row for method in claims.PROPAGATION for row in cosine(architecture, method, value, **own)]


def test_weights_add_up_to_zero():
    for claim in CLAIMS:
        assert sum(claim.weights.values()) == pytest.approx(0, abs=1e-12)
        assert claim.expected in ("positive", "negative", "equal")


def test_a_claim_worked_by_hand():
    # Deep - Shallow over three folds of seven, the mean of DTD and LRP: 0.1, 0.2, 0.3. Mean 0.2, s = 0.1. Nadeau and
    # Bengio: s sqrt(1/3 + 1/6) = 0.070711, times t(0.975, 2) = 4.302653: 0.304244, so [-0.104, 0.504]: undecided.
    rows = [each for fold in (1, 2, 3) for each in both("shallow", 0.5, fold=fold)]
    rows += [each for fold in (1, 2, 3) for each in both("deep", 0.5 + fold / 10, fold=fold)]
    rows += both("shallow", 0.5) + both("deep", 0.75)
    finding = next(finding for finding in findings(scores(rows)) if finding.claim.name == "1a")
    assert finding.original == pytest.approx(0.25)
    assert (finding.contrast.mean, finding.contrast.folds) == (pytest.approx(0.2), 3)
    assert (finding.contrast.low, finding.contrast.high) == pytest.approx((-0.104244, 0.504244), abs=1e-6)
    assert finding.verdict == "undecided at 3 folds"


@pytest.mark.parametrize(("sign", "verdict"), [(1, "holds"), (-1, "does not hold")])
def test_clear_differences_decide(sign, verdict):
    rows = [each for fold in range(1, 8) for each in both("shallow", 0.5, fold=fold)]
    rows += [each for fold in range(1, 8) for each in both("deep", 0.5 + sign * (0.2 + fold / 1000), fold=fold)]
    assert findings(scores(rows))[0].verdict == verdict


def test_a_fold_counts_only_with_all_arms_and_above_the_floor():
    rows = [each for fold in (1, 2, 3) for each in both("shallow", 0.5, fold=fold)]
    rows += both("deep", 0.6, fold=1) + both("deep", 0.6, fold=2, accuracy=0.9)
    everything, accurate = (findings(scores(rows), above_floor=floor)[0] for floor in (False, True))
    assert (everything.contrast.folds, accurate.contrast.folds) == (2, 1)
    assert accurate.verdict == "undecided at 1 fold"
    assert math.isnan(everything.original)


def test_without_folds_nothing_is_decided():
    finding = findings(scores(both("shallow", 0.5) + both("deep", 0.6)))[0]
    assert (finding.contrast, finding.verdict) == (None, "undecided: no folds yet")


def test_the_claims_table_says_what_the_findings_say():
    rows = [each for fold in range(1, 8) for each in both("shallow", 0.5, fold=fold)]
    rows += [each for fold in range(1, 8) for each in both("deep", 0.7 + fold / 1000, fold=fold)]
    cells = claims_table(results(rows)).rows[0]
    assert cells[:5] == ["1a DTD and LRP: Deep is better than Shallow", "mnist_maj", "positive", "", "7"]
    assert cells[5].startswith("+0.204 [+0.20")
    assert cells[-2:] == ["holds", "holds"]
