"""Kinds of files: a .npy, .npz or .parquet file as arrays by name, whose samples are read block after block."""

import json
import math
import pathlib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, NamedTuple

import numpy as np

from thesis_rnn.errors import InputError

X = "x"
"""The name of the one input where it has no name of its own."""
SHAPE = b"shape"
"""The metadata of a column of lists: the shape of a sample, as JSON."""
BUFFER = 2**20
"""Bytes of a column of parquet that are read at once."""
Blocks = Iterator[dict[str, np.ndarray]]
"""The next samples of arrays, by name."""


class Input(NamedTuple):
    """An input of a model: its name, and the shape of a sample, None where it varies."""

    name: str
    shape: tuple[int | None, ...]


class Table(NamedTuple):
    """The arrays of a file, whose samples are not read yet.

    Attributes:
      counts: name -> how many samples an array has.
      blocks: (names, rows) -> the samples of these arrays in their order, so many at a time.
    """

    counts: Mapping[str, int]
    blocks: Callable[[Sequence[str], int], Blocks]

    def whole(self, name: str) -> np.ndarray:
        """All samples of one array, such as ids."""
        parts = [block[name] for block in self.blocks([name], max(1, self.counts[name]))]
        return np.concatenate(parts) if parts else np.zeros(0)


def suffix_of(name: str) -> str:
    """The kind of a file.

    Raises:
      InputError: for a kind that holds no shards.
    """
    suffix = pathlib.PurePosixPath(name).suffix
    if suffix not in READERS:
        raise InputError(f"shards are {', '.join(READERS)} files; received {name}")
    return suffix


class _Rows:
    """An array in the .npy format, from whose stream sample after sample is read.

    Raises:
      ValueError: for what is no such array, or has no samples.
    """

    def __init__(self, stream: IO[bytes]):
        self._stream = stream
        version = np.lib.format.read_magic(stream)
        if version not in _HEADERS:
            raise ValueError(f"version {version} of the format is not read")
        shape, self._by_columns, self._dtype = _HEADERS[version](stream)
        if self._dtype.hasobject:
            raise ValueError("it holds Python objects, which are not read")
        self.shape = shape

    def blocks(self, rows: int) -> Iterator[np.ndarray]:
        """The samples, ``rows`` at a time. An array in Fortran's order is held whole, as its samples lie apart."""
        count = self.shape[0]
        whole = self._read(self.shape[::-1]).T if self._by_columns else None
        for start in range(0, count, rows):
            size = min(rows, count - start)
            yield self._read((size, *self.shape[1:])) if whole is None else whole[start : start + size]
        if self._stream.read(1):  # also has zipfile compare the checksum
            raise ValueError("more follows than its header says")

    def _read(self, shape: tuple[int, ...]) -> np.ndarray:
        wanted = math.prod(shape) * self._dtype.itemsize
        content = self._stream.read(wanted)
        if len(content) < wanted:
            raise ValueError(f"it ends {wanted - len(content)} bytes early")
        return np.ndarray(shape, self._dtype, content)


_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def _open_npy(file: IO[bytes], inputs, others=()) -> Table:
    def rows() -> _Rows:
        file.seek(0)
        return _Rows(file)

    shape = rows().shape
    if not shape:
        raise ValueError("expected samples [n, ...], and not one number")
    return Table({X: shape[0]}, lambda names, count: ({X: block} for block in rows().blocks(count)))


def _open_npz(file: IO[bytes], inputs, others=()) -> Table:
    stored = zipfile.ZipFile(file)
    shapes = {}
    for name in stored.namelist():
        if name.endswith(".npy"):
            with stored.open(name) as stream:
                shapes[name.removesuffix(".npy")] = _Rows(stream).shape

    def blocks(names: Sequence[str], rows: int) -> Blocks:
        streams = [_Rows(stored.open(f"{name}.npy")).blocks(rows) for name in names]
        return (dict(zip(names, parts, strict=True)) for parts in zip(*streams, strict=True))

    return Table({name: shape[0] for name, shape in shapes.items() if shape}, blocks)


def _open_parquet(file: IO[bytes], inputs: Sequence[Input], others: Sequence[Input] = ()) -> Table:
    import pyarrow.parquet

    stored = pyarrow.parquet.ParquetFile(file, pre_buffer=False, buffer_size=BUFFER)
    schema, shapes = stored.schema_arrow, {each.name: each.shape for each in (*inputs, *others)}
    if len(inputs) == 1:
        shapes = {X: inputs[0].shape} | shapes

    def blocks(names: Sequence[str], rows: int) -> Blocks:
        for batch in stored.iter_batches(rows, columns=list(names)):
            yield {name: _array_of(batch.column(name), schema.field(name), shapes.get(name)) for name in names}

    return Table(dict.fromkeys(schema.names, stored.metadata.num_rows), blocks)


def _array_of(column, field, wanted: tuple[int | None, ...] | None) -> np.ndarray:
    """A column as an array: lists of numbers become axes."""
    import pyarrow

    values, shape = column, [len(column)]
    while pyarrow.types.is_list(values.type) or pyarrow.types.is_large_list(values.type) or _is_fixed(values.type):
        if values.null_count:
            raise InputError(f"expected a list in every row of {field.name}, without nulls")
        flat = values.flatten()
        lengths = set(pyarrow.compute.list_value_length(values).unique().to_pylist())
        if len(lengths) > 1:
            raise InputError(f"expected lists of one length in {field.name}; cut series of other lengths apart")
        shape.append(lengths.pop() if lengths else 0)
        values = flat
    if values.null_count:
        raise InputError(f"expected numbers without nulls in {field.name}")
    array = values.to_numpy(zero_copy_only=False)
    if array.dtype == object:  # text
        return array.astype(str).reshape(shape)
    return _reshaped(array.reshape(shape), field.metadata or {}, wanted)


def _is_fixed(kind) -> bool:
    import pyarrow

    return pyarrow.types.is_fixed_size_list(kind)


def _reshaped(array: np.ndarray, metadata: Mapping[bytes, bytes], wanted: tuple | None) -> np.ndarray:
    """One list a sample, in the shape that the file or the model tells."""
    if SHAPE in metadata:
        return array.reshape(len(array), *json.loads(metadata[SHAPE]))
    if wanted is None or array.ndim != 2 or len(wanted) == 1 or wanted.count(None) > 1:
        return array
    cells = math.prod(size for size in wanted if size is not None)
    if array.shape[1] % cells or (None not in wanted and array.shape[1] != cells):
        raise InputError(f"expected samples of shape {list(wanted)}; received {array.shape[1]} numbers in a row")
    return array.reshape(len(array), *(-1 if size is None else size for size in wanted))


READERS: dict[str, Callable[..., Table]] = {
    ".npy": _open_npy,
    ".npz": _open_npz,
    ".parquet": _open_parquet,
}
"""Suffix -> opens a file; the inputs of the model, and others, say how lists of numbers are shaped."""
