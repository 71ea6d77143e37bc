"""Folders here and behind URLs: the same files by the same calls."""

import pathlib

import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.support.storage import LocalFolder, RemoteFolder, check_writable, folder_of, matching


@pytest.fixture(params=["{}/runs", "file://{}/runs", "memory://{}/runs"])
def folder(request, tmp_path):
    return folder_of(request.param.format(tmp_path))


def test_files_come_back_as_they_were_written(folder):
    assert list(folder.found()) == []
    folder.write("a.npz", b"one")
    folder.write("below/b.npz", b"two")
    folder.write("a.npz", b"three")
    assert [(each.name, each.size) for each in folder.found()] == [("a.npz", 5), ("below/b.npz", 3)]
    assert [each.name for each in folder.found(below=False)] == ["a.npz"]
    assert folder.read("a.npz") == b"three"
    with folder.open("below/b.npz") as file:
        assert file.read(1) == b"t"
    folder.remove("a.npz")
    folder.remove("a.npz")
    assert [each.name for each in folder.found()] == ["below/b.npz"]
    check_writable(folder, "storage")
    assert [each.name for each in folder.found()] == ["below/b.npz"]


def test_paths_are_local_and_urls_are_not(tmp_path):
    assert isinstance(folder_of(tmp_path), LocalFolder)
    assert isinstance(folder_of(f"file://{tmp_path}"), RemoteFolder)
    assert folder_of("memory://a/b").place("c") == "memory://a/b/c"


def test_patterns_find_whole_files_by_name(tmp_path):
    for name in ("b.npz", "a.npz", ".a-12345678.part.npz", "c.txt"):
        (tmp_path / name).touch()
    folder, found = matching(tmp_path / "*.npz")
    assert folder == LocalFolder(pathlib.Path(tmp_path))
    assert [each.name for each in found] == ["a.npz", "b.npz"]
    for pattern, refusal in (("*.csv", "fits none"), ("*/a.npz", "in the last part")):
        with pytest.raises(InputError, match=refusal):
            matching(tmp_path / pattern)


class Failing:
    """A file system that fails where it is told to, as a full one does."""

    def __init__(self, system, step):
        self._system, self._step = system, step

    def __getattr__(self, name):
        if name == self._step:
            raise OSError(28, "No space left on device")
        return getattr(self._system, name)


@pytest.mark.parametrize("step", ["open_output_stream", "move"])
def test_a_write_that_fails_leaves_the_file_before_it_and_nothing_else(tmp_path, step):
    folder = folder_of(f"file://{tmp_path}/runs")
    folder.write("a.npz", b"one")
    full = RemoteFolder(Failing(folder.system, step), folder.path, folder.url)
    with pytest.raises(OSError, match="No space left"):
        full.write("a.npz", b"two")
    assert folder.read("a.npz") == b"one"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["a.npz"]
    with pytest.raises(InputError, match=r"^storage must be a folder that can be written; .*: No space left"):
        check_writable(full, "storage")


def test_what_cannot_be_written_or_is_unknown_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"^storage must be a folder that can be written; received .*/file/below: "):
        check_writable(folder_of(tmp_path / "file/below"), "storage")
    with pytest.raises(InputError, match=r"^expected a path or a URL of .* received nowhere://a: [^\n]*$"):
        folder_of("nowhere://a")
