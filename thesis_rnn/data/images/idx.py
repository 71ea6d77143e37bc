"""The IDX format of MNIST (a magic number, dimensions, unsigned bytes; plain or gzip), and its four files by name.

Big-endian 32-bit header: 0x00000800 + number of dimensions, then each dimension (LeCun and Cortes,
yann.lecun.com/exdb/mnist).
"""

import math
import os
import pathlib
import struct
import zlib

import numpy as np

from thesis_rnn.data.images.splits import Images, checked_images
from thesis_rnn.errors import InputError
from thesis_rnn.support.arrays import check_fits

UNSIGNED_BYTES = 0x0800
GZIP_START = b"\x1f\x8b"
GZIP_WINDOW = zlib.MAX_WBITS | 16  # zlib's way of saying: expect a gzip header and check its checksum

PREFIXES = {"train": "train", "test": "t10k"}
CONTENTS = {"images": 3, "labels": 1}  # what a file holds and how many dimensions that has


def read_idx(path: str | os.PathLike, rank: int) -> np.ndarray:
    """Returns the uint8 array in an IDX file, read-only.

    Args:
      path: the file. Whether it is gzip is read from its first bytes, not from its name.
      rank: how many dimensions the array must have: 3 for images, 1 for labels.

    Raises:
      InputError: a file that cannot be read, is no IDX file of that rank, is damaged, or is shorter or longer than its
        header says; the message gives the file, the expected and the received number.
    """
    content, cut_short = _content(pathlib.Path(path), rank)
    ending = " from a gzip file that ends early" if cut_short else ""
    header = 4 * (1 + rank)
    if len(content) < header:
        raise InputError(f"{path}: expected at least {header} bytes of header; received {len(content)} bytes{ending}")
    magic, *shape = struct.unpack(f">{1 + rank}I", content[:header])
    if magic != UNSIGNED_BYTES + rank:
        raise InputError(f"{path}: expected the IDX magic number {UNSIGNED_BYTES + rank}; received {magic}")
    expected = header + math.prod(shape)
    if len(content) != expected or cut_short:
        size = "x".join(map(str, shape))
        raise InputError(f"{path}: expected {expected} bytes for {size} values; received {len(content)} bytes{ending}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def find_idx_folder(folder: pathlib.Path, name: str) -> pathlib.Path | None:
    """Returns the folder with the IDX files of the data set ``name``, or None.

    That is ``folder/name``, or ``folder`` itself if it is called ``name``: MNIST and Fashion-MNIST use the same file
    names, so only the folder tells them apart. One of the four files is enough; reading complains about the others.
    """
    candidates = [folder / name]
    if os.path.basename(os.path.abspath(folder)) == name:
        candidates.append(folder)
    for candidate in candidates:
        if any(_find(candidate, part, content) for part in PREFIXES for content in CONTENTS):
            return candidate
    return None


def read_idx_folder(folder: pathlib.Path, part: str) -> Images:
    """Reads the ``part`` ("train" or "test") images and labels in ``folder``.

    Raises:
      InputError: a missing or damaged file, images and labels that do not belong together.
    """
    pixels, labels = (read_idx(_required(folder, part, content), rank) for content, rank in CONTENTS.items())
    return checked_images(pixels, labels, str(_required(folder, part, "labels")))


def _content(path: pathlib.Path, rank: int) -> tuple[bytes, bool]:
    """Returns the (decompressed) bytes and whether a gzip stream stopped before its end.

    Of a stream that is longer than its header says, one byte more is read: enough to refuse it, whatever its size.
    """
    try:
        stored = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read; received {error.strerror}") from error
    if not stored.startswith(GZIP_START):
        return stored, False
    # Not the gzip module: it raises on a truncated stream and so hides how many bytes there were.
    stream = zlib.decompressobj(GZIP_WINDOW)
    try:
        header = stream.decompress(stored, 4 * (1 + rank))
        if len(header) < 4 * (1 + rank):
            return header, not stream.eof
        wanted = math.prod(struct.unpack(f">{1 + rank}I", header)[1:])
        check_fits(wanted)
        values = stream.decompress(stream.unconsumed_tail, wanted + 1)
        return header + values, not stream.eof and len(values) <= wanted
    except (zlib.error, ValueError) as error:
        raise InputError(f"{path}: expected an undamaged gzip file; received {error}") from error


def _spellings(part: str, content: str) -> list[str]:
    """The published name, the one that some mirrors and unpackers write, and both compressed."""
    prefix, rank = PREFIXES[part], CONTENTS[content]
    plain = [f"{prefix}-{content}-idx{rank}-ubyte", f"{prefix}-{content}.idx{rank}-ubyte"]
    return plain + [f"{name}.gz" for name in plain]


def _find(folder: pathlib.Path, part: str, content: str) -> pathlib.Path | None:
    paths = (folder / spelling for spelling in _spellings(part, content))
    return next((path for path in paths if path.is_file()), None)


def _required(folder: pathlib.Path, part: str, content: str) -> pathlib.Path:
    path = _find(folder, part, content)
    if path is None:
        raise InputError(f"{folder}: expected the file {_spellings(part, content)[0]}, plain or .gz; received none")
    return path
