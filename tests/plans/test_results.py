"""Result files: rows are merged by what names them, values stay as they were written, damage is one line."""

import pathlib

import pytest

from tests.helpers.made_up_results import cosine, results
from thesis_rnn.errors import InputError
from thesis_rnn.plans.results import NAMES, columns_of, frame_of, key_of, read_results, results_of, write_results

COMMITTED = pathlib.Path(__file__).parents[2] / "figures" / "results"


def write(folder, *rows):
    made = results(*rows)
    for name in ("runs", "cross_validation"):
        write_results(folder, name, made.stored[name])


def test_what_is_written_again_replaces_its_row_and_nothing_else(tmp_path):
    write(tmp_path, cosine("deep", "sensitivity", 0.5), cosine("deep", "deep_taylor", 0.6))
    write(tmp_path, cosine("deep", "deep_taylor", 0.7), cosine("shallow", "sensitivity", 0.4, fold=2))
    rows = read_results(tmp_path, "cross_validation")
    assert rows[["architecture", "method", "value"]].values.tolist() == [
        ["deep", "deep_taylor", "0.7"],
        ["deep", "sensitivity", "0.5"],
        ["shallow", "sensitivity", "0.4"],
    ]


def test_folds_are_sorted_as_numbers(tmp_path):
    write(tmp_path, *(cosine("deep", "sensitivity", 0.5, fold=fold) for fold in (10, 2, "original")))
    assert read_results(tmp_path, "cross_validation")["fold"].tolist() == ["2", "10", "original"]


def test_values_stay_as_they_were_written(tmp_path):
    write(tmp_path, cosine("deep", "sensitivity", "0.977500"))
    assert read_results(tmp_path, "cross_validation")["value"].tolist() == ["0.977500"]
    [value] = results_of(tmp_path, "p")["cross_validation"]["value"]
    assert value == 0.9775


def test_columns_that_are_not_known_are_kept(tmp_path):
    write(tmp_path, [row | {"mood": "good"} for row in cosine("deep", "sensitivity", 0.5)])
    write(tmp_path, cosine("deep", "deep_taylor", 0.6))
    assert read_results(tmp_path, "cross_validation")["mood"].tolist() == ["", "good"]


def test_a_file_that_is_not_there_has_no_rows(tmp_path):
    for name in NAMES:
        assert list(read_results(tmp_path, name).columns) == list(columns_of(name))
        assert len(results_of(tmp_path, "p")[name]) == 0


def test_rows_of_other_profiles_are_apart(tmp_path):
    write(tmp_path, cosine("deep", "sensitivity", 0.6), cosine("deep", "sensitivity", 0.5, profile="constant"))
    found = results_of(tmp_path, "p")
    assert found["cross_validation"]["value"].tolist() == [0.6]
    assert found.every_profile["cross_validation"]["value"].tolist() == [0.5, 0.6]


def test_the_committed_files_are_as_they_would_be_written(tmp_path):
    for name in NAMES:
        write_results(tmp_path, name, read_results(COMMITTED, name))
        assert (tmp_path / f"{name}.csv").read_bytes() == (COMMITTED / f"{name}.csv").read_bytes()


HEADER = ",".join(columns_of("runs"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"expected columns; .*runs.csv, line 1"),
        (b"architecture,accuracy\ndeep,0.9\n", r"expected the columns paper, profile, .*runs.csv, line 1"),
        (f"{HEADER},seed\n".encode(), r"expected each column once; .*runs.csv, line 1"),
        (f"{HEADER}\na,b\n".encode(), r"expected 23 cells, found 2; .*runs.csv, line 2"),
        (f"{HEADER}\n{',' * 22}0.9".encode(), r"expected a line that ends; .*runs.csv, line 2"),
        (f'{HEADER}\n"a{"," * 22}\n'.encode(), r"expected comma-separated values, .*runs.csv, line 2"),
        (f"{HEADER}\n".encode() + b"\xff\n", r"expected text in UTF-8; .*runs.csv, line 2"),
    ],
)
def test_a_damaged_file_is_named_with_the_place(tmp_path, content, message):
    path = tmp_path / "runs.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{message}$") as refusal:
        write_results(tmp_path, "runs", frame_of("runs", []))
    assert "\n" not in str(refusal.value)
    assert path.read_bytes() == content


def test_a_value_that_is_no_number_is_named(tmp_path):
    write(tmp_path, cosine("deep", "sensitivity", "0.9x"))
    with pytest.raises(
        InputError, match=r"^value in cross_validation.csv must be a number; received '0.9x' of p, mnis"
    ):
        results_of(tmp_path, "p")["cross_validation"]


def test_a_row_has_one_key():
    for name in NAMES:
        rows = read_results(COMMITTED, name)
        assert not rows.duplicated(list(key_of(name))).any()
