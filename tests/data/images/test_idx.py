"""Reading one IDX file."""

import gzip

import numpy as np
import pytest

from tests.helpers.idx_writing import idx_bytes, small_images, write_idx
from thesis_rnn.data.images.idx import read_idx
from thesis_rnn.errors import InputError


def test_a_file_by_hand(tmp_path):
    # 00 00 08 03: unsigned bytes, 3 dimensions; 1 image of 2 rows and 3 columns; the pixels row by row.
    header = bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3])
    path = tmp_path / "images"
    path.write_bytes(header + bytes([1, 2, 3, 4, 5, 255]))
    assert read_idx(path, 3).tolist() == [[[1, 2, 3], [4, 5, 255]]]


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("count", [1, 7, 300])
def test_reads_what_was_written(tmp_path, suffix, count):
    pixels, labels = small_images(count)
    read = read_idx(write_idx(tmp_path / f"images{suffix}", pixels), 3)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, pixels)
    np.testing.assert_array_equal(read_idx(write_idx(tmp_path / f"labels{suffix}", labels), 1), labels)


def test_gzip_is_recognised_by_content_not_by_name(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(gzip.compress(idx_bytes(np.array([4, 2], np.uint8))))
    assert read_idx(path, 1).tolist() == [4, 2]


def test_truncated_and_overlong_files_name_both_sizes(tmp_path):
    content = idx_bytes(np.zeros((2, 28, 28), np.uint8))  # 16 + 2 * 784 = 1584 bytes
    path = tmp_path / "images"
    path.write_bytes(content[:1000])
    with pytest.raises(InputError, match=rf"^{path}: expected 1584 bytes for 2x28x28 values; received 1000 bytes$"):
        read_idx(path, 3)
    path.write_bytes(content + b"\x00")
    with pytest.raises(InputError, match=rf"^{path}: expected 1584 bytes for 2x28x28 values; received 1585 bytes$"):
        read_idx(path, 3)
    path.write_bytes(content[:9])
    with pytest.raises(InputError, match=rf"^{path}: expected at least 16 bytes of header; received 9 bytes$"):
        read_idx(path, 3)


def test_truncated_gzip_names_both_sizes(tmp_path):
    pixels, _ = small_images(2)
    path = tmp_path / "images.gz"
    whole = gzip.compress(idx_bytes(pixels))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        InputError, match=r"expected 1584 bytes .*; received \d+ bytes from a gzip file that ends early$"
    ):
        read_idx(path, 3)
    path.write_bytes(whole[:-4])  # all pixels, but the checksum that vouches for them is gone
    with pytest.raises(InputError, match=r"received 1584 bytes from a gzip file that ends early$"):
        read_idx(path, 3)


def test_damaged_gzip_is_refused(tmp_path):
    path = tmp_path / "images.gz"
    whole = bytearray(gzip.compress(idx_bytes(small_images(2)[0])))
    whole[len(whole) // 2] ^= 0xFF
    path.write_bytes(whole)
    with pytest.raises(InputError, match=rf"^{path}: expected an undamaged gzip file; received"):
        read_idx(path, 3)


def test_another_kind_of_file_is_refused(tmp_path):
    labels = write_idx(tmp_path / "labels", np.zeros(20, np.uint8))
    with pytest.raises(InputError, match=r"expected the IDX magic number 2051; received 2049$"):
        read_idx(labels, 3)
    page = tmp_path / "page"
    page.write_text("<!DOCTYPE html> not found")
    with pytest.raises(InputError, match=r"expected the IDX magic number 2049; received \d+$"):
        read_idx(page, 1)


def test_unreadable_files_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"absent: cannot be read; received No such file or directory$"):
        read_idx(tmp_path / "absent", 3)
    with pytest.raises(InputError, match=r"cannot be read; received Is a directory$"):
        read_idx(tmp_path, 3)
