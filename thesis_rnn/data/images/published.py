"""Image sets that their authors publish as IDX files: where they may lie, and the way to each place."""

import contextlib
import functools
import os
import pathlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from thesis_rnn.data.folders import DATA_DIR_VARIABLE, named_folders
from thesis_rnn.data.images.idx import find_idx_folder, read_idx_folder
from thesis_rnn.data.images.prepared import download, find_prepared, prepared_home, read_prepared
from thesis_rnn.data.images.splits import Images
from thesis_rnn.errors import InputError

PATIENCE = 5.0  # seconds


@dataclass(frozen=True)
class PublishedImages:
    """An image set from IDX files or from tensorflow-datasets (TFDS).

    A ``data_dir`` is the only folder searched. Without one: the folder in THESIS_RNN_DATA_DIR if that is set, then
    TFDS' own folder, then a download by TFDS. Each folder may hold IDX files or a prepared TFDS data set.

    Attributes:
      name: the folder's and the TFDS data set's name.
      host, port: where TFDS downloads it from.
    """

    name: str
    host: str
    port: int

    def read(self, part: str, data_dir: str | os.PathLike | None = None) -> Images:
        """Returns the "train" or "test" file's images; downloads them if that is the only way left.

        Raises:
          InputError: not found anywhere (the message lists the ways to provide it), or damaged.
        """
        read = self._reader(data_dir)
        if read is None and self._can_download(data_dir):
            read = functools.partial(read_prepared, download(self.name, prepared_home()))
        if read is None:
            raise InputError(self._ways_to_provide(data_dir))
        return read(part)

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool:
        """Whether the images are on disk or, after at most 5 s of probing the connection, could be downloaded."""
        return self._reader(data_dir) is not None or self._can_download(data_dir)

    def _reader(self, data_dir) -> Callable[[str], Images] | None:
        for folder in _folders(data_dir):
            if idx := find_idx_folder(folder, self.name):
                return functools.partial(read_idx_folder, idx)
            if prepared := find_prepared(folder, self.name):
                return functools.partial(read_prepared, prepared)
        return None

    def _can_download(self, data_dir) -> bool:
        return not data_dir and can_connect(self.host, self.port)

    def _ways_to_provide(self, data_dir) -> str:
        searched = ", ".join(map(str, _folders(data_dir)))
        network = "" if data_dir else f" and no connection to {self.host}:{self.port}"
        return (
            f"{self.name} comes from --data_dir=DIR with DIR/{self.name}/train-images-idx3-ubyte and companions, plain "
            f"or .gz, from {DATA_DIR_VARIABLE}=DIR, or from tensorflow-datasets with network or TFDS_DATA_DIR; "
            f"received none of them in {searched}{network}"
        )


def can_connect(host: str, port: int, seconds: float = PATIENCE) -> bool:
    """Returns whether a TCP connection to host:port opens within ``seconds``, name lookup included."""
    opened = threading.Event()

    def connect():
        with contextlib.suppress(OSError):
            socket.create_connection((host, port), timeout=seconds).close()
            opened.set()

    # In a thread, because a socket's time-out covers neither the name lookup nor several addresses together.
    attempt = threading.Thread(target=connect, daemon=True)
    attempt.start()
    attempt.join(seconds)
    return opened.is_set()


def _folders(data_dir: str | os.PathLike | None) -> list[pathlib.Path]:
    """The folders to search, in order."""
    return named_folders(data_dir) + ([] if data_dir else [prepared_home()])
