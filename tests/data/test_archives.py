"""Series of the archives: where they are looked for, what is made of them, what is refused."""

import gzip

import numpy as np
import pytest

from thesis_rnn.data import PROBLEMS, load
from thesis_rnn.data.archives import ArchiveSeries
from thesis_rnn.data.folders import DATA_DIR_VARIABLE
from thesis_rnn.errors import InputError

HEADER = "@problemName Small\n@univariate false\n@dimensions 2\n@classLabel true a b\n@data\n"
# Two classes of two series each: the last of each class is for validation. Feature 1 of the kept ones, a: 1, 3 and
# b: 5, has the mean 3 and the deviation sqrt((4 + 0 + 4) / 3); feature 2 is 2 everywhere, and of deviation 0.
TRAIN = "1,3:2,2:a\n9:9:a\n5:2:b\n9:9:b\n"
TEST = "3,3,7:2,2,4:b\n1:2:a\n"


def small(tmp_path, train=TRAIN, zipped=False):
    folder = tmp_path / "series"
    folder.mkdir()
    for part, lines in (("TRAIN", train), ("TEST", TEST)):
        if zipped:
            with gzip.open(folder / f"Small_{part}.ts.gz", "wt") as file:
                file.write(HEADER + lines)
        else:
            (folder / f"Small_{part}.ts").write_text(HEADER + lines)
    return ArchiveSeries("Small", steps=3, features=("one", "two"), classes=("a", "b"), masked=True)


@pytest.mark.parametrize("zipped", [False, True])
def test_features_are_standardised_by_the_own_steps_of_the_training_series(tmp_path, zipped, monkeypatch):
    source = small(tmp_path, zipped=zipped)
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    test = source.load("test")
    deviation = np.sqrt(8 / 3)
    expected = [[[0, 0], [0, 0], [4 / deviation, 2]], [[-2 / deviation, 0], [0, 0], [0, 0]]]
    np.testing.assert_allclose(test.x, expected, rtol=1e-6)
    assert test.y.tolist() == [1, 0]
    assert test.lengths.tolist() == [3, 1]
    assert source.load("test", limit=1).x.shape == (1, 3, 2)
    assert source.pool().x.shape == (2, 3, 2)
    assert source.load("validation").y.tolist() == [0, 1]


def test_files_of_another_shape_are_refused(tmp_path):
    small(tmp_path)
    other = ArchiveSeries("Small", steps=4, features=("one", "two"), classes=("a", "b"), masked=True)
    with pytest.raises(InputError, match=r"expected 4 steps x 2 features of 2 classes; received 3 x 2 x 2$"):
        other.load("test", data_dir=tmp_path)


def test_what_is_missing_is_one_line_with_the_ways_to_provide_it(tmp_path):
    with pytest.raises(
        InputError, match=r"^JapaneseVowels comes from --data_dir=DIR or .*received none in .*$"
    ) as info:
        load("japanese_vowels", "test", data_dir=tmp_path)
    assert len(str(info.value)) <= 400
    assert not PROBLEMS["japanese_vowels"].source.is_available(tmp_path)


def test_steps_and_folds_are_refused():
    source = PROBLEMS["basic_motions"].source
    with pytest.raises(InputError, match="have 100 steps and are not cut"):
        source.load("test", steps=10)
    assert source.shape() == (100, 6)


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [("japanese_vowels", 225, 370), ("italy_power_demand", 55, 1029), ("basic_motions", 32, 40)],
)
def test_the_published_series(data_dir, name, train, test):
    problem = PROBLEMS[name]
    if not problem.source.is_available(data_dir):
        pytest.skip(f"no {name} in the data folder")
    splits = {split: load(name, split, data_dir=data_dir) for split in ("train", "test")}
    assert (len(splits["train"].y), len(splits["test"].y)) == (train, test)
    assert splits["test"].x.shape[1:] == problem.shape()
    assert set(splits["test"].y) == set(range(len(problem.class_names)))
    assert (splits["test"].lengths is not None) == problem.masked
    assert len(problem.feature_names) == problem.shape()[1]


@pytest.mark.skipif(not PROBLEMS["japanese_vowels"].source.is_available(), reason="no data")
def test_half_of_the_values_are_missing_and_the_others_as_they_were():
    whole, gaps = (load(name, "test") for name in ("japanese_vowels", "japanese_vowels_missing"))
    own = np.arange(29) < whole.lengths[:, None]
    missing = (gaps.x == 0)[own]
    assert missing.mean() == pytest.approx(0.5, abs=0.01)
    np.testing.assert_array_equal(gaps.x[own][~missing], whole.x[own][~missing])
    np.testing.assert_array_equal(load("japanese_vowels_missing", "test", limit=3).x, gaps.x[:3])  # the same ones
