"""The content of a shard: ids, classes and inputs of its samples, which are read block after block."""

import contextlib
import pathlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.shards.readers import READERS, Input, Table, X, suffix_of

ID = "id"
"""The name of the samples' ids."""


class Shard(NamedTuple):
    """The samples of a shard, of which the inputs are not read yet.

    Attributes:
      name: of the file, for errors.
      table: its arrays.
      names: of the arrays that are the model's inputs.
      several: whether the model takes a dict of them.
      count: the number n of samples.
      ids: one for each sample [n], numbers or text; None where the file has none.
      target: the classes that the shard names [n]; None where none are asked for.
      evidence: the array of evidence, in the shape of the one input; None for none.
    """

    name: str
    table: Table
    names: tuple[str, ...]
    several: bool
    count: int
    ids: np.ndarray | None
    target: np.ndarray | None
    evidence: str | None = None

    def ids_of(self, rows: slice) -> np.ndarray:
        """The ids of some samples; without any in the file, its name and their places."""
        if self.ids is not None:
            return self.ids[rows]
        stem = pathlib.PurePosixPath(self.name).stem
        letters = len(f"{stem}/{self.count - 1}")
        return np.array([f"{stem}/{row}" for row in range(rows.start, rows.stop)], f"<U{letters}")

    def blocks(self, rows: int) -> Iterator[tuple[slice, Any, np.ndarray | None]]:
        """Which samples come next, at most ``rows``, their inputs, and their evidence.

        Inputs are an array, or a dict of a model of several.
        """
        start, shapes = 0, None
        names = [*self.names, self.evidence] if self.evidence else self.names
        with _read_whole(self.name):
            for block in self.table.blocks(names, rows):
                before, shapes = shapes, {name: array.shape[1:] for name, array in block.items()}
                if before not in (None, shapes):
                    raise InputError(f"samples have one shape; received {self.name}: {before}, then {shapes}")
                stop = start + len(block[self.names[0]])
                evidence = block.pop(self.evidence) if self.evidence else None
                yield slice(start, stop), block if self.several else block[self.names[0]], evidence
                start = stop

    def bytes_each(self) -> int:
        """The bytes of the inputs of a sample."""
        with _read_whole(self.name):
            first = next(self.table.blocks(self.names, 1))
        return max(1, sum(array.nbytes for array in first.values()))


def open_shard(
    file: IO[bytes], name: str, inputs: Sequence[Input], target: str | None = None, evidence: str | None = None
) -> Shard:
    """The samples of a file, of which ids and classes are read at once, and inputs when they are asked for.

    Args:
      file: open, at any place; it stays open while samples are read.
      name: the file's, for its kind, for ids where there are none, and for errors.
      inputs: of the model; none where it does not tell.
      target: the array or column of classes; None for none.
      evidence: that of evidence cell by cell; None for none.

    Raises:
      InputError: for a file that is damaged, of another kind, or does not hold the model's inputs, whatever their
        number of samples; also while samples are read.
    """
    like_inputs = [Input(evidence, each.shape) for each in inputs if evidence]
    table = opened(file, name, inputs, like_inputs)
    for what, wanted in (("classes", target), ("evidence", evidence)):
        if wanted is not None and wanted not in table.counts:
            raise InputError(f"expected {what} as {wanted!r}, beside {', '.join(table.counts)}; received {name}")
    with _read_whole(name):
        held = {each: table.whole(each) for each in (ID, target) if each in table.counts}
    names = _names_of(set(table.counts) - {ID, target, evidence}, table, name, inputs)
    lengths = {table.counts[each] for each in names} | ({table.counts[evidence]} if evidence else set())
    count = lengths.pop()
    if lengths or count < 1:
        raise InputError(f"a shard has at least one sample, and every input has all; received {name}: {count}")
    for what, array in held.items():
        if array.shape != (count,):
            raise InputError(f"{what} must be [{count}], one for each sample; received {name}: {array.shape}")
    return Shard(name, table, names, len(inputs) > 1, count, held.get(ID), held.get(target), evidence)


def read_ids(file: IO[bytes], name: str) -> np.ndarray | None:
    """The ids of a file alone, without its inputs; None where it has none."""
    table = opened(file, name, ())
    with _read_whole(name):
        return table.whole(ID) if ID in table.counts else None


def opened(file: IO[bytes], name: str, inputs: Sequence[Input], others: Sequence[Input] = ()) -> Table:
    """The arrays of a file; ``others`` have shapes, too, but are no inputs.

    Raises:
      InputError: for one that is damaged, or of another kind.
    """
    with _read_whole(name):
        return READERS[suffix_of(name)](file, inputs, others)


DAMAGE = (OSError, ValueError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error)
DAMAGE += (MemoryError, OverflowError)  # of a size that a damaged header tells
"""What a damaged file, or one that is not read, raises; pyarrow's errors are of these."""


@contextlib.contextmanager
def _read_whole(name: str) -> Iterator[None]:
    """Makes damage of a file a line with its name."""
    try:
        yield
    except InputError:
        raise
    except DAMAGE as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(f"expected a whole {suffix_of(name)} file; received {name}: {reason[:200]}") from None


def _names_of(found: set[str], table: Table, name: str, inputs: Sequence[Input]) -> tuple[str, ...]:
    """The arrays that the model takes; for one input the array itself, whose name matters only beside others."""
    names = tuple(each.name for each in inputs)
    had = ", ".join(each for each in table.counts if each in found) or "none"
    if len(names) > 1:
        if not set(names) <= found:
            raise InputError(f"expected the inputs {', '.join(names)}, with {had} there; received {name}")
        return names
    if len(found) == 1:
        return tuple(found)
    for known in (X, *names):
        if known in found:
            return (known,)
    raise InputError(f"expected one input, or one named {X}; received {name} with {had}")
