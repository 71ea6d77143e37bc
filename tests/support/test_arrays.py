"""Reading files of arrays: nothing is unpickled, and nothing is allocated that the file or the memory cannot hold."""

import io
import zipfile

import numpy as np
import pytest

from thesis_rnn.support import arrays, memory
from thesis_rnn.support.arrays import check_archive, check_fits, read_npy, read_npz


def npy(values) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def header(shape, dtype="<f8") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue()


@pytest.mark.parametrize("values", [np.arange(6.0).reshape(2, 3), np.zeros((0, 3)), np.array(1), np.array(["a", "bc"])])
def test_arrays_come_back(tmp_path, values):
    np.save(tmp_path / "a.npy", values)
    np.savez_compressed(tmp_path / "a.npz", x=values, y=np.arange(2))
    for read in (read_npy(tmp_path / "a.npy"), read_npz(tmp_path / "a.npz")["x"]):
        assert read.dtype == values.dtype
        np.testing.assert_array_equal(read, values)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header((10**6, 10**6)), r"^its header says 8e\+12 bytes for shape \[1000000, 1000000\], the file has \d+$"),
        (npy(np.arange(9.0))[:-1], r"^its header says 72 bytes for shape \[9\], the file has "),
        (npy(np.array([{}], object)), r"^Object arrays cannot be loaded"),
        (b"\x93NUMPY\x09\x00", r"^format \(9, 0\) of \.npy files is not one"),
        (b"hello, I am a text", r"magic string"),
    ],
)
def test_what_is_no_array_is_refused_before_anything_is_allocated(tmp_path, content, message):
    (tmp_path / "a.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", content)
    with pytest.raises(ValueError, match=message):
        read_npy(tmp_path / "a.npy")
    with pytest.raises(ValueError, match=message):
        read_npz(tmp_path / "a.npz")


def test_a_bomb_is_refused_by_the_size_that_it_unpacks_to(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", npy(np.zeros(10**6)))
    assert (tmp_path / "bomb.npz").stat().st_size < 10**4
    monkeypatch.setattr(memory, "available", lambda: 10**6)
    with pytest.raises(ValueError, match=r"^it would take 8e\+06 bytes of memory, at most 5e\+05 are free for it$"):
        read_npz(tmp_path / "bomb.npz")


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "..\\x"])
def test_entries_outside_the_archive_are_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(ValueError, match="lies outside the archive"):
        check_archive(tmp_path / "a.zip")


def test_half_of_the_free_memory_is_the_limit(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 1000)
    check_fits(500)
    with pytest.raises(ValueError, match="it would take 501 bytes"):
        check_fits(501)
    assert arrays.SHARE == 0.5


def test_free_memory_is_what_the_system_says_or_the_process_may(monkeypatch):
    import resource

    free = memory.available()
    assert 10**6 < free < 10**15
    monkeypatch.setattr(resource, "getrlimit", lambda which: (10**9, 10**9))
    assert memory.available() < 10**9
