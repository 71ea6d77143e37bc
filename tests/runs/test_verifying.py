"""The files of runs against the digests in their manifests: python -m thesis_rnn verify."""

import pytest

from tests.helpers import tiny_run
from tests.helpers.front_end_process import run
from thesis_rnn.errors import InputError
from thesis_rnn.runs.verifying import verify_run, verify_tree


@pytest.fixture
def folder(tmp_path):
    return tiny_run.copy(tmp_path / "runs" / "first")


def test_a_run_is_as_it_was_written(folder):
    found = verify_run(folder)
    manifest = folder.manifest()
    with_digest = [name for name, digests in manifest.digests.items() if digests and (folder.path / name).is_file()]
    assert found.faults == ()
    assert found.files == len(with_digest) > 5


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "not the bytes that the run wrote"),
        (lambda path: path.write_bytes(b"\0" + path.read_bytes()[1:]), "not the bytes that the run wrote"),
    ],
)
def test_a_fault_is_named_with_its_file(folder, damage, fault):
    whole = verify_run(folder).files
    damage(folder.model)
    found = verify_run(folder)
    assert found.faults == (f"model.keras: {fault}",)
    assert found.files == whole - 1


def test_every_run_below_a_folder_is_verified_and_faults_are_an_error(folder, tmp_path):
    second = tiny_run.copy(tmp_path / "runs" / "deeper" / "second")
    (second.path / "manifest.json").write_text("{}")
    assert [found.folder.name for found in verify_tree(tmp_path / "runs")] == ["second", "first"]
    done = run("verify", "--run_dir=runs", cwd=tmp_path)
    assert done.status == 1
    assert done.error == "error: expected every file as its run wrote it; 1 of 2 runs are damaged"
    broken, reason, whole = done.out.splitlines()
    assert broken.endswith("second: damaged, 0 files as they were written")
    assert "manifest" in reason
    assert whole.endswith(f"first: whole, {verify_run(folder).files} files as they were written")


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^expected a run folder, or a folder of runs, .+; "):
        verify_tree(tmp_path)
