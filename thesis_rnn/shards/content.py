"""The content of a shard: from the bytes of a .npy, .npz or .parquet file to arrays of samples, and back."""

import io
import json
import math
import pathlib
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, NamedTuple

import numpy as np

from thesis_rnn.errors import InputError

ID = "id"
X = "x"
"""The names of the samples' ids, and of the one input where it has no name of its own."""
SHAPE = b"shape"
"""The metadata of a column of lists: the shape of a sample, as JSON."""


class Input(NamedTuple):
    """An input of a model: its name, and the shape of a sample, None where it varies."""

    name: str
    shape: tuple[int | None, ...]


class Shard(NamedTuple):
    """The samples of a shard.

    Attributes:
      x: an array [n, ...], or a dict of them for a model of several inputs.
      ids: one for each sample [n], numbers or text.
      target: the classes that the shard names [n]; None where none are asked for.
    """

    x: Any
    ids: np.ndarray
    target: np.ndarray | None


def suffix_of(name: str) -> str:
    """The kind of a file.

    Raises:
      InputError: for a kind that holds no shards.
    """
    suffix = pathlib.PurePosixPath(name).suffix
    if suffix not in READERS:
        raise InputError(f"shards are {', '.join(READERS)} files; received {name}")
    return suffix


def read_shard(content: bytes, name: str, inputs: Sequence[Input], target: str | None = None) -> Shard:
    """The samples of a file.

    Args:
      content: of the file.
      name: the file's, for its kind, for ids where there are none, and for errors.
      inputs: of the model; none where it does not tell.
      target: the array or column of classes; None for none.

    Raises:
      InputError: for a file that is damaged, of another kind, or does not hold the model's inputs, whatever their
        number of samples.
    """
    arrays = _guarded(name, lambda: READERS[suffix_of(name)](io.BytesIO(content), None, inputs))
    ids = arrays.pop(ID, None)
    classes = None
    if target is not None:
        if target not in arrays:
            raise InputError(f"expected classes as {target!r}, beside {', '.join(arrays)}; received {name}")
        classes = arrays.pop(target)
    x = _inputs_of(arrays, name, inputs)
    lengths = {len(leaf) for leaf in (x.values() if isinstance(x, dict) else [x])}
    count = lengths.pop()
    if lengths or not count:
        raise InputError(f"a shard has at least one sample, and every input has all; received {name}: {count}")
    if ids is None:
        ids = np.array([f"{pathlib.PurePosixPath(name).stem}/{row}" for row in range(count)])
    for what, array in ((ID, ids), (target, classes)):
        if array is not None and array.shape != (count,):
            raise InputError(f"{what} must be [{count}], one for each sample; received {name}: {array.shape}")
    return Shard(x, ids, classes)


def read_ids(file: IO[bytes], name: str) -> np.ndarray | None:
    """The ids of a file alone, without its inputs; None where it has none."""
    return _guarded(name, lambda: READERS[suffix_of(name)](file, [ID], ())).get(ID)


def _guarded(name: str, read: Callable[[], dict]) -> dict:
    try:
        return read()
    except InputError:
        raise
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:  # pyarrow's are of these
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(f"expected a whole {suffix_of(name)} file; received {name}: {reason[:200]}") from None


def _inputs_of(arrays: dict[str, np.ndarray], name: str, inputs: Sequence[Input]) -> Any:
    """The arrays that the model takes; for one input the array itself, whose name matters only beside others."""
    names = [each.name for each in inputs]
    if len(names) > 1:
        missing = [each for each in names if each not in arrays]
        if missing:
            had = ", ".join(arrays) or "none"
            raise InputError(f"expected the inputs {', '.join(names)}, with {had} there; received {name}")
        return {each: arrays[each] for each in names}
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    for known in (X, *names):
        if known in arrays:
            return arrays[known]
    raise InputError(f"expected one input, or one named {X}; received {name} with {', '.join(arrays) or 'none'}")


# ---- kinds of files


def _read_npy(file: IO[bytes], wanted: Sequence[str] | None, inputs) -> dict[str, np.ndarray]:
    return {} if wanted else {X: np.lib.format.read_array(file, allow_pickle=False)}


def _read_npz(file: IO[bytes], wanted: Sequence[str] | None, inputs) -> dict[str, np.ndarray]:
    with np.load(file, allow_pickle=False) as stored:
        if not isinstance(stored, np.lib.npyio.NpzFile):
            raise InputError("expected arrays by name")
        return {name: stored[name] for name in stored.files if wanted is None or name in wanted}


def _read_parquet(file: IO[bytes], wanted: Sequence[str] | None, inputs: Sequence[Input]) -> dict[str, np.ndarray]:
    import pyarrow.parquet

    table = pyarrow.parquet.ParquetFile(file)
    names = [name for name in table.schema_arrow.names if wanted is None or name in wanted]
    shapes = {each.name: each.shape for each in inputs}
    if len(inputs) == 1:
        shapes = {X: inputs[0].shape} | shapes
    if not names:
        return {}
    read = table.read(columns=names)
    return {name: _array_of(read.column(name), read.schema.field(name), shapes.get(name)) for name in names}


def _array_of(column, field, wanted: tuple[int | None, ...] | None) -> np.ndarray:
    """A column as an array: lists of numbers become axes."""
    import pyarrow

    values, shape = column.combine_chunks(), [len(column)]
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


READERS: dict[str, Callable] = {".npy": _read_npy, ".npz": _read_npz, ".parquet": _read_parquet}
"""Suffix -> reads the arrays of a file by name, those that are wanted or all."""


# ---- writing


def write_npz(arrays: Mapping[str, np.ndarray], record: Mapping) -> bytes:
    """Arrays by name, and ``record`` as JSON: the same bytes for the same content."""
    stream = io.BytesIO()
    np.savez(stream, **arrays, record=np.array(json.dumps(record)))
    return stream.getvalue()


def write_parquet(arrays: Mapping[str, np.ndarray], record: Mapping) -> bytes:
    """One row a sample: lists of a fixed size, whose shape stands in the metadata of their column."""
    import pyarrow
    import pyarrow.parquet

    columns, fields = [], []
    for name, array in arrays.items():
        values = pyarrow.array(array.reshape(-1))
        if array.ndim > 1:
            values = pyarrow.FixedSizeListArray.from_arrays(values, math.prod(array.shape[1:]))
        metadata = {SHAPE: json.dumps(array.shape[1:]).encode()} if array.ndim > 1 else None
        columns.append(values)
        fields.append(pyarrow.field(name, values.type, nullable=False, metadata=metadata))
    schema = pyarrow.schema(fields, metadata={b"record": json.dumps(record).encode()})
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays(columns, schema=schema), stream)
    return stream.getvalue()


WRITERS: dict[str, Callable] = {".npz": write_npz, ".parquet": write_parquet}
"""Suffix -> the bytes of arrays by name and a record."""
