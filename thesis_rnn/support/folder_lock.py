"""One writer a folder: a lock that the kernel frees when its holder ends, however it ends."""

import contextlib
import datetime
import json
import os
import pathlib
import platform
import threading
from collections.abc import Iterator

from thesis_rnn.errors import InputError
from thesis_rnn.support import files

NAME = ".lock"
"""The file in the folder that is locked; it says who holds it and stays when nobody does."""

_held: dict[tuple[int, str], int] = {}  # (process, folder) -> the thread that holds it


@contextlib.contextmanager
def locked(folder: str | os.PathLike, program: str, flag: str = "run_dir") -> Iterator[None]:
    """Holds the folder, which is made if need be, for the length of the block.

    A thread may take a folder that it holds already. Systems without ``fcntl`` (Windows) have no such lock: there the
    block runs without one.

    Args:
      folder: to be written by nobody else.
      program: what the holder does, for the line with which others are refused.
      flag: how users name the folder.

    Raises:
      InputError: if another process or thread holds it, with its name; or a folder that cannot be written.
    """
    folder = pathlib.Path(folder)
    key = os.getpid(), str(folder.absolute())
    if _held.get(key) == threading.get_ident():
        yield
        return
    handle = _acquired(folder, program, flag)
    _held[key] = threading.get_ident()
    try:
        yield
    finally:
        del _held[key]
        _release(handle)


@contextlib.contextmanager
def swept(folder: str | os.PathLike, program: str, flag: str = "run_dir") -> Iterator[None]:
    """Holds the folder as ``locked`` does, and removes what a killed program left half-written in it."""
    with locked(folder, program, flag):
        for path in pathlib.Path(folder).rglob(".*"):
            if files.is_temporary(path):
                path.unlink(missing_ok=True)
        yield


def _release(handle: int) -> None:
    """Frees the lock, also where a child that is just being started still has the open file."""
    with contextlib.suppress(ImportError):
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)


def _acquired(folder: pathlib.Path, program: str, flag: str) -> int:
    """The open lock file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{flag} must be a folder that can be written; received {folder}: {reason}") from error
    try:
        import fcntl
    except ImportError:
        return handle
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _described(os.read(handle, 4096))
        os.close(handle)
        raise InputError(
            f"one program at a time writes into a run folder, wait for it or end it: {holder}; received {folder}"
        ) from None
    try:
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps(_this_holder(program)).encode())
    except OSError:  # a full disk: nobody holds what is not used
        _release(handle)
        raise
    return handle


def _this_holder(program: str) -> dict[str, object]:
    since = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    return {"pid": os.getpid(), "host": platform.node(), "program": program, "since": since}


def _described(content: bytes) -> str:
    try:
        holder = json.loads(content)
        return "{program}, process {pid} on {host}, since {since}".format_map(holder)
    except (ValueError, KeyError, TypeError):  # it is writing its name just now
        return "a program that has just started"
