"""The thesis' tables, from rows that are written by hand."""

import pytest

from tests.helpers.made_up_results import DTD, LRP, SA, cosine, results, run, score
from thesis_rnn.papers.chormai_2018 import published
from thesis_rnn.papers.chormai_2018.tables import TABLES


def cells(name, *rows):
    return [list(row) for row in TABLES[name](results(*rows)).rows]


def test_published_numbers_are_those_of_the_architectures():
    # Appendix 1 and Tables 3.5 and 3.6 speak of the same ten architectures.
    assert published.FOLD_ACCURACY.keys() == published.MAJORITY_ACCURACY.keys()
    assert set(published.EXPERIMENT_2 + published.EXPERIMENT_3) == published.MAJORITY_ACCURACY.keys()


def test_cells_of_the_accuracy_tables():
    # Deep: 98.16 is published, 97.5 measured, 0.66 below, which is more than the 0.5 that are accepted: a star.
    runs = [
        run(architecture="deep", accuracy=0.975),
        run(architecture="shallow", accuracy=0.98),
        run(architecture="shallow", accuracy=0.9824, seed=1),
    ]
    rows = cells("table_3_5", runs)
    # Shallow: the mean of two seeds, 98.12, as published.
    assert rows[0] == ["mnist_maj", "Shallow", "184,330", "98.12", "98.12", "+0.00", "3", "60"]
    assert rows[1] == ["mnist_maj", "Deep", "184,330", "97.50", "98.16", "-0.66 *", "3", "60"]
    assert cells("table_3_6", runs) == []


def test_variables_by_steps():
    runs = [
        run(dataset="mnist", architecture="deep", steps=steps, variables=count) for steps, count in ((7, 9), (1, 8))
    ]
    assert cells("table_3_3", runs) == [["Deep", "1", "28x28", "8", "271,338"], ["Deep", "7", "28x4", "9", "132,074"]]


def test_lenet_has_a_table_of_its_own():
    runs = [run(dataset="fashion_mnist", architecture="lenet", accuracy=0.87, steps=1)]
    # 87.90 is published.
    assert cells("lenet", runs) == [["fashion_mnist", "87.00", "87.90", "-0.90 *", "3", "60"]]
    assert cells("table_3_4", runs) == []


def test_the_mean_over_folds_and_its_interval():
    # 98.1, 98.2, 98.3: mean 98.2, s = 0.1, t(0.975, 2) = 4.3027 (any table of t): 4.3027 * 0.1 / sqrt(3) = 0.25.
    runs = [run(architecture="deep", fold=k, folds=7, accuracy=0.98 + k / 1000) for k in (1, 2, 3)]
    assert cells("appendix_1", runs) == [["mnist_maj", "Deep", "3", "98.20", "0.25", "98.43", "0.093"]]


def test_cosines_are_of_the_folds_where_there_are_any():
    rows = [cosine("deep", SA, 0.1), cosine("deep", SA, 0.6, fold=1), cosine("deep", SA, 0.7, fold=2)]
    rows += [cosine("shallow", SA, 0.456, accuracy=0.97), cosine("shallow", "(uniform)", 0.8165, accuracy=0.97)]
    made = cells("cosine_similarity", *rows)
    # (0.6 + 0.7) / 2 = 0.65 and 12.706 * 0.0707 / sqrt(2) = 0.635; Shallow's 97 % are below the floor of 98 %.
    assert made[0] == ["mnist_maj", "Shallow †", "original", "0.456", "", "", "", "0.817", "", ""]
    assert made[1][:4] == ["mnist_maj", "Deep", "2", "0.650 ± 0.635"]


def test_the_summary_has_a_row_for_each_architecture_and_one_for_nothing():
    rows = [cosine("deep", DTD, 0.6, accuracy=0.97), cosine("deep", LRP, 0.7, accuracy=0.97)]
    rows += [cosine("shallow", DTD, 0.4, dataset="fashion_mnist_maj", accuracy=0.9), cosine("shallow", SA, 0.9, fold=1)]
    rows += [cosine("deep", "(uniform)", 0.8165, accuracy=0.97)]
    made = TABLES["summary"](results(*rows))
    assert made.header[1:4] == ["MNIST-MAJ accuracy", "MNIST-MAJ DTD", "MNIST-MAJ LRP"]
    assert made.rows == [
        ["Shallow", "", "", "", "90.00", "0.400", ""],
        ["Deep", "97.00", "0.600", "0.700", "", "", ""],
        ["a uniform heatmap", "", "0.817", "0.817", "", "", ""],
    ]


def test_relevance_on_the_last_steps():
    # 0.1, 0.2, ..., of which steps 5, 6 and 7 are the last three: 0.05 + 0.06 + 0.07 = 18 %.
    usual = {"dataset": "mnist", "steps": 7, "class": 1, "architecture": "shallow", "method": DTD}
    shares = [score("step_shares", "step_share", step / 100, step=step, **usual) for step in range(1, 8)]
    assert cells("last_steps", shares) == [["mnist", "Shallow-7", "DTD", "18.0"]]


def test_local_quality_of_the_original_split():
    usual = {"foreground_mass_accuracy": 0.25, "step_flipping": 7.5, "patch_flipping": 6}
    rows = [cosine("deep", method, value, measure=name) for method in (SA, "(chance)") for name, value in usual.items()]
    rows += [cosine("deep", SA, 0.5, measure="step_flipping", fold=1)]
    wanted = ["0.250", "7.500", "6.000"]
    assert cells("local_quality", *rows) == [["mnist_maj", "Deep", name, *wanted] for name in ("SA", "(chance)")]


def test_agreement_names_how_many_seeds_agree():
    row = score("seed_agreement", "rank_correlation", 0.4321, architecture="deep", method=SA, seed="", seeds=3)
    assert cells("seed_agreement", row) == [["mnist_maj", "Deep", "SA", "3", "0.432"]]


def test_schedules_are_compared_where_another_one_was_run():
    def under(profile, architecture, accuracy, value, epochs):
        return cosine(architecture, DTD, value, accuracy=accuracy, profile=profile, epochs=epochs)

    rows = [under("standard", "shallow", 0.98, 0.5, 25), under("constant", "shallow", 0.97, 0.45, 20)]
    rows += [under("standard", "deep", 0.98, 0.7, 40), under("quick", "shallow", 0.9, 0.4, 15)]
    assert cells("schedules", *rows) == [
        ["mnist_maj", "Shallow", "constant", "20", "97.00", "", "", "0.450", ""],
        ["mnist_maj", "Shallow", "standard", "25", "98.00", "", "", "0.500", ""],
    ]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_empty_without_rows(name):
    assert cells(name) == []
