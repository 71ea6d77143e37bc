"""Result files of the wide form become long ones: every cell of an old file is found again, as the same text."""

import csv
import pathlib
import shutil
import subprocess
import sys

import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.plans.conversion import convert, method_of
from thesis_rnn.plans.results import MADE_BY, NAMES, RUN_KEY, read_results

OLD = pathlib.Path(__file__).parent / "frozen" / "results"
"""Excerpts of the files as they were committed."""
OLD_NAMES = [name for name in NAMES if name != "all_steps"]  # which came later
COMMITTED = pathlib.Path(__file__).parents[2] / "figures" / "results"

METHODS = {
    "SA": "sensitivity",
    "GB": "guided_backprop",
    "DTD": "deep_taylor",
    "LRP-a1.5b0.5": "lrp(alpha=1.5, beta=0.5)",
    "saliency_probability": "saliency(output=log_odds)",
    "integrated_gradients": "integrated_gradients(points=16)",
    "lrp": "lrp(alpha=1.5, beta=0.5)",
    "lrp_epsilon_half": "lrp_epsilon(gates=half)",
    "lrp_epsilon_abs": "lrp_epsilon(gates=abs)",
    "uniform": "(uniform)",
    "half_normal": "(half_normal)",
    "empty": "(empty)",
    "last_step": "(last_step)",
    "oracle": "(oracle)",
}
MEASURES = {
    "right_percentage": "evidence_percentage",
    "ink_share": "foreground_mass_accuracy",
    "unexplained": "n_unexplained",
    "zero_relevance": "n_zero_relevance",
    "share": "step_share",
}
FACTS = ("accuracy", "variables", "epochs", "best_epoch", "learning_rate", "updates", "seconds", *MADE_BY)
KEYS = ("profile", "dataset", "architecture", "steps", "fold", "folds", "seed", "class", "step", "epoch")


def old_rows(folder, name):
    with (folder / f"{name}.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def expected_cells(folder):
    """(file, what names the cell) -> its text, for every cell of the old files that is not part of a key."""
    cells = {}
    for name in OLD_NAMES:
        for row in old_rows(folder, name):
            place = {part: row.get(part, "") for part in KEYS} | {"paper": "chormai_2018", "variant": ""}
            method = row.get("method", row.get("map", ""))
            if name == "boxes":
                dataset = row["data"] if row["data"] == "mnist_rows" else f"box_{row['data']}"
                place |= {"paper": "ismail_2019", "dataset": dataset, "architecture": row["model"], "fold": "original"}
                place |= {"steps": "28" if dataset == "mnist_rows" else "100"}
                place |= {"variant": row["last_steps"] and f"attend_last_steps={row['last_steps']}"}
            if name == "seed_agreement":
                place |= {"fold": "original"}
            for column, text in row.items():
                if column in (*KEYS, "method", "map", "data", "model", "window", "last_steps", "seeds") or not text:
                    continue
                if column == "hit_the_cap":
                    column, text = "ended_by", {"true": "updates", "false": "patience or fitted"}[text]
                if column in (*FACTS, "ended_by"):
                    cells["runs", *(place[part] for part in RUN_KEY), column] = text
                    continue
                own = "" if column == "val_accuracy" else METHODS.get(method, method)
                where = place | {"method": own, "measure": MEASURES.get(column, column)}
                cells[name, *where.values()] = text
    return cells


def converted_cells(folder):
    cells = {}
    for name in OLD_NAMES:
        for row in read_results(folder, name).to_dict("records"):
            if name == "runs":
                key = [row[part] for part in RUN_KEY]
                cells |= {
                    ("runs", *key, column): text for column, text in row.items() if text and column not in RUN_KEY
                }
            else:
                place = {part: row[part] for part in KEYS} | {part: row[part] for part in ("paper", "variant")}
                cells[name, *place.values(), row["method"], row["measure"]] = row["value"]
    return cells


def test_every_cell_is_found_again_and_no_other(tmp_path):
    convert(OLD, tmp_path)
    expected = expected_cells(OLD)
    assert len(expected) > 600
    assert converted_cells(tmp_path) == expected


def test_the_committed_files_have_what_the_old_ones_had():
    assert expected_cells(OLD).items() <= converted_cells(COMMITTED).items()


def test_the_number_of_seeds_that_agree_is_kept(tmp_path):
    convert(OLD, tmp_path)
    assert set(read_results(tmp_path, "seed_agreement")["seeds"]) == {"2"}


def texts(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.slow
def test_converting_twice_changes_nothing(tmp_path):
    once, twice = tmp_path / "once", tmp_path / "twice"
    convert(OLD, once)
    convert(OLD, twice)
    convert(OLD, twice)
    convert(twice, twice)  # long already
    assert texts(twice) == texts(once)
    shutil.copytree(COMMITTED, tmp_path / "committed")
    convert(OLD, tmp_path / "committed")
    assert texts(tmp_path / "committed") == texts(COMMITTED)


def test_rows_of_another_machine_are_added_to_those_that_there_are(tmp_path):
    convert(OLD, tmp_path / "new")
    shutil.copytree(OLD, tmp_path / "old")
    runs = (OLD / "runs.csv").read_text().splitlines()
    (tmp_path / "old/runs.csv").write_text(f"{runs[0]}\n{runs[-1].replace(',2,7,0,', ',3,7,0,')}\n")
    for name in set(OLD_NAMES) - {"runs"}:
        (tmp_path / f"old/{name}.csv").unlink()
    before = len(read_results(tmp_path / "new", "runs"))
    convert(tmp_path / "old", tmp_path / "new")
    assert len(read_results(tmp_path / "new", "runs")) == before + 1


def test_scores_whose_run_has_other_facts_are_refused(tmp_path):
    shutil.copytree(OLD, tmp_path / "old")
    scores = tmp_path / "old/cross_validation.csv"
    scores.write_text(scores.read_text().replace(",0.977500,", ",0.977400,", 1))
    with pytest.raises(InputError, match=r"^expected accuracy=0.977500 as in runs.csv; received 0.977400 of chormai"):
        convert(tmp_path / "old", tmp_path / "new")


def test_a_folder_without_result_files_is_refused(tmp_path):
    with pytest.raises(InputError, match=rf"^expected one of runs.csv, .*; received the folder {tmp_path}$"):
        convert(tmp_path, tmp_path / "new")


def test_an_old_file_without_a_column_is_refused(tmp_path):
    (tmp_path / "runs.csv").write_text("profile,dataset\nstandard,mnist\n")
    with pytest.raises(InputError, match=r"^expected the columns architecture, steps.*; received .*runs.csv, line 1$"):
        convert(tmp_path, tmp_path / "new")


def test_it_is_a_command(tmp_path):
    command = [sys.executable, "-m", "thesis_rnn.plans.conversion"]
    assert subprocess.run([*command, OLD, tmp_path], check=False).returncode == 0
    assert {path.stem for path in tmp_path.iterdir()} == set(OLD_NAMES)
    refused = subprocess.run([*command, OLD], check=False, capture_output=True, text=True)
    assert (refused.returncode, refused.stderr) == (1, f"error: expected OLD_DIR NEW_DIR; received {OLD}\n")


@pytest.mark.parametrize(
    ("label", "method"),
    [("DTD", "deep_taylor"), ("LRP-a2b1", "lrp(alpha=2, beta=1)"), ("(pixel mass)", "(pixel mass)")],
)
def test_methods_by_their_labels(label, method):
    assert method_of(label) == method
