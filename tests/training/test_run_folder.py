"""The run folder: made whole, never overwritten by accident, and read with one clear line where it is damaged."""

import json
import os
import pathlib
import re
import shutil
import zipfile
from importlib.metadata import version

import keras
import numpy as np
import pytest

import thesis_rnn
from tests.helpers import tiny_run
from thesis_rnn.errors import InputError
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder

FLAGS = "--arch=shallow\n"


def content(folder: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- starting one


def test_a_started_run_holds_flags_and_versions(tmp_path):
    folder = RunFolder(tmp_path / "a" / "b")  # parents are made
    folder.start(FLAGS)
    assert sorted(path.name for path in folder.path.iterdir()) == [
        ".lock",
        "flags.txt",
        "manifest.json",
        "versions.json",
    ]
    assert folder.flags.read_text() == FLAGS
    versions = json.loads(folder.versions.read_text())
    assert versions["thesis_rnn"] == thesis_rnn.__version__
    assert {name: versions[name] for name in ("tensorflow", "keras", "numpy", "scikit-learn")} == {
        name: version(name) for name in ("tensorflow", "keras", "numpy", "scikit-learn")
    }
    assert {"python", "machine"} < set(versions)


def test_an_empty_folder_is_as_good_as_none(tmp_path):
    RunFolder(tmp_path).start(FLAGS)
    assert RunFolder(tmp_path).is_run()


def test_a_run_is_replaced_only_on_request(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.start(FLAGS)
    folder.history.write_text("old")
    before = content(folder.path)
    with pytest.raises(InputError, match=r"^the run folder exists; use --overwrite or --resume; received .*/run$"):
        folder.start("--arch=deep\n")
    assert content(folder.path) == before
    folder.start("--arch=deep\n", overwrite=True)
    assert not folder.history.exists()
    assert folder.flags.read_text() == "--arch=deep\n"


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_no_run_is_never_replaced(tmp_path, overwrite):
    (tmp_path / "thesis.tex").write_text("years of work")
    (tmp_path / "flags.txt").write_text(FLAGS)  # as runs of before have it: no manifest, no run
    for path in (tmp_path, tmp_path / "thesis.tex"):
        with pytest.raises(InputError, match=f"^run_dir must be a new folder or that of a run.*; received {path}$"):
            RunFolder(path).start(FLAGS, overwrite)
    assert content(tmp_path) == {"thesis.tex": b"years of work", "flags.txt": FLAGS.encode()}


def test_only_what_the_run_made_is_ever_removed(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.start(FLAGS)
    with folder.writing(folder.heatmaps / "lrp.npz") as temporary:
        temporary.write_text("relevance")
    (folder.tensorboard / "train").mkdir(parents=True)
    (folder.tensorboard / "train" / "events.out.tfevents.1.v2").write_text("logs")
    thesis = folder.heatmaps / "thesis.tex"
    thesis.write_text("years of work")
    before = content(folder.path)
    expected = f"^--overwrite removes only what the run made; take the other files away; received {thesis}$"
    with pytest.raises(InputError, match=expected):
        folder.start(FLAGS, overwrite=True)
    assert content(folder.path) == before
    thesis.unlink()
    folder.start("--arch=deep\n", overwrite=True)
    assert sorted(content(folder.path)) == [".lock", "flags.txt", "manifest.json", "versions.json"]
    assert not folder.heatmaps.exists()


def test_a_manifest_that_names_files_elsewhere_removes_nothing(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.start(FLAGS)
    (tmp_path / "thesis.tex").write_text("years of work")
    for name in ("../thesis.tex", str(tmp_path / "thesis.tex")):
        stored = json.loads((folder.path / "manifest.json").read_text())
        (folder.path / "manifest.json").write_text(json.dumps(stored | {"files": {name: []}}))
        with pytest.raises(InputError, match=r"^expected the manifest of a run, .*; received .*manifest.json: "):
            folder.start(FLAGS, overwrite=True)
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"format": 2}', "[" * 100_000, "\xff"])
def test_a_damaged_manifest_is_told(tmp_path, damage):
    folder = RunFolder(tmp_path / "run")
    folder.start(FLAGS)
    (folder.path / "manifest.json").write_bytes(damage.encode("latin-1"))
    with pytest.raises(InputError, match=r"^expected the manifest of a run.*; received .*manifest.json: .+") as refusal:
        folder.start(FLAGS, overwrite=True)
    assert len(str(refusal.value).splitlines()) == 1


def test_what_a_killed_program_left_half_written_is_removed_at_the_next_start(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.start(FLAGS)
    folder.checkpoints.mkdir()
    half = folder.checkpoints / ".last-abc_1234.part.keras"
    half.write_text("half")
    mine = folder.path / ".notes"
    mine.write_text("somebody's")
    with folder.locked("train"):
        assert not half.exists()
    assert mine.exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"^run_dir must be a folder that can be written; received .*/file/run: \w+"):
        RunFolder(tmp_path / "file" / "run").start(FLAGS)


def test_the_home_folder_may_be_abbreviated():
    assert RunFolder("~/runs/a").path == pathlib.Path.home() / "runs" / "a"


# ---- reading it


def test_files_that_are_missing_are_told_with_the_command_that_makes_them(tmp_path):
    with pytest.raises(InputError, match=r"^no run folder; train one with .*thesis_rnn.train; received .*/none$"):
        RunFolder(tmp_path / "none").read_metrics()
    with pytest.raises(InputError, match=r"^no manifest.json; make it with .*thesis_rnn.train; received .*"):
        RunFolder(tmp_path).read_metrics()
    (tmp_path / "flags.txt").write_text(FLAGS)
    with pytest.raises(InputError, match=r"^this run was made by an earlier version, adopt it with .* received "):
        RunFolder(tmp_path).read_metrics()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value.*"),
        (b'{"accuracy": 0.9', "Expecting ',' delimiter.*"),
        (b"[1, 2]", "a list instead of an object"),
        (b"{}", 'no "facts" and "scores"'),
        (b'{"facts": {}, "scores": [1]}', 'no "facts" and "scores"'),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"facts": "\xff"}', "not UTF-8 at byte 11"),
    ],
)
def test_damaged_metrics_are_told_with_the_way_to_make_them_again(tmp_path, content, reason):
    folder = RunFolder(tmp_path / "run")
    folder.start(FLAGS)
    with pytest.raises(InputError, match=r"^no metrics.json; make it with python -m thesis_rnn evaluate --run_dir; "):
        folder.read_metrics()
    folder.metrics.write_bytes(content)
    expected = (
        "^a file of the run is damaged, repeat python -m thesis_rnn evaluate --run_dir; received .*metrics.json: "
    )
    with pytest.raises(InputError, match=f"{expected}{reason}"):
        folder.read_metrics()


@pytest.fixture(scope="module")
def model():
    return thesis_rnn.build("rlstm_sd", steps=2, rows=3, columns=2, classes=3, sizes={"in1": 4, "cells": 3})


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "some.keras"
    model.save(path)
    return path


def test_a_model_comes_back_from_a_folder_and_from_a_file(model, saved, tmp_path):
    shutil.copy(saved, tmp_path / "model.keras")
    x = np.random.default_rng(0).uniform(-1, 1, (5, 2, 3, 2)).astype(np.float32)
    expected = model.predict(x, verbose=0)
    for path in (saved, str(saved), tmp_path, os.fspath(tmp_path)):
        loaded = thesis_rnn.load(path)
        np.testing.assert_array_equal(loaded.predict(x, verbose=0), expected)
        assert isinstance(loaded.loss, thesis_rnn.layers.ZeroLogitCrossentropy)  # compiled: training can go on


def test_the_model_of_a_run_comes_back(tmp_path):
    run = tiny_run.copy(tmp_path / "run")
    assert thesis_rnn.load(run.path).name == "shallow"


def refused(path) -> str:
    """The message that ``path`` is refused with: one line."""
    with pytest.raises(InputError) as refusal:
        load_model(path)
    assert len(str(refusal.value).splitlines()) == 1
    assert str(path) in str(refusal.value)
    return str(refusal.value)


def test_a_model_that_is_missing_is_told(tmp_path):
    assert refused(tmp_path / "none.keras").endswith("none.keras, which does not exist")
    RunFolder(tmp_path).start(FLAGS)
    assert refused(tmp_path).startswith("no model.keras; make it with python -m thesis_rnn train --resume; received")


def test_a_model_of_a_run_that_is_not_the_one_it_wrote_is_told(tmp_path):
    run = tiny_run.copy(tmp_path / "run")
    thesis_rnn.build("shallow", 2, 28, 42).save(run.model)
    assert "not the bytes that the training wrote" in refused(run.path)


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.99])
def test_a_truncated_file_is_told(saved, tmp_path, kept):
    data = saved.read_bytes()
    path = tmp_path / "short.keras"
    path.write_bytes(data[: int(kept * len(data)) if isinstance(kept, float) else kept])
    assert refused(path).endswith("which is damaged or of another kind")


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "half"])
def test_a_file_with_a_damaged_part_is_told(saved, tmp_path, name, damage):
    changes = {"empty": lambda data: b"", "garbage": lambda data: b"\xff\x00" * 50, "half": lambda data: data[::2]}
    path = tmp_path / "damaged.keras"
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w") as target:
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
            elif damage in changes:
                target.writestr(part, changes[damage](source.read(part)))
    assert refused(path).startswith("cannot load the model; train it again or repair it; received ")


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bytes_are_told_or_harmless(saved, tmp_path, seed):
    # Bytes that decide nothing (dates, padding) may change; weights never come back other than they were saved.
    rng = np.random.default_rng(seed)
    data = bytearray(saved.read_bytes())
    for place in rng.integers(0, len(data), 8):
        data[place] ^= int(rng.integers(1, 256))
    path = tmp_path / "flipped.keras"
    path.write_bytes(data)
    try:
        loaded = load_model(path)
    except InputError as error:
        assert re.search(r"received .*flipped\.keras", str(error))  # noqa: PT017
    else:
        for one, other in zip(load_model(saved).weights, loaded.weights, strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_class_that_is_not_known_is_told(saved, tmp_path):
    path = tmp_path / "other.keras"
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w") as target:
        for part in source.namelist():
            target.writestr(part, source.read(part).replace(b'"RLSTM"', b'"ZLSTM"').replace(b">RLSTM", b">ZLSTM"))
    told = refused(path)
    assert "Could not locate class 'ZLSTM'" in told
    assert told.endswith(
        "(register the class with keras.saving.register_keras_serializable; --import=FILE.py runs its file)"
    )


def test_another_kind_of_file_is_told(tmp_path):
    path = tmp_path / "notes.keras"
    path.write_text("these are notes")
    assert refused(path).endswith("which is damaged or of another kind")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "these are notes")
    assert refused(path).startswith("cannot load the model")


def test_a_stock_model_is_loaded_too(tmp_path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "stock.keras")
    assert load_model(tmp_path / "stock.keras").count_params() == 3
