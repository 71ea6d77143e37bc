"""The .ts format: made-up files by hand, the archives' own, and what is refused."""

import gzip

import numpy as np
import pytest

from thesis_rnn import data
from thesis_rnn.data import read_series
from thesis_rnn.data.own import ts
from thesis_rnn.errors import InputError

HEAD = """# A comment.
@problemName made up
@timeStamps false
@univariate false
@dimensions 2
@equalLength false
@classLabel true walk run

@data
"""


def read(tmp_path, text, name="d.ts"):
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return read_series(path)


@pytest.mark.parametrize("name", ["d.ts", "d.ts.gz", "D.TS"])
def test_a_file_by_hand(tmp_path, name):
    samples = read(tmp_path, HEAD + "1,2,3:-1,-2e0,.5:run\n# between\n7:8:walk\n", name)
    assert samples.labels == ["run", "walk"]
    assert [value.tolist() for value in samples.values] == [[[1, -1], [2, -2], [3, 0.5]], [[7, 8]]]


def test_a_header_may_say_little(tmp_path):
    samples = read(tmp_path, "@ClassLabel TRUE a B\n@DATA\n1,2 : 3,4: a\n")
    assert samples.values[0].tolist() == [[1, 3], [2, 4]]
    assert samples.labels == ["a"]
    assert read(tmp_path, "@univariate true\n@classLabel true a\n@data\n1,2:a\n").values[0].tolist() == [[1], [2]]


EQUAL = HEAD.replace("@equalLength false", "@equalLength true\n@seriesLength 2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"a header of @ lines that ends with @data; received none$"),
        ("1,2:a\n", r"a header of @ lines that ends with @data; received '1,2:a'$"),
        ("@problemName x\n", r"ends with @data; received none$"),
        ("@data\n1:a\n", r"expected @classLabel true and the classes; received none$"),
        ("@classLabel false\n@data\n", r"and the classes; received @classLabel false$"),
        ("@targetLabel true\n@data\n1:0.5\n", r"expected @classLabel true and the classes; received none$"),
        ("@timeStamps true\n" + HEAD.replace("@timeStamps false", ""), r"distances; received @timeStamps true$"),
        (HEAD.replace("@dimensions 2", "@dimensions two"), r"a number behind @dimensions; received 'two'$"),
        (HEAD + "1:2:run\n1,?:2,3:run\n", r"a missing value, '\?', at step 1, feature 0 of .*line 11, sample 1$"),
        (HEAD + "1,x:2,3:run\n", r"received 'x' at step 1, feature 0 of .*line 10, sample 0$"),
        (HEAD + "1,:2,3:run\n", r"received '' at step 1, feature 0 of .*sample 0$"),
        (HEAD + "1,2:3:run\n", r"expected dimensions of one length and a class; received 2, 1$"),
        (HEAD + "run\n", r"received no values$"),
        (HEAD + "1:2:3:run\n", r"expected 2 dimensions and a class; received 3$"),
        (HEAD + "1:2:swim\n", r"expected a class of walk, run; received 'swim'$"),
        (EQUAL + "1:2:run\n", r"expected 2 steps, as @seriesLength says; received 1$"),
    ],
)
def test_bad_files_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_a_damaged_archive_is_refused(tmp_path):
    (tmp_path / "d.ts.gz").write_bytes(gzip.compress((HEAD + "1:2:run\n" * 500).encode())[:-20])
    with pytest.raises(InputError, match=r"d\.ts\.gz: expected an undamaged file; received Compressed file ended"):
        read_series(tmp_path / "d.ts.gz")
    (tmp_path / "d.ts.gz").write_text("plain")
    with pytest.raises(InputError, match=r"expected an undamaged file; received Not a gzipped file"):
        read_series(tmp_path / "d.ts.gz")


def test_an_endless_line_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(ts, "LONGEST_LINE", 1000)
    with pytest.raises(InputError, match=r"at most 1000 characters a line, .*; received more in line 10$"):
        read(tmp_path, HEAD + "1," * 10_000_000, "d.ts.gz")


# ---- the archives' own files


@pytest.mark.parametrize(
    ("name", "shape", "sizes", "classes"),
    [
        ("JapaneseVowels", (29, 12), (225, 45, 370), 9),
        ("ItalyPowerDemand", (24, 1), (55, 12, 1029), 2),
        ("BasicMotions", (100, 6), (32, 8, 40), 4),
    ],
)
def test_published_files(data_dir, name, shape, sizes, classes):
    problem = data.problem_of(f"file:{data_dir / 'series' / name}")
    assert problem.title == name
    assert problem.shape() == shape
    assert len(problem.class_names) == classes
    splits = [problem.source.load(split) for split in ("train", "validation", "test")]
    assert tuple(len(split.y) for split in splits) == sizes
    assert problem.masked == (name == "JapaneseVowels")
    if problem.masked:
        assert min(split.lengths.min() for split in splits) == 7
        assert max(split.lengths.max() for split in splits) == 29
        x, _, _, lengths = splits[2]
        assert all((own[length:] == 0).all() for own, length in zip(x, lengths, strict=True))
    assert all(np.isfinite(split.x).all() for split in splits)
