"""Run folders in storage: whole at any moment, each file uploaded once."""

import pytest

from thesis_rnn.plans.executors.snapshots import LATEST, download, epochs_uploaded, files_of, upload, write_run
from thesis_rnn.support.storage import folder_of
from thesis_rnn.training.manifest import NAME as MANIFEST

TASK = "digits_maj/shallow-2/original-0"


@pytest.fixture
def run(tmp_path):
    write_run(tmp_path / "run", {MANIFEST: b"m1", "history.csv": b"h1", "checkpoints/last.keras": b"c1"}, MANIFEST)
    (tmp_path / "run/.lock").touch()
    (tmp_path / "run/checkpoints/.last-12345678.part.keras").touch()  # what is being written
    return tmp_path / "run"


@pytest.fixture
def storage(tmp_path):
    return folder_of(tmp_path / "storage")


def test_a_run_comes_back_as_it_was_last_uploaded(tmp_path, run, storage):
    assert not download(tmp_path / "other", storage, TASK)
    assert epochs_uploaded(storage, TASK) == 0
    upload(run, storage, TASK, 1)
    (run / "checkpoints/last.keras").write_bytes(b"c2")
    (run / "metrics.json").write_bytes(b"{}")
    upload(run, storage, TASK, 2)
    assert download(tmp_path / "other", storage, TASK)
    assert files_of(tmp_path / "other") == files_of(run)
    assert list(files_of(run))[-1] == MANIFEST
    assert epochs_uploaded(storage, TASK) == 2
    assert len(list(storage.found())) == 1 + len(files_of(run))  # the first checkpoint is gone


def test_an_upload_that_is_cut_leaves_the_one_before_it(tmp_path, run, storage, monkeypatch):
    upload(run, storage, TASK, 1)
    before = files_of(run)
    (run / "history.csv").write_bytes(b"h2")
    write = type(storage).write

    def cut(folder, name, content):
        if name.endswith(LATEST):
            raise OSError("no space left")
        write(folder, name, content)

    monkeypatch.setattr(type(storage), "write", cut)
    with pytest.raises(OSError, match="no space left"):
        upload(run, storage, TASK, 2)
    assert download(tmp_path / "other", storage, TASK)
    assert files_of(tmp_path / "other") == before
    assert epochs_uploaded(storage, TASK) == 1
