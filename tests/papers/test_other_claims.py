"""The claims of spreads, time steps and seeds, on rows that are written by hand."""

import pytest

from tests.helpers.made_up_results import DTD, LRP, SA, cosine, results, score
from thesis_rnn.papers.chormai_2018.other_claims import initialisation, stability, time_steps, total_variation


def test_literal_connections_are_compared_by_their_variance():
    # Deviations ten times as large, and not along the others': variances 100 to 1.
    plain = (0.70, 0.71, 0.70, 0.71, 0.72, 0.70, 0.71)
    literal = (0.60, 0.70, 0.80, 0.60, 0.70, 0.80, 0.70)
    rows = [cosine("convdeep", SA, value, fold=fold) for fold, value in enumerate(plain, start=1)]
    rows += [cosine("conv_plus_deep", SA, value, fold=fold) for fold, value in enumerate(literal, start=1)]
    [told] = stability(results(*rows))
    assert (told.name, told.dataset, told.folds, told.verdict) == ("4c", "mnist_maj", "7", "holds")
    assert told.measured.startswith("116.67 [")
    [other] = stability(results(*rows[:2], *rows[7:9]))
    assert other.verdict == "undecided at 2 folds"


def shares(architecture, method, values):
    usual = {"dataset": "mnist", "steps": 7, "class": 1, "architecture": architecture, "method": method}
    return [score("step_shares", "step_share", value, step=step, **usual) for step, value in enumerate(values, start=1)]


def test_time_steps_worked_by_hand():
    flat, late, half = [1 / 7] * 7, [0, 0, 0, 0.05, 0.05, 0.1, 0.8], [0, 0, 0, 0.2, 0.2, 0.2, 0.4]
    rows = [shares(arch, "(pixel mass)", flat) for arch in ("shallow", "deep")]
    rows += [shares("shallow", DTD, late), shares("shallow", LRP, half), shares("deep", DTD, flat)]
    assert time_steps(results(*rows)) == []
    last, far = time_steps(results(*rows, shares("deep", LRP, half)))
    # 0.95 by DTD, 0.8 by LRP: not over 90 %. LRP is as far from the image on both: no gain.
    assert (last.original, last.verdict) == ("0.800", "does not hold on one run")
    assert last.words == "No: 95.0% and 80.0% by DTD and LRP."
    assert (far.original, far.verdict) == ("+0.000", "does not hold on one run")


def test_total_variation():
    assert total_variation([0.5, 0.5, 0], [0, 0.5, 0.5]) == pytest.approx(0.5)


def seeds(cosines, accuracies):
    made = [
        cosine("deep", DTD, value, seed=seed, accuracy=accuracy)
        for seed, (value, accuracy) in enumerate(zip(cosines, accuracies, strict=True))
    ]
    for (scored, _), value in zip(made, cosines, strict=True):
        scored |= {"low": str(value - 0.0098), "high": str(value + 0.0098), "n": "10000"}
    return made


def test_seeds_change_cosines_but_not_accuracies():
    # Standard error 0.005 within a run; a spread of 0.0316 over seeds is 6.3 of it. Accuracies of 0.98: 0.0014.
    [told] = initialisation(results(*seeds((0.66, 0.68, 0.70, 0.72, 0.74), (0.980, 0.981, 0.979, 0.980, 0.981))))
    assert told.measured.startswith("6.32 [3.79, 18.17]")
    assert told.verdict == "holds"


def test_seeds_that_change_the_accuracy_too_speak_against_the_claim():
    [told] = initialisation(results(*seeds((0.66, 0.68, 0.70, 0.72, 0.74), (0.95, 0.96, 0.97, 0.98, 0.99))))
    assert told.verdict == "does not hold"


def test_without_an_interval_within_runs_nothing_is_told():
    assert initialisation(results(*(cosine("deep", DTD, 0.7 + seed / 100, seed=seed) for seed in range(5)))) == []
