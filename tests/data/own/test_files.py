"""A user's own series: the layouts of their files, padding, and what is said about what is wrong with them."""

import numpy as np
import pytest

from thesis_rnn.data import Samples, classes_of, pad, read_series, step_mask
from thesis_rnn.errors import InputError

SHORT, LONG = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])


def ragged(n=5, features=3, seed=0):
    rng = np.random.default_rng(seed)
    values = [rng.normal(size=(length, features)).astype(np.float32) for length in rng.integers(1, 9, n)]
    labels = [("rest", "task")[i % 2] for i in range(n)]
    return values, labels, [value > 0 for value in values]


# ---- every layout gives what padding the samples themselves gives


def save_flat(path, values, labels, evidence):
    joined, marks = np.concatenate(values), np.concatenate(evidence)
    np.savez(path / "d.npz", x=joined, y=labels, lengths=[len(v) for v in values], evidence=marks)
    return path / "d.npz"


def save_padded(path, values, labels, evidence):
    whole = pad(Samples(values, labels, evidence))
    behind = ~step_mask(whole.lengths, whole.x.shape[1])[..., np.newaxis]
    x = np.where(behind, np.nan, whole.x)  # what lies there does not matter
    np.savez(path / "d.npz", x=x, y=labels, lengths=whole.lengths, evidence=whole.evidence)
    return path / "d.npz"


def save_folder(path, values, labels, evidence):
    for i, (value, marks) in enumerate(zip(values, evidence, strict=True)):
        np.save(path / f"run{i}.npy", value)
        np.save(path / f"run{i}.evidence.npy", marks)
    rows = "".join(f"run{i}.npy,{label}\n" for i, label in enumerate(labels))
    (path / "labels.csv").write_text("file,label\n" + rows)
    return path


def save_table(path, values, labels, evidence):
    rows = ["sample,step,label,left,mid,right,evidence:left,evidence:mid,evidence:right"]
    for i, label in reversed(list(enumerate(labels))):  # steps count from 1 and stand in reverse order
        for step in reversed(range(len(values[i]))):
            cells = [*map(repr, values[i][step].tolist()), *map(str, evidence[i][step].astype(int))]
            rows.append(",".join([f"s{i}", str(step + 1), label, *cells]))
    (path / "d.csv").write_text("\ufeff" + "\n".join(rows) + "\n", encoding="utf-8")  # with a spreadsheet's mark
    return path / "d.csv"


@pytest.mark.parametrize("save", [save_flat, save_padded, save_folder, save_table])
@pytest.mark.parametrize("seed", range(3))
def test_every_layout_is_read_as_it_was_written(tmp_path, save, seed):
    values, labels, evidence = ragged(seed=seed)
    read = pad(read_series(save(tmp_path, values, labels, evidence)), padding=0.5)
    order = slice(None, None, -1) if save is save_table else slice(None)  # samples in the order of their first rows
    expected = pad(Samples(values[order], labels[order], evidence[order]), padding=0.5)
    for one, two in zip(read, expected, strict=True):
        np.testing.assert_array_equal(one, two)


def test_an_archive_of_one_length_with_integers_and_evidence_of_steps(tmp_path):
    x = np.arange(12.0).reshape(2, 3, 2)
    np.savez(tmp_path / "d.npz", x=x, y=[1, 0], evidence=[[0, 0, 1], [1, 1, 0]])
    samples = read_series(tmp_path / "d.npz")
    read = pad(samples)
    np.testing.assert_array_equal(read.x, x)
    assert read.lengths.tolist() == [3, 3]
    assert read.evidence[:, :, 0].tolist() == read.evidence[:, :, 1].tolist() == [[0, 0, 1], [1, 1, 0]]
    assert classes_of(samples.labels) == ("0", "1")


def test_a_table_with_evidence_of_steps_and_one_without(tmp_path):
    (tmp_path / "d.csv").write_text("sample,step,label,a,evidence\ns,0,x,1.5,0\ns,1,x,2,1\n")
    assert pad(read_series(tmp_path / "d.csv")).evidence.tolist() == [[[False], [True]]]
    (tmp_path / "d.csv").write_text("sample,step,label,a\ns,0,x,1.5\n")
    read = pad(read_series(tmp_path / "d.csv"))
    assert read.evidence is None
    assert read.x.tolist() == [[[1.5]]]


# ---- bad input: what is wrong, and where


def test_a_nan_is_named_by_sample_step_and_feature(tmp_path):
    x = np.zeros((4, 5, 6))
    x[2, 3, 1] = np.nan
    np.savez(tmp_path / "d.npz", x=x, y=[0, 1, 0, 1])
    with pytest.raises(
        InputError, match=r"finite in every cell \(steps count from 0\); received nan at sample 2, step 3, feature 1$"
    ):
        pad(read_series(tmp_path / "d.npz"))
    for cell in ("nan", "", "inf"):
        (tmp_path / "d.csv").write_text(f"sample,step,label,V1,V2\ns1,0,a,1,2\ns7,0,a,1,2\ns7,1,a,3,{cell}\n")
        with pytest.raises(InputError, match=r"received (nan|inf) at sample s7, step 1, feature V2$"):
            pad(read_series(tmp_path / "d.csv"))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((2, 3, 1))}, "expected arrays x and y; received no y$"),
        ({"x": np.zeros((6, 1)), "y": [0, 1]}, r"with lengths; received x of shape \[6, 1\]$"),
        (
            {"x": np.zeros((2, 3, 1)), "y": [[0, 1]]},
            r"expected y \[n\] of integers or words; received int64 of shape \[1, 2\]$",
        ),
        ({"x": np.zeros((2, 3, 1)), "y": [0.0, np.nan]}, r"received float64 of shape \[2\]$"),
        ({"x": np.zeros((6, 1)), "y": [0, 1], "lengths": [3, 2]}, r"with the sum 6; received 2 with the sum 5$"),
        ({"x": np.zeros((2, 3, 1)), "y": [0, 1], "lengths": [3]}, r"one per sample of 2; received 1 with the sum 3$"),
        ({"x": np.zeros((2, 3, 1)), "y": [0, 1], "lengths": [3, 4]}, r"lie in 1..3; received 3 to 4$"),
        ({"x": np.zeros((2, 3, 1)), "y": [0, 1], "lengths": [3.0, 1]}, r"integers of shape \[n\]; received float64"),
        ({"x": np.zeros((2, 3, 1)), "y": [0, 1], "evidence": np.zeros((2, 4))}, r"or \[2, 3\]; received \[2, 4\]$"),
        ({"x": np.array([{}, {}]), "y": [0, 1]}, "a NumPy file of numbers; received Object arrays"),
    ],
)
def test_bad_archives_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(InputError, match=message):
        pad(read_series(tmp_path / "d.npz"))


HEAD = "sample,step,label,a,b\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"expected the columns sample,step,label, .*; received nothing$"),
        ("sample,step,label\n", "received sample,step,label$"),
        ("id,step,label,a\n", "received id,step,label,a$"),
        ("sample,step,label,a,b,evidence:a\n", "received sample,step,label,a,b,evidence:a$"),
        (HEAD + "s,0,x,1\n", r"line 2: expected 5 cells; received 4$"),
        (HEAD + "s,0,x,1,two\n", r"line 2: expected an integer as step and numbers behind the label; received 'two'$"),
        (HEAD + "s,0.5,x,1,2\n", r"received '0.5'$"),
        (HEAD + "s,0,x,1,2\ns,1,y,1,2\n", r"line 3: expected label 'x' in each row of sample s; received 'y'$"),
        (HEAD + "s,0,x,1,2\ns,2,x,1,2\n", r"count up by one; received step 2 after step 0 in sample s$"),
        (HEAD + "s,0,x,1,2\ns,0,x,1,2\n", r"received step 0 after step 0 in sample s$"),
        (HEAD, "at least one series; received none$"),
    ],
)
def test_bad_tables_are_refused(tmp_path, text, message):
    (tmp_path / "d.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        pad(read_series(tmp_path / "d.csv"))


def test_bad_places_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"which does not exist$"):
        pad(read_series(tmp_path / "none.npz"))
    with pytest.raises(InputError, match=r"needs labels\.csv"):
        pad(read_series(tmp_path))
    (tmp_path / "d.txt").write_text("1")
    with pytest.raises(InputError, match=r"from a folder; received .*d.txt$"):
        pad(read_series(tmp_path / "d.txt"))
    (tmp_path / "d.npz").write_text("no archive")
    with pytest.raises(InputError, match="a NumPy file of numbers; received"):
        pad(read_series(tmp_path / "d.npz"))
    (tmp_path / "d.csv").write_bytes(b"sample,step,label,\xff\xfe\n")
    with pytest.raises(InputError, match="expected UTF-8 text; received"):
        pad(read_series(tmp_path / "d.csv"))


def test_bad_folders_are_refused(tmp_path):
    (tmp_path / "labels.csv").write_text("name,label\nrun.npy,a\n")
    with pytest.raises(InputError, match=r"the columns file and label, and a row per series; received name, label$"):
        pad(read_series(tmp_path))
    (tmp_path / "labels.csv").write_text("file,label\none.npy,a\ntwo.npy\n")
    with pytest.raises(
        InputError, match=r"a file and a label in each row; received \{'file': 'two.npy', 'label': None\}$"
    ):
        pad(read_series(tmp_path))
    (tmp_path / "labels.csv").write_text("file,label\none.npy,a\ntwo.npy,b\n")
    with pytest.raises(InputError, match=r"a NumPy file of numbers; received .*No such file"):
        pad(read_series(tmp_path))
    np.save(tmp_path / "one.npy", SHORT)
    np.save(tmp_path / "two.npy", LONG)
    np.save(tmp_path / "two.evidence.npy", LONG > 4)
    with pytest.raises(InputError, match=r"evidence for all series or for none; received 1 of 2$"):
        pad(read_series(tmp_path))
