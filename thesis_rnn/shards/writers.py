"""Files of explanations, to which block after block of samples is added."""

import contextlib
import json
import math
import pathlib
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from typing import IO, Protocol

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.shards.readers import SHAPE

Arrays = Mapping[str, np.ndarray]


class OtherTypes(InputError):
    """A block has other arrays than the first, or of other types."""


class Writer(Protocol):
    """A file that is whole when the ``with`` block ends well."""

    def __enter__(self) -> "Writer": ...

    def __exit__(self, *error) -> None: ...

    def add(self, arrays: Arrays, record: Mapping) -> None:
        """Adds samples. The first ones say names, types and shapes, and their ``record`` is kept, as JSON.

        Raises:
          OtherTypes: for later ones that do not fit.
        """


def _layout(arrays: Arrays) -> dict:
    return {name: (array.dtype, array.shape[1:]) for name, array in arrays.items()}


def _check_same(first: Mapping, later: Mapping) -> None:
    differing = [name for name in first.keys() | later.keys() if first.get(name) != later.get(name)]
    if differing:
        was, became = (each.get(min(differing), "none") for each in (first, later))
        raise OtherTypes(f"explanations of a shard are of one kind; received {min(differing)}: {was}, then {became}")


class NpzWriter:
    """Writes the bytes that ``np.savez`` does. Rows wait in files without names, which end with the process."""

    def __init__(self, path: pathlib.Path):
        self._path = path
        self._layout: dict = {}
        self._rows = 0
        self._record = ""
        self._files: dict[str, IO[bytes]] = {}
        self._open = contextlib.ExitStack()

    def __enter__(self) -> "NpzWriter":
        return self

    def add(self, arrays: Arrays, record: Mapping) -> None:
        if not self._layout:
            self._layout, self._record = _layout(arrays), json.dumps(record)
            for name in arrays:
                rows = tempfile.TemporaryFile(dir=self._path.parent)  # noqa: SIM115  closed with all others
                self._files[name] = self._open.enter_context(rows)
        _check_same(self._layout, _layout(arrays))
        for name, array in arrays.items():
            self._files[name].write(array.tobytes())
        self._rows += len(next(iter(arrays.values())))

    def __exit__(self, kind, *_) -> None:
        with self._open:
            if kind is None:
                self._finish()

    def _finish(self) -> None:
        with zipfile.ZipFile(self._path, "w") as stored:
            for name, rows in self._files.items():
                dtype, shape = self._layout[name]
                header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False}
                with stored.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array_header_1_0(file, header | {"shape": (self._rows, *shape)})
                    rows.seek(0)
                    shutil.copyfileobj(rows, file, 2**20)
            with stored.open("record.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.array(self._record))


class ParquetWriter:
    """One row a sample: lists of a fixed size, whose shape stands in the metadata of their column."""

    def __init__(self, path: pathlib.Path):
        self._path = path
        self._layout: dict = {}
        self._writer = None

    def __enter__(self) -> "ParquetWriter":
        return self

    def add(self, arrays: Arrays, record: Mapping) -> None:
        import pyarrow
        import pyarrow.parquet

        columns = {name: _column(array) for name, array in arrays.items()}
        if self._writer is None:
            self._layout = _layout(arrays)
            fields = [_field(name, array, columns[name].type) for name, array in arrays.items()]
            schema = pyarrow.schema(fields, metadata={b"record": json.dumps(record).encode()})
            self._writer = pyarrow.parquet.ParquetWriter(self._path, schema)
        _check_same(self._layout, _layout(arrays))
        self._writer.write_table(pyarrow.Table.from_arrays(list(columns.values()), schema=self._writer.schema))

    def __exit__(self, *_) -> None:
        if self._writer is not None:
            self._writer.close()


def _column(array: np.ndarray):
    import pyarrow

    values = pyarrow.array(array.reshape(-1))
    return values if array.ndim == 1 else pyarrow.FixedSizeListArray.from_arrays(values, math.prod(array.shape[1:]))


def _field(name: str, array: np.ndarray, kind):
    import pyarrow

    metadata = {SHAPE: json.dumps(array.shape[1:]).encode()} if array.ndim > 1 else None
    return pyarrow.field(name, kind, nullable=False, metadata=metadata)


WRITERS: dict[str, type[NpzWriter] | type[ParquetWriter]] = {".npz": NpzWriter, ".parquet": ParquetWriter}
"""Suffix -> writes a file."""
