"""The comparison of the review's families, of result files written by hand."""

import numpy as np
import pytest

from tests.helpers.made_up_results import results, run, score
from thesis_rnn.attribution import method_spec
from thesis_rnn.papers.material import Material, MissingError
from thesis_rnn.papers.shickel_2020.claims import CLAIMS, ERASURE, LRP, RANDOM, SECONDS, SELECTIVITY
from thesis_rnn.papers.shickel_2020.deciding import claims_table, findings
from thesis_rnn.papers.shickel_2020.families import FAMILIES, families_table, relative_selectivity, verdict_of
from thesis_rnn.papers.shickel_2020.figures import FIGURES
from thesis_rnn.papers.shickel_2020.scores import RELATIVE, comparison_scores, of_methods
from thesis_rnn.papers.shickel_2020.tables import TABLES
from thesis_rnn.plans.profiles import flags_folder, read_profile
from thesis_rnn.statistics import Interval, benjamini_hochberg, paired_contrast

METHODS = {RANDOM: 0.0, ERASURE: 2.0, LRP: 1.0, "gradient_x_input": 0.5, "sensitivity": 0.3, "attention": 0.1}


def rows(architecture="lstm", dataset="japanese_vowels", seeds=3, shift=(0.0, 0.01, -0.01), **others):
    """Every method's selectivity by seed, the same but for a shift of LRP's."""
    made = []
    for seed in range(seeds):
        own = {"architecture": architecture, "dataset": dataset, "seed": seed, "steps": 29}
        made.append(run(**own, accuracy=0.9))
        for method, value in (METHODS | others).items():
            value += shift[seed] if method == LRP else 0
            made.append(score("all_steps", SELECTIVITY, value, method=method, **own))
            made.append(score("all_steps", SECONDS, 0.002, method=method, **own))
    return made


def test_the_share_is_of_what_erasing_gains_over_noise_on_the_same_run():
    scores = comparison_scores(results(rows(**{RANDOM: 0.5})))
    # (s - 0.5) / (2 - 0.5): erasure 1, noise 0, gradient x input 0, LRP of seed 1 (1.01 - 0.5) / 1.5 = 0.34.
    by_method = scores[scores.seed == "1"].set_index("method")[RELATIVE]
    assert by_method[[ERASURE, RANDOM, "gradient_x_input", LRP]].tolist() == pytest.approx([1, 0, 0, 0.34])


def test_where_erasing_gains_nothing_there_is_no_share():
    scores = comparison_scores(results(rows(**{ERASURE: 0.0})))
    assert scores[RELATIVE].isna().all()
    assert relative_selectivity(of_methods(scores)) is None


def test_a_claim_is_a_contrast_paired_over_seeds():
    scores = comparison_scores(results(rows()))
    by_name = {one.claim.name: one for one in findings(scores)}
    # 2b: LRP - (0.3 + 0.5) / 2 - 0.1 * (2 - 0) = 1 - 0.4 - 0.2 = 0.4 on average; claimed to be negative.
    expected = paired_contrast([1.0, 1.01, 0.99], [0.6] * 3, test_to_train=0)
    assert by_name["2b"].contrast.mean == pytest.approx(0.4)
    assert by_name["2b"].contrast.low == pytest.approx(expected.low)
    assert by_name["2b"].verdict == "does not hold"
    assert not {"2a", "3"} & set(by_name)  # whose arms are not there


def test_p_values_are_adjusted_among_all_findings():
    scores = comparison_scores(results(rows(), rows(architecture="lstm_ica"), rows(architecture="rlstm_sd")))
    found = [one for one in findings(scores) if not np.isnan(one.contrast.p)]
    adjusted = benjamini_hochberg([one.contrast.p for one in found])
    assert [one.adjusted for one in found] == pytest.approx(adjusted.tolist())


def test_what_adjustment_takes_away_is_not_decided():
    shifts = (0.0, 0.17, -0.17)  # of a mean of .4: t = .4 / (.17 / sqrt 3) = 4.08, p = .055
    [one] = [one for one in findings(comparison_scores(results(rows(shift=shifts)))) if one.claim.name == "2b"]
    assert one.verdict.startswith("undecided at 3 seeds")


def test_one_seed_decides_nothing():
    scores = comparison_scores(results(rows(seeds=1)))
    assert {one.verdict for one in findings(scores)} == {"undecided at 1 seed"}


def test_the_weights_of_every_claim_add_up_to_nothing():
    for claim in CLAIMS:
        assert sum(claim.weights.values()) == pytest.approx(0), claim.name
        for _, method in claim.weights:
            assert method == RANDOM or method_spec(method).text == method


def test_every_arm_of_a_claim_and_every_family_is_asked_for_by_a_flagfile():
    asked = {
        (architecture, method)
        for experiment in read_profile("comparison", flags_folder())
        for architecture in experiment.flags["arch"].split(",")
        for method in experiment.flags["methods"].split("; ")
    }
    wanted = {arm for claim in CLAIMS for arm in claim.weights if arm[1] != RANDOM}
    assert wanted <= asked
    assert {method for family in FAMILIES for method in family.methods} == {method for _, method in asked}


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        (Interval(0.5, 0.3, 0.7, 3), "knows more than chance"),
        (Interval(0.0, -0.05, 0.05, 3), "no better than chance"),
        (Interval(0.2, -0.1, 0.5, 3), "undecided"),
        (Interval(0.5, np.nan, np.nan, 1), "one seed"),
        (None, "one seed"),
    ],
)
def test_a_family_in_a_word(interval, word):
    assert verdict_of(interval) == word


def test_tables_say_what_has_no_run():
    made = results(rows())
    families = families_table(made)
    assert [len(row) for row in families.rows] == [len(families.header)] * len(families.rows)
    by_method = {row[2]: row for row in families.rows}
    assert by_method["CD" if "CD" in by_method else method_spec("contextual_decomposition").label][-1] == "no run yet"
    assert by_method[method_spec("erasure").label][4:8] == ["japanese_vowels: LSTM", "90%", "1.00 ± 0.00", "2.0"]
    claims = claims_table(made)
    assert [row[-1] for row in claims.rows if row[0].startswith("3 ")] == ["no run yet"] * 4
    assert [len(row) for row in claims.rows] == [len(claims.header)] * len(claims.rows)


def test_without_runs_tables_are_empty_and_figures_wait():
    empty = results()
    assert [make(empty).rows for make in TABLES.values()] == [[], [], []]
    for draw in FIGURES.values():
        with pytest.raises(MissingError):
            draw(Material(empty, []))


def test_scores_are_written_beside_noise_and_drawn():
    made = results(rows(**{"gradient_x_input": 0.5}))
    [first, *others] = TABLES["review_scores"](made).rows
    assert first[3] == "noise"
    assert len(others) == len(METHODS) - 1
    figure = FIGURES["review_selectivity"](Material(made, []))
    assert [axis.get_title() for axis in figure.axes] == ["Japanese vowels"]
