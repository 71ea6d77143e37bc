"""Reading .npy, .npz and other zip files of unknown origin: nothing is unpickled, nothing is larger than it says.

Sizes are compared with the file and the free memory before anything is allocated, so that neither a header of terabytes
nor a zip bomb takes the machine.
"""

import math
import os
import pathlib
import zipfile
import zlib
from typing import IO

import numpy as np

from thesis_rnn.support import memory

UNREADABLE = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading a file of arrays raises if it is missing, damaged or of another kind."""
SHARE = 0.5
"""The part of the free memory that the content of one file may take."""


def read_npz(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """The arrays of a .npz file by name, read and closed.

    Raises:
      OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error: for a file that is missing, damaged, of another
        kind, holds objects, or does not fit into the memory.
    """
    with open(path, "rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError("not an .npz file, or a damaged one")
        check_archive(file)
        with zipfile.ZipFile(file) as archive:
            for entry in filter(_is_array, archive.infolist()):
                with archive.open(entry) as stored:
                    _check_header(stored, entry.file_size)
        file.seek(0)
        with np.load(file, allow_pickle=False) as stored:
            return dict(stored)


def read_npy(path: str | os.PathLike) -> np.ndarray:
    """The array of a .npy file.

    Raises:
      OSError, ValueError, EOFError: for a file that is missing, damaged, of another kind, holds objects, or does not
        fit into the memory.
    """
    with open(path, "rb") as file:
        _check_header(file, os.fstat(file.fileno()).st_size)
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)


def check_archive(file: IO[bytes] | str | os.PathLike) -> None:
    """Refuses a zip file that unpacks to more than the memory holds, or beside the folder where it is unpacked.

    Raises:
      ValueError: with the reason.
      OSError, zipfile.BadZipFile: for what is no zip file.
    """
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
    check_fits(sum(entry.file_size for entry in entries))
    for entry in entries:
        name = pathlib.PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts:
            raise ValueError(f"its entry {entry.filename[:60]!r} lies outside the archive")


def check_fits(size: int) -> None:
    """Refuses content of ``size`` bytes that the memory cannot hold.

    Raises:
      ValueError: with both numbers.
    """
    free = int(memory.available() * SHARE)
    if size > free:
        raise ValueError(f"it would take {size:.3g} bytes of memory, at most {free:.3g} are free for it")


def _is_array(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.endswith(".npy")


def _check_header(file: IO[bytes], size: int) -> None:
    """Reads the header of an array that is stored in ``size`` bytes, header included."""
    version = np.lib.format.read_magic(file)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:  # 3.0 is for names of fields beyond Latin-1, and an array of numbers has no fields
        raise ValueError(f"format {version} of .npy files is not one of arrays of numbers")
    shape, _, dtype = readers[version](file)
    if dtype.hasobject:
        raise ValueError("Object arrays cannot be loaded: they are Python objects, which are not read from files")
    needed = math.prod(shape) * dtype.itemsize
    stored = size - file.tell()
    if needed > stored:
        raise ValueError(f"its header says {needed:.3g} bytes for shape {list(shape)}, the file has {stored}")
    check_fits(needed)
