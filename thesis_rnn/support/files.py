"""Files that are either whole or not there: written beside their place, then renamed into it."""

import hashlib
import json
import math
import os
import pathlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np


@contextmanager
def replacing(path: str | os.PathLike, durable: bool = False) -> Iterator[pathlib.Path]:
    """Yields a temporary path with the same suffix; renames it to ``path`` if the block succeeds.

    A failure, a full disk or a kill inside the block leaves the previous file untouched. With ``durable`` the new file
    is on the disk before it counts, so that a power cut leaves one of the two whole.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=f".part{path.suffix}")
    os.close(handle)
    temporary = pathlib.Path(temporary)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner can read
        if durable:
            to_disk(temporary)
        temporary.replace(path)
        if durable:
            to_disk(path.parent)
    except OSError as error:
        if error.errno is not None and error.filename is None:  # a full disk: writing knows no names
            error.filename = os.fspath(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def to_disk(path: pathlib.Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk; does nothing where the system cannot."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_temporary(path: pathlib.Path) -> bool:
    """Whether ``replacing`` made the file, and was killed before it could rename it."""
    return re.fullmatch(r"\..*-\w{8}\.part(\.\w+)?", path.name) is not None


def sha256(path: str | os.PathLike) -> str:
    """The digest of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes ``text`` in UTF-8 to ``path``, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike, value) -> None:
    """Writes ``value`` as indented JSON, whole or not at all; see ``as_json``."""
    write_text(path, as_json(value))


def as_json(value) -> str:
    """``value`` as indented JSON. NaN becomes null, since JSON has no NaN.

    Raises:
      TypeError, ValueError: for what JSON cannot hold, infinity among it.
    """
    return json.dumps(_without_nan(value), indent=2, allow_nan=False) + "\n"


def write_arrays(path: str | os.PathLike, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes named arrays, compressed, to the .npz file ``path``, whole or not at all."""
    with replacing(path) as temporary:
        np.savez_compressed(temporary, **arrays)


def _without_nan(value):
    if isinstance(value, dict):
        return {name: _without_nan(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
