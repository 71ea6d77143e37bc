"""Result files, tables and claims: from rows that are written by hand, and from one real run."""

import math
import pathlib

import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.papers.chormai_2018 import claims, published
from thesis_rnn.papers.chormai_2018.claims import CLAIMS, findings
from thesis_rnn.papers.tables import TABLES, with_tables, write_tables
from thesis_rnn.plans.results import COLUMNS, read_results, results_of, write_results

ROOT = pathlib.Path(__file__).parents[2]
NOTHING = {name: [] for name in (*COLUMNS, "schedules")}


def row(name, **values):
    """A row of a result file with these values and what every run has."""
    usual = {"profile": "p", "dataset": "mnist_maj", "steps": "12", "fold": "original", "folds": "", "seed": "0"}
    usual |= {"accuracy": "0.99", "epochs": "3", "seconds": "60", "variables": "184330"}
    filled = dict.fromkeys(COLUMNS[name], "") | usual | {key: str(value) for key, value in values.items()}
    return {key: filled[key] for key in COLUMNS[name]}


def cosine(architecture, method, value, fold="original", dataset="mnist_maj", accuracy=0.99, score="cosine"):
    folds = "" if fold == "original" else 7
    own = {"architecture": architecture, "method": method, "fold": fold, "folds": folds, score: value}
    return row("cross_validation", dataset=dataset, accuracy=accuracy, **own)


# ---- files


def test_what_is_written_again_replaces_its_row_and_nothing_else(tmp_path):
    first = [cosine("deep", "SA", 0.5), cosine("deep", "DTD", 0.6)]
    write_results(tmp_path, "cross_validation", first)
    write_results(tmp_path, "cross_validation", [cosine("deep", "DTD", 0.7), cosine("shallow", "SA", 0.4, fold=2)])
    rows = read_results(tmp_path, "cross_validation")
    assert [(each["architecture"], each["method"], each["cosine"]) for each in rows] == [
        ("deep", "DTD", "0.7"),
        ("deep", "SA", "0.5"),
        ("shallow", "SA", "0.4"),
    ]


def test_folds_are_sorted_as_numbers(tmp_path):
    write_results(tmp_path, "cross_validation", [cosine("deep", "SA", 0.5, fold=fold) for fold in (10, 2, "original")])
    assert [each["fold"] for each in read_results(tmp_path, "cross_validation")] == ["2", "10", "original"]


def test_a_table_with_other_columns_is_refused(tmp_path):
    (tmp_path / "runs.csv").write_text("architecture,accuracy\ndeep,0.9\n")
    with pytest.raises(InputError, match=r"^expected a table with the columns profile,.*with architecture,accuracy$"):
        write_results(tmp_path, "runs", [])
    assert (tmp_path / "runs.csv").read_text().startswith("architecture,accuracy\n")


# ---- tables


def test_published_numbers_are_those_of_the_architectures():
    # Appendix 1 and Tables 3.5 and 3.6 speak of the same ten architectures.
    assert published.FOLD_ACCURACY.keys() == published.MAJORITY_ACCURACY.keys()
    assert set(published.EXPERIMENT_2 + published.EXPERIMENT_3) == published.MAJORITY_ACCURACY.keys()


def test_cells_of_the_accuracy_tables():
    # Deep: 98.16 is published, 97.5 measured, 0.66 below, which is more than the 0.5 that are accepted: a star.
    runs = [
        row("runs", architecture="deep", accuracy=0.975),
        row("runs", architecture="shallow", accuracy=0.98),
        row("runs", architecture="shallow", accuracy=0.9824, seed=1),
    ]
    rows = TABLES["table_3_5"]({"runs": runs}).rows
    # Shallow: the mean of two seeds, 98.12, as published.
    assert rows[0] == ["mnist_maj", "Shallow", "184,330", "98.12", "98.12", "+0.00", "3", "60"]
    assert rows[1] == ["mnist_maj", "Deep", "184,330", "97.50", "98.16", "-0.66 *", "3", "60"]
    assert TABLES["table_3_6"]({"runs": runs}).rows == []


def test_lenet_has_a_table_of_its_own():
    runs = [row("runs", dataset="fashion_mnist", architecture="lenet", accuracy=0.87, steps=1)]
    # 87.90 is published.
    assert TABLES["lenet"]({"runs": runs}).rows == [["fashion_mnist", "87.00", "87.90", "-0.90 *", "3", "60"]]
    assert TABLES["table_3_4"]({"runs": runs}).rows == []


def test_the_mean_over_folds_and_its_interval():
    # 98.1, 98.2, 98.3: mean 98.2, s = 0.1, t(0.975, 2) = 4.3027 (any table of t): 4.3027 * 0.1 / sqrt(3) = 0.25.
    runs = [row("runs", architecture="deep", fold=k, folds=7, accuracy=0.98 + k / 1000) for k in (1, 2, 3)]
    [cells] = TABLES["appendix_1"]({"runs": runs}).rows
    assert cells == ["mnist_maj", "Deep", "3", "98.20", "0.25", "98.43", "0.093"]


def test_cosines_are_of_the_folds_where_there_are_any():
    rows = [cosine("deep", "SA", 0.1), cosine("deep", "SA", 0.6, fold=1), cosine("deep", "SA", 0.7, fold=2)]
    rows += [cosine("shallow", "SA", 0.456, accuracy=0.97), cosine("shallow", "(uniform)", 0.8165)]
    table = TABLES["cosine_similarity"]({"cross_validation": rows})
    # (0.6 + 0.7) / 2 = 0.65 and 12.706 * 0.0707 / sqrt(2) = 0.635; Shallow's 97 % are below the floor of 98 %.
    assert table.rows[0] == ["mnist_maj", "Shallow †", "original", "0.456", "", "", "", "0.817", "", ""]
    assert table.rows[1][:4] == ["mnist_maj", "Deep", "2", "0.650 ± 0.635"]


def test_relevance_on_the_last_steps():
    # 0.1, 0.2, ..., of which steps 5, 6 and 7 are the last three: 0.05 + 0.06 + 0.07 = 18 %.
    usual = {"dataset": "mnist", "steps": 7, "class": 1, "architecture": "shallow", "method": "DTD"}
    shares = [row("step_shares", step=step, share=step / 100, **usual) for step in range(1, 8)]
    assert TABLES["last_steps"]({"step_shares": shares}).rows == [["mnist", "Shallow-7", "DTD", "18.0"]]


def test_schedules_are_compared_where_another_one_was_run():
    def under(profile, architecture, accuracy, value, epochs):
        return cosine(architecture, "DTD", value, accuracy=accuracy) | {"profile": profile, "epochs": str(epochs)}

    rows = [under("standard", "shallow", 0.98, 0.5, 25), under("constant", "shallow", 0.97, 0.45, 20)]
    rows += [under("standard", "deep", 0.98, 0.7, 40), under("quick", "shallow", 0.9, 0.4, 15)]
    assert TABLES["schedules"]({"schedules": rows}).rows == [
        ["mnist_maj", "Shallow", "constant", "20", "97.00", "", "", "0.450", ""],
        ["mnist_maj", "Shallow", "standard", "25", "98.00", "", "", "0.500", ""],
    ]


def test_rows_of_other_profiles_are_only_those_of_schedules(tmp_path):
    other = cosine("deep", "SA", 0.5) | {"profile": "constant"}
    write_results(tmp_path, "cross_validation", [cosine("deep", "SA", 0.6), other])
    results = results_of(tmp_path, "p")
    assert [each["cosine"] for each in results["cross_validation"]] == ["0.6"]
    assert [each["cosine"] for each in results["schedules"]] == ["0.5", "0.6"]


def test_every_table_is_empty_without_rows_and_then_not_written(tmp_path):
    assert write_tables(NOTHING, tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_table_is_written_for_people_and_for_programs(tmp_path):
    results = NOTHING | {"runs": [row("runs", architecture="deep")]}
    assert write_tables(results, tmp_path) == ["table_3_5"]
    assert (tmp_path / "table_3_5.csv").read_text().splitlines()[1] == 'mnist_maj,Deep,"184,330",99.00,98.16,+0.84,3,60'
    assert (tmp_path / "table_3_5.md").read_text().startswith("**Table 3.5: accuracy in percent, original split**")


def test_a_page_gets_its_tables_and_keeps_the_rest():
    page = "before\n<!-- begin table_3_5 -->\nold\n<!-- end table_3_5 -->\nafter <!-- begin no_table -->"
    results = NOTHING | {"runs": [row("runs", architecture="deep")]}
    written = with_tables(page, results)
    table = TABLES["table_3_5"](results).markdown()
    assert f"before\n<!-- begin table_3_5 -->\n\n{table}\n\n<!-- end table_3_5 -->" in written
    assert written.endswith("\nafter <!-- begin no_table -->")
    assert with_tables(written, results) == written
    assert with_tables("nothing to fill", results) == "nothing to fill"


def test_the_readme_shows_what_the_result_files_hold():
    results = results_of(ROOT / "figures" / "results", "standard")
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "<!-- begin claims -->" in page
    assert with_tables(page, results) == page


# ---- claims


def both(architecture, value, **own):
    """DTD and LRP of an architecture with the same cosine."""
    return [cosine(architecture, method, value, **own) for method in claims.PROPAGATION]


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
    finding = next(finding for finding in findings(rows) if finding.claim.name == "1a")
    assert finding.original == pytest.approx(0.25)
    assert (finding.contrast.mean, finding.contrast.folds) == (pytest.approx(0.2), 3)
    assert (finding.contrast.low, finding.contrast.high) == pytest.approx((-0.104244, 0.504244), abs=1e-6)
    assert finding.verdict == "undecided at 3 folds"


@pytest.mark.parametrize(("sign", "verdict"), [(1, "holds"), (-1, "does not hold")])
def test_clear_differences_decide(sign, verdict):
    rows = [each for fold in range(1, 8) for each in both("shallow", 0.5, fold=fold)]
    rows += [each for fold in range(1, 8) for each in both("deep", 0.5 + sign * (0.2 + fold / 1000), fold=fold)]
    assert findings(rows)[0].verdict == verdict


def test_a_fold_counts_only_with_all_arms_and_above_the_floor():
    rows = [each for fold in (1, 2, 3) for each in both("shallow", 0.5, fold=fold)]
    rows += both("deep", 0.6, fold=1) + both("deep", 0.6, fold=2, accuracy=0.9)
    everything, accurate = (findings(rows, above_floor=floor)[0] for floor in (False, True))
    assert (everything.contrast.folds, accurate.contrast.folds) == (2, 1)
    assert accurate.verdict == "undecided at 1 fold"
    assert math.isnan(everything.original)


def test_without_folds_nothing_is_decided():
    finding = findings(both("shallow", 0.5) + both("deep", 0.6))[0]
    assert (finding.contrast, finding.verdict) == (None, "undecided: no folds yet")


def test_the_claims_table_says_what_the_findings_say():
    rows = [each for fold in range(1, 8) for each in both("shallow", 0.5, fold=fold)]
    rows += [each for fold in range(1, 8) for each in both("deep", 0.7 + fold / 1000, fold=fold)]
    cells = TABLES["claims"]({"cross_validation": rows}).rows[0]
    assert cells[:5] == ["1a DTD and LRP: Deep is better than Shallow", "mnist_maj", "positive", "", "7"]
    assert cells[5].startswith("+0.204 [+0.20")
    assert cells[-2:] == ["holds", "holds"]
