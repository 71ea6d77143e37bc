"""The thesis' claims: what folds that are written by hand say of them."""

import math

import pytest

from tests.helpers.made_up_results import cosine, results
from thesis_rnn.papers.chormai_2018 import claims
from thesis_rnn.papers.chormai_2018.claims import CLAIMS
from thesis_rnn.papers.chormai_2018.claims_page import claims_table
from thesis_rnn.papers.chormai_2018.deciding import claim_scores, findings, ratio_of_sizes


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
    # Bengio: s sqrt(1/3 + 10/55) = 0.071774, times t(0.975, 2) = 4.302653: 0.308819, so [-0.109, 0.509]: undecided.
    rows = [each for fold in (1, 2, 3) for each in both("shallow", 0.5, fold=fold)]
    rows += [each for fold in (1, 2, 3) for each in both("deep", 0.5 + fold / 10, fold=fold)]
    rows += both("shallow", 0.5) + both("deep", 0.75)
    finding = next(finding for finding in findings(scores(rows)) if finding.claim.name == "1a")
    assert finding.original == pytest.approx(0.25)
    assert (finding.contrast.mean, finding.contrast.folds) == (pytest.approx(0.2), 3)
    assert (finding.contrast.low, finding.contrast.high) == pytest.approx((-0.108819, 0.508819), abs=1e-6)
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
    assert cells[-3:-1] == ["holds", "holds"]
    assert cells[-1].startswith("Yes: by 0.20")


def test_the_ratio_of_sizes_counts_the_validation_images():
    # 70,000 images in seven folds: 10,000 test, 5,000 validation, 55,000 training. Digits: 1,797 in three, a sixth of
    # the 1,198 others held out: 599 / (1,198 - 199).
    assert ratio_of_sizes("mnist_maj", 7) == pytest.approx(10 / 55)
    assert ratio_of_sizes("digits_maj", 3) == pytest.approx(599 / 999)


def finding_of(name, rows):
    return next(own for own in findings(scores(rows)) if own.claim.name == name)


def test_depth_is_judged_by_the_full_profile_alone():
    rows = cosine("deep", claims.SA, 0.7) + cosine("shallow", claims.SA, 0.6)
    assert not finding_of("1e", rows).is_run
    rows += cosine("deep", claims.SA, 0.7, profile="full") + cosine("shallow", claims.SA, 0.75, profile="full")
    found = finding_of("1e", rows)
    assert found.original == pytest.approx(-0.05)
    assert found.words() == "One run of each points the other way."


def test_the_best_rule_is_chosen_on_one_fold_and_judged_on_the_others():
    # Fold 1 prefers half, although prop is better on the others and saliency is best of all, but no rule.
    gates = {"lrp_epsilon(gates=half)": (0.7, 0.6, 0.6, 0.6), "lrp_epsilon(gates=prop)": (0.6, 0.9, 0.9, 0.9)}
    gates["sensitivity"] = (0.95, 0.95, 0.95, 0.95)
    rows = [
        row
        for method, values in gates.items()
        for fold, value in enumerate(values, start=1)
        for row in cosine("lstm", method, value, fold=fold)
    ]
    rows += [row for fold in range(1, 5) for row in both("rlstm_sd", 0.9 + fold / 1000, fold=fold)]
    found = finding_of("6a", rows)
    assert (found.rule, found.contrast.folds) == ("lrp_epsilon(gates=half)", 3)
    assert found.contrast.mean == pytest.approx(0.303)
    assert found.verdict == "holds"
    assert found.words().endswith("LSTM's rule: lrp_epsilon(gates=half).")


def test_an_undecided_claim_says_what_could_have_been_found():
    rows = [each for fold in (1, 2, 3) for each in both("shallow", 0.5, fold=fold)]
    rows += [each for fold in (1, 2, 3) for each in both("deep", 0.5 + fold / 10, fold=fold)]
    # e = 0.071774; at two degrees of freedom a noncentrality of 5.65 reaches 4.303 with probability 0.8.
    assert finding_of("1a", rows).words().startswith("Not decided: 3 folds would find a difference of 0.406 in four")


def test_what_was_not_run_has_one_line():
    rows = claims_table(results(both("shallow", 0.5), both("deep", 0.6))).rows
    assert [row[0][:2] for row in rows[:-1]] == ["1a"]
    assert rows[-1][0] == "1b, 1c, 1d, 1e, 2a, 2b, 2c, 2d, 3a, 3b, 4a, 4b, 4c, 5, 6a, 6b, 7"
    assert rows[-1][-1] == "Not run."
