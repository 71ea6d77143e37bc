"""Explanations as .npz files: plain arrays, and JSON for everything else; nothing is pickled."""

import json
import os
import pathlib
import zipfile
import zlib

import numpy as np

from thesis_rnn.attribution.ledger import Row
from thesis_rnn.errors import InputError
from thesis_rnn.support import files

ARRAYS = ("relevance", "logits", "target", "value", "explained")


def write_fields(path: str | os.PathLike, fields: dict) -> None:
    """Writes the ``fields`` of an explanation, whole or not at all; see ``stored_arrays``.

    Raises:
      InputError: another suffix than .npz, or a parameter that is no number, text, None, array or sequence of numbers.
    """
    if pathlib.Path(path).suffix != ".npz":
        raise InputError(f"explanations are saved as .npz; received {os.fspath(path)!r}")
    files.write_arrays(path, stored_arrays(fields))


def stored_arrays(fields: dict) -> dict:
    """The arrays of a file that holds an explanation with these ``fields``.

    They are every array of the record under its own name, ``ledger`` [rows, n], ``states/<layer>`` [n, steps, units],
    ``parameters/<name>`` for parameters that are arrays or sequences, and the rest as JSON in ``record``. Others may
    stand beside them in the file.

    Raises:
      InputError: a parameter that is no number, text, None, array or sequence of numbers.
    """
    parameters, ledger = fields["parameters"], fields["ledger"]
    large = {name: value for name, value in parameters.items() if isinstance(value, np.ndarray | list | tuple)}
    record = {
        "method": fields["method"],
        "conserves": fields["conserves"],
        "parameters": {name: None if name in large else _plain(name, value) for name, value in parameters.items()},
        "ledger": [row[:3] for row in ledger],
    }
    arrays = {name: fields[name] for name in ARRAYS} | {"record": json.dumps(record)}
    arrays |= {f"parameters/{name}": np.asarray(value, np.float64) for name, value in large.items()}
    arrays |= {f"states/{name}": state for name, state in fields["states"].items()}
    if ledger:
        arrays["ledger"] = np.stack([row.relevance for row in ledger])
    return arrays


def read_fields(path: str | os.PathLike) -> dict:
    """The fields that ``write_fields`` wrote; parameters that were sequences come back as arrays.

    Raises:
      InputError: if the file is missing, damaged or no explanation.
    """
    try:
        arrays = _read_arrays(path)
        record = json.loads(str(arrays["record"]))
        rows = zip(record["ledger"], arrays.get("ledger", ()), strict=True)
        return {name: arrays[name] for name in ARRAYS} | {
            "method": record["method"],
            "conserves": record["conserves"],
            "parameters": record["parameters"] | _below("parameters", arrays),
            "ledger": tuple(Row(*place, relevance) for place, relevance in rows),
            "states": _below("states", arrays),
        }
    except (OSError, ValueError, EOFError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"expected a file of Explanation.save; received {os.fspath(path)}: {error}") from None


def _read_arrays(path: str | os.PathLike) -> dict[str, np.ndarray]:
    with open(path, "rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError("not an .npz file, or a damaged one")  # numpy would speak of pickles
        file.seek(0)
        with np.load(file, allow_pickle=False) as stored:
            return dict(stored)


def _plain(name: str, value):
    """``value`` as JSON knows it."""
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise InputError(f"parameter {name} cannot be saved, only numbers, text and arrays can; received {value!r}")


def _below(folder: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names begin with ``folder``, by what follows."""
    return {name.removeprefix(f"{folder}/"): array for name, array in arrays.items() if name.startswith(f"{folder}/")}
