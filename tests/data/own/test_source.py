"""file:PATH: which part of one's own series is trained on, which chooses the epoch, which is tested on."""

import numpy as np
import pytest

from thesis_rnn import data
from thesis_rnn.data.own.source import divided, last_sixths
from thesis_rnn.errors import InputError

SPLITS = ("train", "validation", "test")


def made_up(n=24, steps=5, features=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, steps, features)).astype(np.float32), np.array(["rest", "task"])[np.arange(n) % 2]


def loaded(path):
    return {split: data.load(f"file:{path}", split) for split in SPLITS}


def write_table(path, x, y, names="ab"):
    rows = [f"sample,step,label,{','.join(names)}"]
    for sample, (series, label) in enumerate(zip(x, y, strict=True)):
        rows += [
            ",".join([str(sample), str(step), label, *map(repr, cells)]) for step, cells in enumerate(series.tolist())
        ]
    path.write_text("\n".join(rows) + "\n")


def write_ts(path, x, y):
    lines = [
        ":".join([*(",".join(map(repr, column)) for column in series.T.tolist()), label])
        for series, label in zip(x, y, strict=True)
    ]
    path.write_text("@classLabel true rest task\n@data\n" + "\n".join(lines) + "\n")


# ---- how the parts may lie


def save_archive(path, train, test):
    np.savez(path / "own.npz", x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])
    return path / "own.npz"


def save_files(path, train, test):
    write_table(path / "train.csv", *train)
    np.savez(path / "test.npz", x=test[0], y=test[1])
    return path


def save_pair(path, train, test):
    write_ts(path / "Own_TRAIN.ts", *train)
    write_ts(path / "Own_TEST.ts", *test)
    return path / "Own"


def save_pair_in_its_folder(path, train, test):
    (path / "Own").mkdir()
    save_pair(path / "Own", train, test)
    return path / "Own"


def save_folders(path, train, test):
    for name, (x, y) in (("train", train), ("test", test)):
        (path / name).mkdir()
        for place, series in enumerate(x):
            np.save(path / name / f"{place}.npy", series)
        rows = "".join(f"{place}.npy,{label}\n" for place, label in enumerate(y))
        (path / name / "labels.csv").write_text("file,label\n" + rows)
    return path


@pytest.mark.parametrize("save", [save_archive, save_pair, save_pair_in_its_folder, save_folders])
def test_training_and_test_data_side_by_side(tmp_path, save):
    train, test = made_up(24), made_up(6, seed=1)
    splits = loaded(save(tmp_path, train, test))
    # 12 of each class: the last 2 of each, places 20 to 23, are held out.
    np.testing.assert_array_equal(splits["train"].x, train[0][:20])
    np.testing.assert_array_equal(splits["validation"].x, train[0][20:])
    np.testing.assert_array_equal(splits["test"].x, test[0])
    assert splits["test"].y.tolist() == [0, 1] * 3
    assert splits["train"].y.dtype == np.int32
    assert all(split.lengths is None and split.evidence is None for split in splits.values())


def test_a_table_to_train_and_an_archive_to_test_need_the_same_features(tmp_path):
    path = save_files(tmp_path, made_up(), made_up(6))
    with pytest.raises(InputError, match=r"expected the features of train in test, a, b; received 2$"):
        loaded(path)
    (tmp_path / "test.npz").unlink()
    write_table(tmp_path / "test.csv", *made_up(6))
    assert data.feature_names(f"file:{path}") == ("a", "b")
    assert loaded(path)["test"].x.shape == (6, 5, 2)


def test_validation_data_are_taken_where_they_are_given(tmp_path):
    train, validation, test = made_up(8), made_up(4, seed=1), made_up(6, seed=2)
    named = zip(SPLITS, (train, validation, test), strict=True)
    np.savez(
        tmp_path / "own.npz",
        **{f"{key}_{name}": array for name, own in named for key, array in zip("xy", own, strict=True)},
    )
    splits = loaded(tmp_path / "own.npz")
    assert [len(splits[split].y) for split in SPLITS] == [8, 4, 6]
    np.testing.assert_array_equal(splits["validation"].x, validation[0])


def test_one_file_is_divided_by_class_and_always_the_same_way(tmp_path):
    x, y = made_up(60)
    np.savez(tmp_path / "own.npz", x=x, y=y)
    splits = loaded(tmp_path / "own.npz")
    assert [len(splits[split].y) for split in SPLITS] == [40, 10, 10]
    assert all(np.bincount(splits[split].y).tolist() == [len(splits[split].y) // 2] * 2 for split in SPLITS)
    seen = [sample.tobytes() for split in SPLITS for sample in splits[split].x]
    assert sorted(seen) == sorted(sample.tobytes() for sample in x)
    again = data.load(f"file:{tmp_path / 'own.npz'}", "test", seed=7)
    np.testing.assert_array_equal(again.x, splits["test"].x)


@pytest.mark.parametrize("counts", [(3, 3), (3, 50), (7, 8, 9), (100, 4)])
def test_dividing_leaves_something_of_each_class_to_train_on(counts):
    y = np.repeat(np.arange(len(counts)), counts)
    places = divided(y, tuple("abc"), "x")
    assert sorted(np.concatenate(list(places.values()))) == list(range(len(y)))
    assert set(y[places["train"]]) == set(y)
    for split in ("validation", "test"):
        assert len(places[split]) in (len(y) // 6, len(y) // 6 + 1)
        share = np.bincount(y[places[split]], minlength=len(counts)) - np.array(counts) / 6
        assert np.abs(share).max() < 1


def test_the_last_sixths_by_hand():
    # Class 0 at 0, 2, 4, 6, 8, 10: one of six; class 1 at 1, 3: one of two; class 2 at 5: none of one.
    kept, held_out = last_sixths(np.array([0, 1, 0, 1, 0, 2, 0, 9, 0, 9, 0]))
    assert held_out.tolist() == [3, 9, 10]
    assert kept.tolist() == [0, 1, 2, 4, 5, 6, 7, 8]


# ---- lengths, evidence, names


def test_all_parts_are_padded_to_the_longest_series_of_any(tmp_path):
    x = np.ones((6, 1))
    arrays = {"x_train": x, "y_train": [0, 0, 1], "lengths_train": [1, 2, 3], "x_test": x, "y_test": [0, 1]}
    np.savez(tmp_path / "own.npz", **arrays, lengths_test=[5, 1])
    problem = data.problem_of(f"file:{tmp_path / 'own.npz'}")
    assert problem.masked
    assert problem.shape() == (5, 1)
    test = problem.source.load("test")
    assert test.x[:, :, 0].tolist() == [[1, 1, 1, 1, 1], [1, 0, 0, 0, 0]]
    assert test.lengths.tolist() == [5, 1]
    assert problem.source.load("validation").lengths.tolist() == [2]


def test_masks_are_evidence(tmp_path):
    x, y = made_up(60)
    np.savez(tmp_path / "own.npz", x=x, y=y, evidence=x > 0)
    problem = data.problem_of(f"file:{tmp_path / 'own.npz'}")
    assert problem.evidence == "cells"
    test = problem.source.load("test", limit=4)
    np.testing.assert_array_equal(test.evidence, test.x > 0)
    assert len(test.y) == 4


def test_a_file_that_is_written_anew_is_read_anew(tmp_path):
    np.savez(tmp_path / "own.npz", x=made_up(12)[0], y=made_up(12)[1])
    assert data.sequence_shape(f"file:{tmp_path / 'own.npz'}") == (5, 2)
    np.savez(tmp_path / "own.npz", x=made_up(12, steps=7)[0], y=made_up(12)[1])
    assert data.sequence_shape(f"file:{tmp_path / 'own.npz'}") == (7, 2)


def test_nothing_is_read_before_it_is_needed():
    problem = data.problem_of("file:nowhere/own.npz")
    assert problem.title == "own.npz"
    assert (problem.training.epochs, problem.training.patience, problem.training.updates) == (100, 20, 0)
    assert not data.is_available("file:nowhere/own.npz")


# ---- bad input


def test_what_cannot_be_divided_is_refused(tmp_path):
    path = tmp_path / "own.npz"
    np.savez(path, x=np.zeros((5, 2, 1)), y=[0, 0, 0, 1, 1])
    with pytest.raises(InputError, match=r"at least 3 samples of each class, .*; received 2 of '1'$"):
        loaded(path)
    np.savez(path, x=np.zeros((5, 2, 1)), y=[0] * 5)
    with pytest.raises(InputError, match=r"expected at least two classes; received only '0'$"):
        loaded(path)
    np.savez(path, x_train=np.zeros((2, 2, 1)), y_train=[0, 1], x_test=np.zeros((1, 2, 1)), y_test=[0])
    with pytest.raises(InputError, match=r"two samples of a class to hold out one; received one of each class$"):
        loaded(path)
    np.savez(path, x_train=np.zeros((2, 2, 1)), y_train=[0, 1])
    with pytest.raises(InputError, match=r"expected x_train and x_test; received only x_train$"):
        loaded(path)


def test_a_class_that_only_the_test_data_have_is_refused(tmp_path):
    arrays = {"x_train": np.zeros((4, 2, 1)), "y_train": [0, 1, 0, 1], "x_test": np.zeros((1, 2, 1)), "y_test": [2]}
    np.savez(tmp_path / "own.npz", **arrays)
    with pytest.raises(InputError, match=r"labels must be among 0, 1; received '2' for sample 0$"):
        loaded(tmp_path / "own.npz")


def test_bad_places_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"expected a path behind file:, .*; received 'file:'$"):
        data.problem_of("file:")
    with pytest.raises(InputError, match=r"which does not exist$"):
        loaded(tmp_path / "none")
    with pytest.raises(InputError, match=r"needs labels\.csv .* or train\.\* and test\.\*; received none in"):
        loaded(tmp_path)
    write_ts(tmp_path / "Own_TRAIN.ts", *made_up())
    with pytest.raises(InputError, match=r"side by side; received only .*Own_TRAIN.ts$"):
        loaded(tmp_path / "Own")


@pytest.mark.parametrize("name", ["box_earlier", "digits_rows", "file"])
def test_series_have_neither_folds_nor_other_steps(tmp_path, name):
    np.savez(tmp_path / "own.npz", x=made_up()[0], y=made_up()[1])
    name = f"file:{tmp_path / 'own.npz'}" if name == "file" else name
    steps, _ = data.sequence_shape(name)
    assert data.load(name, "test", steps=steps, limit=1).x.shape[1] == steps
    with pytest.raises(
        InputError, match=rf"^these series have {steps} steps and are not cut; leave steps out; received 4$"
    ):
        data.load(name, "test", steps=4)
    with pytest.raises(InputError, match=r"^only problems of images are cut into folds; leave fold out; received Fold"):
        data.load(name, "test", fold=data.Fold(1))
    with pytest.raises(InputError, match=r"are not cut; leave steps out; received 4$"):
        data.sequence_shape(name, 4)
