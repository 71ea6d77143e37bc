"""Where data that are not in the package may lie: the folder that the user named."""

import os
import pathlib

from thesis_rnn.errors import InputError

DATA_DIR_VARIABLE = "THESIS_RNN_DATA_DIR"


def named_folders(data_dir: str | os.PathLike | None) -> list[pathlib.Path]:
    """``data_dir``, or without one the folder in THESIS_RNN_DATA_DIR; none where neither is given.

    Raises:
      InputError: for one that does not exist: a typing error is not "not found".
    """
    if data_dir:
        return [_existing(data_dir, "data_dir")]
    named = os.environ.get(DATA_DIR_VARIABLE)
    return [_existing(named, DATA_DIR_VARIABLE)] if named else []


def _existing(folder: str | os.PathLike, option: str) -> pathlib.Path:
    path = pathlib.Path(folder).expanduser()
    if not path.is_dir():
        raise InputError(f"{option} must be an existing folder; received {os.fspath(folder)!r}")
    return path
