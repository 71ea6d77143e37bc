"""Folders on this machine or behind a URL such as s3://bucket/runs: whole files in, whole files out."""

import contextlib
import hashlib
import io
import os
import pathlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import IO, Any, NamedTuple

from thesis_rnn.errors import InputError
from thesis_rnn.support import files

CHUNK = 2**20
"""Bytes that are copied at once."""


class Stored(NamedTuple):
    """A file of a folder.

    Attributes:
      name: relative to the folder, with slashes.
      size: in bytes.
      changed: when it was written last, in seconds; 0 where nobody knows.
    """

    name: str
    size: int
    changed: float


@dataclass(frozen=True)
class LocalFolder:
    """A folder of this machine, or one that is mounted on it."""

    path: pathlib.Path
    is_local = True

    def __str__(self) -> str:
        return str(self.path)

    def place(self, name: str) -> str:
        """Where a file is, or will be."""
        return str(self.path / name)

    def found(self, below: bool = True) -> Iterator[Stored]:
        """The files in the folder and, unless told otherwise, below it; none where there is no folder."""
        for path in sorted(self.path.rglob("*") if below else self.path.glob("*")):
            if path.is_file():
                known = path.stat()
                yield Stored(path.relative_to(self.path).as_posix(), known.st_size, known.st_mtime)

    def open(self, name: str) -> IO[bytes]:
        """The file for reading, at any place."""
        return open(self.path / name, "rb")

    def read(self, name: str) -> bytes:
        """The content of a file."""
        return (self.path / name).read_bytes()

    def here(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        """The file on this machine, for reading at any place."""
        return self.open(name)

    def sha256(self, name: str) -> str:
        """The digest of a file's content."""
        return files.sha256(self.path / name)

    def write(self, name: str, content: bytes) -> None:
        """Writes a file, whole or not at all."""
        with self.replacing(name) as temporary:
            temporary.write_bytes(content)

    def replacing(self, name: str) -> contextlib.AbstractContextManager[pathlib.Path]:
        """A path of this machine for the content of a file, which is there, whole, when the block ends well."""
        return files.replacing(self.path / name)

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        (self.path / name).unlink(missing_ok=True)


@dataclass(frozen=True)
class RemoteFolder:
    """A folder of a file system of ``pyarrow.fs`` or ``fsspec``."""

    system: Any
    path: str
    url: str
    is_local = False

    def __str__(self) -> str:
        return self.url

    def place(self, name: str) -> str:
        """The URL of a file."""
        return f"{self.url}/{name}"

    def found(self, below: bool = True) -> Iterator[Stored]:
        """The files in the folder and, unless told otherwise, below it; none where there is no folder."""
        from pyarrow.fs import FileSelector, FileType

        selector = FileSelector(self.path, allow_not_found=True, recursive=below)
        for info in sorted(self.system.get_file_info(selector), key=lambda info: info.path):
            if info.type == FileType.File:
                changed = info.mtime.timestamp() if info.mtime else 0.0
                yield Stored(info.path.removeprefix(self.path).lstrip("/"), info.size, changed)

    def open(self, name: str) -> Any:
        """The file for reading, at any place."""
        return self.system.open_input_file(f"{self.path}/{name}")

    def read(self, name: str) -> bytes:
        """The content of a file."""
        with self.open(name) as file:
            return file.readall()

    @contextlib.contextmanager
    def here(self, name: str) -> Iterator[IO[bytes]]:
        """A copy of the file on this machine, for reading at any place."""
        with tempfile.TemporaryFile() as copy, self.open(name) as file:
            shutil.copyfileobj(file, copy, CHUNK)
            copy.seek(0)
            yield copy

    def sha256(self, name: str) -> str:
        """The digest of a file's content."""
        with self.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def write(self, name: str, content: bytes) -> None:
        """Writes a file, whole or not at all."""
        self._put(name, io.BytesIO(content))

    @contextlib.contextmanager
    def replacing(self, name: str) -> Iterator[pathlib.Path]:
        """A path of this machine for the content of a file, which is there, whole, when the block ends well."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, pathlib.PurePosixPath(name).name)
            yield path
            with path.open("rb") as content:
                self._put(name, content)

    def _put(self, name: str, content: IO[bytes]) -> None:
        """Uploads a file: an object appears when it is complete, a file when it is renamed."""
        path = f"{self.path}/{name}"
        folder, _, last = path.rpartition("/")
        self.system.create_dir(folder, recursive=True)
        appears_whole = self.system.type_name in ("s3", "gcs", "abfs")
        written = path if appears_whole else f"{folder}/.{uuid.uuid4().hex}-{last}"
        try:
            with self.system.open_output_stream(written) as stream:
                shutil.copyfileobj(content, stream, CHUNK)
            if not appears_whole:
                self.system.move(written, path)
        except BaseException:
            if not appears_whole:
                with contextlib.suppress(OSError):
                    self.system.delete_file(written)
            raise

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        with contextlib.suppress(FileNotFoundError):
            self.system.delete_file(f"{self.path}/{name}")


Folder = LocalFolder | RemoteFolder


def folder_of(place: str | os.PathLike) -> Folder:
    """The folder that a path or a URL names.

    Raises:
      InputError: for a URL that no installed file system knows.
    """
    text = os.fspath(place)
    if "://" not in text:
        return LocalFolder(pathlib.Path(text).expanduser().absolute())
    system, path = _remote(text)
    return RemoteFolder(system, path.rstrip("/"), text.rstrip("/"))


def _remote(url: str):
    from pyarrow.fs import FileSystem, FSSpecHandler, PyFileSystem

    try:
        return FileSystem.from_uri(url)
    except (OSError, ValueError, NotImplementedError) as error:
        refusal = error
    try:
        import fsspec

        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError, OSError) as error:
        expected = "expected a path or a URL of pyarrow.fs or an installed fsspec file system"
        reason = " ".join(f"{refusal}; {error}".split())[:160]
        raise InputError(f"{expected}; received {url}: {reason}") from None
    return PyFileSystem(FSSpecHandler(system)), path


def check_writable(folder: Folder, argument: str) -> None:
    """Writes a file and removes it again.

    Raises:
      InputError: for a folder that cannot be written, before hours are spent on what goes there.
    """
    name = f".probe-{uuid.uuid4().hex}"
    try:
        folder.write(name, b"probe")  # a full disk takes names, but no content
        folder.remove(name)
    except OSError as error:
        reason = " ".join(str(error.strerror or error).split())[:160]
        raise InputError(f"{argument} must be a folder that can be written; received {folder}: {reason}") from None


def matching(pattern: str | os.PathLike) -> tuple[Folder, list[Stored]]:
    """The files of one folder that fit a pattern in its last part, such as ``in/*.npz``, in the order of their names.

    Raises:
      InputError: where none does.
    """
    text = os.fspath(pattern)
    head, slash, last = text.rpartition("/")
    folder = folder_of(head or slash or ".")
    if any(letter in head for letter in "*?["):
        raise InputError(f"a pattern stands in the last part of a path, as in in/*.npz; received {text}")
    found = [each for each in folder.found(below=False) if _fits(each.name, last)]
    if not found:
        raise InputError(f"expected files, as in in/*.npz; received {text}, which fits none")
    return folder, found


def _fits(name: str, pattern: str) -> bool:
    """Whether a name fits; what is being written has a dot in front."""
    return fnmatchcase(name, pattern) and not name.startswith(".")
